// Arguments that are a number or lists of numbers that are as regular as a tensor, as NumPy would take them.
#pragma once

#include <vector>

#include "engine/core/arg_traits.h"
#include "engine/ops/graph.h"

namespace trainyard {

/// A number (rank 0), or a list of numbers (of lists ...).
struct NumberArray {
  Shape shape;
  std::vector<double> values;

  /// Whether it broadcasts to `wanted`, aligned at the last dimension; unknown sizes fit nothing but 1.
  bool fits(const Shape& wanted) const;
  Tensor tensor(DType dtype) const { return Tensor::of<double>(shape, values).cast(dtype); }
};

template <>
struct ArgTraits<NumberArray> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::number; }
  static bool parse(const Json& value, NumberArray& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const NumberArray& value);
};

}  // namespace trainyard
