// Attention with several heads: the arguments, weights and steps that MultiHeadAttention and GroupQueryAttention share.
// Heads are batch dimensions of the products: a call is a few large matrix products and a softmax, however many heads.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/layers/attention_parts.h"
#include "engine/layers/weight_arguments.h"

namespace trainyard {

/// The arguments of both.
struct HeadOptions {
  double dropout = 0;
  bool use_bias = true;
  std::optional<int64_t> sliding_window;
  std::optional<bool> flash_attention;
  Ref<Initializer> kernel_initializer = initializers::glorot_uniform();
  Ref<Initializer> bias_initializer = initializers::zeros();
  Ref<Regularizer> kernel_regularizer;
  Ref<Regularizer> bias_regularizer;
  Ref<Constraint> kernel_constraint;
  Ref<Constraint> bias_constraint;
  bool use_gate = false;
  std::optional<int64_t> seed;
};

template <typename T>
void add_head_options(Declaration<T>& declaration) {
  declaration.arg("dropout", &T::dropout, kAttentionDropoutDoc, kDropoutRate)
      .arg("use_bias", &T::use_bias, "Add trained numbers to queries, keys, values and the output.")
      .arg("sliding_window", &T::sliding_window, "Look only at positions closer than this; None for all.", kPositive)
      .arg("flash_attention", &T::flash_attention, "Asks for a faster way to the same result.",
           {.advanced = true, .hint = true, .omit_null = true});
  add_kernel_and_bias(declaration);
  declaration.arg("use_gate", &T::use_gate, "Multiply each head's result by a trained gate between 0 and 1.")
      .arg("seed", &T::seed, kSeedDoc, kSeedRange);
}

/// query, value and key, the masks that belong to them, and a mask of pairs.
inline const std::vector<std::string> kHeadInputs = {"query",      "value",    "key",           "query_mask",
                                                     "value_mask", "key_mask", "attention_mask"};

/// Declares "<name>/kernel" and, if asked, "<name>/bias".
void add_projection(BuildContext& context, const HeadOptions& options, const std::string& name, Shape kernel,
                    Shape bias);

/// Hands out a call's weights in the order of their declaration.
class Projections {
 public:
  Projections(CallContext& context, const HeadOptions& options, Ref<Regularizer> activity)
      : context_(context), options_(options), activity_(std::move(activity)) {}
  /// x times the next kernel, whose first `bound` dimensions are x's last ones, plus the next bias, as one product.
  /// Its activity is penalised, as Keras does in each of the layer's parts. x: [a.., b..]  kernel: [b.., c..]  y: [a.., c..]
  Value next(Value x, int bound, bool sigmoid = false);

 private:
  CallContext& context_;
  const HeadOptions& options_;
  Ref<Regularizer> activity_;
  int weight_ = 0;
};

/// How the dimensions of queries, keys and values fall. All lists hold axes of the layer's inputs.
struct AttentionAxes {
  std::vector<int> batch = {};     // the batch, and what attention does not mix
  std::vector<int> attended = {};  // what it does
  int input_rank = 3;

  /// [n, .., heads, features] -> [batch.., heads, attended.., features]
  std::vector<int> to_heads() const;
  /// Sizes along the axes.
  static Shape sizes(const Shape& shape, const std::vector<int>& axes);
};

/// Which scores count, [groups or 1, heads or 1, queries or 1, keys or 1]; no value where all do. Masks are those that the
/// inputs carry or that came as arguments; use_causal_mask and `window` work along the one attended axis.
Value head_mask(CallContext& context, const NamedInputs& inputs, const AttentionAxes& axes, int64_t heads,
                std::optional<int64_t> window);

/// Scores of heads as weights. Keras does this in two ways, which differ where a query may see nothing: its Softmax layer
/// gives no key a weight; its fused attention (three dimensions, no dropout, scores not asked for) gives all the same.
Value head_weights(const CallContext& context, Value scores, Value mask, bool fused);

/// Complains where attention_mask does not fit the scores ([batch.., heads, queries.., keys..]), or where positions in
/// order are asked for along several axes.
bool check_head_masks(BuildContext& context, const NamedInputs& inputs, const AttentionAxes& axes, const Shape& scores,
                      std::optional<int64_t> window);

}  // namespace trainyard
