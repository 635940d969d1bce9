// Training data as the trainer takes it.
#pragma once

#include <vector>

#include "engine/core/tensor.h"

namespace trainyard {

/// One tensor a model input and one a target, first dimension the sample. Integer inputs are cast to the input's dtype
/// and multiplied by `scale` (1 / 255 for pixels) inside the step, so that images may stay bytes.
struct Samples {
  std::vector<Tensor> x;
  std::vector<Tensor> y;
  Tensor sample_weight;  // f32 [n]; empty: all 1
  double scale = 1;

  int64_t count() const { return x.empty() ? 0 : x.front().shape().front(); }
};

}  // namespace trainyard
