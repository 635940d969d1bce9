// Operations that work value by value.
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/layers/operation_call.h"

namespace trainyard {
namespace elementwise_op {  // names of its own: several of these files may be compiled as one
namespace {

using op::BinaryKind;
using op::UnaryKind;
using Values = std::vector<Value>;

template <UnaryKind kind>
Values float_unary(const OperationCall& call) {
  return {unary(kind, call.floats("x"))};
}

/// Of integers too.
template <UnaryKind kind>
Values number_unary(const OperationCall& call) {
  const Value x = call.tensor("x");
  return {unary(kind, x.dtype() == DType::boolean ? cast(x, DType::i32) : x)};
}

template <BinaryKind kind>
Values arithmetic(const OperationCall& call) {
  const auto [a, b] = call.promoted(call.tensor("x1"), call.tensor("x2"));
  const DType dtype = a.dtype() == DType::boolean ? DType::i32 : a.dtype();
  return {call.elementwise(kind, cast(a, dtype), cast(b, dtype))};
}

template <BinaryKind kind>
Values float_binary(const OperationCall& call) {
  return {call.elementwise(kind, call.floats("x1"), call.floats("x2"))};
}

/// Both operands as booleans.
std::pair<Value, Value> truths(const OperationCall& call) {
  return {cast(call.tensor("x1"), DType::boolean), cast(call.tensor("x2"), DType::boolean)};
}

template <BinaryKind kind>
Values logic(const OperationCall& call) {
  const auto [a, b] = truths(call);
  return {call.elementwise(kind, a, b)};
}

/// Powers of integers are worked out as floats.
Values power(const OperationCall& call) {
  const auto [a, b] = call.promoted(call.tensor("x1"), call.tensor("x2"));
  const Value y = call.elementwise(BinaryKind::pow, cast(a, call.floating()), cast(b, call.floating()));
  return {is_floating(a.dtype()) ? y : cast(unary(UnaryKind::round, y), DType::i32)};
}

Values floor_divide(const OperationCall& call) {
  const auto [a, b] = call.promoted(call.tensor("x1"), call.tensor("x2"));
  const Value quotient =
      unary(UnaryKind::floor, call.elementwise(BinaryKind::div, cast(a, call.floating()), cast(b, call.floating())));
  return {is_floating(a.dtype()) ? quotient : cast(quotient, DType::i32)};
}

Values divide_or_zero(const OperationCall& call) {
  const Value a = call.floats("x1");
  const Value b = call.floats("x2");
  const Value zero = equal(b, 0.0);
  const Value quotient = call.elementwise(BinaryKind::div, a, select(zero, 1.0, b));
  return {select(zero, broadcast_to(call.graph().scalar(0, b.dtype()), quotient.shape()), quotient)};
}

Values logaddexp(const OperationCall& call) {
  const Value a = call.floats("x1");
  const Value b = call.floats("x2");
  const Value larger = call.elementwise(BinaryKind::max, a, b);
  return {larger + log1p(exp(-abs(a - b)))};
}

Values tangent(const OperationCall& call) {
  const Value x = call.floats("x");
  return {unary(UnaryKind::sin, x) / unary(UnaryKind::cos, x)};
}

Values sinh_of(const OperationCall& call) {
  const Value x = call.floats("x");
  return {(exp(x) - exp(-x)) * 0.5};
}

Values cosh_of(const OperationCall& call) {
  const Value x = call.floats("x");
  return {(exp(x) + exp(-x)) * 0.5};
}

Value arc_tangent(Value x) { return unary(UnaryKind::atan, x); }

/// By half the angle, whose tangent is x / (1 + cosine).
Value arc_sine(Value x) { return 2.0 * arc_tangent(x / (1.0 + sqrt(1.0 - square(x)))); }

/// log(x + sqrt(x^2 + 1)), odd and exact near 0.
Value arc_sinh(Value x) {
  const Value size = abs(x);
  return sign(x) * log1p(size + square(size) / (1.0 + sqrt(square(size) + 1.0)));
}

/// log(x + sqrt(x^2 - 1)), exact near 1.
Value arc_cosh(Value x) {
  const Value above = x - 1.0;
  return log1p(above + sqrt(above) * sqrt(x + 1.0));
}

Value arc_tanh(Value x) { return 0.5 * (log1p(x) - log1p(-x)); }
Value arc_cosine(Value x) { return std::numbers::pi / 2 - arc_sine(x); }
Value cube_root(Value x) { return sign(x) * binary(BinaryKind::pow, abs(x), 1.0 / 3.0); }
Value power_of_two(Value x) { return exp(x * std::numbers::ln2); }
Value to_radians(Value x) { return x * (std::numbers::pi / 180); }
Value to_degrees(Value x) { return x * (180 / std::numbers::pi); }
Value is_positive_infinity(Value x) { return equal(x, std::numeric_limits<double>::infinity()); }
Value is_negative_infinity(Value x) { return equal(x, -std::numeric_limits<double>::infinity()); }

template <Value (*F)(Value)>
Values float_function(const OperationCall& call) {
  return {F(call.floats("x"))};
}

/// The angle of the point (x2, x1), of what stands left of the axis by a half turn.
Values arc_tangent_of_two(const OperationCall& call) {
  const Value y = call.floats("x1");
  const Value x = call.floats("x2");
  const Value size = call.elementwise(BinaryKind::max, abs(x), abs(y));
  const Value steep = call.elementwise(BinaryKind::greater, abs(y), abs(x));
  const Value flat = select(steep, x, y) / select(equal(size, 0.0), 1.0, select(steep, y, x));
  const Value angle = arc_tangent(flat);
  const Value up = select(less(y, 0.0), -std::numbers::pi, std::numbers::pi + y * 0.0);
  const Value beside = select(less(x, 0.0), angle + up, angle);
  return {select(steep, up * 0.5 - angle, beside)};
}

/// x2 where x1 is 0, else 0 or 1.
Values heaviside(const OperationCall& call) {
  const Value x = call.floats("x1");
  const Value at_zero = call.floats("x2");
  call.broadcast(x.shape(), at_zero.shape());
  return {select(equal(x, 0.0), at_zero, cast(greater(x, 0.0), x.dtype()))};
}

Values sum_in_powers_of_two(const OperationCall& call) {
  const Value a = call.floats("x1") * std::numbers::ln2;
  const Value b = call.floats("x2") * std::numbers::ln2;
  const Value larger = call.elementwise(BinaryKind::max, a, b);
  return {(larger + log1p(exp(-abs(a - b)))) * std::numbers::log2e};
}

Values log2_of(const OperationCall& call) { return {log(call.floats("x")) * std::numbers::log2e}; }
Values log10_of(const OperationCall& call) { return {log(call.floats("x")) * std::numbers::log10e}; }

Values truncated(const OperationCall& call) {
  const Value x = call.floats("x");
  return {sign(x) * unary(UnaryKind::floor, abs(x))};
}

Values rounded(const OperationCall& call) {
  const double scale = std::pow(10.0, static_cast<double>(call.integer("decimals", 0)));
  const Value x = call.floats("x");
  if (scale == 1) return {unary(UnaryKind::round, x)};
  return {unary(UnaryKind::round, x * scale) / scale};
}

Values clipped(const OperationCall& call) {
  const Value x = call.tensor("x");
  const Json low = call.json("x_min");
  const Json high = call.json("x_max");
  constexpr double kOpen = std::numeric_limits<double>::infinity();
  const auto whole_bound = [](const Json& bound) { return bound.is_null() || bound.is_number_integer(); };
  const bool whole = !is_floating(x.dtype()) && whole_bound(low) && whole_bound(high);
  const Value y = clip(cast(x, call.floating()), call.number("x_min", -kOpen), call.number("x_max", kOpen));
  return {whole ? cast(y, DType::i32) : y};
}

Values logical_not(const OperationCall& call) {
  return {unary(UnaryKind::logical_not, cast(call.tensor("x"), DType::boolean))};
}

Values logical_xor(const OperationCall& call) {
  const auto [a, b] = truths(call);
  return {call.elementwise(BinaryKind::not_equal, a, b)};
}

Values is_nan(const OperationCall& call) {
  const Value x = call.floats("x");
  return {binary(BinaryKind::not_equal, x, x)};
}

Values is_infinite(const OperationCall& call) {
  return {equal(abs(call.floats("x")), std::numeric_limits<double>::infinity())};
}

Values is_finite(const OperationCall& call) {
  return {binary(BinaryKind::less, abs(call.floats("x")), std::numeric_limits<double>::infinity())};
}

Values hypotenuse(const OperationCall& call) {
  const Value a = call.floats("x1");
  const Value b = call.floats("x2");
  return {sqrt(call.elementwise(BinaryKind::add, square(a), square(b)))};
}

Values is_close(const OperationCall& call) {
  if (call.flag("equal_nan")) call.refuse("equal_nan", "false");
  const Value a = call.floats("x1");
  const Value b = call.floats("x2");
  const Value apart = abs(call.elementwise(BinaryKind::sub, a, b));
  return {
      call.elementwise(BinaryKind::less_equal, apart, abs(b) * call.number("rtol", 1e-5) + call.number("atol", 1e-8))};
}

Values without_nan(const OperationCall& call) {
  const Value x = call.floats("x");
  const double largest =
      x.dtype() == DType::f64 ? std::numeric_limits<double>::max() : std::numeric_limits<float>::max();
  const Value number = select(binary(BinaryKind::not_equal, x, x), call.number("nan", 0), x);
  const Value below = select(greater(number, largest), call.number("posinf", largest), number);
  return {select(less(below, -largest), call.number("neginf", -largest), below)};
}

Values where(const OperationCall& call) {
  const Value condition = cast(call.tensor("condition"), DType::boolean);
  const auto [a, b] = call.promoted(call.tensor("x1"), call.tensor("x2"));
  call.broadcast(condition.shape(), call.broadcast(a.shape(), b.shape()));
  return {select(condition, a, b)};
}

Values cast_to(const OperationCall& call) {
  const std::optional<DType> dtype = call.dtype("dtype");
  if (!dtype) call.refuse("dtype", "float32, int32 or bool");
  return {cast(call.tensor("x"), *dtype)};
}

Values filled(const OperationCall& call, double value) {
  const Value x = call.tensor("x");
  return {fill(call.graph(), call.dtype("dtype").value_or(x.dtype()), x.shape(), value)};
}

Values zeros_like(const OperationCall& call) { return filled(call, 0); }
Values ones_like(const OperationCall& call) { return filled(call, 1); }
Values full_like(const OperationCall& call) {
  if (call.json("fill_value").is_null()) call.refuse("fill_value", "a number");
  return filled(call, call.number("fill_value", 0));
}

Values converted(const OperationCall& call) {
  const Value x = call.tensor("x");
  return {cast(x, call.dtype("dtype").value_or(x.dtype()))};
}

Values unchanged(const OperationCall& call) { return {call.tensor("x")}; }
Values stopped(const OperationCall& call) { return {stop_gradient(call.tensor("variable"))}; }

}  // namespace
}  // namespace elementwise_op

std::vector<Operation> elementwise_operations() {
  using namespace elementwise_op;
  return {{"Absolute", "x", "", number_unary<UnaryKind::abs>},
          {"Abs", "x", "", number_unary<UnaryKind::abs>},
          {"Negative", "x", "", number_unary<UnaryKind::neg>},
          {"Sign", "x", "", number_unary<UnaryKind::sign>},
          {"Square", "x", "", number_unary<UnaryKind::square>},
          {"Exp", "x", "", float_unary<UnaryKind::exp>},
          {"Expm1", "x", "", float_unary<UnaryKind::expm1>},
          {"Log", "x", "", float_unary<UnaryKind::log>},
          {"Log1p", "x", "", float_unary<UnaryKind::log1p>},
          {"Log2", "x", "", log2_of},
          {"Log10", "x", "", log10_of},
          {"Sqrt", "x", "", float_unary<UnaryKind::sqrt>},
          {"Rsqrt", "x", "", float_unary<UnaryKind::rsqrt>},
          {"Reciprocal", "x", "", float_unary<UnaryKind::reciprocal>},
          {"Sin", "x", "", float_unary<UnaryKind::sin>},
          {"Cos", "x", "", float_unary<UnaryKind::cos>},
          {"Tan", "x", "", tangent},
          {"Sinh", "x", "", sinh_of},
          {"Cosh", "x", "", cosh_of},
          {"Tanh", "x", "", float_unary<UnaryKind::tanh>},
          {"Arcsin", "x", "", float_function<arc_sine>},
          {"Arccos", "x", "", float_function<arc_cosine>},
          {"Arctan", "x", "", float_function<arc_tangent>},
          {"Arctan2", "x1 x2", "", arc_tangent_of_two},
          {"Arcsinh", "x", "", float_function<arc_sinh>},
          {"Arccosh", "x", "", float_function<arc_cosh>},
          {"Arctanh", "x", "", float_function<arc_tanh>},
          {"Cbrt", "x", "", float_function<cube_root>},
          {"Exp2", "x", "", float_function<power_of_two>},
          {"Deg2rad", "x", "", float_function<to_radians>},
          {"Rad2deg", "x", "", float_function<to_degrees>},
          {"Isposinf", "x", "", float_function<is_positive_infinity>},
          {"Isneginf", "x", "", float_function<is_negative_infinity>},
          {"Heaviside", "x1 x2", "", heaviside},
          {"Logaddexp2", "x1 x2", "", sum_in_powers_of_two},
          {"Sigmoid", "x", "", float_unary<UnaryKind::sigmoid>},
          {"Erf", "x", "", float_unary<UnaryKind::erf>},
          {"Floor", "x", "", float_unary<UnaryKind::floor>},
          {"Ceil", "x", "", float_unary<UnaryKind::ceil>},
          {"Trunc", "x", "", truncated},
          {"Round", "x", "decimals", rounded},
          {"Clip", "x", "x_min x_max", clipped},
          {"Add", "x1 x2", "", arithmetic<BinaryKind::add>},
          {"Subtract", "x1 x2", "", arithmetic<BinaryKind::sub>},
          {"Multiply", "x1 x2", "", arithmetic<BinaryKind::mul>},
          {"Divide", "x1 x2", "", float_binary<BinaryKind::div>},
          {"TrueDivide", "x1 x2", "", float_binary<BinaryKind::div>},
          {"DivideNoNan", "x1 x2", "", divide_or_zero},
          {"FloorDivide", "x1 x2", "", floor_divide},
          {"Mod", "x1 x2", "", arithmetic<BinaryKind::mod>},
          {"Power", "x1 x2", "", power},
          {"Maximum", "x1 x2", "", arithmetic<BinaryKind::max>},
          {"Minimum", "x1 x2", "", arithmetic<BinaryKind::min>},
          {"Logaddexp", "x1 x2", "", logaddexp},
          {"Hypot", "x1 x2", "", hypotenuse},
          {"Isclose", "x1 x2", "rtol atol equal_nan", is_close},
          {"NanToNum", "x", "nan posinf neginf", without_nan},
          {"Less", "x1 x2", "", arithmetic<BinaryKind::less>},
          {"LessEqual", "x1 x2", "", arithmetic<BinaryKind::less_equal>},
          {"Greater", "x1 x2", "", arithmetic<BinaryKind::greater>},
          {"GreaterEqual", "x1 x2", "", arithmetic<BinaryKind::greater_equal>},
          {"Equal", "x1 x2", "", arithmetic<BinaryKind::equal>},
          {"NotEqual", "x1 x2", "", arithmetic<BinaryKind::not_equal>},
          {"LogicalAnd", "x1 x2", "", logic<BinaryKind::logical_and>},
          {"LogicalOr", "x1 x2", "", logic<BinaryKind::logical_or>},
          {"LogicalXor", "x1 x2", "", logical_xor},
          {"LogicalNot", "x", "", logical_not},
          {"Isnan", "x", "", is_nan},
          {"Isinf", "x", "", is_infinite},
          {"Isfinite", "x", "", is_finite},
          {"Where", "condition x1 x2", "", where},
          {"Cast", "x", "dtype", cast_to},
          {"ZerosLike", "x dtype", "", zeros_like},
          {"OnesLike", "x dtype", "", ones_like},
          {"FullLike", "x fill_value dtype", "", full_like},
          {"Copy", "x", "", unchanged},
          {"Real", "x", "", unchanged},
          {"Conj", "x", "", unchanged},
          {"Conjugate", "x", "", unchanged},
          {"Array", "x", "dtype", converted},
          {"ConvertToTensor", "x", "dtype sparse", converted},
          {"StopGradient", "variable", "", stopped}};
}

}  // namespace trainyard
