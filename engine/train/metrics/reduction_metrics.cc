// Mean and Sum. Keras's take values and their weights, and compile() hands them the labels and the predictions: so that is
// what they mean here.
#include "engine/train/losses/loss_functions.h"
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

/// The predictions, times the samples' weights where there are any.
Value as_weights(Value y_pred, Value sample_weight) {
  const Value weights = cast(y_pred, DType::f32);
  if (!sample_weight) return weights;
  Shape shape = sample_weight.shape();
  while (shape.rank() < weights.rank()) shape.push_back(1);
  return weights * reshape(cast(sample_weight, DType::f32), shape);
}

class Mean final : public MeanMetric {
 public:
  Mean() { name = "mean"; }
  const ClassInfo& info() const override { return class_info(); }
  bool heeds_mask() const override { return false; }
  std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                            Value sample_weight) const override {
    return add_to_mean(state, samplewise(y_true, as_weights(y_pred, sample_weight), op::ReduceKind::mean));
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(Declaration<Mean>(
        "Mean", "reduction", "Mean of the labels, the predictions being their weights, as Keras's compile reads it"));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value) const override { return y_true; }
};

class Sum final : public Metric {
 public:
  MetricDType dtype;
  Sum() { name = "sum"; }
  const ClassInfo& info() const override { return class_info(); }
  std::vector<Shape> state(const Shape&) const override { return {Shape{}}; }
  std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                            Value sample_weight) const override {
    return {state[0] +
            trainyard::sum(samplewise(y_true, as_weights(y_pred, sample_weight), op::ReduceKind::sum).values)};
  }
  double result(std::span<const TensorView> state) const override { return element_as_double(state[0], 0); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(Declaration<Sum>(
        "Sum", "reduction", "Sum of the labels, the predictions being their weights, as Keras's compile reads it"));
    return kInfo;
  }
};

}  // namespace

std::vector<const ClassInfo*> reduction_metrics() { return {&Mean::class_info(), &Sum::class_info()}; }

}  // namespace trainyard
