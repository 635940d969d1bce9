// The declared loss classes, by family, and the declaration they share. Read by loss.cc, which holds the registry.
#pragma once

#include <vector>

#include "engine/train/loss.h"
#include "engine/train/losses/loss_functions.h"

namespace trainyard {

std::vector<const ClassInfo*> regression_losses();
std::vector<const ClassInfo*> crossentropy_losses();
std::vector<const ClassInfo*> focal_losses();
std::vector<const ClassInfo*> overlap_losses();
std::vector<const ClassInfo*> embedding_losses();
std::vector<const ClassInfo*> sequence_losses();

/// Adds what all losses take and closes the declaration.
template <typename T>
ClassInfo finish_loss(Declaration<T>& declaration) {
  return declaration.arg("reduction", &T::reduction, "How the losses of the samples become one number")
      .arg("name", &T::name, "Name in logs", {.advanced = true, .null_is_default = true})
      .arg("dtype", &T::dtype, "Precision to compute in", kAdvanced)
      .build();
}

template <typename T>
ClassInfo finish_loss(Declaration<T>&& declaration) {
  return finish_loss(declaration);
}

/// A loss that is one function of labels and predictions without arguments of its own.
/// Traits: kClass, kName, kFamily, kDoc, aliases(), call(Value, Value), kLabels.
template <typename Traits>
class PlainLoss final : public Loss {
 public:
  PlainLoss() { name = Traits::kName; }
  const ClassInfo& info() const override { return class_info(); }
  Value call(Value y_true, Value y_pred) const override { return Traits::call(y_true, y_pred); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        finish_loss(Declaration<PlainLoss>(Traits::kClass, Traits::kFamily, Traits::kDoc).aliases(Traits::aliases()));
    return kInfo;
  }
};

}  // namespace trainyard
