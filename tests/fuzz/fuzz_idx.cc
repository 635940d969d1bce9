#include "engine/data/idx.h"
#include "tests/fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace trainyard;
  return accept_or_refuse([&] {
    const Tensor tensor = read_idx({data, size}, "fuzz.idx", uint64_t{1} << 24);
    const Tensor labels(DType::u8, {tensor.shape().front()});
    const Dataset dataset = dataset_from_idx("fuzz", tensor, labels, {}, {});
    require(dataset.train_count() == tensor.shape().front());
  });
}
