// Penalties on weights and outputs, as keras.regularizers.
#pragma once

#include "engine/core/declare.h"
#include "engine/ops/builder.h"

namespace trainyard {

class Regularizer : public Declared {
 public:
  static constexpr const char* kGroup = "regularizers";
  static const Registry& registry();
  static Json print(const Regularizer& object) { return serialize(object, kGroup); }

  /// The penalty on x, rank 0.
  virtual Value penalty(Value x) const = 0;
};

}  // namespace trainyard
