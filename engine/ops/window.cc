#include "engine/ops/window.h"

#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "engine/ops/linear.h"
#include "engine/ops/op_support.h"

namespace trainyard::op {
namespace {

/// x: [n, d1.., c] -> [n, e1.., c]
Shape pool_output(const PoolGeometry& geometry, const Shape& x) {
  const int spatial = geometry.spatial_rank();
  check(spatial >= 1 && spatial <= 3, "1 to 3 spatial dimensions");
  const auto count = static_cast<size_t>(spatial);
  check(geometry.strides.size() == count && geometry.pad_low.size() == count && geometry.pad_high.size() == count,
        "geometry has an entry per spatial dimension");
  check(x.rank() == spatial + 2, "the operand has the geometry's rank");
  Shape y{x.front()};
  for (int i = 0; i < spatial; ++i) {
    const auto d = static_cast<size_t>(i);
    const int64_t low = geometry.pad_low[d];
    const int64_t high = geometry.pad_high[d];
    const int64_t window = geometry.window[d];
    const int64_t stride = geometry.strides[d];
    check(window >= 1 && stride >= 1 && low >= 0 && high >= 0, "window, stride and padding are in range");
    check(x[i + 1] + low + high >= window, "the window fits");
    const int64_t size = window_output(x[i + 1], window, stride, 1, low + high);
    // a window of padding alone has neither a largest element nor an average
    check(low < window && (size - 1) * stride < low + x[i + 1], "every window meets the input");
    y.push_back(size);
  }
  y.push_back(x.back());
  return y;
}

int64_t window_elements(const PoolGeometry& geometry) {
  int64_t product = 1;
  for (const int64_t size : geometry.window) product *= size;
  return product;
}

}  // namespace

std::string_view name_of(PoolKind kind) {
  switch (kind) {
    case PoolKind::max: return "max";
    case PoolKind::average: return "average";
  }
  return "";
}

Types Pool::infer(InputTypes in) const {
  check_inputs(in, 1);
  check(is_floating(in[0].dtype), "pooling takes a floating operand");
  return {{in[0].dtype, pool_output(geometry, in[0].shape)}};
}

void Pool::gradient(GradientContext& context) const {
  if (!context.wants(0)) return;
  const Value x = context.input(0);
  const PoolGrad grad{geometry, x.shape()};
  switch (geometry.kind) {
    case PoolKind::max: context.set(0, context.graph().add_one(grad, {x, context.output(), context.dy()})); return;
    case PoolKind::average: context.set(0, context.graph().add_one(grad, {context.dy()})); return;
  }
}

Cost Pool::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, out[0].shape.elements() * window_elements(geometry));
}

Types PoolGrad::infer(InputTypes in) const {
  const Shape y = pool_output(geometry, input_shape);
  const bool is_max = geometry.kind == PoolKind::max;
  check_inputs(in, is_max ? 3 : 1);
  for (const ValueType& type : in) check(type.dtype == in[0].dtype && is_floating(type.dtype), "floats of one dtype");
  check(in.back().shape == y, "dy has the pool's output shape");
  if (is_max) check(in[0].shape == input_shape && in[1].shape == y, "x and y are the pool's own");
  return {{in[0].dtype, input_shape}};
}

// Average pooling is linear, and its adjoint's adjoint is itself. What max pooling passes on moves with x only in jumps
// (zero gradient by x and y); by dy it would be a gather from the winners, an op that nothing has needed yet.
void PoolGrad::gradient(GradientContext& context) const {
  switch (geometry.kind) {
    case PoolKind::max: check(!context.wants(2), "PoolGrad.max has no gradient by dy"); return;
    case PoolKind::average:
      if (context.wants(0)) context.set(0, pool(context.dy(), geometry));
      return;
  }
}

Cost PoolGrad::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, in.back().shape.elements() * window_elements(geometry));
}

}  // namespace trainyard::op
