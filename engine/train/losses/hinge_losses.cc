#include "engine/train/losses/loss_classes.h"

namespace trainyard {
namespace {

using Names = std::vector<std::string>;

struct HingeTraits {
  static constexpr const char* kClass = "Hinge";
  static constexpr const char* kName = "hinge";
  static constexpr const char* kFamily = "margin";
  static constexpr const char* kDoc = "Labels -1 or 1 (0 or 1 is taken too): what is missing to a margin of 1";
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return hinge(t, p); }
};

struct SquaredHingeTraits {
  static constexpr const char* kClass = "SquaredHinge";
  static constexpr const char* kName = "squared_hinge";
  static constexpr const char* kFamily = "margin";
  static constexpr const char* kDoc = "The hinge loss squared, so that large misses weigh most";
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return squared_hinge(t, p); }
};

struct CategoricalHingeTraits {
  static constexpr const char* kClass = "CategoricalHinge";
  static constexpr const char* kName = "categorical_hinge";
  static constexpr const char* kFamily = "margin";
  static constexpr const char* kDoc = "One-hot labels: the best wrong class must stay 1 below the right one";
  static Names aliases() { return {}; }
  static Value call(Value t, Value p) { return categorical_hinge(t, p); }
};

}  // namespace

std::vector<const ClassInfo*> hinge_losses() {
  return {&PlainLoss<HingeTraits>::class_info(), &PlainLoss<SquaredHingeTraits>::class_info(),
          &PlainLoss<CategoricalHingeTraits>::class_info()};
}

}  // namespace trainyard
