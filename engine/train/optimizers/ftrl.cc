#include "engine/train/optimizers/optimizer_classes.h"

namespace trainyard {
namespace {

/// "Follow the regularized leader" (McMahan et al. 2013; keras.optimizers.Ftrl).
class Ftrl final : public Optimizer {
 public:
  double learning_rate_power = -0.5;
  double initial_accumulator_value = 0.1;
  double l1_regularization_strength = 0;
  double l2_regularization_strength = 0;
  double l2_shrinkage_regularization_strength = 0;
  double beta = 0;
  Ftrl() { name = "ftrl"; }
  const ClassInfo& info() const override { return class_info(); }

  static const ClassInfo& class_info() {
    constexpr ArgOptions strength{.min = 0};
    static const ClassInfo kInfo = finish_optimizer(
        Declaration<Ftrl>("Ftrl", "online", "For shallow models over many rare features; can set weights to exactly 0")
            .summary({"learning_rate"})
            .arg("learning_rate", &Ftrl::learning_rate, "Length of a step")
            .arg("learning_rate_power", &Ftrl::learning_rate_power,
                 "How steps shrink with the squared gradients; 0 keeps them", {.max = 0})
            .arg("initial_accumulator_value", &Ftrl::initial_accumulator_value,
                 "Squared gradients supposed at the start", strength)
            .arg("l1_regularization_strength", &Ftrl::l1_regularization_strength, "Pulls small weights to exactly 0",
                 strength)
            .arg("l2_regularization_strength", &Ftrl::l2_regularization_strength, "Steadies the weights", strength)
            .arg("l2_shrinkage_regularization_strength", &Ftrl::l2_shrinkage_regularization_strength,
                 "Penalty on large weights, in the gradient", strength)
            .arg("beta", &Ftrl::beta, "The paper's beta: more steadying while the rate is small", strength));
    return kInfo;
  }

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value per_rate =
        context.scalar("ftrl_per_rate", [](const StepState& state) { return 1 / state.learning_rate; });
    const Value old_total = context.slot(i, "accumulator", initial_accumulator_value);
    const Value total = old_total + square(gradient);
    const Value shrunk = gradient + variable * (2 * l2_shrinkage_regularization_strength);
    const Value change = (pow(total, -learning_rate_power) - pow(old_total, -learning_rate_power)) * per_rate;
    const Value linear = context.slot(i, "linear") + shrunk - change * variable;
    const Value steadying = per_rate * beta + 2 * l2_regularization_strength;
    const Value quadratic = pow(total, -learning_rate_power) * per_rate + steadying;
    const double l1 = l1_regularization_strength;
    context.set_slot(i, "accumulator", total);
    context.set_slot(i, "linear", linear);
    context.set_variable(i, (maximum(minimum(linear, l1), -l1) - linear) / quadratic);
  }
};

}  // namespace

std::vector<const ClassInfo*> ftrl_optimizers() { return {&Ftrl::class_info()}; }

}  // namespace trainyard
