// Metrics, as keras.metrics: state in variables, updated by ops in the step, read out on the host.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/core/declare.h"
#include "engine/ops/builder.h"
#include "engine/train/label_kind.h"

namespace trainyard {

class Metric : public Declared {
 public:
  static constexpr const char* kGroup = "metrics";
  static const Registry& registry();
  static Json print(const Metric& object) { return serialize(object, kGroup); }

  std::string name;

  /// Shapes of the state tensors (float32, zero at reset) for outputs of this shape (batch included).
  virtual std::vector<Shape> state(const Shape& y_pred) const = 0;
  /// New values of the state after one more batch. y_true, y_pred: any dtype. sample_weight ([batch] or with more of the
  /// predictions' dimensions) may be none.
  virtual std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                                    Value sample_weight) const = 0;
  /// The value from the state, in double; of metrics with a value per class or threshold, their mean.
  virtual double result(std::span<const TensorView> state) const = 0;
  /// All values: one, or one per class or threshold, as Keras's result().
  virtual std::vector<double> results(std::span<const TensorView> state) const { return {result(state)}; }
  /// What labels it is given; LabelKind::any where it does not look at them.
  virtual LabelKind label_kind() const { return LabelKind::like_prediction; }
  /// Complaints about shapes (batch included, sizes may be unknown) that do not fit; update would fail a check on them.
  virtual bool accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const;
  /// Whether the mask that travels with the predictions is to be merged into the weights (masked_weight).
  virtual bool heeds_mask() const { return false; }
  /// Whether more is better; what "auto" means to a callback that watches this metric.
  virtual bool higher_is_better() const { return false; }
};

/// "accuracy" and "acc" mean binary, categorical or sparse categorical accuracy, "crossentropy" and "ce" that
/// crossentropy, by the shapes (batch included), as in Keras; "mse" and the like are aliases. Null after complaining.
std::shared_ptr<const Metric> parse_metric(const Json& json, const Shape& y_true, const Shape& y_pred,
                                           const ParseContext& context);

/// The weights that a metric is given where a mask (boolean) travels with the predictions; either may be none.
Value masked_weight(Value sample_weight, Value mask);

}  // namespace trainyard
