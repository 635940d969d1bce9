#include "engine/train/metrics/confusion.h"

#include <cmath>

#include "engine/train/losses/loss_functions.h"

namespace trainyard {
namespace {

/// What Keras puts where only the highest predictions count.
constexpr double kNeverYes = -1e10;

/// All but the k highest of the last dimension become kNeverYes.
Value keep_top(Value x, int64_t k) {
  Value rest = x;
  Value kept = fill(x.graph(), x.dtype(), x.shape(), kNeverYes);
  for (int64_t i = 0; i < std::min(k, x.shape().back()); ++i) {
    const Value highest = one_hot(argmax(rest), x.shape().back(), DType::boolean);
    kept = select(highest, x, kept);
    rest = select(highest, 2 * kNeverYes, rest);
  }
  return kept;
}

/// x[..., index] with the last dimension left as 1.
Value pick_last(Value x, int64_t index) {
  std::vector<int64_t> start(static_cast<size_t>(x.rank()), 0);
  std::vector<int64_t> sizes = x.shape().dims();
  start.back() = index;
  sizes.back() = 1;
  return slice(x, start, sizes);
}

/// keras.metrics.metrics_utils.is_evenly_distributed_thresholds, ends an epsilon outside allowed.
bool evenly_spread(const std::vector<double>& thresholds) {
  if (thresholds.size() < 3) return false;
  for (size_t i = 0; i < thresholds.size(); ++i) {
    const double even = static_cast<double>(i) / static_cast<double>(thresholds.size() - 1);
    if (std::abs(thresholds[i] - even) > 1.5 * kEpsilon + 1e-5 * even) return false;
  }
  return true;
}

/// Predictions and thresholds as they are compared. Keras counts evenly spread thresholds by buckets: it compares
/// prediction * (n - 1) with 0, 1, 2, ..., which rounds otherwise than a comparison with k / (n - 1).
std::pair<Value, std::vector<double>> compared(Value y_pred, const std::vector<double>& thresholds) {
  if (!evenly_spread(thresholds)) return {y_pred, thresholds};
  std::vector<double> numbers(thresholds.size());
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<double>(i);
  if (thresholds.front() < 0) numbers.front() = -1;  // the first bucket takes 0 too
  const Value inside = minimum(maximum(y_pred, 0.0), 1.0);
  return {inside * static_cast<double>(thresholds.size() - 1), numbers};
}

/// One weight for each prediction, or none.
Value prediction_weights(const ConfusionOptions& options, Value sample_weight, Value y_pred) {
  Value weights;
  if (sample_weight) {
    Shape shape = sample_weight.shape();
    while (shape.rank() < y_pred.rank()) shape.push_back(1);
    weights = broadcast_to(reshape(cast(sample_weight, DType::f32), shape), y_pred.shape());
  }
  if (options.label_weights.empty() || options.multi_label) return weights;
  const Tensor list = Tensor::of<double>({static_cast<int64_t>(options.label_weights.size())}, options.label_weights);
  const Value by_label = broadcast_to(y_pred.graph().constant(list.cast(DType::f32)), y_pred.shape());
  return weights ? weights * by_label : by_label;
}

}  // namespace

std::vector<Shape> confusion_state(const ConfusionOptions& options, const Shape& y_pred) {
  Shape shape{static_cast<int64_t>(options.thresholds.size())};
  if (options.multi_label) shape.push_back(y_pred.back());
  return std::vector<Shape>(kConfusionStates, shape);
}

std::vector<Value> update_confusion(const std::vector<Value>& state, const ConfusionOptions& options, Value y_true,
                                    Value y_pred, Value sample_weight) {
  auto [p, t] = squeeze_or_expand(cast(y_pred, DType::f32), cast(y_true, DType::f32));
  if (options.top_k) p = keep_top(p, *options.top_k);
  if (options.class_id) {
    p = pick_last(p, *options.class_id);
    t = pick_last(t, *options.class_id);
  }
  const Value weights = prediction_weights(options, sample_weight, p);
  Value yes = cast(not_equal(t, 0.0), DType::f32);
  Value no = 1.0 - yes;
  if (weights) {
    yes = yes * weights;
    no = no * weights;
  }
  const auto [scores, numbers] = compared(p, options.thresholds);
  const int64_t count = static_cast<int64_t>(numbers.size());
  const int64_t labels = options.multi_label ? scores.shape().back() : 1;
  const int64_t rows = scores.shape().elements() / labels;
  // above: [thresholds, rows, labels]  yes, no: [1, rows, labels]
  const Value limits = p.graph().constant(Tensor::of<double>({count, 1, 1}, numbers).cast(DType::f32));
  const Value above = cast(greater(reshape(scores, {1, rows, labels}), limits), DType::f32);
  const auto total = [&](Value marked) {
    const Value summed = sum(above * reshape(marked, {1, rows, labels}), {1});
    return options.multi_label ? summed : reshape(summed, {count});
  };
  const auto all = [&](Value marked) {
    const Value summed = sum(reshape(marked, {rows, labels}), {0});
    return options.multi_label ? summed : reshape(summed, {1});
  };
  const Value tp = total(yes);
  const Value fp = total(no);
  return {state[0] + tp, state[1] + fp, state[2] + (all(no) - fp), state[3] + (all(yes) - tp)};
}

ConfusionCounts confusion_counts(std::span<const TensorView> state, int64_t index) {
  return {element_as_double(state[0], index), element_as_double(state[1], index), element_as_double(state[2], index),
          element_as_double(state[3], index)};
}

std::vector<double> even_thresholds(int64_t count, bool margins) {
  std::vector<double> thresholds(static_cast<size_t>(count));
  for (size_t i = 0; i < thresholds.size(); ++i)
    thresholds[i] = static_cast<double>(i) / static_cast<double>(count - 1);
  if (margins) {
    thresholds.front() = -kEpsilon;
    thresholds.back() = 1 + kEpsilon;
  }
  return thresholds;
}

}  // namespace trainyard
