// Losses of margins.
#include "engine/train/losses/loss_functions.h"

namespace trainyard {
namespace {

/// Labels of 0 and 1 become -1 and 1, where all of the batch's labels are 0 or 1.
Value signed_labels(Value t) {
  const Value zero_or_one = cast(binary(op::BinaryKind::logical_or, equal(t, 0.0), equal(t, 1.0)), t.dtype());
  const Value all_binary = equal(reduce(op::ReduceKind::min, zero_or_one), 1.0);
  return select(all_binary, t * 2.0 - 1.0, t);
}

/// max(1 - t p, 0), elementwise.
Value margins(Value y_true, Value y_pred) {
  const auto [labels, p] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
  return maximum(1.0 - signed_labels(labels) * p, 0.0);
}

}  // namespace

Value hinge(Value y_true, Value y_pred) { return mean(margins(y_true, y_pred), {-1}); }

Value squared_hinge(Value y_true, Value y_pred) { return mean(square(margins(y_true, y_pred)), {-1}); }

Value categorical_hinge(Value y_true, Value y_pred) {
  const auto [t, p] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
  const Value positive = sum(t * p, {-1});
  const Value negative = reduce(op::ReduceKind::max, (1.0 - t) * p, {-1});
  return maximum(negative - positive + 1.0, 0.0);
}

}  // namespace trainyard
