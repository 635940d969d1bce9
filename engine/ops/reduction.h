// Reductions along axes, and softmax.
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

}  // namespace trainyard::op
