// keras.layers.GroupQueryAttention. Ainslie et al., arXiv:2305.13245.
#include <cmath>

#include "engine/layers/attention_heads.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

/// MultiHeadAttention whose queries share keys and values by groups of heads.
/// query: [n, q, d]  value: [n, k, v]  key: [n, k, d'] (or the value)  y: [n, q, d]
struct GroupQueryAttention final : LayerOf<GroupQueryAttention>, HeadOptions {
  int64_t head_dim = 1;
  int64_t num_query_heads = 1;
  int64_t num_key_value_heads = 1;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare();
    return kInfo;
  }
  static ClassInfo declare() {
    using T = GroupQueryAttention;
    auto declaration = layer_declaration<T>("GroupQueryAttention", "attention",
                                            "Several attentions at a time that share keys and values in groups.",
                                            {.prints_activity_regularizer = true});
    declaration.aliases({"GroupedQueryAttention"})
        .arg("head_dim", &T::head_dim, "Size of each head's queries, keys and values.", kRequiredPositive)
        .arg("num_query_heads", &T::num_query_heads, "How many attentions there are.", kRequiredPositive)
        .arg("num_key_value_heads", &T::num_key_value_heads, "How many different keys and values they share.",
             kRequiredPositive);
    add_head_options(declaration);
    declaration
        .rule([](const T& layer, const ParseContext& context) {
          if (layer.num_key_value_heads > 0 && layer.num_query_heads % layer.num_key_value_heads != 0)
            context.child("num_key_value_heads")
                .error("attention.heads", {{"heads", std::to_string(layer.num_query_heads)}});
        })
        .summary({"num_query_heads", "num_key_value_heads", "head_dim"});
    return declaration.build();
  }

  InputArity arity() const override { return {2, static_cast<int>(kHeadInputs.size())}; }
  std::vector<std::string> input_names() const override { return kHeadInputs; }
  std::vector<std::string> call_arguments() const override { return {"return_attention_scores", "use_causal_mask"}; }

  void build(BuildContext& context) const override {
    const NamedInputs inputs(context.arguments(), kHeadInputs, context.input_count());
    const int query = inputs.find("query");
    const int value = inputs.find("value");
    const int key = inputs.find("key") < 0 ? value : inputs.find("key");
    if (query < 0 || value < 0) return context.error("", "attention.inputs");
    for (const int input : {query, key, value})
      if (!context.expect_rank(3, input) || !context.expect_known(-1, input)) return;
    const Shape& q = context.shape(query);
    const Shape& v = context.shape(value);
    const Shape& k = context.shape(key);
    if (!same(v[1], k[1]) || !same(q[0], v[0]) || !same(q[0], k[0]))
      return context.error("", "attention.shapes", {{"query", q.text()}, {"value", v.text()}, {"key", k.text()}});
    const Shape scores{q[0], num_query_heads, q[1], v[1]};
    if (!check_head_masks(context, inputs, axes(), scores, sliding_window)) return;
    const Shape heads{num_query_heads, head_dim};
    const Shape shared{num_key_value_heads, head_dim};
    add_projection(context, *this, "query", heads.with_front(q[2]), heads);
    add_projection(context, *this, "key", shared.with_front(k[2]), shared);
    if (use_gate) add_projection(context, *this, "gate", heads.with_front(q[2]), heads);
    add_projection(context, *this, "value", shared.with_front(v[2]), shared);
    add_projection(context, *this, "attention_output", {num_query_heads, head_dim, q[2]}, {q[2]});
    if (context.failed()) return;
    context.add_output(q);
    if (context.arguments().flag("return_attention_scores")) context.add_output(scores);
  }

  void call(CallContext& context) const override {
    const NamedInputs inputs(context.arguments(), kHeadInputs, context.input_count());
    const Value query = context.input(inputs.find("query"));
    const Value value = context.input(inputs.find("value"));
    const Value key = inputs.find("key") < 0 ? value : context.input(inputs.find("key"));
    const int64_t batch = query.shape()[0];
    const int64_t queries = query.shape()[1];
    const int64_t keys = value.shape()[1];
    Projections projections(context, *this, activity_regularizer);
    const Value q = projections.next(query, 1) * (1 / std::sqrt(static_cast<double>(head_dim)));
    const Value k = projections.next(key, 1);
    const Value gate = use_gate ? projections.next(query, 1, true) : Value();
    const Value v = projections.next(value, 1);
    // The queries of all heads that share a key are the rows of one product.
    const int64_t rows = num_query_heads / num_key_value_heads * queries;
    const Shape grouped{batch, num_key_value_heads, rows, keys};
    const Value scores =
        matmul(reshape(heads_first(q), {batch, num_key_value_heads, rows, head_dim}), heads_first(k), false, true);
    const Value weights =
        head_weights(context, reshape(scores, {batch, num_query_heads, queries, keys}),
                     head_mask(context, inputs, axes(), num_query_heads, sliding_window), dropout == 0);
    const Value kept = trainyard::dropout(context, weights, dropout, seed);
    const Value seen =
        reshape(matmul(reshape(kept, grouped), heads_first(v)), {batch, num_query_heads, queries, head_dim});
    Value y = heads_first(seen);
    if (gate) y = y * gate;
    context.add_output(projections.next(y, 2));
    context.set_output_mask(0, context.mask(inputs.find("query")));
    if (context.flag("return_attention_scores")) context.add_output(weights);
  }

 private:
  static bool same(int64_t a, int64_t b) { return a == b || a == kUnknown || b == kUnknown; }
  static AttentionAxes axes() { return {.batch = {0}, .attended = {1}, .input_rank = 3}; }
  /// [n, positions, heads, features] <-> [n, heads, positions, features]
  static Value heads_first(Value x) { return transpose(x, {0, 2, 1, 3}); }
};

}  // namespace

LayerClasses grouped_attention_layers() { return {&GroupQueryAttention::declaration()}; }

}  // namespace trainyard
