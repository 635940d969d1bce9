// The losses as functions from labels and predictions to one number a sample; losses and metrics share them.
// Formulas: keras.losses, keras.ops.*_crossentropy (Keras 3.16, torch backend). Everything is computed in y_pred's dtype.
#pragma once

#include <optional>
#include <utility>

#include "engine/ops/builder.h"

namespace trainyard {

/// Keras's backend.epsilon().
inline constexpr double kEpsilon = 1e-7;

/// keras.losses.loss.squeeze_or_expand_to_same_rank: where the ranks differ by one, a last dimension of 1 is dropped, or
/// added to the other one when that is a vector.
std::pair<Value, Value> squeeze_or_expand(Value a, Value b);
/// Whether the shapes stretch to each other as NumPy's do.
bool stretch_to_each_other(const Shape& a, const Shape& b);
/// x without its last dimension, which is 1.
Value squeeze_last(Value x);
/// x with a last dimension of 1 added.
Value expand_last(Value x);
/// x with `axis` (resolved) moved to the end, the others in their order.
Value move_last(Value x, int axis);
/// a / b, and 0 where b is 0.
Value divide_no_nan(Value a, Value b);
/// x / max(sum(x^2), epsilon) ^ 0.5 along the axis, as keras.utils.normalize does.
Value l2_normalize(Value x, int axis);

// In all of them: y_true: any dtype, y_pred's shape after squeeze_or_expand  y_pred: floating [batch, ..., d].
Value mean_squared_error(Value y_true, Value y_pred);
Value mean_absolute_error(Value y_true, Value y_pred);
Value mean_absolute_percentage_error(Value y_true, Value y_pred);
Value mean_squared_logarithmic_error(Value y_true, Value y_pred);
Value cosine_similarity(Value y_true, Value y_pred, int axis);  // the loss: negated
Value huber(Value y_true, Value y_pred, double delta);
Value log_cosh(Value y_true, Value y_pred);
Value poisson(Value y_true, Value y_pred);
Value kl_divergence(Value y_true, Value y_pred);

struct CrossentropyOptions {
  bool from_logits = false;
  double label_smoothing = 0;
  int axis = -1;
};
Value binary_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options);
Value categorical_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options);
/// y_true: class numbers, y_pred's shape without the class axis (or with 1 there, when it is the last).
/// Samples of `ignore_class` cost 0.
Value sparse_categorical_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options,
                                      std::optional<int64_t> ignore_class);
/// Class numbers as y_pred's shape wants them: integer, a last dimension of 1 dropped.
Value class_numbers(Value y_true, const Shape& y_pred);

struct FocalOptions {
  double alpha = 0.25;
  double gamma = 2;
  bool class_balancing = false;
};
Value binary_focal_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options,
                                const FocalOptions& focal);
Value categorical_focal_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options,
                                     const FocalOptions& focal, const std::vector<double>& class_alpha);
Value categorical_generalized_crossentropy(Value y_true, Value y_pred, double q);

Value hinge(Value y_true, Value y_pred);
Value squared_hinge(Value y_true, Value y_pred);
Value categorical_hinge(Value y_true, Value y_pred);

}  // namespace trainyard
