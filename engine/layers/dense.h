// keras.layers.Dense
#pragma once

#include "engine/layers/layer_declaration.h"

namespace trainyard::layers {

/// y = activation(x kernel + bias). x: [n, .., in]  kernel: [in, units]  y: [n, .., units]
struct Dense final : LayerOf<Dense> {
  int64_t units = 1;
  ActivationArg activation;
  bool use_bias = true;
  Ref<Initializer> kernel_initializer = initializers::glorot_uniform();
  Ref<Initializer> bias_initializer = initializers::zeros();
  Ref<Regularizer> kernel_regularizer;
  Ref<Regularizer> bias_regularizer;
  Ref<Constraint> kernel_constraint;
  Ref<Constraint> bias_constraint;

  static const ClassInfo& declaration();
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override;
  bool supports_masking() const override { return true; }
  bool works_by_sample() const override { return !activation.get() || activation.get()->elementwise(); }
};

}  // namespace trainyard::layers
