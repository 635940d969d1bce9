#include "engine/ops/builder.h"

#include <algorithm>
#include <numeric>

namespace trainyard {
namespace {

std::vector<int> resolve_axes(const std::vector<int>& axes, int rank) {
  std::vector<int> resolved;
  if (axes.empty()) {
    resolved.resize(static_cast<size_t>(rank));
    std::iota(resolved.begin(), resolved.end(), 0);
  }
  for (const int axis : axes) {
    resolved.push_back(resolve_axis(axis, rank));
    check(resolved.back() >= 0, "axis within the rank");
  }
  std::sort(resolved.begin(), resolved.end());
  return resolved;
}

/// Runs `body`, which works along the last axis, along another one.
template <typename Body>
Value along_axis(Value x, int axis, Body body) {
  const int resolved = resolve_axis(axis, x.rank());
  check(resolved >= 0, "axis within the rank");
  if (resolved == x.rank() - 1) return body(x);
  std::vector<int> swap(static_cast<size_t>(x.rank()));
  std::iota(swap.begin(), swap.end(), 0);
  std::swap(swap[static_cast<size_t>(resolved)], swap.back());
  return transpose(body(transpose(x, swap)), swap);
}

}  // namespace

Value unary(op::UnaryKind kind, Value x) { return x.graph().add_one(op::Unary{kind}, {x}); }
Value binary(op::BinaryKind kind, Value a, Value b) { return a.graph().add_one(op::Binary{kind}, {a, b}); }
Value binary(op::BinaryKind kind, Value a, double b) { return binary(kind, a, a.graph().scalar(b, a.dtype())); }
Value binary(op::BinaryKind kind, double a, Value b) { return binary(kind, b.graph().scalar(a, b.dtype()), b); }

Value clip(Value x, double low, double high) {
  // Written as selects so that its gradient is exactly 1 inside, bounds included, and 0 outside; NaN stays NaN.
  const Value above = binary(op::BinaryKind::greater, x, high);
  return select(less(x, low), low, select(above, high, x));
}

Value select(Value condition, Value a, Value b) { return a.graph().add_one(op::Select{}, {condition, a, b}); }
Value select(Value condition, Value a, double b) { return select(condition, a, a.graph().scalar(b, a.dtype())); }
Value select(Value condition, double a, Value b) { return select(condition, b.graph().scalar(a, b.dtype()), b); }

Value cast(Value x, DType dtype) { return x.dtype() == dtype ? x : x.graph().add_one(op::Cast{dtype}, {x}); }

Value stop_gradient(Value x) { return x.graph().add_one(op::Copy{.stops_gradient = true}, {x}); }

Value matmul(Value a, Value b, bool transpose_a, bool transpose_b) {
  return a.graph().add_one(op::MatMul{transpose_a, transpose_b, {}}, {a, b});
}

Value conv(Value x, Value w, op::ConvGeometry geometry) {
  return x.graph().add_one(op::Conv{std::move(geometry), {}}, {x, w});
}

Value pool(Value x, op::PoolGeometry geometry) { return x.graph().add_one(op::Pool{std::move(geometry)}, {x}); }

Value softmax(Value x, int axis) {
  return along_axis(x, axis, [](Value v) { return v.graph().add_one(op::Softmax{false}, {v}); });
}

Value log_softmax(Value x, int axis) {
  return along_axis(x, axis, [](Value v) { return v.graph().add_one(op::Softmax{true}, {v}); });
}

Value argmax(Value x) { return x.graph().add_one(op::ArgMax{}, {x}); }

Value reduce(op::ReduceKind kind, Value x, const std::vector<int>& axes, bool keepdims) {
  if (x.rank() == 0) return x;
  return x.graph().add_one(op::Reduce{kind, resolve_axes(axes, x.rank()), keepdims}, {x});
}

Standardized standardize(Value x, const std::vector<int>& axes, double epsilon) {
  const std::vector<int> over = resolve_axes(axes, x.rank());
  if (op::are_neighbours(over)) {
    const std::vector<Value> outputs = x.graph().add(op::Standardize{over, epsilon}, {x});
    return {outputs[0], outputs[1], outputs[2]};
  }
  const Value middle = mean(x, over, true);
  const Value centred = x - middle;
  const Value variance = mean(square(centred), over, true);
  const Shape rest = op::rest_shape(over, x.shape());
  return {centred * rsqrt(variance + epsilon), reshape(middle, rest), reshape(variance, rest)};
}

Value sum_to(Value x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const int extra = x.rank() - shape.rank();
  check(extra >= 0, "sum_to goes to a shape of no higher rank");
  std::vector<int> axes;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (axis < extra || (shape[axis - extra] == 1 && x.shape()[axis] != 1)) axes.push_back(axis);
  return reshape(axes.empty() ? x : sum(x, axes), shape);
}

Value reshape(Value x, Shape shape) {
  return x.shape() == shape ? x : x.graph().add_one(op::Reshape{std::move(shape)}, {x});
}

Value transpose(Value x, std::vector<int> permutation) {
  if (std::is_sorted(permutation.begin(), permutation.end())) return x;
  return x.graph().add_one(op::Transpose{std::move(permutation)}, {x});
}

Value broadcast_to(Value x, const Shape& shape) {
  return x.shape() == shape ? x : x.graph().add_one(op::BroadcastTo{shape}, {x});
}

Value concat(const std::vector<Value>& parts, int axis) {
  check(!parts.empty(), "concat has parts");
  if (parts.size() == 1) return parts.front();
  return parts.front().graph().add_one(op::Concat{resolve_axis(axis, parts.front().rank())}, parts);
}

Value slice(Value x, std::vector<int64_t> start, std::vector<int64_t> sizes, std::vector<int64_t> step) {
  if (step.empty()) step.assign(start.size(), 1);
  return x.graph().add_one(op::Slice{std::move(start), std::move(sizes), std::move(step)}, {x});
}

Value pad(Value x, std::vector<int64_t> low, std::vector<int64_t> high, double value) {
  const auto zero = [](int64_t n) { return n == 0; };
  if (std::all_of(low.begin(), low.end(), zero) && std::all_of(high.begin(), high.end(), zero)) return x;
  return x.graph().add_one(op::Pad{std::move(low), std::move(high), value}, {x});
}

Value gather(Value x, Value indices) { return x.graph().add_one(op::Gather{}, {x, indices}); }

Value one_hot(Value indices, int64_t depth, DType dtype) {
  return indices.graph().add_one(op::OneHot{depth, dtype}, {indices});
}

Value fill(Graph& graph, DType dtype, Shape shape, double value) {
  return graph.add_one(op::Fill{dtype, std::move(shape), value}, {});
}

Value random(Graph& graph, op::Random random) { return graph.add_one(std::move(random), {}); }

Value image_sample(Value x, Value at, op::SampleRule rule) { return x.graph().add_one(op::ImageSample{rule}, {x, at}); }

}  // namespace trainyard
