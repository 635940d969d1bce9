// keras.layers.SpectralNormalization. Miyato et al., arXiv:1802.05957.
#include "engine/layers/layer_families.h"
#include "engine/layers/wrapper.h"
#include "engine/ops/builder.h"

namespace trainyard {
namespace {

/// Divides the kernel (or embeddings) of a layer by its largest singular value at each step of training, for good.
/// Weights in Keras's order: the kernel, vector_u, and what else the layer has. Singular vectors by power iteration:
/// v = |u K^T|, u = |v K|, with K: [rows, columns] the kernel's last dimension against all others and u: [1, columns].
struct SpectralNormalization final : LayerOf<SpectralNormalization> {
  Ref<Layer> layer;
  int64_t power_iterations = 1;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = SpectralNormalization;
      auto declaration = layer_declaration<T>("SpectralNormalization", "normalization",
                                              "Keeps the kernel of a layer from stretching its input.");
      declaration.arg("layer", &T::layer, "The layer whose kernel is held to length 1.", kRequired)
          .arg("power_iterations", &T::power_iterations, "Rounds of estimating the length at each step.", kPositive)
          .summary({"layer"});
      return declaration.build();
    }();
    return kInfo;
  }
  InputArity arity() const override { return layer ? layer->arity() : InputArity{}; }
  bool keeps_integers() const override { return layer && layer->keeps_integers(); }
  bool works_by_sample() const override { return false; }

  void build(BuildContext& context) const override {
    std::vector<TensorSpec> inputs;
    for (int i = 0; i < context.input_count(); ++i) inputs.push_back(context.input(i));
    BuildContext inner(inputs, context.dtype(), context.place_of(""));
    const std::vector<TensorSpec> outputs = build_inner(inner, {"layer"}, *layer, inputs);
    const std::vector<WeightSpec>& weights = inner.weights();
    if (!inner.failed() && (weights.empty() || !is_kernel(weights[0].name)))
      inner.error("layer", "spectral.kernel", {{"class_name", layer->info().class_name}});
    const BuildContext shape_only({context.input()}, context.dtype(), context.place_of(""));
    context.adopt(inner.failed() ? inner : shape_only, "", "/layer", true, layer->has_build_config());
    if (context.failed()) return;
    context.add_weight(weights[0]);
    context.add_weight({.name = "vector_u",
                        .shape = {1, weights[0].shape.back()},
                        .initializer = initial_vector(),
                        .regularizer = {},
                        .constraint = {},
                        .kind = VariableKind::statistic});
    for (size_t i = 1; i < weights.size(); ++i) context.add_weight(weights[i]);
    for (const TensorSpec& output : outputs) context.add_output(output);
  }

  void call(CallContext& context) const override {
    InnerLayer inner(context, *layer, 0, context.inputs());
    for (int i = 1; i < inner.weight_count(); ++i) inner.replace_weight(i, context.weight(i + 1));
    if (context.training()) inner.replace_weight(0, normalized(context));
    const InnerLayer::Outputs outputs =
        inner.call(context.inputs(), {.masks = context.setup().masks, .arguments = context.setup().arguments});
    for (size_t i = 0; i < outputs.values.size(); ++i) {
      context.add_output(outputs.values[i]);
      context.set_output_mask(static_cast<int>(i), outputs.masks[i]);
    }
  }

 private:
  bool is_kernel(const std::string& name) const {
    return name == layer->name + "/kernel" || name == layer->name + "/embeddings";
  }

  /// Keras's TruncatedNormal(stddev=0.02).
  static Ref<Initializer> initial_vector() {
    Diagnostics diagnostics;
    const Json json = {{"class_name", "TruncatedNormal"}, {"config", {{"stddev", 0.02}}}};
    return Ref<Initializer>(std::static_pointer_cast<const Initializer>(
        std::shared_ptr<const Declared>(Initializer::registry().parse(json, ParseContext(diagnostics, "")))));
  }

  /// x / |x|, as Keras guards it.
  static Value unit(Value x) { return x * minimum(rsqrt(sum(square(x), {}, true)), 1e7); }

  /// The kernel by its largest singular value; it and vector_u stay so. A kernel of zeros is left alone.
  Value normalized(CallContext& context) const {
    const Value kernel = context.weight(0);
    const int64_t columns = kernel.shape().back();
    const Value matrix = reshape(kernel, {kernel.shape().elements() / columns, columns});
    Value u = context.weight(1);
    Value v;
    for (int64_t i = 0; i < power_iterations; ++i) {
      v = unit(matmul(u, matrix, false, true));
      u = unit(matmul(v, matrix));
    }
    u = stop_gradient(u);
    v = stop_gradient(v);
    const Value length = reshape(matmul(matmul(v, matrix), u, false, true), {});
    const Value zero = equal(reduce(op::ReduceKind::max, abs(kernel)), 0.0);
    const Value shorter = select(zero, kernel, kernel / length);
    context.update_weight(0, shorter);
    context.update_weight(1, select(zero, context.weight(1), u));
    return shorter;
  }
};

}  // namespace

LayerClasses spectral_normalization_layers() { return {&SpectralNormalization::declaration()}; }

}  // namespace trainyard
