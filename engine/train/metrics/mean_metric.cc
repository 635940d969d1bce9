#include <numeric>

#include "engine/train/losses/loss_functions.h"
#include "engine/train/metrics/metric_classes.h"

namespace trainyard {
namespace {

std::vector<int> axes_from(int first, int last) {
  std::vector<int> axes(static_cast<size_t>(last - first));
  std::iota(axes.begin(), axes.end(), first);
  return axes;
}

Value reduce_from(op::ReduceKind kind, Value x, int first) {
  return x.rank() > first ? reduce(kind, x, axes_from(first, x.rank())) : x;
}

}  // namespace

SamplewiseValues samplewise(Value values, Value weights, op::ReduceKind kind) {
  values = cast(values, DType::f32);
  if (weights) {
    const auto [v, w] = squeeze_or_expand(values, cast(weights, DType::f32));
    const int weight_rank = w.rank();
    values = reduce_from(kind, v, weight_rank);
    if (weight_rank > values.rank() || !stretch_to_each_other(values.shape(), w.shape()))
      throw UserError("metric.weights", "metrics", {{"values", values.shape().text()}, {"weights", w.shape().text()}});
    weights = broadcast_to(w, values.shape());
    values = values * weights;
    if (weight_rank > 1) weights = reduce_from(kind, weights, 1);
  }
  return {reduce_from(kind, values, 1), weights};
}

std::vector<Value> add_to_mean(const std::vector<Value>& state, const SamplewiseValues& batch) {
  const Value& values = batch.values;
  const Value total = state[0] + sum(values);
  if (batch.weights) return {total, state[1] + sum(batch.weights)};
  return {total, state[1] + static_cast<double>(values.rank() > 0 ? values.shape().front() : 1)};
}

std::vector<Value> MeanMetric::update(const std::vector<Value>& state, Value y_true, Value y_pred,
                                      Value sample_weight) const {
  const Value all = values(y_true, y_pred);
  if (const Value mask = sample_weight ? values_mask(y_true, all) : Value(); mask)
    sample_weight = masked_weight(sample_weight, mask);
  return add_to_mean(state, samplewise(all, sample_weight, op::ReduceKind::mean));
}

double MeanMetric::result(std::span<const TensorView> state) const {
  return ratio(element_as_double(state[0], 0), element_as_double(state[1], 0));
}

Value masked_weight(Value sample_weight, Value mask) {
  if (!mask) return sample_weight;
  const Value from_mask = cast(mask, DType::f32);
  if (!sample_weight) return from_mask;
  const auto [m, weight] = squeeze_or_expand(from_mask, cast(sample_weight, DType::f32));
  Shape shape = weight.shape();
  while (shape.rank() < m.rank()) shape.push_back(1);  // one weight a sample stands for all its steps
  return reshape(weight, shape) * m;
}

}  // namespace trainyard
