// Losses between numbers.
#include <numbers>

#include "engine/train/losses/loss_functions.h"

namespace trainyard {
namespace {

/// Labels in the predictions' dtype, both of one rank.
std::pair<Value, Value> aligned(Value y_true, Value y_pred) {
  return squeeze_or_expand(cast(y_true, y_pred.dtype()), y_pred);
}

}  // namespace

Value mean_squared_error(Value y_true, Value y_pred) {
  const auto [t, p] = aligned(y_true, y_pred);
  return mean(square(t - p), {-1});
}

Value mean_absolute_error(Value y_true, Value y_pred) {
  const auto [t, p] = aligned(y_true, y_pred);
  return mean(abs(t - p), {-1});
}

Value mean_absolute_percentage_error(Value y_true, Value y_pred) {
  const auto [t, p] = aligned(y_true, y_pred);
  return mean(abs((t - p) / maximum(abs(t), kEpsilon)), {-1}) * 100.0;
}

Value mean_squared_logarithmic_error(Value y_true, Value y_pred) {
  const auto [t, p] = aligned(y_true, y_pred);
  return mean(square(log(maximum(p, kEpsilon) + 1.0) - log(maximum(t, kEpsilon) + 1.0)), {-1});
}

Value cosine_similarity(Value y_true, Value y_pred, int axis) {
  const auto [t, p] = aligned(y_true, y_pred);
  return -sum(l2_normalize(t, axis) * l2_normalize(p, axis), {axis});
}

Value huber(Value y_true, Value y_pred, double delta) {
  const auto [t, p] = aligned(y_true, y_pred);
  const Value error = p - t;
  const Value size = abs(error);
  const Value beyond = size * delta - 0.5 * delta * delta;
  return mean(select(less_equal(size, delta), square(error) * 0.5, beyond), {-1});
}

Value log_cosh(Value y_true, Value y_pred) {
  const auto [t, p] = aligned(y_true, y_pred);
  const Value error = p - t;
  return mean(error + softplus(error * -2.0) - std::numbers::ln2, {-1});
}

Value poisson(Value y_true, Value y_pred) {
  const auto [t, p] = aligned(y_true, y_pred);
  return mean(p - t * log(p + kEpsilon), {-1});
}

Value kl_divergence(Value y_true, Value y_pred) {
  const auto [labels, predictions] = aligned(y_true, y_pred);
  const Value t = clip(labels, kEpsilon, 1);
  const Value p = clip(predictions, kEpsilon, 1);
  return sum(t * log(t / p), {-1});
}

}  // namespace trainyard
