// Operations that make one value of many along axes.
#include <numeric>

#include "engine/layers/operation_call.h"

namespace trainyard {
namespace reduction_op {  // names of its own: several of these files may be compiled as one
namespace {

using op::ReduceKind;
using Values = std::vector<Value>;

/// `reduced` keeps its dimensions; drops those that were reduced unless the call asks for them.
Value finished(const OperationCall& call, Value reduced, const std::vector<int>& axes) {
  if (call.flag("keepdims")) return reduced;
  Shape shape;
  for (int axis = 0, next = 0; axis < reduced.rank(); ++axis) {
    const bool dropped = static_cast<size_t>(next) < axes.size() && axes[static_cast<size_t>(next)] == axis;
    if (dropped)
      ++next;
    else
      shape.push_back(reduced.shape()[axis]);
  }
  return reshape(reduced, shape);
}

/// Along no axis at all (of a scalar, or none named) nothing is reduced.
Value reduced(ReduceKind kind, Value x, const std::vector<int>& axes) {
  return axes.empty() ? x : reduce(kind, x, axes, true);
}

template <ReduceKind kind>
Values numbers_along(const OperationCall& call) {
  const Value given = call.tensor("x");
  Value x = given.dtype() == DType::boolean ? cast(given, DType::i32) : given;
  if (kind == ReduceKind::mean) x = cast(x, call.floating());
  if (const std::optional<DType> dtype = call.dtype("dtype")) x = cast(x, *dtype);
  const std::vector<int> axes = call.axes("axis", x.rank());
  return {finished(call, reduced(kind, x, axes), axes)};
}

template <ReduceKind kind>
Values extreme_along(const OperationCall& call) {
  const Value x = call.tensor("x");
  const std::vector<int> axes = call.axes("axis", x.rank());
  return {finished(call, reduced(kind, x, axes), axes)};
}

template <ReduceKind kind>
Values truth_along(const OperationCall& call) {
  const Value x = cast(cast(call.tensor("x"), DType::boolean), DType::i32);
  const std::vector<int> axes = call.axes("axis", x.rank());
  return {finished(call, cast(reduced(kind, x, axes), DType::boolean), axes)};
}

Value variance(Value x, const std::vector<int>& axes) {
  return reduced(ReduceKind::mean, square(x - reduced(ReduceKind::mean, x, axes)), axes);
}

Values variance_along(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = call.axes("axis", x.rank());
  return {finished(call, variance(x, axes), axes)};
}

Values deviation_along(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = call.axes("axis", x.rank());
  return {finished(call, sqrt(variance(x, axes)), axes)};
}

Values moments(const OperationCall& call) {
  if (call.flag("synchronized")) call.refuse("synchronized", "false");
  const Value x = call.floats("x");
  const std::vector<int> axes = call.axes("axes", x.rank());
  return {finished(call, reduced(ReduceKind::mean, x, axes), axes), finished(call, variance(x, axes), axes)};
}

Value logsumexp(Value x, const std::vector<int>& axes) {
  const Value largest = stop_gradient(reduced(ReduceKind::max, x, axes));
  return largest + log(reduced(ReduceKind::sum, exp(x - largest), axes));
}

Values logsumexp_along(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = call.axes("axis", x.rank());
  return {finished(call, logsumexp(x, axes), axes)};
}

Values weighted_average(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = call.axes("axis", x.rank());
  if (call.json("weights").is_null()) return {finished(call, reduced(ReduceKind::mean, x, axes), axes)};
  Value weights = call.floats("weights");
  if (weights.rank() != x.rank()) {  // one for each place along the axis
    call.expect_shapes(weights.rank() == 1 && axes.size() == 1 && weights.shape()[0] == x.shape()[axes[0]]);
    Shape shape(std::vector<int64_t>(static_cast<size_t>(x.rank()), 1));
    shape[axes[0]] = weights.shape()[0];
    weights = reshape(weights, shape);
  }
  call.expect_shapes(call.broadcast(x.shape(), weights.shape()) == x.shape());
  const Value spread = broadcast_to(weights, x.shape());
  return {finished(call, reduced(ReduceKind::sum, x * spread, axes) / reduced(ReduceKind::sum, spread, axes), axes)};
}

/// From the smallest to the largest.
Values spread(const OperationCall& call) {
  const Value x = call.tensor("x");
  const std::vector<int> axes = call.axes("axis", x.rank());
  return {finished(call, reduced(ReduceKind::max, x, axes) - reduced(ReduceKind::min, x, axes), axes)};
}

Values count_nonzero(const OperationCall& call) {
  const Value x = cast(cast(call.tensor("x"), DType::boolean), DType::i32);
  const std::vector<int> axes = call.axes("axis", x.rank());
  return {finished(call, reduced(ReduceKind::sum, x, axes), axes)};
}

/// keras.ops.norm of vectors; matrices have the Frobenius norm alone.
Values norm_along(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = call.axes("axis", x.rank());
  const Json order = call.json("ord");
  const bool euclidean = order.is_null() || order == "fro" || order == "euclidean" || (order == 2 && axes.size() == 1);
  if (!euclidean && !(order == 1 && axes.size() == 1)) call.refuse("ord", "None, \"fro\", or 1 or 2 along one axis");
  const Value total = reduced(ReduceKind::sum, euclidean ? square(x) : abs(x), axes);
  return {finished(call, euclidean ? sqrt(total) : total, axes)};
}

template <bool smallest>
Values place_of_extreme(const OperationCall& call) {
  Value x = call.floats("x");
  if (smallest) x = -x;
  const bool flat = call.json("axis").is_null();
  const int rank = x.rank();
  if (flat) x = reshape(x, {x.shape().elements()});
  call.expect_shapes(x.rank() > 0);
  const int axis = flat ? 0 : call.axis("axis", x.rank());
  const Value place = argmax(move_axis(x, axis, x.rank() - 1));
  if (!call.flag("keepdims")) return {place};
  if (flat) return {reshape(place, Shape(std::vector<int64_t>(static_cast<size_t>(rank), 1)))};
  return {reshape(place, with_ones(place.shape(), {axis}))};
}

/// axis: one or several, -1 where nothing is said.
std::vector<int> softmax_axes(const OperationCall& call, int rank) {
  call.expect_shapes(rank > 0);
  return call.json("axis").is_null() ? std::vector<int>{rank - 1} : call.axes("axis", rank);
}

Values softmax_along(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = softmax_axes(call, x.rank());
  if (axes.size() == 1) return {softmax(x, axes[0])};
  return {exp(x - logsumexp(x, axes))};
}

Values log_softmax_along(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = softmax_axes(call, x.rank());
  if (axes.size() == 1) return {log_softmax(x, axes[0])};
  return {x - logsumexp(x, axes)};
}

/// keras.ops.normalize; the minimum with 1 / epsilon keeps rows of zeros zero.
Values normalized(const OperationCall& call) {
  const Value x = call.floats("x");
  const std::vector<int> axes = softmax_axes(call, x.rank());
  const double epsilon = call.number("epsilon", 1e-7);
  const int64_t order = call.integer("order", 2);
  if (order < 1 || order > 2) call.refuse("order", "1 or 2");
  if (order == 2) {
    const Value total = maximum(reduced(ReduceKind::sum, square(x), axes), epsilon * epsilon);
    return {x * rsqrt(total)};
  }
  return {x / maximum(reduced(ReduceKind::sum, abs(x), axes), epsilon)};
}

}  // namespace
}  // namespace reduction_op

std::vector<Operation> reduction_operations() {
  using namespace reduction_op;
  return {{"Sum", "x", "axis keepdims", numbers_along<ReduceKind::sum>},
          {"Mean", "x", "axis keepdims", numbers_along<ReduceKind::mean>},
          {"Prod", "x", "axis keepdims dtype", numbers_along<ReduceKind::prod>},
          {"Max", "x", "axis keepdims", extreme_along<ReduceKind::max>},
          {"Min", "x", "axis keepdims", extreme_along<ReduceKind::min>},
          {"Amax", "x", "axis keepdims", extreme_along<ReduceKind::max>},
          {"Amin", "x", "axis keepdims", extreme_along<ReduceKind::min>},
          {"Any", "x", "axis keepdims", truth_along<ReduceKind::max>},
          {"All", "x", "axis keepdims", truth_along<ReduceKind::min>},
          {"Var", "x", "axis keepdims", variance_along},
          {"Std", "x", "axis keepdims", deviation_along},
          {"Moments", "x", "axes keepdims synchronized", moments},
          {"Logsumexp", "x", "axis keepdims", logsumexp_along},
          {"Average", "x weights", "axis", weighted_average},
          {"CountNonzero", "x", "axis", count_nonzero},
          {"Ptp", "x", "axis keepdims", spread},
          {"Norm", "x", "ord axis keepdims", norm_along},
          {"Argmax", "x", "axis keepdims", place_of_extreme<false>},
          {"Argmin", "x", "axis keepdims", place_of_extreme<true>},
          {"Softmax", "x", "axis", softmax_along},
          {"LogSoftmax", "x", "axis", log_softmax_along},
          {"Normalize", "x", "axis order epsilon", normalized}};
}

}  // namespace trainyard
