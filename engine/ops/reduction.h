// Reductions along axes, softmax, and what brings numbers to mean 0 and deviation 1.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/ops/op_types.h"

namespace trainyard::op {

enum class ReduceKind : uint8_t { sum, mean, max, min, prod };

std::string_view name_of(ReduceKind kind);

/// y = kind of x over `axes` (each in [0, rank), ascending). keepdims leaves them as 1. No axes: all of them.
/// The order of summation is fixed by the shape alone.
struct Reduce {
  static constexpr std::string_view kName = "Reduce";
  ReduceKind kind;
  std::vector<int> axes = {};
  bool keepdims = false;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// i32 index of the first largest element along the last dimension. x: [..., n]  y: [...].
struct ArgMax {
  static constexpr std::string_view kName = "ArgMax";

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// Softmax (or its logarithm) along the last dimension, with the maximum taken off first. x, y: [..., n].
struct Softmax {
  static constexpr std::string_view kName = "Softmax";
  bool log = false;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// The gradient of Softmax from its output. (y, dy) -> dx.
struct SoftmaxGrad {
  static constexpr std::string_view kName = "SoftmaxGrad";
  bool log = false;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// What neighbouring axes span: x is [outer, rows, columns], and the rows are theirs.
struct Span {
  int64_t outer = 1, rows = 1, columns = 1;
};
/// axes: ascending, each in [0, rank).
bool are_neighbours(const std::vector<int>& axes);
/// axes: neighbours.
Span span_of(const std::vector<int>& axes, const Shape& x);
/// x's shape without `axes`; no axes: all of them.
Shape rest_shape(const std::vector<int>& axes, const Shape& x);

/// y = (x - mean) / sqrt(variance + epsilon), with mean and variance (of the whole, not of a sample) over `axes`, which are
/// neighbours. x -> (y, mean, variance); the last two have x's shape without `axes`.
struct Standardize {
  static constexpr std::string_view kName = "Standardize";
  std::vector<int> axes;
  double epsilon = 0;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// The gradient of Standardize by x from its outputs. (y, variance, dy) -> dx = (dy - mean(dy) - y mean(y dy)) / sqrt(variance + epsilon).
struct StandardizeGrad {
  static constexpr std::string_view kName = "StandardizeGrad";
  std::vector<int> axes;
  double epsilon = 0;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

}  // namespace trainyard::op
