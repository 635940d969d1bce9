#include "engine/io/gzip.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trainyard;
  return accept_or_refuse([&] { gunzip({data, size}, "fuzz.gz", uint64_t{1} << 24); });
}
