#include <algorithm>
#include <cmath>

#include "engine/train/losses/loss_functions.h"
#include "engine/train/metrics/confusion.h"

namespace trainyard {
namespace {

enum class Curve : uint8_t { roc, pr, prgain };
constexpr std::array<std::string_view, 3> choice_names(Curve) { return {"ROC", "PR", "PRGAIN"}; }

enum class Summation : uint8_t { interpolation, minoring, majoring };
constexpr std::array<std::string_view, 3> choice_names(Summation) { return {"interpolation", "minoring", "majoring"}; }

struct Point {
  double x;
  double y;
};

Point point_of(Curve curve, const ConfusionCounts& c) {
  switch (curve) {
    case Curve::roc: return {ratio(c.fp, c.fp + c.tn), ratio(c.tp, c.tp + c.fn)};
    case Curve::pr: return {ratio(c.tp, c.tp + c.fn), ratio(c.tp, c.tp + c.fp)};
    case Curve::prgain: {  // Flach and Kull 2015; no gain where nothing is found
      if (c.tp == 0) return {0, 1};
      const double scale = ratio(c.tp + c.fn, c.tn + c.fp);
      return {std::max(0.0, 1 - scale * ratio(c.fn, c.tp)), 1 - scale * ratio(c.fp, c.tp)};
    }
  }
  return {0, 0};
}

double height(Summation summation, double a, double b) {
  switch (summation) {
    case Summation::interpolation: return (a + b) / 2;
    case Summation::minoring: return std::min(a, b);
    case Summation::majoring: return std::max(a, b);
  }
  return 0;
}

/// Area between two neighbours of a precision-recall curve, along which positives and predicted positives run in
/// lines (Davis and Goadrich 2006): slope * (dTP + intercept * log(P_a / P_b)) / positives.
double precision_area(const ConfusionCounts& a, const ConfusionCounts& b) {
  const double pa = a.tp + a.fp;
  const double pb = b.tp + b.fp;
  const double slope = ratio(a.tp - b.tp, std::max(pa - pb, 0.0));
  const double intercept = b.tp - slope * pb;
  const double log_ratio = pa > 0 && pb > 0 ? std::log(pa / pb) : 0;
  return ratio(slope * (a.tp - b.tp + intercept * log_ratio), b.tp + b.fn);
}

/// Area under the ROC or precision-recall curve, by thresholds (keras.metrics.AUC).
class AUC final : public Metric {
 public:
  int64_t num_thresholds = 200;
  Curve curve = Curve::roc;
  Summation summation_method = Summation::interpolation;
  std::optional<NumberList> thresholds;
  bool multi_label = false;
  std::optional<int64_t> num_labels;
  std::optional<NumberList> label_weights;
  bool from_logits = false;
  MetricDType dtype;
  AUC() { name = "auc"; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }

  std::vector<Shape> state(const Shape& y_pred) const override { return confusion_state(options(), y_pred); }
  std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                            Value sample_weight) const override {
    const Value p = cast(y_pred, DType::f32);
    return update_confusion(state, options(), y_true, from_logits ? sigmoid(p) : p, sample_weight);
  }
  double result(std::span<const TensorView> state) const override {
    const int64_t labels = multi_label ? state[0].shape.back() : 1;
    double total = 0;
    double weight = 0;
    for (int64_t label = 0; label < labels; ++label) {
      const double w = multi_label && label_weights ? label_weights->values[static_cast<size_t>(label)] : 1;
      total += w * area(state, label, labels);
      weight += w;
    }
    return ratio(total, weight);
  }
  bool accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const override;
  static const ClassInfo& class_info();

 private:
  ConfusionOptions options() const {
    ConfusionOptions result{.thresholds = even_thresholds(num_thresholds, true),
                            .top_k = {},
                            .class_id = {},
                            .multi_label = multi_label,
                            .label_weights = {}};
    if (thresholds) {
      result.thresholds = thresholds->values;
      std::sort(result.thresholds.begin(), result.thresholds.end());
      result.thresholds.insert(result.thresholds.begin(), -kEpsilon);
      result.thresholds.push_back(1 + kEpsilon);
    }
    if (label_weights) result.label_weights = label_weights->values;
    return result;
  }
  double area(std::span<const TensorView> state, int64_t label, int64_t labels) const {
    double sum = 0;
    const int64_t count = state[0].shape.front();
    for (int64_t i = 0; i + 1 < count; ++i) {
      const ConfusionCounts a = confusion_counts(state, i * labels + label);
      const ConfusionCounts b = confusion_counts(state, (i + 1) * labels + label);
      if (curve == Curve::pr && summation_method == Summation::interpolation) {
        sum += precision_area(a, b);
      } else {
        const Point pa = point_of(curve, a);
        const Point pb = point_of(curve, b);
        sum += (pa.x - pb.x) * height(summation_method, pa.y, pb.y);
      }
    }
    return sum;
  }
};

bool AUC::accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const {
  if (!Metric::accepts(y_true, y_pred, context)) return false;
  const int64_t labels = y_pred.back();
  if (multi_label && (y_pred.rank() != 2 || (num_labels && labels != kUnknown && *num_labels != labels))) {
    context.child("num_labels")
        .expected("the labels of predictions of shape " + y_pred.text(), Json(num_labels.value_or(0)));
    return false;
  }
  if (label_weights && labels != kUnknown && static_cast<int64_t>(label_weights->values.size()) != labels) {
    context.child("label_weights")
        .expected("one weight for each of " + std::to_string(labels) + " labels",
                  ArgTraits<NumberList>::print(*label_weights));
    return false;
  }
  return true;
}

const ClassInfo& AUC::class_info() {
  static const ClassInfo kInfo = finish_metric(
      Declaration<AUC>("AUC", "confusion", "Area under the curve: how well yes and no are told apart at all thresholds")
          .arg("num_thresholds", &AUC::num_thresholds, "How many thresholds draw the curve", {.min = 2, .max = 100000})
          .arg("curve", &AUC::curve, "Which curve")
          .arg("summation_method", &AUC::summation_method, "Between, below or above the points", kAdvanced)
          .arg("thresholds", &AUC::thresholds, "Thresholds of your own, ends are added",
               {.min = 0, .max = 1, .advanced = true, .omit_null = true})
          .arg("multi_label", &AUC::multi_label, "An area for each label, then their mean")
          .arg("num_labels", &AUC::num_labels, "How many labels; the predictions say it anyway",
               {.min = 1, .advanced = true})
          .arg("label_weights", &AUC::label_weights, "Weight of each label", {.min = 0, .advanced = true})
          .arg("from_logits", &AUC::from_logits, "Predictions are raw scores, not yet probabilities")
          .rule([](const AUC& auc, const ParseContext& context) {
            if (auc.num_labels && !auc.multi_label)
              context.child("num_labels").error("argument.needs", {{"needed", "multi_label"}});
          }));
  return kInfo;
}

}  // namespace

std::vector<const ClassInfo*> auc_metrics() { return {&AUC::class_info()}; }

}  // namespace trainyard
