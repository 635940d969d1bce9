#include "bench/kernel_runner.h"

#include "engine/core/check.h"

namespace trainyard::bench {
namespace {

Tensor filled(const ValueType& type) {
  Tensor tensor(type.dtype, type.shape);
  if (type.dtype == DType::f32) {
    uint32_t state = 12345;
    for (float& value : tensor.span<float>()) {
      state = state * 1664525U + 1013904223U;
      value = static_cast<float>(state >> 8) * 0x1p-24F - 0.5F;
    }
  }
  return tensor;
}

}  // namespace

KernelRunner::KernelRunner(const Backend& backend, const KernelCase& kernel_case, int threads)
    : op_(kernel_case.op), pool_(threads) {
  const Types out = infer_types(op_, kernel_case.inputs);
  entry_ = backend.kernels().find(op_, kernel_case.inputs, out);
  check(entry_ != nullptr, "the backend has a kernel for the benchmark");
  for (const ValueType& type : kernel_case.inputs) inputs_.push_back(filled(type));
  for (const ValueType& type : out) outputs_.emplace_back(type.dtype, type.shape);
  for (const Tensor& tensor : inputs_) input_views_.push_back(tensor.view());
  for (const Tensor& tensor : outputs_) output_views_.push_back(tensor.view());
  if (entry_->workspace != nullptr)
    workspace_ = allocate_aligned(entry_->workspace(op_, kernel_case.inputs, out, threads));
  cost_ = cost_of(op_, kernel_case.inputs, out);
}

void KernelRunner::run() {
  entry_->run(op_, {.inputs = input_views_,
                    .outputs = output_views_,
                    .workspace = workspace_.get(),
                    .pool = &pool_,
                    .step = &step_});
}

}  // namespace trainyard::bench
