// keras.layers.MultiHeadAttention. Vaswani et al., arXiv:1706.03762; the gate: Qiu et al., arXiv:2505.06708.
#include <algorithm>
#include <cmath>

#include "engine/layers/attention_heads.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/shape_arguments.h"

namespace trainyard {
namespace {

/// query: [n, q.., d]  value: [n, k.., v]  key: [n, k.., d'] (or the value)  y: [n, q.., out..]
struct MultiHeadAttention final : LayerOf<MultiHeadAttention>, HeadOptions {
  int64_t num_heads = 1;
  int64_t key_dim = 1;
  std::optional<int64_t> value_dim;
  std::optional<Sizes> output_shape;
  std::optional<AxisList> attention_axes;
  /// In place of the base's: Keras has it penalise what the layer's parts put out, and not the layer's outputs.
  Ref<Regularizer> activity_regularizer;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare();
    return kInfo;
  }
  static ClassInfo declare() {
    using T = MultiHeadAttention;
    auto declaration = layer_declaration<T>("MultiHeadAttention", "attention",
                                            "Several attentions at a time, each with a learned view of its own.",
                                            {.prints_activity_regularizer = true});
    declaration.arg("num_heads", &T::num_heads, "How many attentions there are.", kRequiredPositive)
        .arg("key_dim", &T::key_dim, "Size of each head's queries and keys.", kRequiredPositive)
        .arg("value_dim", &T::value_dim, "Size of each head's values; None for key_dim.", kPositive)
        .arg("output_shape", &T::output_shape, "Shape that replaces the features; None for the query's.",
             {.min = 1, .advanced = true})
        .arg("attention_axes", &T::attention_axes, "Dimensions that attention goes along; None for all but the batch.",
             {.min = -8, .max = 7, .advanced = true});
    add_head_options(declaration);
    declaration.settle([](T& layer) {
      if (!layer.value_dim) layer.value_dim = layer.key_dim;
    });
    declaration.summary({"num_heads", "key_dim"});
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
    AttentionAxes axes;
    if (!context.expect_min_rank(3, query) || !shapes_fit(context, query, value, key) ||
        !read_axes(context, context.shape(query), axes))
      return;
    for (const int axis : axes.batch)
      if (!same(context.shape(query)[axis], context.shape(value)[axis])) return complain(context, query, value, key);
    for (const int input : {query, key, value})
      if (!context.expect_known(-1, input)) return;
    Shape scores = AttentionAxes::sizes(context.shape(query), axes.batch);
    scores.push_back(num_heads);
    for (const int input : {query, value})
      for (const int axis : axes.attended) scores.push_back(context.shape(input)[axis]);
    if (!check_head_masks(context, inputs, axes, scores, sliding_window)) return;
    Shape result = context.shape(query).slice(0, context.shape(query).rank() - 1);
    const Shape out = outputs(context.shape(query).back());
    for (const int64_t size : out) result.push_back(size);
    declare_weights(context, {context.shape(query).back(), context.shape(key).back(), context.shape(value).back()},
                    out);
    if (activity_regularizer && !activity_regularizer->problem(result).empty())
      context.error("activity_regularizer", "layer.activation", {{"problem", activity_regularizer->problem(result)}});
    if (context.failed()) return;
    context.add_output(result);
    if (context.arguments().flag("return_attention_scores")) context.add_output(scores);
  }

  void call(CallContext& context) const override {
    const NamedInputs inputs(context.arguments(), kHeadInputs, context.input_count());
    const Value query = context.input(inputs.find("query"));
    const Value value = context.input(inputs.find("value"));
    const Value key = inputs.find("key") < 0 ? value : context.input(inputs.find("key"));
    const AttentionAxes axes = axes_of(query.rank());
    Projections projections(context, *this, activity_regularizer);
    const Value queries = projections.next(query, 1) * (1 / std::sqrt(static_cast<double>(key_dim)));
    const Value keys = projections.next(key, 1);
    const Value gate = use_gate ? projections.next(query, 1, true) : Value();
    const Value values = projections.next(value, 1);
    const Value scores = matmul(heads(queries, axes), heads(keys, axes), false, true);
    const Value weights = head_weights(context, scores, head_mask(context, inputs, axes, num_heads, sliding_window),
                                       dropout == 0 && query.rank() == 3);
    const Value seen = matmul(dropout_of(context, weights), heads(values, axes));
    Value y = from_heads(seen, query.shape(), axes);
    if (gate) y = y * gate;
    context.add_output(projections.next(y, 2));
    const int mask = inputs.find("query_mask");
    context.set_output_mask(0, context.mask(inputs.find("query")) ? context.mask(inputs.find("query"))
                               : mask >= 0                        ? cast(context.input(mask), DType::boolean)
                                                                  : Value());
    if (context.flag("return_attention_scores"))
      context.add_output(reshape(weights, scores_shape(query.shape(), value.shape(), axes)));
  }

