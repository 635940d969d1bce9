// Losses between probability distributions.
#include "engine/train/losses/loss_functions.h"

namespace trainyard {
namespace {

Value smooth_binary(Value t, double smoothing) { return smoothing == 0 ? t : t * (1.0 - smoothing) + 0.5 * smoothing; }

/// Spread over the classes, which lie along the axis (in Keras since pull request 23437 of August 2026; along the last before).
Value smooth_categorical(Value t, const CrossentropyOptions& options) {
  const double smoothing = options.label_smoothing;
  const auto classes = static_cast<double>(t.shape()[resolve_axis(options.axis, t.rank())]);
  return smoothing == 0 ? t : t * (1.0 - smoothing) + smoothing / classes;
}

/// Probabilities that add up to 1 along the axis, kept away from 0 and 1.
Value proper_probabilities(Value p, int axis) { return clip(p / sum(p, {axis}, true), kEpsilon, 1.0 - kEpsilon); }

Value log_probabilities(Value y_pred, const CrossentropyOptions& options) {
  return options.from_logits ? log_softmax(y_pred, options.axis) : log(proper_probabilities(y_pred, options.axis));
}

/// -(t log(p) + (1 - t) log(1 - p)), elementwise.
Value binary_terms(Value t, Value p) {
  const Value inside = clip(p, kEpsilon, 1.0 - kEpsilon);
  return -(t * log(inside) + (1.0 - t) * log(1.0 - inside));
}

}  // namespace

Value binary_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options) {
  const auto [labels, x] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
  const Value t = smooth_binary(labels, options.label_smoothing);
  const Value terms = options.from_logits ? (1.0 - t) * x + softplus(-x) : binary_terms(t, x);
  return mean(terms, {options.axis});
}

Value categorical_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options) {
  const auto [labels, x] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
  const Value t = smooth_categorical(labels, options);
  return -sum(t * log_probabilities(x, options), {options.axis});
}

Value class_numbers(Value y_true, const Shape& y_pred) {
  const bool extra = y_true.rank() == y_pred.rank() && y_true.shape().back() == 1;
  return cast(extra ? squeeze_last(y_true) : y_true, DType::i32);
}

Value sparse_categorical_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options,
                                      std::optional<int64_t> ignore_class) {
  const Value classes = class_numbers(y_true, y_pred.shape());
  // With the classes last, one_hot needs no turning; the other dimensions keep their order.
  const Value x = move_last(y_pred, resolve_axis(options.axis, y_pred.rank()));
  CrossentropyOptions last = options;
  last.axis = -1;
  const Value t = one_hot(classes, x.shape().back(), x.dtype());
  const Value losses = -sum(t * log_probabilities(x, last), {-1});
  if (!ignore_class) return losses;
  return select(equal(classes, static_cast<double>(*ignore_class)), 0.0, losses);
}

Value binary_focal_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options,
                                const FocalOptions& focal) {
  const auto [labels, x] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
  const Value t = smooth_binary(labels, options.label_smoothing);
  const Value p = options.from_logits ? sigmoid(x) : x;
  const Value p_t = t * p + (1.0 - t) * (1.0 - p);
  Value terms = pow(1.0 - p_t, focal.gamma) * binary_terms(t, p);
  if (focal.class_balancing) terms = terms * (t * focal.alpha + (1.0 - t) * (1.0 - focal.alpha));
  return mean(terms, {options.axis});
}

Value categorical_focal_crossentropy(Value y_true, Value y_pred, const CrossentropyOptions& options,
                                     const FocalOptions& focal, const std::vector<double>& class_alpha) {
  const auto [labels, x] = squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
  const Value t = smooth_categorical(labels, options);
  const Value p = proper_probabilities(options.from_logits ? softmax(x, options.axis) : x, options.axis);
  Value weight = pow(1.0 - p, focal.gamma);
  if (class_alpha.empty()) {
    weight = weight * focal.alpha;
  } else {
    const Tensor alpha = Tensor::of<double>({static_cast<int64_t>(class_alpha.size())}, class_alpha).cast(x.dtype());
    weight = weight * x.graph().constant(alpha);
  }
  return sum(weight * (-t * log(p)), {options.axis});
}

Value categorical_generalized_crossentropy(Value y_true, Value y_pred, double q) {
  const Value t = one_hot(class_numbers(y_true, y_pred.shape()), y_pred.shape().back(), y_pred.dtype());
  return (1.0 - pow(sum(y_pred * t, {-1}), q)) / q;
}

}  // namespace trainyard
