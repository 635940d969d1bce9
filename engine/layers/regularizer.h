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

  /// Why a tensor of this shape cannot be penalised so, or "".
  virtual std::string problem(const Shape&) const { return {}; }
  /// The penalty on x, rank 0.
  virtual Value penalty(Value x) const = 0;
};

namespace regularizers {
/// l1 * sum|x| + l2 * sum x^2; terms of factor 0 are left out.
Ref<Regularizer> l1_l2(double l1, double l2);
}  // namespace regularizers

}  // namespace trainyard
