// Losses, as keras.losses.
#pragma once

#include "engine/core/declare.h"
#include "engine/ops/builder.h"

namespace trainyard {

enum class LossReduction : uint8_t { sum_over_batch_size, sum, mean, mean_with_sample_weight, none };
constexpr std::array<std::string_view, 5> choice_names(LossReduction) {
  return {"sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"};
}

class Loss : public Declared {
 public:
  static constexpr const char* kGroup = "losses";
  static const Registry& registry();
  static Json print(const Loss& object) { return serialize(object, kGroup); }

  // Arguments common to all.
  LossReduction reduction = LossReduction::sum_over_batch_size;
  std::string name;

  /// Losses of the samples: y_pred without its last dimension. y_true: integer or floating, Keras's shapes
  /// ([batch] or [batch, 1] for sparse labels, else y_pred's shape, squeezed or expanded as Keras does).
  virtual Value call(Value y_true, Value y_pred) const = 0;
  /// Applies weights ([batch] or the losses' shape; may be none) and the reduction. Rank 0 unless reduction is none.
  Value operator()(Value y_true, Value y_pred, Value sample_weight = {}) const;
  /// Whether labels are class numbers; decides what data fits ("label out of range" checks).
  virtual bool sparse_labels() const { return false; }
};

}  // namespace trainyard
