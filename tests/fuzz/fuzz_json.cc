#include "engine/io/json_reader.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trainyard;
  return accept_or_refuse([&] {
    const Json value = read_json({data, size}, "fuzz.json");
    // What was read can be written, and reads as the same again.
    require(read_json(value.dump(), "again") == value);
  });
}
