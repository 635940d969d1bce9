// BatchNormalization. Ioffe and Szegedy, arXiv:1502.03167; details as in keras.layers.BatchNormalization.
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

struct BatchNormalization final : LayerOf<BatchNormalization> {
  int64_t axis = -1;
  double momentum = 0.99;
  double epsilon = 0.001;
  bool center = true;
  bool scale = true;
  Ref<Initializer> beta_initializer = initializers::zeros();
  Ref<Initializer> gamma_initializer = initializers::ones();
  Ref<Initializer> moving_mean_initializer = initializers::zeros();
  Ref<Initializer> moving_variance_initializer = initializers::ones();
  Ref<Regularizer> beta_regularizer;
  Ref<Regularizer> gamma_regularizer;
  Ref<Constraint> beta_constraint;
  Ref<Constraint> gamma_constraint;
  bool synchronized = false;
  double renorm_momentum = 0.99;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare();
    return kInfo;
  }
  static ClassInfo declare() {
    using T = BatchNormalization;
    auto declaration = layer_declaration<T>("BatchNormalization", "normalization",
                                            "Brings each channel to mean 0 and deviation 1 over the batch.");
    declaration.arg("axis", &T::axis, "The dimension of the channels.");
    declaration.arg("momentum", &T::momentum, "How slowly the moving statistics follow.", {.min = 0, .max = 1});
    declaration.arg("epsilon", &T::epsilon, "Small number that keeps the division safe.", {.min = 0, .advanced = true});
    declaration.arg("center", &T::center, "Adds a learned offset (beta).");
    declaration.arg("scale", &T::scale, "Multiplies by a learned factor (gamma).");
    declaration.arg("beta_initializer", &T::beta_initializer, "How beta begins.", kAdvanced);
    declaration.arg("gamma_initializer", &T::gamma_initializer, "How gamma begins.", kAdvanced);
    declaration.arg("moving_mean_initializer", &T::moving_mean_initializer, "How the moving mean begins.", kAdvanced);
    declaration.arg("moving_variance_initializer", &T::moving_variance_initializer, "How the moving variance begins.",
                    kAdvanced);
    declaration.arg("beta_regularizer", &T::beta_regularizer, "Penalty on beta.", kAdvanced);
    declaration.arg("gamma_regularizer", &T::gamma_regularizer, "Penalty on gamma.", kAdvanced);
    declaration.arg("beta_constraint", &T::beta_constraint, "What beta is held to after each step.", kAdvanced);
    declaration.arg("gamma_constraint", &T::gamma_constraint, "What gamma is held to after each step.", kAdvanced);
    declaration.arg("synchronized", &T::synchronized, "Statistics over all replicas; with one replica it is the same.",
                    {.advanced = true, .hint = true});
    declaration.refuse("renorm", "false", "batch renormalization is not supported", true);
    declaration.refuse("renorm_clipping", "null", "batch renormalization is not supported", true);
    declaration.refuse("renorm_momentum", "0.99", "batch renormalization is not supported", true);
    declaration.summary({"axis"});
    return declaration.build();
  }

  bool supports_masking() const override { return true; }
  void build(BuildContext& context) const override {
    const int along = resolve_axis(axis, context.shape().rank());
    if (along < 0)
      return context.error("axis", "layer.axis", {{"axis", std::to_string(axis)}, {"shape", context.shape().text()}});
    if (!context.expect_known(along)) return;
    const Shape channels{context.shape()[along]};
    if (scale) context.add_weight({"gamma", channels, gamma_initializer, gamma_regularizer, gamma_constraint});
    if (center) context.add_weight({"beta", channels, beta_initializer, beta_regularizer, beta_constraint});
    context.add_weight({.name = "moving_mean",
                        .shape = channels,
                        .initializer = moving_mean_initializer,
                        .regularizer = {},
                        .constraint = {},
                        .kind = VariableKind::statistic});
    context.add_weight({.name = "moving_variance",
                        .shape = channels,
                        .initializer = moving_variance_initializer,
                        .regularizer = {},
                        .constraint = {},
                        .kind = VariableKind::statistic});
    context.add_output(context.shape());
  }

  // A frozen layer keeps its statistics and uses them, as Keras's trainable=False does.
  void call(CallContext& context) const override {
    const Value x = context.input();
    const int along = resolve_axis(axis, x.rank());
    Shape wide;  // [1, .., channels, .., 1]: lines a vector up with x
    for (int d = 0; d < x.rank(); ++d) wide.push_back(d == along ? x.shape()[d] : 1);
    const int statistics = (scale ? 1 : 0) + (center ? 1 : 0);
    Value mean = context.weight(statistics);
    Value variance = context.weight(statistics + 1);
    if (context.training() && this->trainable) {
      const Moments batch = moments(context, x, along, wide);
      context.update_weight(statistics, mean * momentum + batch.mean * (1 - momentum));
      context.update_weight(statistics + 1, variance * momentum + batch.variance * (1 - momentum));
      mean = batch.mean;
      variance = batch.variance;
    }
    Value factor = rsqrt(variance + epsilon);
    if (scale) factor = factor * context.weight(0);
    Value y = (x - line_up(mean, wide)) * line_up(factor, wide);
    if (center) y = y + line_up(context.weight(scale ? 1 : 0), wide);
    context.add_output(y);
  }

 private:
  struct Moments {
    Value mean, variance;
  };

  /// A vector of channels as it broadcasts to x; [channels] itself where they are last.
  static Value line_up(Value vector, const Shape& wide) {
    return wide.back() == vector.shape()[0] && wide.elements() == wide.back() ? vector : reshape(vector, wide);
  }

  /// Over all axes but the channels', masked positions left out as Keras does.
  static Moments moments(const CallContext& context, Value x, int along, const Shape& wide) {
    std::vector<int> axes;
    for (int d = 0; d < x.rank(); ++d)
      if (d != along) axes.push_back(d);
    if (!context.mask()) {
      const Value mean = trainyard::mean(x, axes);
      return {mean, trainyard::mean(square(x - line_up(mean, wide)), axes)};
    }
    Shape shape = context.mask().shape();
    while (shape.rank() < x.rank()) shape.push_back(1);
    const Value weights = broadcast_to(reshape(cast(context.mask(), x.dtype()), shape), x.shape());
    const Value count = sum(weights, axes) + 1e-7;
    const Value mean = sum(weights * x, axes) / count;
    return {mean, sum(weights * square(x - line_up(mean, wide)), axes) / count};
  }
};

}  // namespace

LayerClasses normalization_layers() { return {&BatchNormalization::declaration()}; }

}  // namespace trainyard
