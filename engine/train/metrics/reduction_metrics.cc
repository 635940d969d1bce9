// Mean and Sum of what a model puts out; labels do not count.
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

struct MeanTraits {
  static constexpr const char* kClass = "Mean";
  static constexpr const char* kName = "mean";
  static constexpr const char* kFamily = "reduction";
  static constexpr const char* kDoc = "Mean of the predictions";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::any;
  static std::vector<std::string> aliases() { return {}; }
  static Value call(Value, Value p) { return p; }
};

class Sum final : public Metric {
 public:
  MetricDType dtype;
  Sum() { name = "sum"; }
  LabelKind label_kind() const override { return LabelKind::any; }
  const ClassInfo& info() const override { return class_info(); }
  std::vector<Shape> state(const Shape&) const override { return {Shape{}}; }
  std::vector<Value> update(const std::vector<Value>& state, Value, Value y_pred, Value sample_weight) const override {
    return {state[0] + sum(samplewise(y_pred, sample_weight, op::ReduceKind::sum).values)};
  }
  double result(std::span<const TensorView> state) const override { return element_as_double(state[0], 0); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(Declaration<Sum>("Sum", "reduction", "Sum of the predictions"));
    return kInfo;
  }

 private:
  static Value sum(Value x) { return trainyard::sum(x); }
};

}  // namespace

std::vector<const ClassInfo*> reduction_metrics() {
  return {&PlainMeanMetric<MeanTraits>::class_info(), &Sum::class_info()};
}

}  // namespace trainyard
