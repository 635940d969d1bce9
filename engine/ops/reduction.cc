#include "engine/ops/reduction.h"

#include <algorithm>

#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "engine/ops/op_support.h"

namespace trainyard::op {
namespace {

bool is_reduced(const Reduce& op, int axis) {
  return op.axes.empty() || std::find(op.axes.begin(), op.axes.end(), axis) != op.axes.end();
}

/// x's shape with 1 in place of the reduced dimensions.
Shape kept_shape(const Reduce& op, const Shape& x) {
  Shape kept = x;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (is_reduced(op, axis)) kept[axis] = 1;
  return kept;
}

/// torch's amax and amin share the gradient evenly between equal extremes. y, dy: kept shape.
Value extremum_gradient(Value x, Value y, Value dy, const std::vector<int>& axes) {
  const Value winners = cast(equal(x, y), x.dtype());
  return winners * (dy / reduce(ReduceKind::sum, winners, axes, true));
}

/// The product of all others, also where some elements are zero. dy: kept shape.
Value product_gradient(Value x, Value dy, const std::vector<int>& axes) {
  const Value zero = equal(x, 0.0);
  const Value nonzero = select(zero, 1.0, x);
  const Value product = reduce(ReduceKind::prod, nonzero, axes, true);
  const Value zeros = reduce(ReduceKind::sum, cast(zero, x.dtype()), axes, true);
  const Value only_zero = binary(BinaryKind::logical_and, zero, equal(zeros, 1.0));
  return dy * select(equal(zeros, 0.0), product / nonzero, select(only_zero, product, 0.0));
}

Value softmax_grad(bool log, Value y, Value dy) { return y.graph().add_one(SoftmaxGrad{log}, {y, dy}); }

}  // namespace

std::string_view name_of(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::sum: return "sum";
    case ReduceKind::mean: return "mean";
    case ReduceKind::max: return "max";
    case ReduceKind::min: return "min";
    case ReduceKind::prod: return "prod";
  }
  return "";
}

Types Reduce::infer(InputTypes in) const {
  check_inputs(in, 1);
  const ValueType& x = in[0];
  const bool picks = kind == ReduceKind::max || kind == ReduceKind::min;
  check(x.dtype != DType::boolean || picks, "sums and products take numbers");
  check(is_floating(x.dtype) || kind != ReduceKind::mean, "a mean takes floats");
  for (size_t i = 0; i < axes.size(); ++i)
    check(axes[i] >= 0 && axes[i] < x.shape.rank() && (i == 0 || axes[i] > axes[i - 1]), "axes in range, ascending");
  Shape y;
  for (int axis = 0; axis < x.shape.rank(); ++axis) {
    if (!is_reduced(*this, axis))
      y.push_back(x.shape[axis]);
    else if (keepdims)
      y.push_back(1);
    check(!is_reduced(*this, axis) || x.shape[axis] > 0 || !picks, "an extreme needs an element");
  }
  return {{x.dtype, y}};
}

void Reduce::gradient(GradientContext& context) const {
  if (!context.wants(0)) return;
  const Value x = context.input(0);
  const Shape kept = kept_shape(*this, x.shape());
  const Value dy = reshape(context.dy(), kept);
  switch (kind) {
    case ReduceKind::sum: context.set(0, broadcast_to(dy, x.shape())); return;
    case ReduceKind::mean: {
      const int64_t count = x.shape().elements() / kept.elements();
      context.set(0, broadcast_to(dy * (1.0 / static_cast<double>(count)), x.shape()));
      return;
    }
    case ReduceKind::max:
    case ReduceKind::min: context.set(0, extremum_gradient(x, reshape(context.output(), kept), dy, axes)); return;
    case ReduceKind::prod: context.set(0, product_gradient(x, dy, axes)); return;
  }
}

Cost Reduce::cost(InputTypes in, OutputTypes out) const { return arithmetic_cost(in, out, in[0].shape.elements()); }

Types ArgMax::infer(InputTypes in) const {
  check_inputs(in, 1);
  const Shape& x = in[0].shape;
  check(x.rank() >= 1 && x.back() > 0, "argmax has an element to point at");
  return {{DType::i32, x.slice(0, x.rank() - 1)}};
}

/// An index does not move with x: zero.
void ArgMax::gradient(GradientContext&) const {}

Cost ArgMax::cost(InputTypes in, OutputTypes out) const { return arithmetic_cost(in, out, in[0].shape.elements()); }

Types Softmax::infer(InputTypes in) const {
  check_inputs(in, 1);
  check(is_floating(in[0].dtype) && in[0].shape.rank() >= 1, "softmax takes floats, at least a row");
  return {in[0]};
}

void Softmax::gradient(GradientContext& context) const {
  if (context.wants(0)) context.set(0, softmax_grad(log, context.output(), context.dy()));
}

Cost Softmax::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, 5 * out[0].shape.elements());
}

Types SoftmaxGrad::infer(InputTypes in) const {
  check_inputs(in, 2);
  check(in[0] == in[1] && is_floating(in[0].dtype) && in[0].shape.rank() >= 1, "y and dy have one floating type");
  return {in[0]};
}

// softmax: dx = y * (dy - sum(y * dy));  log softmax: dx = dy - exp(y) * sum(dy). Sums are over the row.
void SoftmaxGrad::gradient(GradientContext& context) const {
  const Value y = context.input(0);
  const Value dy = context.input(1);
  const Value seed = context.dy();
  if (log) {
    if (context.wants(0)) context.set(0, -(exp(y) * seed * sum(dy, {-1}, true)));
    if (context.wants(1)) context.set(1, seed - sum(exp(y) * seed, {-1}, true));
    return;
  }
  if (context.wants(0)) context.set(0, seed * (dy - sum(y * dy, {-1}, true)) - dy * sum(seed * y, {-1}, true));
  if (context.wants(1)) context.set(1, softmax_grad(false, y, seed));  // its Jacobian is symmetric
}

Cost SoftmaxGrad::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, 4 * out[0].shape.elements());
}

}  // namespace trainyard::op
