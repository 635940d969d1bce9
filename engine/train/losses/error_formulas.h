// Functions of labels and predictions without arguments of their own that are a loss each and, averaged over all samples, a
// metric each: one table for both.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "engine/train/label_kind.h"
#include "engine/train/losses/loss_functions.h"

namespace trainyard {

struct ErrorFormula {
  /// Keras's names of the class and of its objects.
  struct Names {
    const char* class_name;
    const char* name;
  };
  Names loss;
  Names metric;
  const char* family;
  const char* doc;
  std::array<const char*, 2> aliases;
  Value (*call)(Value y_true, Value y_pred);
};

inline constexpr std::array<ErrorFormula, 9> kErrorFormulas{{
    {{"MeanSquaredError", "mean_squared_error"},
     {"MeanSquaredError", "mean_squared_error"},
     "regression",
     "Mean of the squared differences; large misses weigh most",
     {"mse", "MSE"},
     mean_squared_error},
    {{"MeanAbsoluteError", "mean_absolute_error"},
     {"MeanAbsoluteError", "mean_absolute_error"},
     "regression",
     "Mean of the absolute differences; forgiving of outliers",
     {"mae", "MAE"},
     mean_absolute_error},
    {{"MeanAbsolutePercentageError", "mean_absolute_percentage_error"},
     {"MeanAbsolutePercentageError", "mean_absolute_percentage_error"},
     "regression",
     "Mean absolute difference in percent of the label",
     {"mape", "MAPE"},
     mean_absolute_percentage_error},
    {{"MeanSquaredLogarithmicError", "mean_squared_logarithmic_error"},
     {"MeanSquaredLogarithmicError", "mean_squared_logarithmic_error"},
     "regression",
     "Mean squared difference of the logarithms; for labels of very different sizes",
     {"msle", "MSLE"},
     mean_squared_logarithmic_error},
    {{"LogCosh", "log_cosh"},
     {"LogCoshError", "logcosh"},
     "regression",
     "Logarithm of the hyperbolic cosine of the difference: smooth, and forgiving of outliers",
     {"logcosh", nullptr},
     log_cosh},
    {{"Poisson", "poisson"},
     {"Poisson", "poisson"},
     "regression",
     "For counts: negative log likelihood of a Poisson distribution with the predicted mean",
     {nullptr, nullptr},
     poisson},
    {{"Hinge", "hinge"},
     {"Hinge", "hinge"},
     "margin",
     "Labels -1 or 1 (0 or 1 is taken too): what is missing to a margin of 1",
     {nullptr, nullptr},
     hinge},
    {{"SquaredHinge", "squared_hinge"},
     {"SquaredHinge", "squared_hinge"},
     "margin",
     "The hinge loss squared, so that large misses weigh most",
     {nullptr, nullptr},
     squared_hinge},
    {{"CategoricalHinge", "categorical_hinge"},
     {"CategoricalHinge", "categorical_hinge"},
     "margin",
     "One-hot labels: the best wrong class must stay 1 below the right one",
     {nullptr, nullptr},
     categorical_hinge},
}};

/// What PlainLoss and PlainMeanMetric ask of a formula.
template <size_t Formula>
struct ErrorTraits {
  static constexpr const char* kFamily = kErrorFormulas[Formula].family;
  static constexpr const char* kDoc = kErrorFormulas[Formula].doc;
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static Value call(Value t, Value p) { return kErrorFormulas[Formula].call(t, p); }
  static std::vector<std::string> aliases() {
    std::vector<std::string> names;
    for (const char* name : kErrorFormulas[Formula].aliases)
      if (name != nullptr) names.emplace_back(name);
    return names;
  }
};

template <size_t Formula>
struct ErrorLossTraits : ErrorTraits<Formula> {
  static constexpr const char* kClass = kErrorFormulas[Formula].loss.class_name;
  static constexpr const char* kName = kErrorFormulas[Formula].loss.name;
};

template <size_t Formula>
struct ErrorMetricTraits : ErrorTraits<Formula> {
  static constexpr const char* kClass = kErrorFormulas[Formula].metric.class_name;
  static constexpr const char* kName = kErrorFormulas[Formula].metric.name;
};

}  // namespace trainyard
