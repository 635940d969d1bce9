// Losses, as keras.losses.
#pragma once

#include <optional>

#include "engine/core/declare.h"
#include "engine/ops/builder.h"
#include "engine/train/label_kind.h"
#include "engine/train/train_dtype.h"

namespace trainyard {

enum class LossReduction : uint8_t { sum_over_batch_size, sum, mean, mean_with_sample_weight, none };
constexpr std::array<std::string_view, 5> choice_names(LossReduction) {
  return {"sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none"};
}

/// As any choice, and Python's None (null) means "none".
template <>
struct ArgTraits<LossReduction> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, LossReduction& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(LossReduction value);
};

class Loss : public Declared {
 public:
  static constexpr const char* kGroup = "losses";
  static const Registry& registry();
  static Json print(const Loss& object) { return serialize(object, kGroup); }

  // Arguments common to all.
  LossReduction reduction = LossReduction::sum_over_batch_size;
  std::string name;
  /// None: y_pred's. The reduced loss is handed back in y_pred's dtype.
  ComputeDType dtype;

  /// Complaints about shapes and dtypes that do not fit (labels of the wrong rank, too few classes); to be asked before
  /// operator(), whose graph would fail a check. Shapes are concrete or symbolic.
  virtual bool accepts(const Shape& y_true, const Shape& y_pred, const ParseContext& context) const;

  /// Losses of the samples: y_pred without the dimension that the loss sums over (the last, unless `axis` says otherwise).
  /// y_true: integer or floating; see label_kind(). Both share no shape rule of ours: Keras's apply.
  virtual Value call(Value y_true, Value y_pred) const = 0;
  /// Applies the mask that travels with y_pred (may be none), weights ([batch] or the losses' shape; may be none) and the
  /// reduction, in Keras's order. Rank 0 unless reduction is none.
  Value operator()(Value y_true, Value y_pred, Value sample_weight = {}, Value mask = {}) const;
  virtual LabelKind label_kind() const { return LabelKind::like_prediction; }
  /// Whether labels are class numbers; decides what data fits ("label out of range" checks).
  bool sparse_labels() const { return label_kind() == LabelKind::classes; }
  /// Labels of this class number are legal though outside [0, classes).
  virtual std::optional<int64_t> ignored_class() const { return {}; }

 protected:
  /// The mask that Keras hangs on the losses (ignored classes, empty Circle terms); none for most.
  virtual Value losses_mask(Value /*y_true*/, Value /*losses*/) const { return {}; }
};

/// A loss by any name Keras takes or by a serialized object; null after complaining.
std::shared_ptr<const Loss> parse_loss(const Json& json, const ParseContext& context);

}  // namespace trainyard
