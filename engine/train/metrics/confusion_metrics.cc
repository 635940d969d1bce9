// Counts, precision and recall (keras.metrics, confusion_metrics).
#include "engine/train/metrics/confusion.h"

namespace trainyard {
namespace {

constexpr ArgOptions kThreshold{.min = 0, .max = 1};

/// The arguments that Keras reads as one threshold or several; none is 0.5.
using Thresholds = std::optional<NumberOrList>;

std::vector<double> threshold_list(const Thresholds& thresholds, double otherwise) {
  return thresholds ? thresholds->values : std::vector<double>{otherwise};
}

double mean_of(const std::vector<double>& values) {
  double total = 0;
  for (const double value : values) total += value;
  return values.empty() ? 0 : total / static_cast<double>(values.size());
}

/// A value for each threshold, from the counts there.
class ThresholdMetric : public Metric {
 public:
  Thresholds thresholds;
  MetricDType dtype;
  std::vector<Shape> state(const Shape& y_pred) const override { return confusion_state(options(), y_pred); }
  std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                            Value sample_weight) const override {
    return update_confusion(state, options(), y_true, y_pred, sample_weight);
  }
  std::vector<double> results(std::span<const TensorView> state) const override {
    std::vector<double> values;
    for (size_t i = 0; i < options().thresholds.size(); ++i)
      values.push_back(value(confusion_counts(state, static_cast<int64_t>(i))));
    return values;
  }
  double result(std::span<const TensorView> state) const override { return mean_of(results(state)); }

 protected:
  virtual ConfusionOptions options() const {
    return {.thresholds = threshold_list(thresholds, 0.5), .top_k = {}, .class_id = {}, .label_weights = {}};
  }
  virtual double value(const ConfusionCounts& counts) const = 0;
};

/// Traits: kClass, kName, kDoc, kHigherIsBetter, value(counts).
template <typename Traits>
class CountMetric final : public ThresholdMetric {
 public:
  CountMetric() { name = Traits::kName; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return Traits::kHigherIsBetter; }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        finish_metric(Declaration<CountMetric>(Traits::kClass, "confusion", Traits::kDoc)
                          .arg("thresholds", &CountMetric::thresholds,
                               "Predictions above it mean yes; a list gives a count for each", kThreshold));
    return kInfo;
  }

 protected:
  double value(const ConfusionCounts& counts) const override { return Traits::value(counts); }
};

struct TruePositivesTraits {
  static constexpr const char* kClass = "TruePositives";
  static constexpr const char* kName = "true_positives";
  static constexpr const char* kDoc = "How many predictions said yes and were right";
  static constexpr bool kHigherIsBetter = true;
  static double value(const ConfusionCounts& counts) { return counts.tp; }
};
struct FalsePositivesTraits {
  static constexpr const char* kClass = "FalsePositives";
  static constexpr const char* kName = "false_positives";
  static constexpr const char* kDoc = "How many predictions said yes and were wrong";
  static constexpr bool kHigherIsBetter = false;
  static double value(const ConfusionCounts& counts) { return counts.fp; }
};
struct TrueNegativesTraits {
  static constexpr const char* kClass = "TrueNegatives";
  static constexpr const char* kName = "true_negatives";
  static constexpr const char* kDoc = "How many predictions said no and were right";
  static constexpr bool kHigherIsBetter = true;
  static double value(const ConfusionCounts& counts) { return counts.tn; }
};
struct FalseNegativesTraits {
  static constexpr const char* kClass = "FalseNegatives";
  static constexpr const char* kName = "false_negatives";
  static constexpr const char* kDoc = "How many predictions said no and were wrong";
  static constexpr bool kHigherIsBetter = false;
  static double value(const ConfusionCounts& counts) { return counts.fn; }
};

