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

  /// A new tensor of a floating dtype. `random` is the weight's own stream (random.step is 0); an initializer with a
  /// seed of its own uses that seed instead of the run's. float32 and float64 see the same numbers, rounded.
  virtual Tensor make(const Shape& shape, DType dtype, Philox random) const = 0;
};

}  // namespace trainyard
