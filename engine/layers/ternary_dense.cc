// keras.layers.TernaryDense. Weights of -1, 0 and 1 as in Ma et al., arXiv:2402.17764.
#include "engine/layers/layer_families.h"
#include "engine/layers/weight_arguments.h"

namespace trainyard {
namespace {

/// y = activation(x ternary(kernel) + bias). x: [n, .., in]  kernel: [in, units]  y: [n, .., units]
/// ternary(k) is the sign of k where |k| is above the threshold, else 0; its gradient is taken to be that of k itself.
/// Without a threshold half of mean |kernel| is it, and the product is multiplied by mean |kernel|.
struct TernaryDense final : LayerOf<TernaryDense> {
  int64_t units = 1;
  std::optional<double> threshold;
  ActivationArg activation;
  bool use_bias = true;
  Ref<Initializer> kernel_initializer = initializers::glorot_uniform();
  Ref<Initializer> bias_initializer = initializers::zeros();
  Ref<Regularizer> kernel_regularizer;
  Ref<Regularizer> bias_regularizer;
  Ref<Constraint> kernel_constraint;
  Ref<Constraint> bias_constraint;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = TernaryDense;
      auto declaration = layer_declaration<T>("TernaryDense", "core",
                                              "A dense layer whose weights count as -1, 0 or 1: small and fast to use.",
                                              {.prints_activity_regularizer = true});
      declaration.arg("units", &T::units, "How many outputs.", kRequiredPositive)
          .arg("threshold", &T::threshold, "Weights of no more than this count as 0; None for half of their mean size.",
               {.min = 0})
          .arg("activation", &T::activation, kActivationDoc)
          .arg("use_bias", &T::use_bias, kUseBiasDoc);
      add_kernel_and_bias(declaration);
      declaration.summary({"units", "activation"});
      return declaration.build();
    }();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  void build(BuildContext& context) const override {
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
  void call(CallContext& context) const override {
    const Value kernel = context.weight(0);
    const Value size = abs(kernel);
    const Value mean_size = mean(size);
    const Value kept = threshold ? greater(size, *threshold) : greater(size, mean_size * 0.5);
    const Value ternary = sign(kernel) * cast(kept, kernel.dtype());
    Value y = matmul(context.input(), kernel + stop_gradient(ternary - kernel));
    if (!threshold) y = y * mean_size;
    if (use_bias) y = y + context.weight(1);
    context.add_output(activation.apply(y));
  }
};

}  // namespace

LayerClasses ternary_layers() { return {&TernaryDense::declaration()}; }

}  // namespace trainyard
