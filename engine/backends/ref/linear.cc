#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/epilogue.h"
#include "engine/backends/ref/kernels.h"

namespace trainyard::ref {
namespace {

// a: [batch, m, k]  b: [batch or 1, k, n]  y: [batch, m, n], where either may be stored transposed.
template <typename T>
void matmul_loop(const op::MatMul& op, const KernelCall& call) {
  const TensorView& a = call.inputs[0];
  const TensorView& b = call.inputs[1];
  const TensorView& y = call.outputs[0];
  const T* bias = op.epilogue.bias ? call.inputs[2].as<T>() : nullptr;
  const int rank = y.shape.rank();
  const int64_t m = y.shape[rank - 2];
  const int64_t n = y.shape[rank - 1];
  const int64_t k = a.shape[op.transpose_a ? rank - 2 : rank - 1];
  const int64_t batch = y.shape.elements_in(0, rank - 2);
  const bool shared_b = b.shape.rank() == 2;
  for (int64_t s = 0; s < batch; ++s) {
    const T* a_s = a.as<T>() + s * m * k;
    const T* b_s = b.as<T>() + (shared_b ? 0 : s * k * n);
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t p = 0; p < k; ++p)
          sum += static_cast<double>(a_s[op.transpose_a ? p * m + i : i * k + p]) *
                 static_cast<double>(b_s[op.transpose_b ? j * k + p : p * n + j]);
        y.as<T>()[(s * m + i) * n + j] = finish(op.epilogue, sum, bias, j);
      }
    }
  }
}

void matmul(const op::MatMul& op, const KernelCall& call) {
  with_float(call.inputs[0].dtype, [&](auto tag) { matmul_loop<typename decltype(tag)::type>(op, call); });
}

}  // namespace

void add_linear(KernelTable& table) {
  table.add<op::MatMul>({.run = run_typed<op::MatMul, matmul>, .accepts = full_width});
}

}  // namespace trainyard::ref
