// The elementwise functions on one element. Floats are computed in double and rounded once.
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "engine/ops/elementwise.h"

namespace trainyard::ref {

inline double sigmoid(double x) {
  if (x >= 0) return 1.0 / (1.0 + std::exp(-x));
  const double e = std::exp(x);
  return e / (1.0 + e);
}

/// log(1 + exp(x)), where exp alone would overflow too.
inline double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

inline double unary_in_double(op::UnaryKind kind, double x) {
  using op::UnaryKind;
  switch (kind) {
    case UnaryKind::neg: return -x;
    case UnaryKind::abs: return std::abs(x);
    case UnaryKind::sign: return std::isnan(x) ? x : static_cast<double>((x > 0) - (x < 0));
    case UnaryKind::exp: return std::exp(x);
    case UnaryKind::expm1: return std::expm1(x);
    case UnaryKind::log: return std::log(x);
    case UnaryKind::log1p: return std::log1p(x);
    case UnaryKind::sqrt: return std::sqrt(x);
    case UnaryKind::rsqrt: return 1.0 / std::sqrt(x);
    case UnaryKind::reciprocal: return 1.0 / x;
    case UnaryKind::square: return x * x;
    case UnaryKind::sin: return std::sin(x);
    case UnaryKind::cos: return std::cos(x);
    case UnaryKind::atan: return std::atan(x);
    case UnaryKind::tanh: return std::tanh(x);
    case UnaryKind::sigmoid: return sigmoid(x);
    case UnaryKind::softplus: return softplus(x);
    case UnaryKind::erf: return std::erf(x);
    case UnaryKind::floor: return std::floor(x);
    case UnaryKind::ceil: return std::ceil(x);
    case UnaryKind::round: return std::nearbyint(x);
    case UnaryKind::relu: return x < 0 ? 0.0 : x;  // NaN stays NaN
    case UnaryKind::logical_not: return x == 0 ? 1.0 : 0.0;
  }
  return 0;
}

/// The few kinds that integers know; overflow wraps. Booleans know logical_not alone.
template <typename T>
T unary_of_integer(op::UnaryKind kind, T x) {
  using Bits = std::make_unsigned_t<T>;
  if (kind == op::UnaryKind::neg) return static_cast<T>(Bits{0} - static_cast<Bits>(x));
  if (kind == op::UnaryKind::abs) return x < T{0} ? static_cast<T>(Bits{0} - static_cast<Bits>(x)) : x;
  if (kind == op::UnaryKind::sign) return static_cast<T>((x > T{0}) - (x < T{0}));
  if (kind == op::UnaryKind::square) return static_cast<T>(uint64_t{1} * static_cast<Bits>(x) * static_cast<Bits>(x));
  if (kind == op::UnaryKind::relu) return std::max(x, T{0});
  return x == T{0} ? T{1} : T{0};
}

template <typename T>
T apply(op::UnaryKind kind, T x) {
  if constexpr (std::is_floating_point_v<T>)
    return static_cast<T>(unary_in_double(kind, static_cast<double>(x)));
  else
    return unary_of_integer(kind, x);
}

/// Python's %: the sign of the divisor. An integer modulo 0 is 0.
template <typename T>
T modulo(T a, T b) {
  T rest{};
  if constexpr (std::is_floating_point_v<T>)
    rest = std::fmod(a, b);
  else if (b != T{0} && b != static_cast<T>(-1))
    rest = static_cast<T>(a % b);
  return rest != T{0} && (rest < T{0}) != (b < T{0}) ? static_cast<T>(rest + b) : rest;
}

template <typename T>
T power(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(std::pow(static_cast<double>(a), static_cast<double>(b)));
  } else {
    if (b < T{0}) return a == T{1} ? T{1} : a == static_cast<T>(-1) ? (b % 2 != 0 ? a : T{1}) : T{0};
    uint64_t result = 1;
    auto factor = static_cast<uint64_t>(a);
    for (auto rest = static_cast<uint64_t>(b); rest != 0; rest >>= 1, factor *= factor)
      if ((rest & 1) != 0) result *= factor;
    return static_cast<T>(result);
  }
}

/// NaN wins, as in torch.
template <typename T>
T larger(T a, T b) {
  return a > b || a != a ? a : b;  // NOLINT(misc-redundant-expression): a != a is NaN
}
template <typename T>
T smaller(T a, T b) {
  return a < b || a != a ? a : b;  // NOLINT(misc-redundant-expression): a != a is NaN
}

/// Arithmetic whose result has the operands' type. Integers are computed in 64 bits and cut, so that overflow wraps.
template <typename T>
T apply(op::BinaryKind kind, T a, T b) {
  using op::BinaryKind;
  using Wide = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
  const auto wide_a = static_cast<Wide>(a);
  const auto wide_b = static_cast<Wide>(b);
  switch (kind) {
    case BinaryKind::add: return static_cast<T>(wide_a + wide_b);
    case BinaryKind::sub: return static_cast<T>(wide_a - wide_b);
    case BinaryKind::mul: return static_cast<T>(wide_a * wide_b);
    case BinaryKind::div: return std::is_floating_point_v<T> ? static_cast<T>(wide_a / wide_b) : T{};
    case BinaryKind::pow: return power(a, b);
    case BinaryKind::max: return larger(a, b);
    case BinaryKind::min: return smaller(a, b);
    case BinaryKind::mod: return modulo(a, b);
    case BinaryKind::less: return static_cast<T>(a < b);
    case BinaryKind::less_equal: return static_cast<T>(a <= b);
    case BinaryKind::greater: return static_cast<T>(a > b);
    case BinaryKind::greater_equal: return static_cast<T>(a >= b);
    case BinaryKind::equal: return static_cast<T>(a == b);
    case BinaryKind::not_equal: return static_cast<T>(a != b);
    case BinaryKind::logical_and: return static_cast<T>(a != T{0} && b != T{0});
    case BinaryKind::logical_or: return static_cast<T>(a != T{0} || b != T{0});
    case BinaryKind::relu_grad: return a > T{0} ? b : T{0};
    case BinaryKind::sigmoid_grad: return static_cast<T>(wide_b * wide_a * (1 - wide_a));
    case BinaryKind::tanh_grad: return static_cast<T>(wide_b * (1 - wide_a * wide_a));
  }
  return T{};
}

}  // namespace trainyard::ref
