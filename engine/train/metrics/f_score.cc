#include "engine/train/losses/loss_functions.h"
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

enum class Average : uint8_t { micro, macro, weighted };
constexpr std::array<std::string_view, 3> choice_names(Average) { return {"micro", "macro", "weighted"}; }

/// Weighted harmonic mean of precision and recall, by class (keras.metrics.FBetaScore).
/// State: true positives, false positives, false negatives, labels that say yes; [classes] each.
class FBetaScore : public Metric {
 public:
  std::optional<Average> average;
  double beta = 1;
  std::optional<double> threshold;
  MetricDType dtype;
  FBetaScore() { name = "fbeta_score"; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  std::vector<Shape> state(const Shape& y_pred) const override { return std::vector<Shape>(4, Shape{y_pred.back()}); }

  std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                            Value sample_weight) const override {
    const Value scores = cast(y_pred, DType::f32);
    const Value t = cast(y_true, DType::f32);
    const Value p = cast(threshold ? greater(scores, *threshold) : highest(scores), DType::f32);
    const auto total = [&](Value marked) {
      return sum(
          sample_weight ? marked * reshape(cast(sample_weight, DType::f32), {marked.shape().front(), 1}) : marked, {0});
    };
    return {state[0] + total(p * t), state[1] + total(p * (1.0 - t)), state[2] + total((1.0 - p) * t),
            state[3] + total(t)};
  }

  std::vector<double> results(std::span<const TensorView> state) const override {
    const int64_t classes = state[0].elements();
    if (average == Average::micro) return {score(sums(state, 0, classes))};
    std::vector<double> scores;
    double mean = 0;
    double weighted = 0;
    const double labels = sums(state, 0, classes).labels + kEpsilon;
    for (int64_t c = 0; c < classes; ++c) {
      const Counts counts = sums(state, c, c + 1);
      scores.push_back(score(counts));
      mean += scores.back() / static_cast<double>(classes);
      weighted += scores.back() * counts.labels / labels;
    }
    if (!average) return scores;
    return {average == Average::weighted ? weighted : mean};
  }
  double result(std::span<const TensorView> state) const override {
    double total = 0;
    const std::vector<double> values = results(state);
    for (const double value : values) total += value;
    return total / static_cast<double>(values.size());
  }
  bool accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const override {
    if (y_true.rank() == 2 && y_pred.rank() == 2 && Metric::accepts(y_true, y_pred, context)) return true;
    complain_of_shapes(y_true, y_pred, "labels and predictions of shape (batch, classes)", context);
    return false;
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(
        Declaration<FBetaScore>("FBetaScore", "confusion",
                                "Precision and recall in one number, recall weighing beta times")
            .arg("average", &FBetaScore::average, "One number of all classes; none gives one each")
            .arg("beta", &FBetaScore::beta, "How much recall weighs against precision", {.min = 0, .above_min = true})
            .arg("threshold", &FBetaScore::threshold, "Predictions above it mean yes; none takes the highest class",
                 {.min = 0, .max = 1, .above_min = true}));
    return kInfo;
  }

 private:
  struct Counts {
    double tp = 0, fp = 0, fn = 0, labels = 0;
  };
  static Counts sums(std::span<const TensorView> state, int64_t first, int64_t last) {
    Counts c;
    for (int64_t i = first; i < last; ++i) {
      c.tp += element_as_double(state[0], i);
      c.fp += element_as_double(state[1], i);
      c.fn += element_as_double(state[2], i);
      c.labels += element_as_double(state[3], i);
    }
    return c;
  }
  double score(const Counts& c) const {
    const double precision = c.tp / (c.tp + c.fp + kEpsilon);
    const double recall = c.tp / (c.tp + c.fn + kEpsilon);
    const double b2 = beta * beta;
    return (1 + b2) * precision * recall / (b2 * precision + recall + kEpsilon);
  }
  /// The highest entries of each row, but none where all are 0.
  static Value highest(Value scores) {
    const Value top = reduce(op::ReduceKind::max, scores, {-1}, true);
    return binary(op::BinaryKind::logical_and, binary(op::BinaryKind::greater_equal, scores, top),
                  greater(abs(scores), 1e-9));
  }
};

class F1Score final : public FBetaScore {
 public:
  F1Score() { name = "f1_score"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(
        Declaration<F1Score>("F1Score", "confusion", "Precision and recall in one number")
            .arg("average", &F1Score::average, "One number of all classes; none gives one each")
            .arg("threshold", &F1Score::threshold, "Predictions above it mean yes; none takes the highest class",
                 {.min = 0, .max = 1, .above_min = true}));
    return kInfo;
  }
};

}  // namespace

std::vector<const ClassInfo*> f_score_metrics() { return {&F1Score::class_info(), &FBetaScore::class_info()}; }

}  // namespace trainyard
