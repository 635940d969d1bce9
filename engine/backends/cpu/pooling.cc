// Pool and PoolGrad: lines of pixels, and pictures, shared out.
#include "engine/backends/cpu/kernels.h"

namespace trainyard::cpu {
namespace {

PoolPlan plan_of(const op::PoolGeometry& geometry, const Shape& x, const Shape& y) {
  PoolPlan plan;
  plan.max = geometry.kind == op::PoolKind::max;
  const int rank = geometry.spatial_rank();
  for (int axis = 0; axis < rank; ++axis) {
    const auto from = static_cast<size_t>(axis);
    const int to = 3 - rank + axis;
    plan.in[to] = x[axis + 1];
    plan.out[to] = y[axis + 1];
    plan.window[to] = geometry.window[from];
    plan.stride[to] = geometry.strides[from];
    plan.pad[to] = geometry.pad_low[from];
  }
  plan.channels = x.back();
  return plan;
}

int64_t volume(const int64_t (&sizes)[3]) { return sizes[0] * sizes[1] * sizes[2]; }

// x: [n, d1.., c]  y: [n, e1.., c]
void pool(const SimdTable& simd, const op::Pool& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const PoolPlan plan = plan_of(op.geometry, x.shape, y.shape);
  const int64_t lines = x.shape.front() * plan.out[0] * plan.out[1];
  for_ranges(call, lines, divide_up(4096, plan.out[2] * plan.channels), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) simd.pool_line(plan, x.as<const float>(), y.as<float>(), line);
  });
}

// max: x, y, dy; average: dy
void pool_grad(const SimdTable& simd, const op::PoolGrad& op, const KernelCall& call) {
  const TensorView& dy = call.inputs.back();
  const TensorView& dx = call.outputs[0];
  const PoolPlan plan = plan_of(op.geometry, dx.shape, dy.shape);
  const int64_t input = volume(plan.in) * plan.channels;
  const int64_t output = volume(plan.out) * plan.channels;
  for_ranges(call, dx.shape.front(), divide_up(8192, input), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      const float* x = plan.max ? call.inputs[0].as<const float>() + n * input : nullptr;
      const float* y = plan.max ? call.inputs[1].as<const float>() + n * output : nullptr;
      simd.pool_grad(plan, x, y, dy.as<const float>() + n * output, dx.as<float>() + n * input);
    }
  });
}

}  // namespace

void add_pooling(KernelTable& table, int isa) {
  table.add<op::Pool>({.run = kernel_for<op::Pool, pool>(isa), .accepts = all_f32});
  table.add<op::PoolGrad>({.run = kernel_for<op::PoolGrad, pool_grad>(isa), .accepts = all_f32});
}

}  // namespace trainyard::cpu