 private:
  /// Features of the three inputs.
  struct Features {
    int64_t query, key, value;
  };

  static bool same(int64_t a, int64_t b) { return a == b || a == kUnknown || b == kUnknown; }

  static void complain(BuildContext& context, int query, int value, int key) {
    context.error("", "attention.shapes",
                  {{"query", context.shape(query).text()},
                   {"value", context.shape(value).text()},
                   {"key", context.shape(key).text()}});
  }

  /// Values and keys have the same positions, and all three as many dimensions.
  static bool shapes_fit(BuildContext& context, int query, int value, int key) {
    const Shape& v = context.shape(value);
    const Shape& k = context.shape(key);
    bool fits = v.rank() == k.rank() && v.rank() == context.shape(query).rank();
    for (int axis = 0; fits && axis + 1 < v.rank(); ++axis) fits = same(v[axis], k[axis]);
    if (!fits) complain(context, query, value, key);
    return fits;
  }

  bool read_axes(BuildContext& context, const Shape& query, AttentionAxes& axes) const {
    if (attention_axes)
      for (const int64_t axis : attention_axes->axes) {
        const int resolved = resolve_axis(axis, query.rank());
        if (resolved <= 0 || resolved == query.rank() - 1)
          return context.error("attention_axes", "layer.axis",
                               {{"axis", std::to_string(axis)}, {"shape", query.text()}}),
                 false;
      }
    axes = axes_of(query.rank());
    if (!axes.attended.empty()) return true;
    context.error("attention_axes", "argument.missing");
    return false;
  }

  AttentionAxes axes_of(int rank) const {
    AttentionAxes axes{.input_rank = rank};
    if (attention_axes)
      for (const int64_t axis : attention_axes->axes) {
        const int resolved = resolve_axis(axis, rank);
        if (std::find(axes.attended.begin(), axes.attended.end(), resolved) == axes.attended.end())
          axes.attended.push_back(resolved);
      }
    for (int axis = 0; axis + 1 < rank; ++axis) {
      const bool listed = std::find(axes.attended.begin(), axes.attended.end(), axis) != axes.attended.end();
      if (!attention_axes && axis > 0)
        axes.attended.push_back(axis);
      else if (!listed)
        axes.batch.push_back(axis);
    }
    return axes;
  }

  Shape outputs(int64_t features) const {
    return output_shape && !output_shape->sizes.empty() ? Shape(output_shape->sizes) : Shape{features};
  }

  void declare_weights(BuildContext& context, const Features& features, const Shape& out) const {
    const int64_t values = value_dim.value_or(key_dim);
    add_projection(context, *this, "query", {features.query, num_heads, key_dim}, {num_heads, key_dim});
    add_projection(context, *this, "key", {features.key, num_heads, key_dim}, {num_heads, key_dim});
    if (use_gate) add_projection(context, *this, "gate", {features.query, num_heads, values}, {num_heads, values});
    add_projection(context, *this, "value", {features.value, num_heads, values}, {num_heads, values});
    Shape kernel{num_heads, values};
    for (const int64_t size : out) kernel.push_back(size);
    add_projection(context, *this, "attention_output", kernel, out);
  }

  Value dropout_of(CallContext& context, Value weights) const {
    return trainyard::dropout(context, weights, dropout, seed);
  }

  /// [n, .., heads, features] -> [groups, heads, positions, features]
  Value heads(Value x, const AttentionAxes& axes) const {
    const Shape& shape = x.shape();
    const int64_t groups = AttentionAxes::sizes(shape, axes.batch).elements();
    const int64_t positions = AttentionAxes::sizes(shape, axes.attended).elements();
    return reshape(transpose(x, axes.to_heads()), {groups, num_heads, positions, shape.back()});
  }

  /// [groups, heads, positions, features] -> [n, .., heads, features], `query` being the input's shape.
  Value from_heads(Value x, const Shape& query, const AttentionAxes& axes) const {
    const std::vector<int> order = axes.to_heads();
    Shape shape;
    std::vector<int> back(order.size());
    for (size_t i = 0; i < order.size(); ++i) {
      shape.push_back(order[i] == axes.input_rank       ? x.shape().back()
                      : order[i] == axes.input_rank - 1 ? num_heads
                                                        : query[order[i]]);
      back[static_cast<size_t>(order[i])] = static_cast<int>(i);
    }
    return transpose(reshape(x, shape), back);
  }

  Shape scores_shape(const Shape& query, const Shape& value, const AttentionAxes& axes) const {
    Shape shape = AttentionAxes::sizes(query, axes.batch);
    shape.push_back(num_heads);
    for (const int axis : axes.attended) shape.push_back(query[axis]);
    for (const int axis : axes.attended) shape.push_back(value[axis]);
    return shape;
  }
};

}  // namespace

LayerClasses multi_head_attention_layers() { return {&MultiHeadAttention::declaration()}; }

}  // namespace trainyard
