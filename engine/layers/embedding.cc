// keras.layers.Embedding, keras.layers.ReversibleEmbedding
#include <algorithm>

#include "engine/layers/index_reader.h"
#include "engine/layers/input_layer.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

/// Numbers that came with the model, [rows, columns] as nested lists; or that list in a list of one, as Keras takes it.
struct GivenTable final : Initializer {
  Json rows;
  explicit GivenTable(const Json& value)
      : rows(value.is_array() && value.size() == 1 && is_table(value[0]) ? value[0] : value) {}
  const ClassInfo& info() const override { return initializers::zeros()->info(); }
  static bool is_table(const Json& value) {
    return value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), [](const Json& row) {
             return row.is_array() && !row.empty() &&
                    std::all_of(row.begin(), row.end(), [](const Json& entry) { return entry.is_number(); });
           });
  }
  std::string problem(const Shape& shape) const override {
    bool fits = is_table(rows) && static_cast<int64_t>(rows.size()) == shape[0];
    for (size_t i = 0; fits && i < rows.size(); ++i) fits = static_cast<int64_t>(rows[i].size()) == shape[1];
    return fits ? "" : "'weights' must be rows of numbers of shape " + shape.text();
  }
  Tensor make(const Shape& shape, DType dtype, Philox) const override {
    Tensor table(DType::f64, shape);
    size_t next = 0;
    for (const Json& row : rows)
      for (const Json& entry : row) table.span<double>()[next++] = entry.get<double>();
    return table.cast(dtype);
  }
};

/// What Embedding and ReversibleEmbedding share: a row of the table for each index.
/// x: integers [n, ..]  embeddings: [input_dim, output_dim]  y: [n, .., output_dim]
/// Numbers outside the table are refused where they come from data. Where the model works them out they give zeros: Keras
/// stops on TensorFlow and takes the nearest row on JAX.
template <typename T>
struct Table : LayerOf<T>, IndexReader {
  int64_t input_dim = 1;
  int64_t output_dim = 1;
  Ref<Initializer> embeddings_initializer = initializers::random_uniform();
  Ref<Regularizer> embeddings_regularizer;
  Ref<Constraint> embeddings_constraint;
  bool mask_zero = false;

  static void add_arguments(Declaration<T>& declaration) {
    declaration
        .arg("input_dim", &T::input_dim,
             "How many different numbers there are, counted from 0; data with others is refused.", kRequiredPositive)
        .arg("output_dim", &T::output_dim, "Length of the vectors.", kRequiredPositive)
        .arg("embeddings_initializer", &T::embeddings_initializer, "How the vectors begin.", kAdvanced)
        .arg("embeddings_regularizer", &T::embeddings_regularizer, "Penalty on the vectors, added to the loss.",
             kAdvanced)
        .arg("embeddings_constraint", &T::embeddings_constraint, "What the vectors are held to after each step.",
             kAdvanced)
        .arg("mask_zero", &T::mask_zero, "0 stands for padding: later layers skip it.")
        .refuse("lora_rank", "null", "low-rank adapters are not supported")
        .refuse("lora_alpha", "null", "low-rank adapters are not supported")
        .refuse("quantization_config", "null", "quantised layers are not supported", true)
        .summary({"input_dim", "output_dim"});
  }
  bool keeps_integers() const override { return true; }
  std::optional<int64_t> index_limit(const Json& arguments) const override {
    const bool reverse = arguments.is_object() && arguments.value("reverse", Json()) == Json(true);
    return reverse ? std::nullopt : std::optional(input_dim);
  }

 protected:
  void build_table(BuildContext& context, const Ref<Initializer>& initializer) const {
    context.add_weight(
        {"embeddings", {input_dim, output_dim}, initializer, embeddings_regularizer, embeddings_constraint});
  }
  Shape looked_up(Shape shape) const {
    shape.push_back(output_dim);
    return shape;
  }
  void look_up(CallContext& context) const {
    const Value indices = cast(context.input(), DType::i32);
    context.add_output(gather(context.weight(0), indices));
    if (mask_zero) context.set_output_mask(0, binary(op::BinaryKind::not_equal, indices, 0.0));
  }
};

