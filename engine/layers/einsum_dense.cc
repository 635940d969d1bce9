// keras.layers.EinsumDense
#include "engine/layers/einsum_equation.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/shape_arguments.h"
#include "engine/layers/weight_arguments.h"
#include "engine/ops/einsum.h"

namespace trainyard {
namespace {

/// y = activation(einsum(equation, x, kernel) + bias).
struct EinsumDense final : LayerOf<EinsumDense> {
  std::string equation;
  Sizes output_shape;
  ActivationArg activation;
  std::optional<std::string> bias_axes;
  Ref<Initializer> kernel_initializer = initializers::glorot_uniform();
  Ref<Initializer> bias_initializer = initializers::zeros();
  Ref<Regularizer> kernel_regularizer;
  Ref<Regularizer> bias_regularizer;
  Ref<Constraint> kernel_constraint;
  Ref<Constraint> bias_constraint;
  std::optional<int64_t> gptq_unpacked_column_size;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare();
    return kInfo;
  }
  static ClassInfo declare() {
    using T = EinsumDense;
    auto declaration = layer_declaration<T>("EinsumDense", "core",
                                            "A dense layer along the dimensions that an equation of letters names.",
                                            {.prints_activity_regularizer = true});
    declaration
        .arg("equation", &T::equation, "Letters of the input, the kernel and the output: abc,cd->abd.", kRequired)
        .arg("output_shape", &T::output_shape, "Sizes of the output without the batch; None where they follow.",
             {.min = 1, .required = true})
        .arg("activation", &T::activation, kActivationDoc)
        .arg("bias_axes", &T::bias_axes, "Letters of the output that have a trained number added; None for no bias.");
    add_kernel_and_bias(declaration);
    declaration
        .arg("gptq_unpacked_column_size", &T::gptq_unpacked_column_size, "Kept for quantised kernels; has no effect.",
             {.min = 1, .advanced = true, .hint = true, .omit_null = true})
        .refuse("lora_rank", "null", "low-rank adapters are not supported")
        .refuse("lora_alpha", "null", "low-rank adapters are not supported")
        .refuse("quantization_config", "null", "quantised layers are not supported", true)
        .summary({"equation", "output_shape"});
    return declaration.build();
  }

  bool works_by_sample() const override { return false; }
  void build(BuildContext& context) const override {
    const std::optional<EinsumEquation> parsed = parse_einsum_equation(equation, context.shape().rank());
    if (!parsed)
      return context.error("equation", "einsum.equation", {{"equation", equation}, {"shape", context.shape().text()}});
    const EinsumShapes shapes =
        einsum_shapes(*parsed, context.shape(), output_shape.sizes, bias_axes ? &*bias_axes : nullptr);
    if (!shapes.problem.empty()) return context.error(shapes.argument, shapes.problem, shapes.params);
    context.add_weight({"kernel", shapes.kernel, kernel_initializer, kernel_regularizer, kernel_constraint});
    if (bias_axes) context.add_weight({"bias", shapes.bias, bias_initializer, bias_regularizer, bias_constraint});
    std::string problem;
    const Shape y = activation.get() ? activation.get()->output_shape(shapes.output, problem) : shapes.output;
    if (!problem.empty()) return context.error("activation", "layer.activation", {{"problem", problem}});
    if (!context.failed()) context.add_output(y);
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    const std::optional<EinsumEquation> parsed = parse_einsum_equation(equation, x.rank());
    check(parsed.has_value(), "build has read the equation");
    Value y = einsum({x, parsed->input}, {context.weight(0), parsed->kernel}, parsed->output);
    if (bias_axes) y = y + context.weight(1);
    context.add_output(activation.apply(y));
  }
};

}  // namespace

LayerClasses einsum_layers() { return {&EinsumDense::declaration()}; }

}  // namespace trainyard
