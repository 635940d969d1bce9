// The declared metric classes, by family, and what they share. Read by metric.cc, which holds the registry.
#pragma once

#include <vector>

#include "engine/train/metric.h"
#include "engine/train/metrics/metric_dtype.h"

namespace trainyard {

std::vector<const ClassInfo*> reduction_metrics();
std::vector<const ClassInfo*> accuracy_metrics();
std::vector<const ClassInfo*> regression_metrics();
std::vector<const ClassInfo*> crossentropy_metrics();
std::vector<const ClassInfo*> confusion_metrics();
std::vector<const ClassInfo*> auc_metrics();
std::vector<const ClassInfo*> f_score_metrics();
std::vector<const ClassInfo*> iou_metrics();
std::vector<const ClassInfo*> correlation_metrics();

/// "{metric} cannot compare labels of ... with predictions of ...", with what it takes.
void complain_of_shapes(const Shape& y_true, const Shape& y_pred, const std::string& expected,
                        const ParseContext& context);

/// keras.metrics.Mean over values of the samples: total and count, each sample by its weight.
class MeanMetric : public Metric {
 public:
  MetricDType dtype;
  std::vector<Shape> state(const Shape&) const override { return {Shape{}, Shape{}}; }
  bool heeds_mask() const override { return true; }
  std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                            Value sample_weight) const override;
  double result(std::span<const TensorView> state) const override;

 protected:
  /// Values of the samples: [batch], [batch, ...] (averaged over all but the batch) or rank 0 (one sample).
  virtual Value values(Value y_true, Value y_pred) const = 0;
  /// Keras's mask on the values; it counts only beside weights, as in Keras.
  virtual Value values_mask(Value /*y_true*/, Value /*values*/) const { return {}; }
};

/// Values reduced to one a sample by `kind`, and weights to match (none stays none), as keras.metrics reduces them.
struct SamplewiseValues {
  Value values;
  Value weights;
};
SamplewiseValues samplewise(Value values, Value weights, op::ReduceKind kind);

/// total + sum of values, count + samples (or their weights): the step of a weighted mean.
std::vector<Value> add_to_mean(const std::vector<Value>& state, const SamplewiseValues& batch);

/// a / b, 0 where b is 0.
inline double ratio(double a, double b) { return b == 0 ? 0 : a / b; }

/// Adds what all metrics take and closes the declaration.
template <typename T>
ClassInfo finish_metric(Declaration<T>& declaration) {
  return declaration.arg("name", &T::name, "Name in logs", {.advanced = true, .null_is_default = true})
      .arg("dtype", &T::dtype, "Precision to compute in", kAdvanced)
      .build();
}

template <typename T>
ClassInfo finish_metric(Declaration<T>&& declaration) {
  return finish_metric(declaration);
}

/// A mean metric that is one function of labels and predictions without arguments of its own.
/// Traits: kClass, kName, kFamily, kDoc, kHigherIsBetter, kLabels, aliases(), call(Value, Value).
template <typename Traits>
class PlainMeanMetric final : public MeanMetric {
 public:
  PlainMeanMetric() { name = Traits::kName; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return Traits::kHigherIsBetter; }
  LabelKind label_kind() const override { return Traits::kLabels; }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(
        Declaration<PlainMeanMetric>(Traits::kClass, Traits::kFamily, Traits::kDoc).aliases(Traits::aliases()));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override { return Traits::call(y_true, y_pred); }
};

}  // namespace trainyard
