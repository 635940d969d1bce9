// Training data as the trainer takes it.
#pragma once

#include <vector>

#include "engine/core/tensor.h"

namespace trainyard {

/// One tensor a model input and one a target, first dimension the sample. Integer inputs are cast to the input's dtype
/// and multiplied by `scale` (1 / 255 for pixels) inside the step, so that images may stay bytes.
struct Samples {
  std::vector<Tensor> x;
  /// An empty tensor: that output has no target.
  std::vector<Tensor> y;
  Tensor sample_weight;  // f32 [n]; empty: all 1
  double scale = 1;
  /// By target, where it is not 0: whole numbers become f32 and are multiplied by it inside the step (pictures to be drawn again). 0,
  /// or nothing for a target: class numbers stay whole.
  std::vector<double> y_scale;

  double target_scale(size_t o) const { return o < y_scale.size() ? y_scale[o] : 0; }
  /// Whether a target is a number to come near to, not a class.
  bool is_quantity(size_t o) const { return target_scale(o) != 0 || is_floating(y[o].dtype()); }

  int64_t count() const { return x.empty() ? 0 : x.front().shape().front(); }
};

}  // namespace trainyard
