// Elementwise ops. Operands broadcast as in NumPy: shapes are aligned at the last dimension, sizes of 1 are stretched.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/ops/op_types.h"

namespace trainyard::op {

enum class UnaryKind : uint8_t {
  neg,
  abs,
  sign,  // -1, 0, 1
  exp,
  expm1,
  log,
  log1p,
  sqrt,
  rsqrt,
  reciprocal,
  square,
  sin,
  cos,
  atan,
  tanh,
  sigmoid,
  softplus,  // log(1 + exp(x)), without overflow
  erf,
  floor,
  ceil,
  round,  // half to even
  relu,
  logical_not,  // bool -> bool
};

/// y = kind(x). x, y: same shape; same dtype.
struct Unary {
  static constexpr std::string_view kName = "Unary";
  UnaryKind kind;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

enum class BinaryKind : uint8_t {
  add,
  sub,
  mul,
  div,
  pow,
  max,
  min,
  mod,  // sign of the divisor, as Python's %
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  logical_and,
  logical_or,
  relu_grad,     // (y, dy): dy where y > 0, else 0
  sigmoid_grad,  // (y, dy): dy * y * (1 - y)
  tanh_grad,     // (y, dy): dy * (1 - y * y)
};

/// Comparisons and logic give DType::boolean.
constexpr bool is_predicate(BinaryKind kind) { return kind >= BinaryKind::less && kind <= BinaryKind::logical_or; }

/// y = kind(a, b). a, b: same dtype, broadcast against each other.
struct Binary {
  static constexpr std::string_view kName = "Binary";
  BinaryKind kind;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// y = condition ? a : b. condition: bool; all three broadcast against each other.
struct Select {
  static constexpr std::string_view kName = "Select";

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// y = dtype(x). Floats to integers truncate; anything to bool is x != 0.
struct Cast {
  static constexpr std::string_view kName = "Cast";
  DType to;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// One instruction of a fused elementwise program. Registers are numbered: inputs first, then one a instruction.
struct Instruction {
  enum class Code : uint8_t { unary, binary, select };
  Code code;
  UnaryKind unary = UnaryKind::neg;
  BinaryKind binary = BinaryKind::add;
  uint16_t a = 0, b = 0, c = 0;  // select: a = condition, b, c

  friend bool operator==(const Instruction&, const Instruction&) = default;
};

/// Several elementwise ops in one pass over memory, made by the fusion pass, never by a layer.
/// Inputs are floating and of the output's shape, or have one element (read once), or have the shape of its last dimensions (row broadcast).
/// Predicates are held as 0 and 1 in registers. Outputs: the registers named by `outputs`, all of one shape and dtype.
struct Fused {
  static constexpr std::string_view kName = "Fused";
  Shape shape = {};
  DType dtype = DType::f32;
  std::vector<Instruction> program = {};
  std::vector<uint16_t> outputs = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

std::string_view name_of(UnaryKind kind);
std::string_view name_of(BinaryKind kind);

}  // namespace trainyard::op
