#include "engine/ops/elementwise.h"

#include <algorithm>
#include <numbers>

#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "engine/ops/op_support.h"

namespace trainyard {

Shape broadcast_shapes(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<int64_t> dims(static_cast<size_t>(rank));
  for (int axis = 0; axis < rank; ++axis) {
    const int in_a = axis - (rank - a.rank());
    const int in_b = axis - (rank - b.rank());
    const int64_t size_a = in_a < 0 ? 1 : a[in_a];
    const int64_t size_b = in_b < 0 ? 1 : b[in_b];
    check(size_a == size_b || size_a == 1 || size_b == 1, "shapes broadcast");
    dims[static_cast<size_t>(axis)] = size_a == 1 ? size_b : size_a;
  }
  return Shape(std::move(dims));
}

namespace op {
namespace {

bool is_logic(BinaryKind kind) { return kind == BinaryKind::logical_and || kind == BinaryKind::logical_or; }

/// Comparisons of equality alone make sense of booleans.
bool takes_boolean(BinaryKind kind) {
  return is_logic(kind) || kind == BinaryKind::equal || kind == BinaryKind::not_equal;
}

/// Kinds that also work on integers.
bool takes_integers(UnaryKind kind) {
  return kind == UnaryKind::neg || kind == UnaryKind::abs || kind == UnaryKind::sign || kind == UnaryKind::square ||
         kind == UnaryKind::relu;
}

/// dy * (derivative by x at x), from the output wherever that is enough, so that x need not be kept.
/// No value: the derivative is zero wherever it exists.
Value unary_gradient(UnaryKind kind, GradientContext& context) {
  const Value dy = context.dy();
  const Value x = context.input(0);
  const Value y = context.output();
  switch (kind) {
    case UnaryKind::neg: return -dy;
    case UnaryKind::abs: return dy * sign(x);
    case UnaryKind::exp: return dy * y;
    case UnaryKind::expm1: return dy * (y + 1.0);
    case UnaryKind::log: return dy / x;
    case UnaryKind::log1p: return dy / (x + 1.0);
    case UnaryKind::sqrt: return dy / (y * 2.0);
    case UnaryKind::rsqrt: return dy * (y * square(y)) * -0.5;
    case UnaryKind::reciprocal: return -(dy * square(y));
    case UnaryKind::square: return dy * (x * 2.0);
    case UnaryKind::sin: return dy * unary(UnaryKind::cos, x);
    case UnaryKind::cos: return -(dy * unary(UnaryKind::sin, x));
    case UnaryKind::atan: return dy / (square(x) + 1.0);
    case UnaryKind::tanh: return binary(BinaryKind::tanh_grad, y, dy);
    case UnaryKind::sigmoid: return binary(BinaryKind::sigmoid_grad, y, dy);
    case UnaryKind::softplus: return dy * sigmoid(x);
    case UnaryKind::erf: return dy * (exp(-square(x)) * (2.0 * std::numbers::inv_sqrtpi));
    case UnaryKind::relu: return binary(BinaryKind::relu_grad, y, dy);
    case UnaryKind::sign:
    case UnaryKind::floor:
    case UnaryKind::ceil:
    case UnaryKind::round:
    case UnaryKind::logical_not: return {};
  }
  return {};
}

/// torch halves the gradient of maximum and minimum between equal operands: `mine` where it won, half where both did.
Value extremum_gradient(BinaryKind won, Value mine, Value other, Value dy) {
  return select(binary(won, mine, other), dy, select(equal(mine, other), dy * 0.5, 0.0));
}

Value base_gradient(Value a, Value b, Value dy) {
  // x^0 is flat, also where x^-1 is infinite
  return select(equal(b, 0.0), 0.0, dy * (b * binary(BinaryKind::pow, a, b - 1.0)));
}

Value exponent_gradient(Value a, Value b, Value y, Value dy) {
  // 0^b is flat for b >= 0, though log(0) is not finite
  const Value flat = binary(BinaryKind::logical_and, equal(a, 0.0), greater_equal(b, 0.0));
  return select(flat, 0.0, dy * (y * log(a)));
}

/// The gradient by the first operand, in the output's shape. No value: zero.
Value gradient_of_a(BinaryKind kind, Value a, Value b, Value dy) {
  switch (kind) {
    case BinaryKind::add:
    case BinaryKind::sub:
    case BinaryKind::mod: return dy;
    case BinaryKind::mul: return dy * b;
    case BinaryKind::div: return dy / b;
    case BinaryKind::pow: return base_gradient(a, b, dy);
    case BinaryKind::max: return extremum_gradient(BinaryKind::greater, a, b, dy);
    case BinaryKind::min: return extremum_gradient(BinaryKind::less, a, b, dy);
    case BinaryKind::sigmoid_grad: return dy * (b * (1.0 - a * 2.0));
    case BinaryKind::tanh_grad: return dy * (b * (a * -2.0));
    case BinaryKind::relu_grad:  // a step in y: flat wherever it is smooth
    case BinaryKind::less:
    case BinaryKind::less_equal:
    case BinaryKind::greater:
    case BinaryKind::greater_equal:
    case BinaryKind::equal:
    case BinaryKind::not_equal:
    case BinaryKind::logical_and:
    case BinaryKind::logical_or: return {};
  }
  return {};
}

/// The gradient by the second operand, in the output's shape. No value: zero.
Value gradient_of_b(BinaryKind kind, Value a, Value b, Value y, Value dy) {
  switch (kind) {
    case BinaryKind::add: return dy;
    case BinaryKind::sub: return -dy;
    case BinaryKind::mod: return -(dy * unary(UnaryKind::floor, a / b));
    case BinaryKind::mul: return dy * a;
    case BinaryKind::div: return -(dy * (y / b));
    case BinaryKind::pow: return exponent_gradient(a, b, y, dy);
    case BinaryKind::max: return extremum_gradient(BinaryKind::greater, b, a, dy);
    case BinaryKind::min: return extremum_gradient(BinaryKind::less, b, a, dy);
    case BinaryKind::relu_grad:
    case BinaryKind::sigmoid_grad:
    case BinaryKind::tanh_grad: return binary(kind, a, dy);  // linear in dy with the same factor
    case BinaryKind::less:
    case BinaryKind::less_equal:
    case BinaryKind::greater:
    case BinaryKind::greater_equal:
    case BinaryKind::equal:
    case BinaryKind::not_equal:
    case BinaryKind::logical_and:
    case BinaryKind::logical_or: return {};
  }
  return {};
}

void set_if(GradientContext& context, int input, Value gradient) {
  if (gradient) context.set(input, sum_to(gradient, context.input(input).shape()));
}

}  // namespace

Types Unary::infer(InputTypes in) const {
  check_inputs(in, 1);
  if (kind == UnaryKind::logical_not) {
    check(in[0].dtype == DType::boolean, "logical_not takes booleans");
  } else {
    check(is_floating(in[0].dtype) || (takes_integers(kind) && in[0].dtype != DType::boolean),
          "the unary op takes this dtype");
  }
  return {in[0]};
}

void Unary::gradient(GradientContext& context) const {
  if (context.wants(0)) set_if(context, 0, unary_gradient(kind, context));
}

Cost Unary::cost(InputTypes in, OutputTypes out) const { return arithmetic_cost(in, out, out[0].shape.elements()); }

Types Binary::infer(InputTypes in) const {
  check_inputs(in, 2);
  check(in[0].dtype == in[1].dtype, "operands of one dtype");
  if (is_logic(kind)) check(in[0].dtype == DType::boolean, "logic takes booleans");
  if (in[0].dtype == DType::boolean) check(takes_boolean(kind), "arithmetic takes numbers");
  if (kind == BinaryKind::div || kind >= BinaryKind::relu_grad) check(is_floating(in[0].dtype), "floating operands");
  const DType dtype = is_predicate(kind) ? DType::boolean : in[0].dtype;
  return {{dtype, broadcast_shapes(in[0].shape, in[1].shape)}};
}

void Binary::gradient(GradientContext& context) const {
  const Value a = context.input(0);
  const Value b = context.input(1);
  if (context.wants(0)) set_if(context, 0, gradient_of_a(kind, a, b, context.dy()));
  if (context.wants(1)) set_if(context, 1, gradient_of_b(kind, a, b, context.output(), context.dy()));
}

Cost Binary::cost(InputTypes in, OutputTypes out) const { return arithmetic_cost(in, out, out[0].shape.elements()); }

Types Select::infer(InputTypes in) const {
  check_inputs(in, 3);
  check(in[0].dtype == DType::boolean, "select's condition is boolean");
  check(in[1].dtype == in[2].dtype, "select's branches have one dtype");
  return {{in[1].dtype, broadcast_shapes(in[0].shape, broadcast_shapes(in[1].shape, in[2].shape))}};
}

void Select::gradient(GradientContext& context) const {
  const Value condition = context.input(0);
  const Value dy = context.dy();
  if (context.wants(1)) set_if(context, 1, select(condition, dy, 0.0));
  if (context.wants(2)) set_if(context, 2, select(condition, 0.0, dy));
}

Cost Select::cost(InputTypes in, OutputTypes out) const { return arithmetic_cost(in, out, out[0].shape.elements()); }

Types Cast::infer(InputTypes in) const {
  check_inputs(in, 1);
  return {{to, in[0].shape}};
}

void Cast::gradient(GradientContext& context) const {
  const DType from = context.input(0).dtype();
  if (context.wants(0) && is_floating(to) && is_floating(from)) context.set(0, cast(context.dy(), from));
}

Cost Cast::cost(InputTypes in, OutputTypes out) const { return moving_cost(in, out); }

Types Fused::infer(InputTypes in) const {
  const Shape& full = shape;
  for (const ValueType& type : in) {
    check(is_floating(type.dtype), "fused operands are floating");
    const int skip = full.rank() - type.shape.rank();
    const bool suffix = skip >= 0 && type.shape == full.slice(skip, full.rank());
    check(suffix || type.shape.elements() == 1, "a fused operand is whole, a row or one element");
  }
  size_t known = in.size();
  for (const Instruction& step : program) {
    check(step.a < known, "registers are written before they are read");
    if (step.code != Instruction::Code::unary) check(step.b < known, "registers are written before they are read");
    if (step.code == Instruction::Code::select) check(step.c < known, "registers are written before they are read");
    ++known;
  }
  check(!outputs.empty(), "a fused program has an output");
  for (const uint16_t output : outputs) check(output < known, "outputs name registers");
  return Types(outputs.size(), ValueType{dtype, shape});
}

void Fused::gradient(GradientContext&) const {
  check(false, "Fused has no gradient: fusion comes after differentiation");
}

Cost Fused::cost(InputTypes in, OutputTypes out) const {
  return arithmetic_cost(in, out, shape.elements() * static_cast<int64_t>(program.size()));
}

std::string_view name_of(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::neg: return "neg";
    case UnaryKind::abs: return "abs";
    case UnaryKind::sign: return "sign";
    case UnaryKind::exp: return "exp";
    case UnaryKind::expm1: return "expm1";
    case UnaryKind::log: return "log";
    case UnaryKind::log1p: return "log1p";
    case UnaryKind::sqrt: return "sqrt";
    case UnaryKind::rsqrt: return "rsqrt";
    case UnaryKind::reciprocal: return "reciprocal";
    case UnaryKind::square: return "square";
    case UnaryKind::sin: return "sin";
    case UnaryKind::cos: return "cos";
    case UnaryKind::atan: return "atan";
    case UnaryKind::tanh: return "tanh";
    case UnaryKind::sigmoid: return "sigmoid";
    case UnaryKind::softplus: return "softplus";
    case UnaryKind::erf: return "erf";
    case UnaryKind::floor: return "floor";
    case UnaryKind::ceil: return "ceil";
    case UnaryKind::round: return "round";
    case UnaryKind::relu: return "relu";
    case UnaryKind::logical_not: return "logical_not";
  }
  return "";
}

std::string_view name_of(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::add: return "add";
    case BinaryKind::sub: return "sub";
    case BinaryKind::mul: return "mul";
    case BinaryKind::div: return "div";
    case BinaryKind::pow: return "pow";
    case BinaryKind::max: return "max";
    case BinaryKind::min: return "min";
    case BinaryKind::mod: return "mod";
    case BinaryKind::less: return "less";
    case BinaryKind::less_equal: return "less_equal";
    case BinaryKind::greater: return "greater";
    case BinaryKind::greater_equal: return "greater_equal";
    case BinaryKind::equal: return "equal";
    case BinaryKind::not_equal: return "not_equal";
    case BinaryKind::logical_and: return "logical_and";
    case BinaryKind::logical_or: return "logical_or";
    case BinaryKind::relu_grad: return "relu_grad";
    case BinaryKind::sigmoid_grad: return "sigmoid_grad";
    case BinaryKind::tanh_grad: return "tanh_grad";
  }
  return "";
}

}  // namespace op
}  // namespace trainyard
