// One table of op cases for many uses: shape inference, finite differences, agreement of backends, support matrix,
// speed.
#pragma once

#include <string>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/ops/op.h"

namespace trainyard::testing {

/// What an operand is filled with.
enum class Values : uint8_t {
  spread,    // floats in [-2, 2], at least 0.05 from every multiple of 0.5, where functions have kinks
  positive,  // floats in [0.5, 2]
  distinct,  // floats in [-2, 2], no two equal, evenly spaced, shuffled
  few,       // -1, 0 or 1: many ties and zeros
  extreme,   // floats around 0 and far out, where functions saturate
  integers,  // whole numbers: -5 .. 5, bytes 0 .. 255, booleans 0 and 1
  indices,   // i32 in [0, OpCase::index_limit)
  strays,    // as indices, some of them outside
  rising,    // whole numbers and halves from -n / 4 up, each larger than the one before (whole dtypes: from -n / 2)
};

/// An op with operands that suit it.
struct OpCase {
  std::string name;
  Op op;
  Types inputs;
  std::vector<Values> values;  // one an input
  int64_t index_limit = 0;
  /// Compare floats element by element rather than against the largest; for ops without sums.
  bool by_element = false;
  /// Whether finite differences by the floating inputs mean something here.
  bool differentiable = true;
  /// Inputs whose gradient the op refuses (gradient.h: a check fails).
  std::vector<int> without_gradient = {};
};

/// All cases. Names are unique and made of letters, digits and underscores. Every op has one, and every kind of op.
const std::vector<OpCase>& op_cases();

/// The same case in float64: f32 operands, and the op's own f32, become f64.
OpCase widened(const OpCase& op_case);

/// Operands by the case's name alone: the same on every machine.
std::vector<Tensor> make_inputs(const OpCase& op_case);

// The families, one file each; op_cases() calls them.
void add_elementwise_cases(std::vector<OpCase>& cases);
void add_layout_cases(std::vector<OpCase>& cases);
void add_linear_cases(std::vector<OpCase>& cases);
void add_lookup_cases(std::vector<OpCase>& cases);
void add_window_cases(std::vector<OpCase>& cases);
void add_reduction_cases(std::vector<OpCase>& cases);
void add_source_cases(std::vector<OpCase>& cases);
void add_image_cases(std::vector<OpCase>& cases);

inline ValueType f32(Shape shape) { return {DType::f32, std::move(shape)}; }
inline ValueType i32(Shape shape) { return {DType::i32, std::move(shape)}; }
inline ValueType u8(Shape shape) { return {DType::u8, std::move(shape)}; }
inline ValueType boolean(Shape shape) { return {DType::boolean, std::move(shape)}; }

/// "2x3x4", or "scalar".
std::string shape_text(const Shape& shape);

}  // namespace trainyard::testing
