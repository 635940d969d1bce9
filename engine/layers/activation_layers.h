// Layers that are activations: Activation, ReLU, LeakyReLU, ELU, PReLU, Softmax.
#pragma once

#include "engine/layers/layer_declaration.h"

namespace trainyard::layers {

/// Elementwise layers: shape and mask pass through.
template <typename T>
struct SameShape : LayerOf<T> {
  void build(BuildContext& context) const override { context.add_output(context.shape()); }
  bool supports_masking() const override { return true; }
  bool has_build_config() const override { return false; }
};

struct ActivationLayer final : LayerOf<ActivationLayer> {
  ActivationArg activation;
  static const ClassInfo& declaration();
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override { context.add_output(activation.apply(context.input())); }
  bool supports_masking() const override { return true; }
  bool has_build_config() const override { return false; }
};

struct ReLU final : SameShape<ReLU> {
  std::optional<double> max_value;
  double negative_slope = 0;
  double threshold = 0;
  static const ClassInfo& declaration();
  void call(CallContext& context) const override;
};

struct LeakyReLU final : SameShape<LeakyReLU> {
  double negative_slope = 0.3;
  static const ClassInfo& declaration();
  void call(CallContext& context) const override;
};

struct ELU final : SameShape<ELU> {
  double alpha = 1;
  static const ClassInfo& declaration();
  void call(CallContext& context) const override;
};

/// y = max(0, x) + alpha min(0, x). alpha: x's shape without the batch, 1 along shared_axes.
struct PReLU final : LayerOf<PReLU> {
  Ref<Initializer> alpha_initializer = initializers::zeros();
  Ref<Regularizer> alpha_regularizer;
  Ref<Constraint> alpha_constraint;
  std::optional<std::vector<int64_t>> shared_axes;
  static const ClassInfo& declaration();
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override;
  bool supports_masking() const override { return true; }
};

/// Softmax along one axis, or over several together; masked entries get probability 0.
struct SoftmaxLayer final : LayerOf<SoftmaxLayer> {
  Axis axis = -1;
  static const ClassInfo& declaration();
  std::vector<std::string> tensor_arguments() const override { return {"mask"}; }
  void build(BuildContext& context) const override;
  void call(CallContext& context) const override;
  bool supports_masking() const override { return true; }
  bool has_build_config() const override { return false; }
};

}  // namespace trainyard::layers
