// Errors between numbers, and margins.
#include "engine/train/families.h"
#include "engine/train/losses/error_formulas.h"
#include "engine/train/losses/loss_classes.h"

namespace trainyard {
namespace {

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
        finish_loss(Declaration<CosineSimilarity>("CosineSimilarity", kRegressionFamily,
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
    static const ClassInfo kInfo = finish_loss(
        Declaration<Huber>("Huber", kRegressionFamily, "Squared for small differences, absolute for large ones")
            .aliases({"huber_loss"})
            .arg("delta", &Huber::delta, "Difference beyond which the loss grows linearly"));
    return kInfo;
  }
};

template <size_t... Formula>
std::vector<const ClassInfo*> formula_losses(std::index_sequence<Formula...>) {
  return {&PlainLoss<ErrorLossTraits<Formula>>::class_info()...};
}

}  // namespace

std::vector<const ClassInfo*> regression_losses() {
  std::vector<const ClassInfo*> losses = formula_losses(std::make_index_sequence<kErrorFormulas.size()>());
  losses.push_back(&Huber::class_info());
  losses.push_back(&CosineSimilarity::class_info());
  return losses;
}

}  // namespace trainyard
