#include "engine/layers/dense.h"

#include "engine/layers/weight_arguments.h"

namespace trainyard::layers {

const ClassInfo& Dense::declaration() {
  static const ClassInfo kInfo = [] {
    auto declaration =
        layer_declaration<Dense>("Dense", "core", "Every output sees every input: a fully connected layer.");
    declaration.arg("units", &Dense::units, "How many outputs.", kRequiredPositive)
        .arg("activation", &Dense::activation, kActivationDoc)
        .arg("use_bias", &Dense::use_bias, kUseBiasDoc);
    add_kernel_and_bias(declaration);
    declaration.refuse("lora_rank", "null", "low-rank adapters are not supported")
        .refuse("lora_alpha", "null", "low-rank adapters are not supported")
        .refuse("quantization_config", "null", "quantised layers are not supported", true)
        .summary({"units", "activation"});
    return declaration.build();
  }();
  return kInfo;
}

void Dense::build(BuildContext& context) const {
  if (!context.expect_min_rank(2) || !context.expect_known(-1)) return;
  Shape shape = context.shape();
  context.add_weight({"kernel", {shape.back(), units}, kernel_initializer, kernel_regularizer, kernel_constraint});
  if (use_bias) context.add_weight({"bias", {units}, bias_initializer, bias_regularizer, bias_constraint});
  shape[shape.rank() - 1] = units;
  std::string problem;
  if (activation.get()) shape = activation.get()->output_shape(shape, problem);
  if (!problem.empty()) return context.error("activation", "layer.activation", {{"problem", problem}});
  if (!context.failed()) context.add_output(shape);
}

void Dense::call(CallContext& context) const {
  Value y = matmul(context.input(), context.weight(0));
  if (use_bias) y = y + context.weight(1);
  context.add_output(activation.apply(y));
}

}  // namespace trainyard::layers
