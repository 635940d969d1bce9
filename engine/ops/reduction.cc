#include "engine/ops/reduction.h"

#include <algorithm>

#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "engine/ops/op_support.h"

namespace trainyard::op {
namespace {

/// No axes: all of them.
bool is_reduced(const std::vector<int>& axes, int axis) {
  return axes.empty() || std::find(axes.begin(), axes.end(), axis) != axes.end();
}

/// x's shape with 1 in place of the reduced dimensions.
Shape kept_shape(const std::vector<int>& axes, const Shape& x) {
  Shape kept = x;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (is_reduced(axes, axis)) kept[axis] = 1;
  return kept;
}

void check_axes(const std::vector<int>& axes, const Shape& x) {
  for (size_t i = 0; i < axes.size(); ++i)
    check(axes[i] >= 0 && axes[i] < x.rank() && (i == 0 || axes[i] > axes[i - 1]), "axes in range, ascending");
}

void check_span(const std::vector<int>& axes, const ValueType& x) {
  check(is_floating(x.dtype), "what is standardized is floats");
  check_axes(axes, x.shape);
  check(!axes.empty() && are_neighbours(axes), "the axes are neighbours");
  check(span_of(axes, x.shape).rows > 0, "a mean needs an element");
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
  check_axes(axes, x.shape);
  Shape y;
  for (int axis = 0; axis < x.shape.rank(); ++axis) {
    if (!is_reduced(axes, axis))
      y.push_back(x.shape[axis]);
    else if (keepdims)
      y.push_back(1);
    check(!is_reduced(axes, axis) || x.shape[axis] > 0 || !picks, "an extreme needs an element");
  }
  return {{x.dtype, y}};
}

void Reduce::gradient(GradientContext& context) const {
  if (!context.wants(0)) return;
  const Value x = context.input(0);
  const Shape kept = kept_shape(axes, x.shape());
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

bool are_neighbours(const std::vector<int>& axes) {
  return axes.empty() || axes.back() - axes.front() + 1 == static_cast<int>(axes.size());
}

Span span_of(const std::vector<int>& axes, const Shape& x) {
  return {.outer = x.elements_in(0, axes.front()),
          .rows = x.elements_in(axes.front(), axes.back() + 1),
          .columns = x.elements_in(axes.back() + 1, x.rank())};
}

Shape rest_shape(const std::vector<int>& axes, const Shape& x) {
  Shape rest;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (!is_reduced(axes, axis)) rest.push_back(x[axis]);
  return rest;
}

Types Standardize::infer(InputTypes in) const {
  check_inputs(in, 1);
  check_span(axes, in[0]);
  const ValueType statistic{in[0].dtype, rest_shape(axes, in[0].shape)};
  return {in[0], statistic, statistic};
}

// The mean moves by 1/n with each element, the variance by 2 (x - mean) / n.
void Standardize::gradient(GradientContext& context) const {
  if (!context.wants(0)) return;
  const Value x = context.input(0);
  const Shape kept = kept_shape(axes, x.shape());
  const auto share = 1.0 / static_cast<double>(span_of(axes, x.shape()).rows);
  Value dx;
  const auto add = [&](Value part) { dx = dx ? dx + part : part; };
  if (context.dy(0))
    add(context.graph().add_one(StandardizeGrad{axes, epsilon}, {context.output(0), context.output(2), context.dy(0)}));
  if (context.dy(1)) add(broadcast_to(reshape(context.dy(1), kept) * share, x.shape()));
  if (context.dy(2)) add((x - reshape(context.output(1), kept)) * (reshape(context.dy(2), kept) * (2 * share)));
  context.set(0, dx);
}

Cost Standardize::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, 6 * in[0].shape.elements());
}

Types StandardizeGrad::infer(InputTypes in) const {
  check_inputs(in, 3);
  check_span(axes, in[0]);
  check(in[2] == in[0] && in[1].dtype == in[0].dtype && in[1].shape == rest_shape(axes, in[0].shape),
        "y and dy have one type, the variance theirs without the axes");
  return {in[0]};
}

// Linear and symmetric in dy; with r = 1 / sqrt(variance + epsilon) and the seed s
// by y: -r (s mean(y dy) + dy mean(y s)),  by the variance: -r^2 / 2 sum(s dx).
void StandardizeGrad::gradient(GradientContext& context) const {
  const Value y = context.input(0);
  const Value dy = context.input(2);
  const Value seed = context.dy();
  const Shape kept = kept_shape(axes, y.shape());
  const Value precision = 1.0 / (reshape(context.input(1), kept) + epsilon);
  if (context.wants(0))
    context.set(0, -sqrt(precision) * (seed * mean(y * dy, axes, true) + dy * mean(y * seed, axes, true)));
  if (context.wants(1))
    context.set(1, reshape(precision * -0.5 * sum(seed * context.output(), axes, true), context.input(1).shape()));
  if (context.wants(2))
    context.set(2, context.graph().add_one(StandardizeGrad{axes, epsilon}, {y, context.input(1), seed}));
}

Cost StandardizeGrad::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, 7 * in[0].shape.elements());
}

}  // namespace trainyard::op
