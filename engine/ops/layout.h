// Ops that move elements and compute nothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/ops/op_types.h"

namespace trainyard::op {

/// The same elements under another shape; costs nothing, the planner lets both share memory.
struct Reshape {
  static constexpr std::string_view kName = "Reshape";
  Shape shape = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// y's axis i is x's axis permutation[i].
struct Transpose {
  static constexpr std::string_view kName = "Transpose";
  std::vector<int> permutation = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// NumPy broadcast of x to `shape`.
struct BroadcastTo {
  static constexpr std::string_view kName = "BroadcastTo";
  Shape shape = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// Any number of inputs, equal but along `axis`.
struct Concat {
  static constexpr std::string_view kName = "Concat";
  int axis = 0;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// y[i] = x[start + i * step] along each axis, i in [0, sizes). Steps are positive.
struct Slice {
  static constexpr std::string_view kName = "Slice";
  std::vector<int64_t> start = {};
  std::vector<int64_t> sizes = {};
  std::vector<int64_t> step = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// The gradient of Slice: a zero tensor of `shape` with x written where the slice was read.
struct Unslice {
  static constexpr std::string_view kName = "Unslice";
  Shape shape = {};
  std::vector<int64_t> start = {};
  std::vector<int64_t> step = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// Constant padding: low[i] and high[i] elements of `value` before and after along each axis.
struct Pad {
  static constexpr std::string_view kName = "Pad";
  std::vector<int64_t> low = {};
  std::vector<int64_t> high = {};
  double value = 0;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// Rows of x: y[i...] = x[indices[i...]]. x: [n, ...]  indices: i32 [...]  y: indices.shape + x.shape[1:].
/// An index outside [0, n) gives a row of zeros (and NaN-free: readers validate indices before).
struct Gather {
  static constexpr std::string_view kName = "Gather";

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// The gradient of Gather: dx: [rows, ...] gets the sum of dy's rows by index. (indices, dy) -> dx. Fixed order.
struct ScatterAdd {
  static constexpr std::string_view kName = "ScatterAdd";
  int64_t rows = 0;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// indices: i32 [...]  y: dtype [..., depth], 1 at the index (all 0 where it is outside).
struct OneHot {
  static constexpr std::string_view kName = "OneHot";
  int64_t depth = 0;
  DType dtype = DType::f32;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// A copy of x in memory of its own; the planner uses it where an assignment cannot be written in place.
/// With `stops_gradient` x counts as a constant to whoever differentiates.
struct Copy {
  static constexpr std::string_view kName = "Copy";
  bool stops_gradient = false;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

}  // namespace trainyard::op
