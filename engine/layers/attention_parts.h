// What all attention layers share: which scores count, and how scores become weights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/layers/layer_declaration.h"

namespace trainyard {

/// true where query i may look at key j. [1, 1, queries, keys]
/// causal: j <= i. window: |i - j| < window.
Tensor position_mask(int64_t queries, int64_t keys, bool causal, std::optional<int64_t> window);

/// a and b, where either may be no value.
Value both(Value a, Value b);

/// What is added to scores where they do not count; after a softmax exactly 0 remains, but where nothing counts.
inline constexpr double kMasked = -1e9;

/// Softmax along the last dimension. scores: [.., q, k]  mask: bool, broadcast against it, or no value.
Value masked_softmax(Value scores, Value mask);

/// As Keras's Softmax layer has it: what does not count weighs 0, even where nothing counts.
Value softmax_of_seen(Value scores, Value mask);

/// Keras's dropout: `rate` of the elements become 0, the others grow by 1 / (1 - rate). x itself outside training.
Value dropout(CallContext& context, Value x, double rate, std::optional<int64_t> seed);

inline constexpr ArgOptions kDropoutRate{.min = 0, .max = 1};
inline constexpr const char* kAttentionDropoutDoc = "Share of the attention weights that are set to 0 in training.";

/// The tensors of a call by name; by position where they have no names (an inner layer's call).
class NamedInputs {
 public:
  NamedInputs(const CallArguments& arguments, std::vector<std::string> names, int count)
      : arguments_(arguments), names_(std::move(names)), count_(count) {}
  /// Index of the input; -1 when it was not given.
  int find(std::string_view name) const;

 private:
  CallArguments arguments_;
  std::vector<std::string> names_;
  int count_;
};

}  // namespace trainyard
