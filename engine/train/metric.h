// Metrics, as keras.metrics: state in variables, updated by ops in the step, read out on the host.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/core/declare.h"
#include "engine/ops/builder.h"

namespace trainyard {

class Metric : public Declared {
 public:
  static constexpr const char* kGroup = "metrics";
  static const Registry& registry();
  static Json print(const Metric& object) { return serialize(object, kGroup); }

  std::string name;

  /// Shapes of the state tensors (float32, zero at reset) for outputs of this shape (batch included).
  virtual std::vector<Shape> state(const Shape& y_pred) const = 0;
  /// New values of the state after one more batch. sample_weight may be none.
  virtual std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                                    Value sample_weight) const = 0;
  /// The value from the state, in double.
  virtual double result(std::span<const TensorView> state) const = 0;
};

/// "accuracy" and "acc" mean binary, categorical or sparse categorical accuracy, by the shapes and the loss, as in
/// Keras; "mse" and the like are aliases. Null after complaining.
std::shared_ptr<const Metric> parse_metric(const Json& json, const Shape& y_true, const Shape& y_pred,
                                           const ParseContext& context);

}  // namespace trainyard
