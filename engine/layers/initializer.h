// Initial values of weights, as keras.initializers.
#pragma once

#include <optional>

#include "engine/core/declare.h"
#include "engine/core/philox.h"
#include "engine/core/tensor.h"

namespace trainyard {

class Initializer : public Declared {
 public:
  static constexpr const char* kGroup = "initializers";
  static const Registry& registry();
  static Json print(const Initializer& object) { return serialize(object, kGroup); }

  /// Why this shape cannot be initialised so ("needs a matrix, got (3, 3, 1, 8)"), or "".
  virtual std::string problem(const Shape&) const { return {}; }
  /// A new tensor of a floating dtype. Requires that problem(shape) is "". `random` is the weight's own stream (random.step
  /// is 0); an initializer with a seed of its own uses that seed instead of the run's and stream, so that equal seeds
  /// give equal weights, as in Keras. float32 and float64 see the same numbers, rounded.
  virtual Tensor make(const Shape& shape, DType dtype, Philox random) const = 0;
};

namespace initializers {

/// Sizes that variance scaling divides by.
struct Fans {
  double in = 1;
  double out = 1;
};
/// Keras's rule: the last two dimensions are inputs and outputs and the others the receptive field; or the axes named.
Fans compute_fans(const Shape& shape, const std::optional<std::vector<int64_t>>& input_axes,
                  const std::optional<std::vector<int64_t>>& output_axes);

// The defaults of layers' arguments.
Ref<Initializer> zeros();
Ref<Initializer> ones();
Ref<Initializer> glorot_uniform();
Ref<Initializer> orthogonal();
Ref<Initializer> random_uniform();

}  // namespace initializers
}  // namespace trainyard
