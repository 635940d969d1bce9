// The equations of EinsumDense: "ab,bc->ac", "...ab,bc->...ac" or "ab...,bc->ac...".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/core/diagnostic.h"
#include "engine/core/shape.h"

namespace trainyard {

/// An equation for inputs of one rank: what the dots stand for has labels of its own ("0", "1", ..).
struct EinsumEquation {
  std::string input, kernel, output;
  /// How many dimensions the dots stand for, and whether they come first.
  int elided = 0;
  bool left = false;
};

/// Nothing when the text is no such equation, or has more or fewer labels than the input has dimensions.
std::optional<EinsumEquation> parse_einsum_equation(const std::string& text, int input_rank);

/// The shapes that follow from an equation, as Keras works them out.
struct EinsumShapes {
  Shape kernel, bias, output;
  /// What does not fit (a key of messages.inc and its holes) and the argument at fault; an empty code: all fits.
  std::string problem, argument;
  Diagnostics::Params params;
};

/// `output_shape`: sizes of the labels behind "->" without the batch, which the dots stand for or which comes first;
/// kUnknown where a size follows from the input. `bias_axes`: labels of the output, or null.
EinsumShapes einsum_shapes(const EinsumEquation& equation, const Shape& input, const std::vector<int64_t>& output_shape,
                           const std::string* bias_axes);

}  // namespace trainyard
