#include <algorithm>

#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/kernels.h"
#include "engine/ops/random.h"

namespace trainyard::ref {
namespace {

void fill(const op::Fill& op, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  if (y.dtype == DType::boolean) {
    std::fill_n(y.as<uint8_t>(), y.elements(), static_cast<uint8_t>(op.value != 0 ? 1 : 0));
    return;
  }
  with_number(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    std::fill_n(y.as<T>(), y.elements(), static_cast<T>(op.value));
  });
}

void random(const op::Random& op, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  const Philox words = random_words(op, call.step->seed, call.step->step);
  with_float(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t i = 0; i < y.elements(); ++i) y.as<T>()[i] = random_element<T>(op, words, static_cast<uint64_t>(i));
  });
}

}  // namespace

void add_source(KernelTable& table) {
  table.add<op::Fill>({.run = run_typed<op::Fill, fill>, .accepts = full_width});
  table.add<op::Random>({.run = run_typed<op::Random, random>, .accepts = full_width});
}

}  // namespace trainyard::ref
