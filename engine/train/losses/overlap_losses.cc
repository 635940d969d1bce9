// Losses of the overlap between two sets: Dice, Tversky (Salehi et al. 2017).
#include "engine/train/losses/loss_classes.h"

namespace trainyard {
namespace {

/// No axis: over all, the batch too, so that the loss is one number.
Value sum_over(Value x, const std::optional<Axis>& axis) {
  if (!axis) return sum(x);
  std::vector<int> axes;
  for (const int64_t a : axis->axes) axes.push_back(static_cast<int>(a));
  return sum(x, axes);
}

class Dice final : public Loss {
 public:
  std::optional<Axis> axis;
  Dice() { name = "dice"; }
  const ClassInfo& info() const override { return class_info(); }
  Value call(Value y_true, Value y_pred) const override {
    const auto [t, p] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
    return 1.0 - sum_over(t * p, axis) * 2.0 / (sum_over(t, axis) + sum_over(p, axis) + kEpsilon);
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_loss(
        Declaration<Dice>("Dice", "overlap",
                          "One minus how much of the label and of the prediction overlap: for segmentation")
            .arg("axis", &Dice::axis, "Dimensions that one overlap is counted over; none counts over all", kAdvanced));
    return kInfo;
  }
};

class Tversky final : public Loss {
 public:
  double alpha = 0.5;
  double beta = 0.5;
  std::optional<Axis> axis;
  Tversky() { name = "tversky"; }
  const ClassInfo& info() const override { return class_info(); }
  Value call(Value y_true, Value y_pred) const override {
    const auto [t, p] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
    const Value both = sum_over(t * p, axis);
    // As Keras documents it; its code had the two the other way round until July 2026 (keras-team/keras, pull request 23333).
    const Value only_prediction = sum_over(p * (1.0 - t), axis);
    const Value only_label = sum_over((1.0 - p) * t, axis);
    return 1.0 - both / (both + only_prediction * alpha + only_label * beta + kEpsilon);
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_loss(
        Declaration<Tversky>("Tversky", "overlap", "As Dice, with weights for what is too much and what is missed")
            .arg("alpha", &Tversky::alpha, "Weight of what is in the prediction only", {.min = 0})
            .arg("beta", &Tversky::beta, "Weight of what is in the label only", {.min = 0})
            .arg("axis", &Tversky::axis, "Dimensions that one overlap is counted over; none counts over all",
                 kAdvanced));
    return kInfo;
  }
};

}  // namespace

std::vector<const ClassInfo*> overlap_losses() { return {&Dice::class_info(), &Tversky::class_info()}; }

}  // namespace trainyard
