// Crossentropies and divergence, averaged over all samples seen.
#include "engine/train/families.h"
#include "engine/train/losses/loss_functions.h"
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

class BinaryCrossentropy final : public MeanMetric {
 public:
  bool from_logits = false;
  double label_smoothing = 0;
  BinaryCrossentropy() { name = "binary_crossentropy"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    using T = BinaryCrossentropy;
    static const ClassInfo kInfo =
        finish_metric(Declaration<T>("BinaryCrossentropy", kProbabilityFamily, "Mean crossentropy of yes-or-no labels")
                          .aliases({"bce", "BCE"})
                          .arg("from_logits", &T::from_logits, "Predictions are raw scores, not yet probabilities")
                          .arg("label_smoothing", &T::label_smoothing,
                               "Share of each label that is spread over all classes", kFraction));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    return binary_crossentropy(y_true, y_pred, {from_logits, label_smoothing, -1});
  }
};

class CategoricalCrossentropy final : public MeanMetric {
 public:
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  CategoricalCrossentropy() { name = "categorical_crossentropy"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    using T = CategoricalCrossentropy;
    static const ClassInfo kInfo = finish_metric(
        Declaration<T>("CategoricalCrossentropy", kProbabilityFamily, "Mean crossentropy of one-hot labels")
            .arg("from_logits", &T::from_logits, "Predictions are raw scores, not yet probabilities")
            .arg("label_smoothing", &T::label_smoothing, "Share of each label that is spread over all classes",
                 kFraction)
            .arg("axis", &T::axis, "Dimension that holds the classes", kAdvanced));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    return categorical_crossentropy(y_true, y_pred, {from_logits, label_smoothing, static_cast<int>(axis)});
  }
};

class SparseCategoricalCrossentropy final : public MeanMetric {
 public:
  bool from_logits = false;
  std::optional<int64_t> ignore_class;
  int64_t axis = -1;
  LabelKind label_kind() const override { return LabelKind::classes; }
  SparseCategoricalCrossentropy() { name = "sparse_categorical_crossentropy"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    using T = SparseCategoricalCrossentropy;
    static const ClassInfo kInfo =
        finish_metric(Declaration<T>("SparseCategoricalCrossentropy", kProbabilityFamily,
                                     "Mean crossentropy of labels given as class numbers")
                          .arg("from_logits", &T::from_logits, "Predictions are raw scores, not yet probabilities")
                          .arg("ignore_class", &T::ignore_class, "Samples of this class number cost nothing", kAdvanced)
                          .arg("axis", &T::axis, "Dimension that holds the classes", kAdvanced));
    return kInfo;
  }

 protected:
  Value values(Value y_true, Value y_pred) const override {
    return sparse_categorical_crossentropy(y_true, y_pred, {from_logits, 0, static_cast<int>(axis)}, ignore_class);
  }
  Value values_mask(Value y_true, Value values) const override {
    if (!ignore_class) return {};
    const Value classes = reshape(cast(y_true, DType::i32), values.shape());
    return unary(op::UnaryKind::logical_not, equal(classes, static_cast<double>(*ignore_class)));
  }
};

struct KLDivergenceTraits {
  static constexpr const char* kClass = "KLDivergence";
  static constexpr const char* kName = "kl_divergence";
  static constexpr const char* kFamily = kProbabilityFamily;
  static constexpr const char* kDoc = "Mean divergence of the predicted distribution from the labels' one";
  static constexpr bool kHigherIsBetter = false;
  static constexpr LabelKind kLabels = LabelKind::like_prediction;
  static std::vector<std::string> aliases() { return {"kld", "KLD", "kullback_leibler_divergence"}; }
  static Value call(Value t, Value p) { return kl_divergence(t, p); }
};

}  // namespace

std::vector<const ClassInfo*> crossentropy_metrics() {
  return {&BinaryCrossentropy::class_info(), &CategoricalCrossentropy::class_info(),
          &SparseCategoricalCrossentropy::class_info(), &PlainMeanMetric<KLDivergenceTraits>::class_info()};
}

}  // namespace trainyard
