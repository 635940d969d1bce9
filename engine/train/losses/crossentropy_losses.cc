#include "engine/train/families.h"
#include "engine/train/losses/loss_classes.h"

namespace trainyard {
namespace {

/// What the crossentropies of one-hot or binary labels share.
class CrossentropyLoss : public Loss {
 public:
  bool from_logits = false;
  double label_smoothing = 0;
  int64_t axis = -1;
  CrossentropyOptions options() const { return {from_logits, label_smoothing, static_cast<int>(axis)}; }
};

template <typename T>
Declaration<T>& crossentropy_args(Declaration<T>& declaration) {
  return declaration.arg("from_logits", &T::from_logits, "Predictions are raw scores, not yet probabilities")
      .arg("label_smoothing", &T::label_smoothing, "Share of each label that is spread over all classes", kFraction)
      .arg("axis", &T::axis, "Dimension that holds the classes", kAdvanced);
}

class BinaryCrossentropy final : public CrossentropyLoss {
 public:
  BinaryCrossentropy() { name = "binary_crossentropy"; }
  const ClassInfo& info() const override { return class_info(); }
  Value call(Value y_true, Value y_pred) const override { return binary_crossentropy(y_true, y_pred, options()); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<BinaryCrossentropy> declaration("BinaryCrossentropy", kProbabilityFamily,
                                                  "For yes-or-no labels, each on its own");
      return finish_loss(crossentropy_args(declaration.aliases({"bce", "BCE"})));
    }();
    return kInfo;
  }
};

class CategoricalCrossentropy final : public CrossentropyLoss {
 public:
  CategoricalCrossentropy() { name = "categorical_crossentropy"; }
  const ClassInfo& info() const override { return class_info(); }
  Value call(Value y_true, Value y_pred) const override { return categorical_crossentropy(y_true, y_pred, options()); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<CategoricalCrossentropy> declaration(
          "CategoricalCrossentropy", kProbabilityFamily,
          "For one of several classes, labels one-hot or as probabilities");
      return finish_loss(crossentropy_args(declaration));
    }();
    return kInfo;
  }
};

class SparseCategoricalCrossentropy final : public Loss {
 public:
  bool from_logits = false;
  std::optional<int64_t> ignore_class;
  int64_t axis = -1;
  SparseCategoricalCrossentropy() { name = "sparse_categorical_crossentropy"; }
  const ClassInfo& info() const override { return class_info(); }
  LabelKind label_kind() const override { return LabelKind::classes; }
  std::optional<int64_t> ignored_class() const override { return ignore_class; }
  Value call(Value y_true, Value y_pred) const override {
    return sparse_categorical_crossentropy(y_true, y_pred, {from_logits, 0, static_cast<int>(axis)}, ignore_class);
  }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_loss(
        Declaration<SparseCategoricalCrossentropy>("SparseCategoricalCrossentropy", kProbabilityFamily,
                                                   "For one of several classes, labels as class numbers")
            .arg("from_logits", &SparseCategoricalCrossentropy::from_logits,
                 "Predictions are raw scores, not yet probabilities")
            .arg("ignore_class", &SparseCategoricalCrossentropy::ignore_class,
                 "Samples of this class number do not count", kAdvanced)
            .arg("axis", &SparseCategoricalCrossentropy::axis, "Dimension that holds the classes", kAdvanced));
    return kInfo;
  }

 protected:
  Value losses_mask(Value y_true, Value losses) const override {
    if (!ignore_class) return {};
    const Value classes = reshape(cast(y_true, DType::i32), losses.shape());
    return unary(op::UnaryKind::logical_not, equal(classes, static_cast<double>(*ignore_class)));
  }
};

struct KLDivergenceTraits {
  static constexpr const char* kClass = "KLDivergence";
  static constexpr const char* kName = "kl_divergence";
  static constexpr const char* kFamily = kProbabilityFamily;
  static constexpr const char* kDoc = "How far the predicted distribution is from the labels' distribution";
  static std::vector<std::string> aliases() { return {"kld", "KLD", "kullback_leibler_divergence"}; }
  static Value call(Value t, Value p) { return kl_divergence(t, p); }
};

}  // namespace

std::vector<const ClassInfo*> crossentropy_losses() {
  return {&BinaryCrossentropy::class_info(), &CategoricalCrossentropy::class_info(),
          &SparseCategoricalCrossentropy::class_info(), &PlainLoss<KLDivergenceTraits>::class_info()};
}

}  // namespace trainyard
