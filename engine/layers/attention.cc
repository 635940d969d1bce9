// keras.layers.Attention (Luong et al., arXiv:1508.04025) and AdditiveAttention (Bahdanau et al., arXiv:1409.0473).
#include <algorithm>

#include "engine/layers/attention_parts.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

enum class ScoreMode : uint8_t { dot, concat };
constexpr std::array<std::string_view, 2> choice_names(ScoreMode) { return {"dot", "concat"}; }

/// [query, value] or [query, value, key] as one list. query: [n, q, d]  value: [n, k, v]  key: [n, k, d] (or the value)
/// weights = softmax(scores(query, key))  y = weights value: [n, q, v]
/// T has `declare_weights(context, d)` and `scores(context, query, key)`: [n, q, k].
template <typename T>
struct ListAttention : LayerOf<T> {
  double dropout = 0;
  std::optional<int64_t> seed;

  InputArity arity() const override { return {2, 3}; }
  int list_begin() const override { return 0; }
  std::vector<std::string> call_arguments() const override { return {"return_attention_scores", "use_causal_mask"}; }
  std::vector<std::string> tensor_arguments() const override { return {"mask"}; }

  void build(BuildContext& context) const override {
    const int key = context.input_count() - 1;
    for (int i = 0; i <= key; ++i)
      if (!context.expect_rank(3, i)) return;
    const Shape& q = context.shape(0);
    const Shape& v = context.shape(1);
    const Shape& k = context.shape(key);
    const bool fits = same(q[2], k[2]) && same(v[1], k[1]) && same(q[0], v[0]) && same(q[0], k[0]);
    if (!fits)
      return context.error("", "attention.shapes", {{"query", q.text()}, {"value", v.text()}, {"key", k.text()}});
    static_cast<const T*>(this)->declare_weights(context);
    if (context.failed()) return;
    context.add_output(Shape{q[0], q[1], v[2]});
    if (context.arguments().flag("return_attention_scores")) context.add_output(Shape{q[0], q[1], v[1]});
  }

  void call(CallContext& context) const override {
    const Value query = context.input(0);
    const Value value = context.input(1);
    const Value key = context.input(context.input_count() - 1);
    const int64_t keys = key.shape()[1];
    const Value scores = static_cast<const T*>(this)->scores(context, query, key);
    Value mask;
    if (context.flag("use_causal_mask"))
      mask = reshape(context.graph().constant(position_mask(query.shape()[1], keys, true, {})),
                     {1, query.shape()[1], keys});
    if (const Value seen = context.mask(1)) mask = both(mask, reshape(seen, {seen.shape()[0], 1, keys}));
    const Value weights = trainyard::dropout(context, masked_softmax(scores, mask), dropout, seed);
    Value y = matmul(weights, value);
    if (const Value asked = context.mask(0))
      y = y * reshape(cast(asked, y.dtype()), {asked.shape()[0], asked.shape()[1], 1});
    context.add_output(y);
    context.set_output_mask(0, context.mask(0));
    if (context.flag("return_attention_scores")) context.add_output(weights);
  }

 protected:
  static bool same(int64_t a, int64_t b) { return a == b || a == kUnknown || b == kUnknown; }
  /// query + key for each pair of them: [n, q, k, d]
  static Value pairs(Value query, Value key) {
    const Shape& q = query.shape();
    const Shape& k = key.shape();
    return reshape(query, {q[0], q[1], 1, q[2]}) + reshape(key, {k[0], 1, k[1], k[2]});
  }
};

struct Attention final : ListAttention<Attention> {
  bool use_scale = false;
  ScoreMode score_mode = ScoreMode::dot;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Attention>("Attention", "attention",
                                     "Each query takes the mean of the values whose keys are like it.")
            .arg("use_scale", &Attention::use_scale, "Multiply the scores by a trained number.")
            .arg("score_mode", &Attention::score_mode, "dot: the product of query and key. concat: tanh of their sum.")
            .arg("dropout", &Attention::dropout, kAttentionDropoutDoc, kDropoutRate)
            .arg("seed", &Attention::seed, kSeedDoc, kSeedRange)
            .summary({"score_mode"})
            .build();
    return kInfo;
  }
  void declare_weights(BuildContext& context) const {
    if (use_scale) context.add_weight({"scale", {}, initializers::ones()});
    if (score_mode == ScoreMode::concat) context.add_weight({"concat_score_weight", {}, initializers::ones()});
  }
  Value scores(const CallContext& context, Value query, Value key) const {
    if (score_mode == ScoreMode::dot) {
      const Value products = matmul(query, key, false, true);
      return use_scale ? products * context.weight(0) : products;
    }
    const Value sums = pairs(query, key);
    return sum(tanh(use_scale ? sums * context.weight(0) : sums), {3}) * context.weight(use_scale ? 1 : 0);
  }
};

struct AdditiveAttention final : ListAttention<AdditiveAttention> {
  bool use_scale = true;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<AdditiveAttention>("AdditiveAttention", "attention",
                                             "Attention that scores by tanh of the sum of query and key.")
            .arg("use_scale", &AdditiveAttention::use_scale, "Weigh the features of the sum by trained numbers.")
            .arg("dropout", &AdditiveAttention::dropout, kAttentionDropoutDoc, kDropoutRate)
            .arg("seed", &AdditiveAttention::seed, kSeedDoc, kSeedRange)
            .summary({"use_scale"})
            .build();
    return kInfo;
  }
  void declare_weights(BuildContext& context) const {
    if (use_scale && context.expect_known(2, 0))
      context.add_weight({"scale", {context.shape(0)[2]}, initializers::glorot_uniform()});
  }
  Value scores(const CallContext& context, Value query, Value key) const {
    const Value features = tanh(pairs(query, key));
    return sum(use_scale ? features * context.weight(0) : features, {3});
  }
};

}  // namespace

LayerClasses attention_layers() { return {&Attention::declaration(), &AdditiveAttention::declaration()}; }

}  // namespace trainyard
