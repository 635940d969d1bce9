#include "engine/io/safetensors.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trainyard;
  return accept_or_refuse([&] {
    const SafetensorsFile file = read_safetensors({data, size}, "fuzz.safetensors");
    // Written anew and read again it is the same file.
    const std::vector<uint8_t> bytes = write_safetensors(file);
    require(write_safetensors(read_safetensors(bytes, "again")) == bytes);
  });
}
