// keras.layers.Embedding
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

/// A row of the table for each index. x: integers [n, ..]  embeddings: [input_dim, output_dim]  y: [n, .., output_dim]
struct Embedding final : LayerOf<Embedding> {
  int64_t input_dim = 1;
  int64_t output_dim = 1;
  Ref<Initializer> embeddings_initializer = initializers::random_uniform();
  Ref<Regularizer> embeddings_regularizer;
  Ref<Constraint> embeddings_constraint;
  bool mask_zero = false;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration = layer_declaration<Embedding>(
          "Embedding", "core", "Turns each whole number (a word, a category) into a learned vector.",
          {.prints_activity_regularizer = true});
      declaration.arg("input_dim", &Embedding::input_dim, "How many different numbers there are.", kRequiredPositive)
          .arg("output_dim", &Embedding::output_dim, "Length of the vectors.", kRequiredPositive)
          .arg("embeddings_initializer", &Embedding::embeddings_initializer, "How the vectors begin.", kAdvanced)
          .arg("embeddings_regularizer", &Embedding::embeddings_regularizer,
               "Penalty on the vectors, added to the loss.", kAdvanced)
          .arg("embeddings_constraint", &Embedding::embeddings_constraint,
               "What the vectors are held to after each step.", kAdvanced)
          .arg("mask_zero", &Embedding::mask_zero, "0 stands for padding: later layers skip it.")
          .refuse("weights", "null", "a file keeps its weights beside the layers")
          .refuse("lora_rank", "null", "low-rank adapters are not supported")
          .refuse("lora_alpha", "null", "low-rank adapters are not supported")
          .refuse("quantization_config", "null", "quantised layers are not supported", true)
          .summary({"input_dim", "output_dim"});
      return declaration.build();
    }();
    return kInfo;
  }
  bool keeps_integers() const override { return true; }
  void build(BuildContext& context) const override {
    context.add_weight(
        {"embeddings", {input_dim, output_dim}, embeddings_initializer, embeddings_regularizer, embeddings_constraint});
    Shape shape = context.shape();
    shape.push_back(output_dim);
    if (!context.failed()) context.add_output(shape);
  }
  void call(CallContext& context) const override {
    const Value indices = cast(context.input(), DType::i32);
    context.add_output(gather(context.weight(0), indices));
    if (mask_zero) context.set_output_mask(0, binary(op::BinaryKind::not_equal, indices, 0.0));
  }
};

}  // namespace

LayerClasses embedding_layers() { return {&Embedding::declaration()}; }

}  // namespace trainyard
