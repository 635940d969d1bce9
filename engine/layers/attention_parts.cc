#include "engine/layers/attention_parts.h"

#include <algorithm>
#include <cstdlib>

namespace trainyard {

Tensor position_mask(int64_t queries, int64_t keys, bool causal, std::optional<int64_t> window) {
  Tensor mask(DType::boolean, {1, 1, queries, keys});
  const auto seen = mask.span<bool>();
  for (int64_t i = 0; i < queries; ++i)
    for (int64_t j = 0; j < keys; ++j)
      seen[static_cast<size_t>(i * keys + j)] = (!causal || j <= i) && (!window || std::abs(i - j) < *window);
  return mask;
}

Value both(Value a, Value b) {
  if (!a) return b;
  return b ? binary(op::BinaryKind::logical_and, a, b) : a;
}

Value masked_softmax(Value scores, Value mask) {
  if (!mask) return softmax(scores);
  const Value zero = scores.graph().scalar(0, scores.dtype());
  return softmax(scores + select(mask, zero, kMasked));
}

Value softmax_of_seen(Value scores, Value mask) {
  if (!mask) return softmax(scores);
  const Value zero = scores.graph().scalar(0, scores.dtype());
  return select(mask, softmax(select(mask, scores, scores.graph().scalar(kMasked, scores.dtype()))), zero);
}

Value dropout(CallContext& context, Value x, double rate, std::optional<int64_t> seed) {
  if (!context.training() || rate == 0) return x;
  const double keep = 1 - rate;
  const Value kept = random(context.graph(), {.kind = op::RandomKind::bernoulli,
                                              .dtype = x.dtype(),
                                              .shape = x.shape(),
                                              .stream = context.next_random_stream(),
                                              .seed = static_cast<uint64_t>(seed.value_or(0)),
                                              .a = keep,
                                              .b = 0});
  return x * (kept * (keep > 0 ? 1 / keep : 0));
}

int NamedInputs::find(std::string_view name) const {
  if (!arguments_.names.empty()) return arguments_.input(name);
  const auto found = std::find(names_.begin(), names_.end(), name);
  const auto at = static_cast<int>(found - names_.begin());
  return at < count_ ? at : -1;
}

}  // namespace trainyard