/// Precision or recall.
template <typename Traits>
class RateMetric final : public ThresholdMetric {
 public:
  std::optional<int64_t> top_k;
  std::optional<int64_t> class_id;
  RateMetric() { name = Traits::kName; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  bool accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const override {
    return ThresholdMetric::accepts(y_true, y_pred, context) && class_fits(class_id, y_pred, context);
  }
  static bool class_fits(const std::optional<int64_t>& class_id, const Shape& y_pred, const ParseContext& context) {
    if (!class_id || (y_pred.rank() > 1 && (y_pred.back() == kUnknown || *class_id < y_pred.back()))) return true;
    context.child("class_id").expected("a class of predictions of shape " + y_pred.text(), Json(*class_id));
    return false;
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(
        Declaration<RateMetric>(Traits::kClass, "confusion", Traits::kDoc)
            .arg("thresholds", &RateMetric::thresholds, "Predictions above it mean yes; a list gives a value for each",
                 kThreshold)
            .arg("top_k", &RateMetric::top_k, "Only the k highest predictions of a sample can mean yes", kPositive)
            .arg("class_id", &RateMetric::class_id, "Only this class counts", {.min = 0}));
    return kInfo;
  }

 protected:
  ConfusionOptions options() const override {
    return {.thresholds = threshold_list(thresholds, top_k ? -1e10 : 0.5),
            .top_k = top_k,
            .class_id = class_id,
            .label_weights = {}};
  }
  double value(const ConfusionCounts& counts) const override { return Traits::value(counts); }
};

struct PrecisionTraits {
  static constexpr const char* kClass = "Precision";
  static constexpr const char* kName = "precision";
  static constexpr const char* kDoc = "Share of the yeses that are right";
  static double value(const ConfusionCounts& counts) { return ratio(counts.tp, counts.tp + counts.fp); }
};
struct RecallTraits {
  static constexpr const char* kClass = "Recall";
  static constexpr const char* kName = "recall";
  static constexpr const char* kDoc = "Share of what should be yes that is found";
  static double value(const ConfusionCounts& counts) { return ratio(counts.tp, counts.tp + counts.fn); }
};

/// The best of one rate among the thresholds where another reaches a demand.
/// Traits: kClass, kName, kDoc, kArg, kArgDoc, demanded(counts), wanted(counts).
template <typename Traits>
class ConstrainedMetric final : public Metric {
 public:
  double demand = 0.5;
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id;
  MetricDType dtype;
  ConstrainedMetric() { name = Traits::kName; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  std::vector<Shape> state(const Shape& y_pred) const override { return confusion_state(options(), y_pred); }
  std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                            Value sample_weight) const override {
    return update_confusion(state, options(), y_true, y_pred, sample_weight);
  }
  double result(std::span<const TensorView> state) const override {
    double best = 0;
    for (int64_t i = 0; i < num_thresholds; ++i) {
      const ConfusionCounts counts = confusion_counts(state, i);
      // In float, as Keras compares.
      if (static_cast<float>(Traits::demanded(counts)) >= static_cast<float>(demand))
        best = std::max(best, Traits::wanted(counts));
    }
    return best;
  }
  bool accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const override {
    return Metric::accepts(y_true, y_pred, context) &&
           RateMetric<PrecisionTraits>::class_fits(class_id, y_pred, context);
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(
        Declaration<ConstrainedMetric>(Traits::kClass, "confusion", Traits::kDoc)
            .arg(Traits::kArg, &ConstrainedMetric::demand, Traits::kArgDoc, {.min = 0, .max = 1, .required = true})
            .arg("num_thresholds", &ConstrainedMetric::num_thresholds, "How many thresholds are tried",
                 {.min = 1, .max = 100000})
            .arg("class_id", &ConstrainedMetric::class_id, "Only this class counts", {.min = 0}));
    return kInfo;
  }

 private:
  ConfusionOptions options() const {
    return {.thresholds = num_thresholds == 1 ? std::vector<double>{0.5} : even_thresholds(num_thresholds, false),
            .top_k = {},
            .class_id = class_id,
            .label_weights = {}};
  }
};

double sensitivity(const ConfusionCounts& counts) { return ratio(counts.tp, counts.tp + counts.fn); }
double specificity(const ConfusionCounts& counts) { return ratio(counts.tn, counts.tn + counts.fp); }
double precision(const ConfusionCounts& counts) { return ratio(counts.tp, counts.tp + counts.fp); }

struct SensitivityAtSpecificityTraits {
  static constexpr const char* kClass = "SensitivityAtSpecificity";
  static constexpr const char* kName = "sensitivity_at_specificity";
  static constexpr const char* kDoc = "Best share of yeses found while this share of noes is right";
  static constexpr const char* kArg = "specificity";
  static constexpr const char* kArgDoc = "Share of noes that must be right";
  static double demanded(const ConfusionCounts& counts) { return specificity(counts); }
  static double wanted(const ConfusionCounts& counts) { return sensitivity(counts); }
};
struct SpecificityAtSensitivityTraits {
  static constexpr const char* kClass = "SpecificityAtSensitivity";
  static constexpr const char* kName = "specificity_at_sensitivity";
  static constexpr const char* kDoc = "Best share of noes right while this share of yeses is found";
  static constexpr const char* kArg = "sensitivity";
  static constexpr const char* kArgDoc = "Share of yeses that must be found";
  static double demanded(const ConfusionCounts& counts) { return sensitivity(counts); }
  static double wanted(const ConfusionCounts& counts) { return specificity(counts); }
};
struct PrecisionAtRecallTraits {
  static constexpr const char* kClass = "PrecisionAtRecall";
  static constexpr const char* kName = "precision_at_recall";
  static constexpr const char* kDoc = "Best precision while this recall is reached";
  static constexpr const char* kArg = "recall";
  static constexpr const char* kArgDoc = "Recall that must be reached";
  static double demanded(const ConfusionCounts& counts) { return sensitivity(counts); }
  static double wanted(const ConfusionCounts& counts) { return precision(counts); }
};
struct RecallAtPrecisionTraits {
  static constexpr const char* kClass = "RecallAtPrecision";
  static constexpr const char* kName = "recall_at_precision";
  static constexpr const char* kDoc = "Best recall while this precision is reached";
  static constexpr const char* kArg = "precision";
  static constexpr const char* kArgDoc = "Precision that must be reached";
  static double demanded(const ConfusionCounts& counts) { return precision(counts); }
  static double wanted(const ConfusionCounts& counts) { return sensitivity(counts); }
};

}  // namespace

std::vector<const ClassInfo*> confusion_metrics() {
  return {&RateMetric<PrecisionTraits>::class_info(),
          &RateMetric<RecallTraits>::class_info(),
          &CountMetric<TruePositivesTraits>::class_info(),
          &CountMetric<FalsePositivesTraits>::class_info(),
          &CountMetric<TrueNegativesTraits>::class_info(),
          &CountMetric<FalseNegativesTraits>::class_info(),
          &ConstrainedMetric<SensitivityAtSpecificityTraits>::class_info(),
          &ConstrainedMetric<SpecificityAtSensitivityTraits>::class_info(),
          &ConstrainedMetric<PrecisionAtRecallTraits>::class_info(),
          &ConstrainedMetric<RecallAtPrecisionTraits>::class_info()};
}

}  // namespace trainyard
