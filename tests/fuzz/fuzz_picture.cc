#include "engine/data/image.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trainyard;
  return accept_or_refuse([&] {
    const Tensor picture = read_picture({data, size}, 9, 7, 1, "fuzz.png");
    require(picture.shape() == Shape({9, 7, 1}));
  });
}
