// Errors between numbers, and margins; the losses' functions, averaged over all samples seen.
#include <cmath>
#include "engine/train/families.h"

#include "engine/train/losses/error_formulas.h"
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

class CosineSimilarity final : public MeanMetric {
 public:
  int64_t axis = -1;
  CosineSimilarity() { name = "cosine_similarity"; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        finish_metric(Declaration<CosineSimilarity>("CosineSimilarity", kRegressionFamily,
                                                    "Mean cosine of the angle between label and prediction")
                          .arg("axis", &CosineSimilarity::axis, "Dimension that holds the vectors", kAdvanced));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    return -cosine_similarity(y_true, y_pred, static_cast<int>(axis));  // the loss is the negated one
  }
};

/// The root is taken of the mean, not in it.
class RootMeanSquaredError final : public MeanMetric {
 public:
  RootMeanSquaredError() { name = "root_mean_squared_error"; }
  const ClassInfo& info() const override { return class_info(); }
  /// Keras's class wraps no function, and only those that do look for a mask.
  bool heeds_mask() const override { return false; }
  double result(std::span<const TensorView> state) const override { return std::sqrt(MeanMetric::result(state)); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(Declaration<RootMeanSquaredError>(
        "RootMeanSquaredError", kRegressionFamily, "Square root of the mean squared difference, in the labels' unit"));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    const auto [t, p] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
    return square(p - t);
  }
};

template <size_t... Formula>
std::vector<const ClassInfo*> formula_metrics(std::index_sequence<Formula...>) {
  return {&PlainMeanMetric<ErrorMetricTraits<Formula>>::class_info()...};
}

}  // namespace

std::vector<const ClassInfo*> regression_metrics() {
  std::vector<const ClassInfo*> metrics = formula_metrics(std::make_index_sequence<kErrorFormulas.size()>());
  metrics.push_back(&RootMeanSquaredError::class_info());
  metrics.push_back(&CosineSimilarity::class_info());
  return metrics;
}

}  // namespace trainyard
