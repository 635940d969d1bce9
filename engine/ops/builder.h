// Free functions that append ops to a graph; layers, losses and optimizers are written in them.
// Binary functions broadcast as NumPy does, and take a number for either side.
#pragma once

#include <vector>

#include "engine/ops/graph.h"

namespace trainyard {

Value unary(op::UnaryKind kind, Value x);
Value binary(op::BinaryKind kind, Value a, Value b);
Value binary(op::BinaryKind kind, Value a, double b);
Value binary(op::BinaryKind kind, double a, Value b);

inline Value operator-(Value x) { return unary(op::UnaryKind::neg, x); }
inline Value operator+(Value a, Value b) { return binary(op::BinaryKind::add, a, b); }
inline Value operator+(Value a, double b) { return binary(op::BinaryKind::add, a, b); }
inline Value operator+(double a, Value b) { return binary(op::BinaryKind::add, a, b); }
inline Value operator-(Value a, Value b) { return binary(op::BinaryKind::sub, a, b); }
inline Value operator-(Value a, double b) { return binary(op::BinaryKind::sub, a, b); }
inline Value operator-(double a, Value b) { return binary(op::BinaryKind::sub, a, b); }
inline Value operator*(Value a, Value b) { return binary(op::BinaryKind::mul, a, b); }
inline Value operator*(Value a, double b) { return binary(op::BinaryKind::mul, a, b); }
inline Value operator*(double a, Value b) { return binary(op::BinaryKind::mul, a, b); }
inline Value operator/(Value a, Value b) { return binary(op::BinaryKind::div, a, b); }
inline Value operator/(Value a, double b) { return binary(op::BinaryKind::div, a, b); }
inline Value operator/(double a, Value b) { return binary(op::BinaryKind::div, a, b); }

inline Value abs(Value x) { return unary(op::UnaryKind::abs, x); }
inline Value sign(Value x) { return unary(op::UnaryKind::sign, x); }
inline Value exp(Value x) { return unary(op::UnaryKind::exp, x); }
inline Value expm1(Value x) { return unary(op::UnaryKind::expm1, x); }
inline Value log(Value x) { return unary(op::UnaryKind::log, x); }
inline Value log1p(Value x) { return unary(op::UnaryKind::log1p, x); }
inline Value sqrt(Value x) { return unary(op::UnaryKind::sqrt, x); }
inline Value rsqrt(Value x) { return unary(op::UnaryKind::rsqrt, x); }
inline Value square(Value x) { return unary(op::UnaryKind::square, x); }
inline Value tanh(Value x) { return unary(op::UnaryKind::tanh, x); }
inline Value sigmoid(Value x) { return unary(op::UnaryKind::sigmoid, x); }
inline Value softplus(Value x) { return unary(op::UnaryKind::softplus, x); }
inline Value erf(Value x) { return unary(op::UnaryKind::erf, x); }
inline Value relu(Value x) { return unary(op::UnaryKind::relu, x); }
inline Value maximum(Value a, Value b) { return binary(op::BinaryKind::max, a, b); }
inline Value maximum(Value a, double b) { return binary(op::BinaryKind::max, a, b); }
inline Value minimum(Value a, Value b) { return binary(op::BinaryKind::min, a, b); }
inline Value minimum(Value a, double b) { return binary(op::BinaryKind::min, a, b); }
inline Value pow(Value a, double b) { return binary(op::BinaryKind::pow, a, b); }
inline Value greater(Value a, Value b) { return binary(op::BinaryKind::greater, a, b); }
inline Value greater(Value a, double b) { return binary(op::BinaryKind::greater, a, b); }
inline Value greater_equal(Value a, double b) { return binary(op::BinaryKind::greater_equal, a, b); }
inline Value less(Value a, double b) { return binary(op::BinaryKind::less, a, b); }
inline Value less_equal(Value a, double b) { return binary(op::BinaryKind::less_equal, a, b); }
inline Value equal(Value a, Value b) { return binary(op::BinaryKind::equal, a, b); }
inline Value equal(Value a, double b) { return binary(op::BinaryKind::equal, a, b); }
inline Value not_equal(Value a, double b) { return binary(op::BinaryKind::not_equal, a, b); }

/// min(max(x, low), high); the gradient passes where low <= x <= high.
Value clip(Value x, double low, double high);
Value select(Value condition, Value a, Value b);
Value select(Value condition, Value a, double b);
Value select(Value condition, double a, Value b);
Value cast(Value x, DType dtype);
/// x, which counts as a constant to whoever differentiates.
Value stop_gradient(Value x);

Value matmul(Value a, Value b, bool transpose_a = false, bool transpose_b = false);
Value conv(Value x, Value w, op::ConvGeometry geometry);
Value pool(Value x, op::PoolGeometry geometry);
Value softmax(Value x, int axis = -1);
Value log_softmax(Value x, int axis = -1);
Value argmax(Value x);

/// Axes may be negative; none means all.
Value reduce(op::ReduceKind kind, Value x, const std::vector<int>& axes = {}, bool keepdims = false);
inline Value sum(Value x, const std::vector<int>& axes = {}, bool keepdims = false) {
  return reduce(op::ReduceKind::sum, x, axes, keepdims);
}
inline Value mean(Value x, const std::vector<int>& axes = {}, bool keepdims = false) {
  return reduce(op::ReduceKind::mean, x, axes, keepdims);
}
struct Standardized {
  Value y, mean, variance;
};
/// y = (x - mean) / sqrt(variance + epsilon), with both over `axes` (may be negative; not none). mean, variance: without the axes.
Standardized standardize(Value x, const std::vector<int>& axes, double epsilon);
/// Sums x over the dimensions that broadcasting `shape` to x's shape has stretched: the gradient of a broadcast.
Value sum_to(Value x, const Shape& shape);

Value reshape(Value x, Shape shape);
Value transpose(Value x, std::vector<int> permutation);
Value broadcast_to(Value x, const Shape& shape);
Value concat(const std::vector<Value>& parts, int axis);
Value slice(Value x, std::vector<int64_t> start, std::vector<int64_t> sizes, std::vector<int64_t> step = {});
Value pad(Value x, std::vector<int64_t> low, std::vector<int64_t> high, double value = 0);
Value gather(Value x, Value indices);
Value one_hot(Value indices, int64_t depth, DType dtype);
Value fill(Graph& graph, DType dtype, Shape shape, double value);
Value random(Graph& graph, op::Random random);
Value image_sample(Value x, Value at, op::SampleRule rule);

}  // namespace trainyard
