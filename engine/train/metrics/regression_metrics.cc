// Errors between numbers, and margins; the losses' functions, averaged over all samples seen.
#include <cmath>

#include "engine/train/losses/loss_functions.h"
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

constexpr const char* kFamily = "regression";
using Names = std::vector<std::string>;

struct MeanSquaredErrorTraits {
  static constexpr const char* kClass = "MeanSquaredError";
  static constexpr const char* kName = "mean_squared_error";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean of the squared differences";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {"mse", "MSE"}; }
  static Value call(Value t, Value p) { return mean_squared_error(t, p); }
};

struct MeanAbsoluteErrorTraits {
  static constexpr const char* kClass = "MeanAbsoluteError";
  static constexpr const char* kName = "mean_absolute_error";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean of the absolute differences";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {"mae", "MAE"}; }
  static Value call(Value t, Value p) { return mean_absolute_error(t, p); }
};

struct MeanAbsolutePercentageErrorTraits {
  static constexpr const char* kClass = "MeanAbsolutePercentageError";
  static constexpr const char* kName = "mean_absolute_percentage_error";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean absolute difference in percent of the label";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {"mape", "MAPE"}; }
  static Value call(Value t, Value p) { return mean_absolute_percentage_error(t, p); }
};

struct MeanSquaredLogarithmicErrorTraits {
  static constexpr const char* kClass = "MeanSquaredLogarithmicError";
  static constexpr const char* kName = "mean_squared_logarithmic_error";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean squared difference of the logarithms";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {"msle", "MSLE"}; }
  static Value call(Value t, Value p) { return mean_squared_logarithmic_error(t, p); }
};

struct LogCoshErrorTraits {
  static constexpr const char* kClass = "LogCoshError";
  static constexpr const char* kName = "logcosh";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean logarithm of the hyperbolic cosine of the difference";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {"logcosh"}; }
  static Value call(Value t, Value p) { return log_cosh(t, p); }
};

struct PoissonTraits {
  static constexpr const char* kClass = "Poisson";
  static constexpr const char* kName = "poisson";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean Poisson loss, for counts";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return poisson(t, p); }
};

struct HingeTraits {
  static constexpr const char* kClass = "Hinge";
  static constexpr const char* kName = "hinge";
  static constexpr const char* kFamily = "margin";
  static constexpr const char* kDoc = "Mean of what is missing to a margin of 1";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return hinge(t, p); }
};

struct SquaredHingeTraits {
  static constexpr const char* kClass = "SquaredHinge";
  static constexpr const char* kName = "squared_hinge";
  static constexpr const char* kFamily = "margin";
  static constexpr const char* kDoc = "Mean square of what is missing to a margin of 1";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return squared_hinge(t, p); }
};

struct CategoricalHingeTraits {
  static constexpr const char* kClass = "CategoricalHinge";
  static constexpr const char* kName = "categorical_hinge";
  static constexpr const char* kFamily = "margin";
  static constexpr const char* kDoc = "Mean of what the right class is short of standing 1 above the best wrong one";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return categorical_hinge(t, p); }
};

class CosineSimilarity final : public MeanMetric {
 public:
  int64_t axis = -1;
  CosineSimilarity() { name = "cosine_similarity"; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        finish_metric(Declaration<CosineSimilarity>("CosineSimilarity", kFamily,
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
  double result(std::span<const TensorView> state) const override { return std::sqrt(MeanMetric::result(state)); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(Declaration<RootMeanSquaredError>(
        "RootMeanSquaredError", kFamily, "Square root of the mean squared difference, in the labels' unit"));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    const auto [t, p] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
    return square(p - t);
  }
};

}  // namespace

std::vector<const ClassInfo*> regression_metrics() {
  return {&PlainMeanMetric<MeanSquaredErrorTraits>::class_info(),
          &RootMeanSquaredError::class_info(),
          &PlainMeanMetric<MeanAbsoluteErrorTraits>::class_info(),
          &PlainMeanMetric<MeanAbsolutePercentageErrorTraits>::class_info(),
          &PlainMeanMetric<MeanSquaredLogarithmicErrorTraits>::class_info(),
          &PlainMeanMetric<LogCoshErrorTraits>::class_info(),
          &PlainMeanMetric<PoissonTraits>::class_info(),
          &CosineSimilarity::class_info(),
          &PlainMeanMetric<HingeTraits>::class_info(),
          &PlainMeanMetric<SquaredHingeTraits>::class_info(),
          &PlainMeanMetric<CategoricalHingeTraits>::class_info()};
}

}  // namespace trainyard
