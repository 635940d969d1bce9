#include "engine/train/losses/loss_classes.h"

namespace trainyard {
namespace {

constexpr const char* kFamily = "regression";
using Names = std::vector<std::string>;

struct MeanSquaredErrorTraits {
  static constexpr const char* kClass = "MeanSquaredError";
  static constexpr const char* kName = "mean_squared_error";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean of the squared differences; large misses weigh most";
  static Names aliases() { return {"mse", "MSE"}; }
  static Value call(Value t, Value p) { return mean_squared_error(t, p); }
};

struct MeanAbsoluteErrorTraits {
  static constexpr const char* kClass = "MeanAbsoluteError";
  static constexpr const char* kName = "mean_absolute_error";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean of the absolute differences; forgiving of outliers";
  static Names aliases() { return {"mae", "MAE"}; }
  static Value call(Value t, Value p) { return mean_absolute_error(t, p); }
};

struct MeanAbsolutePercentageErrorTraits {
  static constexpr const char* kClass = "MeanAbsolutePercentageError";
  static constexpr const char* kName = "mean_absolute_percentage_error";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean absolute difference in percent of the label";
  static Names aliases() { return {"mape", "MAPE"}; }
  static Value call(Value t, Value p) { return mean_absolute_percentage_error(t, p); }
};

struct MeanSquaredLogarithmicErrorTraits {
  static constexpr const char* kClass = "MeanSquaredLogarithmicError";
  static constexpr const char* kName = "mean_squared_logarithmic_error";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc = "Mean squared difference of the logarithms; for labels of very different sizes";
  static Names aliases() { return {"msle", "MSLE"}; }
  static Value call(Value t, Value p) { return mean_squared_logarithmic_error(t, p); }
};

struct LogCoshTraits {
  static constexpr const char* kClass = "LogCosh";
  static constexpr const char* kName = "log_cosh";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc =
      "Logarithm of the hyperbolic cosine of the difference: smooth, and forgiving of outliers";
  static Names aliases() { return {"logcosh"}; }
  static Value call(Value t, Value p) { return log_cosh(t, p); }
};

struct PoissonTraits {
  static constexpr const char* kClass = "Poisson";
  static constexpr const char* kName = "poisson";
  static constexpr const char* kFamily = trainyard::kFamily;
  static constexpr const char* kDoc =
      "For counts: negative log likelihood of a Poisson distribution with the predicted mean";
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return poisson(t, p); }
};

class CosineSimilarity final : public Loss {
 public:
  int64_t axis = -1;
  CosineSimilarity() { name = "cosine_similarity"; }
  const ClassInfo& info() const override { return class_info(); }
  Value call(Value y_true, Value y_pred) const override {
    return cosine_similarity(y_true, y_pred, static_cast<int>(axis));
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        finish_loss(Declaration<CosineSimilarity>("CosineSimilarity", kFamily,
                                                  "Minus the cosine of the angle between label and prediction")
                        .arg("axis", &CosineSimilarity::axis, "Dimension that holds the vectors", kAdvanced));
    return kInfo;
  }
};

class Huber final : public Loss {
 public:
  double delta = 1;
  Huber() { name = "huber_loss"; }
  const ClassInfo& info() const override { return class_info(); }
  Value call(Value y_true, Value y_pred) const override { return huber(y_true, y_pred, delta); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        finish_loss(Declaration<Huber>("Huber", kFamily, "Squared for small differences, absolute for large ones")
                        .aliases({"huber_loss"})
                        .arg("delta", &Huber::delta, "Difference beyond which the loss grows linearly"));
    return kInfo;
  }
};

}  // namespace

std::vector<const ClassInfo*> regression_losses() {
  return {&PlainLoss<MeanSquaredErrorTraits>::class_info(),
          &PlainLoss<MeanAbsoluteErrorTraits>::class_info(),
          &PlainLoss<MeanAbsolutePercentageErrorTraits>::class_info(),
          &PlainLoss<MeanSquaredLogarithmicErrorTraits>::class_info(),
          &Huber::class_info(),
          &PlainLoss<LogCoshTraits>::class_info(),
          &PlainLoss<PoissonTraits>::class_info(),
          &CosineSimilarity::class_info()};
}

}  // namespace trainyard
