// Projections applied to a weight after each update, as keras.constraints.
#pragma once

#include "engine/core/declare.h"
#include "engine/ops/builder.h"

namespace trainyard {

class Constraint : public Declared {
 public:
  static constexpr const char* kGroup = "constraints";
  static const Registry& registry();
  static Json print(const Constraint& object) { return serialize(object, kGroup); }

  /// Why a weight of this shape cannot be constrained so, or "".
  virtual std::string problem(const Shape&) const { return {}; }
  /// The allowed weight nearest to w in the constraint's sense; same shape.
  virtual Value project(Value w) const = 0;
};

}  // namespace trainyard