struct Embedding final : Table<Embedding> {
  /// Null, or the numbers that the vectors begin with.
  Json weights;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration = layer_declaration<Embedding>(
          "Embedding", "core", "Turns each whole number (a word, a category) into a learned vector.",
          {.prints_activity_regularizer = true});
      add_arguments(declaration);
      declaration.arg("weights", &Embedding::weights, "The vectors to begin with, as rows of numbers.",
                      {.advanced = true, .omit_null = true});
      return declaration.build();
    }();
    return kInfo;
  }
  bool works_by_sample() const override { return true; }
  void build(BuildContext& context) const override {
    build_table(context, weights.is_null() ? embeddings_initializer
                                           : Ref<Initializer>(std::make_shared<const GivenTable>(weights)));
    if (!context.failed()) context.add_output(looked_up(context.shape()));
  }
  void call(CallContext& context) const override { look_up(context); }
};

/// Called with reverse=True it goes back: y = x table^T, or x reverse_embeddings. x: [n, .., output_dim]  y: [n, .., input_dim]
struct ReversibleEmbedding final : Table<ReversibleEmbedding> {
  bool tie_weights = true;
  std::optional<DType> reverse_dtype;
  std::optional<double> logit_soft_cap;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = ReversibleEmbedding;
      auto declaration = layer_declaration<T>("ReversibleEmbedding", "core",
                                              "An embedding that can also score every number for a given vector.",
                                              {.prints_activity_regularizer = true});
      add_arguments(declaration);
      declaration.arg("tie_weights", &T::tie_weights, "Go back by the same vectors; off: by others, learned apart.")
          .arg("reverse_dtype", &T::reverse_dtype, "Precision of going back; None for the layer's.", kAdvanced)
          .arg("logit_soft_cap", &T::logit_soft_cap, "Keeps scores between minus and plus this, softly.",
               {.min = 0, .above_min = true, .advanced = true})
          .rule([](const T& layer, const ParseContext& context) {
            if (layer.reverse_dtype && !is_floating(*layer.reverse_dtype))
              context.child("reverse_dtype")
                  .error("layer.dtype", {{"dtype", std::string(name_of(*layer.reverse_dtype))}});
          });
      return declaration.build();
    }();
    return kInfo;
  }
  std::vector<std::string> call_arguments() const override { return {"reverse"}; }
  void build(BuildContext& context) const override {
    build_table(context, embeddings_initializer);
    if (!tie_weights) context.add_weight({"reverse_embeddings", {output_dim, input_dim}, embeddings_initializer});
    if (!context.arguments().flag("reverse")) {
      if (!context.failed()) context.add_output(looked_up(context.shape()));
      return;
    }
    Shape shape = context.shape();
    if (!context.expect_min_rank(2) || !context.expect_known(-1)) return;
    if (shape.back() != output_dim)
      return context.error("output_dim", "embedding.reverse",
                           {{"output_dim", std::to_string(output_dim)}, {"shape", shape.text()}});
    shape[shape.rank() - 1] = input_dim;
    if (!context.failed()) context.add_output(TensorSpec{back_dtype(), shape});
  }
  void call(CallContext& context) const override {
    if (!context.flag("reverse")) return look_up(context);
    const Value x = cast(context.input(), back_dtype());
    const Value table = cast(context.weight(tie_weights ? 0 : 1), back_dtype());
    Value scores = matmul(x, table, false, tie_weights);
    if (logit_soft_cap) scores = tanh(scores / *logit_soft_cap) * *logit_soft_cap;
    context.add_output(scores);
  }

 private:
  DType back_dtype() const { return reverse_dtype.value_or(dtype.dtype); }
};

}  // namespace

LayerClasses embedding_layers() { return {&Embedding::declaration(), &ReversibleEmbedding::declaration()}; }

}  // namespace trainyard
