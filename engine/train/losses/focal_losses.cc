// Crossentropies that weigh hard samples more, or noisy labels less.
#include "engine/train/families.h"
#include "engine/train/losses/loss_classes.h"
#include "engine/train/number_list.h"

namespace trainyard {
namespace {

class BinaryFocalCrossentropy final : public Loss {
 public:
  bool apply_class_balancing = false;
  double alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  BinaryFocalCrossentropy() { name = "binary_focal_crossentropy"; }
  const ClassInfo& info() const override { return class_info(); }
  Value call(Value y_true, Value y_pred) const override {
    return binary_focal_crossentropy(y_true, y_pred, {from_logits, label_smoothing, static_cast<int>(axis)},
                                     {alpha, gamma, apply_class_balancing});
  }
  static const ClassInfo& class_info() {
    using T = BinaryFocalCrossentropy;
    static const ClassInfo kInfo = finish_loss(
        Declaration<T>("BinaryFocalCrossentropy", kProbabilityFamily,
                       "For yes-or-no labels of which one is rare: easy samples count less")
            .arg("apply_class_balancing", &T::apply_class_balancing, "Weighs the two classes by alpha")
            .arg("alpha", &T::alpha, "Weight of yes; no has the rest",
                 {.min = 0, .max = 1, .visible_arg = "apply_class_balancing", .visible_value = "true"})
            .arg("gamma", &T::gamma, "How much less easy samples count; 0 is plain crossentropy", {.min = 0})
            .arg("from_logits", &T::from_logits, "Predictions are raw scores, not yet probabilities")
            .arg("label_smoothing", &T::label_smoothing, "Share of each label that is spread over all classes",
                 kFraction)
            .arg("axis", &T::axis, "Dimension that holds the classes", kAdvanced));
    return kInfo;
  }
};

class CategoricalFocalCrossentropy final : public Loss {
 public:
  NumberOrList alpha = 0.25;
  double gamma = 2;
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  CategoricalFocalCrossentropy() { name = "categorical_focal_crossentropy"; }
  const ClassInfo& info() const override { return class_info(); }
  Value call(Value y_true, Value y_pred) const override {
    return categorical_focal_crossentropy(y_true, y_pred, {from_logits, label_smoothing, static_cast<int>(axis)},
                                          {alpha.values.front(), gamma, false},
                                          alpha.is_list ? alpha.values : std::vector<double>{});
  }
  bool accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const override {
    if (!Loss::accepts(y_true, y_pred, context)) return false;
    const bool fits = !alpha.is_list || alpha.values.size() == 1 || y_pred.back() == kUnknown ||
                      static_cast<int64_t>(alpha.values.size()) == y_pred.back();
    if (!fits)
      context.child("alpha").expected("one number, or one for each of " + std::to_string(y_pred.back()) + " classes",
                                      ArgTraits<NumberOrList>::print(alpha));
    return fits;
  }
  static const ClassInfo& class_info() {
    using T = CategoricalFocalCrossentropy;
    static const ClassInfo kInfo = finish_loss(
        Declaration<T>("CategoricalFocalCrossentropy", kProbabilityFamily,
                       "For one of several classes, labels one-hot: easy samples count less")
            .arg("alpha", &T::alpha, "Weight of all classes, or a list with one for each", {.min = 0})
            .arg("gamma", &T::gamma, "How much less easy samples count; 0 is plain crossentropy", {.min = 0})
            .arg("from_logits", &T::from_logits, "Predictions are raw scores, not yet probabilities")
            .arg("label_smoothing", &T::label_smoothing, "Share of each label that is spread over all classes",
                 kFraction)
            .arg("axis", &T::axis, "Dimension that holds the classes", kAdvanced));
    return kInfo;
  }
};

class CategoricalGeneralizedCrossEntropy final : public Loss {
 public:
  double q = 0.5;
  CategoricalGeneralizedCrossEntropy() { name = "categorical_generalized_cross_entropy"; }
  const ClassInfo& info() const override { return class_info(); }
  LabelKind label_kind() const override { return LabelKind::classes; }
  Value call(Value y_true, Value y_pred) const override {
    return categorical_generalized_crossentropy(y_true, y_pred, q);
  }
  static const ClassInfo& class_info() {
    using T = CategoricalGeneralizedCrossEntropy;
    static const ClassInfo kInfo =
        finish_loss(Declaration<T>("CategoricalGeneralizedCrossEntropy", kProbabilityFamily,
                                   "For class numbers of which some are wrong")
                        .arg("q", &T::q, "Near 0 as crossentropy, near 1 as absolute error and more forgiving",
                             {.min = 0, .max = 1, .above_min = true, .below_max = true}));
    return kInfo;
  }
};

}  // namespace

std::vector<const ClassInfo*> focal_losses() {
  return {&BinaryFocalCrossentropy::class_info(), &CategoricalFocalCrossentropy::class_info(),
          &CategoricalGeneralizedCrossEntropy::class_info()};
}

}  // namespace trainyard
