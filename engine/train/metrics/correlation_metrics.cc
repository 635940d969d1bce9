// How predictions vary with labels: R2, Pearson, concordance (keras.metrics).
#include <cmath>

#include "engine/train/losses/loss_functions.h"
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

enum class ClassAggregation : uint8_t { uniform_average, variance_weighted_average };
constexpr std::array<std::string_view, 2> choice_names(ClassAggregation) {
  return {"uniform_average", "variance_weighted_average"};
}

/// State: sum of squares, sum, residual, weight; [outputs] each; and the number of labels seen.
class R2Score final : public Metric {
 public:
  std::optional<ClassAggregation> class_aggregation = ClassAggregation::uniform_average;
  int64_t num_regressors = 0;
  MetricDType dtype;
  R2Score() { name = "r2_score"; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  std::vector<Shape> state(const Shape& y_pred) const override {
    const Shape outputs{y_pred.rank() > 1 ? y_pred.back() : 1};
    return {outputs, outputs, outputs, outputs, Shape{}};
  }

  std::vector<Value> update(const std::vector<Value>& state, Value y_true, Value y_pred,
                            Value sample_weight) const override {
    auto [t, p] = squeeze_or_expand(cast(y_true, DType::f32), cast(y_pred, DType::f32));
    if (t.rank() == 1) {
      t = expand_last(t);
      p = expand_last(p);
    }
    Value weights = fill(t.graph(), DType::f32, t.shape(), 1);
    if (sample_weight) {
      const Value given = cast(sample_weight, DType::f32);
      weights = broadcast_to(given.rank() == 1 ? expand_last(given) : given, t.shape());
    }
    return {state[0] + sum(t * t * weights, {0}), state[1] + sum(t * weights, {0}),
            state[2] + sum(square(t - p) * weights, {0}), state[3] + sum(weights, {0}),
            state[4] + static_cast<double>(t.shape().elements())};
  }

  std::vector<double> results(std::span<const TensorView> state) const override {
    const int64_t outputs = state[0].elements();
    std::vector<double> scores;
    double mean = 0;
    double weighted = 0;
    double variance = 0;
    for (int64_t i = 0; i < outputs; ++i) {
      const double sum = element_as_double(state[1], i);
      const double total = element_as_double(state[0], i) - sum * sum / element_as_double(state[3], i);
      const double raw = 1 - element_as_double(state[2], i) / total;
      scores.push_back(std::isinf(raw) ? 0 : raw);
      mean += scores.back() / static_cast<double>(outputs);
      weighted += total * scores.back();
      variance += total;
    }
    if (class_aggregation == ClassAggregation::uniform_average) scores = {mean};
    if (class_aggregation == ClassAggregation::variance_weighted_average) scores = {weighted / variance};
    for (double& score : scores) score = adjusted(score, element_as_double(state[4], 0));
    return scores;
  }
  double result(std::span<const TensorView> state) const override {
    double total = 0;
    const std::vector<double> values = results(state);
    for (const double value : values) total += value;
    return total / static_cast<double>(values.size());
  }
  bool accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const override {
    if (y_pred.rank() <= 2) return Metric::accepts(y_true, y_pred, context);
    complain_of_shapes(y_true, y_pred, "labels and predictions of shape (batch, outputs)", context);
    return false;
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_metric(
        Declaration<R2Score>("R2Score", "regression",
                             "Share of the labels' variance that is explained: 1 is perfect, 0 is the mean")
            .arg("class_aggregation", &R2Score::class_aggregation, "One number of all outputs; none gives one each")
            .arg("num_regressors", &R2Score::num_regressors, "Inputs of the model, to correct the score for them",
                 {.min = 0}));
    return kInfo;
  }

 private:
  /// The adjusted score, where there are more labels than regressors.
  double adjusted(double score, double samples) const {
    const double p = static_cast<double>(num_regressors);
    if (num_regressors == 0 || p >= samples - 1) return score;
    return 1 - (1 - score) * (samples - 1) / (samples - p - 1);
  }
};

std::vector<int> as_axes(const Axis& axis) {
  std::vector<int> axes;
  for (const int64_t a : axis.axes) axes.push_back(static_cast<int>(a));
  return axes;
}

struct Centred {
  Value t, p;            // without their means
  Value mean_t, mean_p;  // dimensions kept
  Value var_t, var_p;    // dimensions kept
};

Centred centred(Value y_true, Value y_pred, const std::vector<int>& axes) {
  const auto [t, p] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
  Centred c;
  c.mean_t = mean(t, axes, true);
  c.mean_p = mean(p, axes, true);
  c.t = t - c.mean_t;
  c.p = p - c.mean_p;
  c.var_t = mean(square(c.t), axes, true);
  c.var_p = mean(square(c.p), axes, true);
  return c;
}

/// Traits: kClass, kName, kDoc, call(t, p, axes).
template <typename Traits>
class CorrelationMetric final : public MeanMetric {
 public:
  Axis axis = -1;
  CorrelationMetric() { name = Traits::kName; }
  const ClassInfo& info() const override { return class_info(); }
  bool higher_is_better() const override { return true; }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        finish_metric(Declaration<CorrelationMetric>(Traits::kClass, "regression", Traits::kDoc)
                          .arg("axis", &CorrelationMetric::axis, "Dimensions along which one correlation is taken"));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override { return Traits::call(y_true, y_pred, as_axes(axis)); }
};

struct PearsonTraits {
  static constexpr const char* kClass = "PearsonCorrelation";
  static constexpr const char* kName = "pearson_correlation";
  static constexpr const char* kDoc = "How far labels and predictions lie on a line: 1, 0 or -1";
  static Value call(Value y_true, Value y_pred, const std::vector<int>& axes) {
    const Centred c = centred(y_true, y_pred, axes);
    return mean(c.t / (sqrt(c.var_t) + kEpsilon) * (c.p / (sqrt(c.var_p) + kEpsilon)), axes);
  }
};

struct ConcordanceTraits {
  static constexpr const char* kClass = "ConcordanceCorrelation";
  static constexpr const char* kName = "concordance_correlation";
  static constexpr const char* kDoc = "How far labels and predictions are equal, not only in line";
  static Value call(Value y_true, Value y_pred, const std::vector<int>& axes) {
    const Centred c = centred(y_true, y_pred, axes);
    const Value apart = c.var_t + c.var_p + square(c.mean_t - c.mean_p);
    return mean(c.t * c.p * 2.0 / (apart + kEpsilon), axes);
  }
};

}  // namespace

std::vector<const ClassInfo*> correlation_metrics() {
  return {&R2Score::class_info(), &CorrelationMetric<PearsonTraits>::class_info(),
          &CorrelationMetric<ConcordanceTraits>::class_info()};
}

}  // namespace trainyard
