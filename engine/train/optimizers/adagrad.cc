// Optimizers that divide by all or by the recent gradients of each weight: Adagrad, Adadelta.
#include "engine/train/optimizers/optimizer_classes.h"

namespace trainyard {
namespace {

/// a' = a + g^2;  w' = w - rate g / sqrt(a' + epsilon) (keras.optimizers.Adagrad).
class Adagrad final : public Optimizer {
 public:
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  Adagrad() { name = "adagrad"; }
  const ClassInfo& info() const override { return class_info(); }

  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_optimizer(
        Declaration<Adagrad>("Adagrad", "adaptive", "Weights that have moved much move less: for rare features")
            .summary({"learning_rate"})
            .arg("learning_rate", &Adagrad::learning_rate, "Length of a step")
            .arg("initial_accumulator_value", &Adagrad::initial_accumulator_value,
                 "Squared gradients supposed at the start", {.min = 0})
            .arg("epsilon", &Adagrad::epsilon, "Keeps the division finite", kEpsilonOptions));
    return kInfo;
  }

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value total = context.slot(i, "accumulator", initial_accumulator_value) + square(gradient);
    context.set_slot(i, "accumulator", total);
    context.set_variable(i, variable - gradient * learning_rate_value(context) / sqrt(total + epsilon));
  }
};

/// Steps in the unit of the weights: rms of recent steps over rms of recent gradients (keras.optimizers.Adadelta).
class Adadelta final : public Optimizer {
 public:
  double rho = 0.95;
  double epsilon = 1e-7;
  Adadelta() { name = "adadelta"; }
  const ClassInfo& info() const override { return class_info(); }

  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_optimizer(
        Declaration<Adadelta>("Adadelta", "adaptive",
                              "Steps sized by recent steps and gradients; a learning rate of 1 is the original")
            .summary({"learning_rate"})
            .arg("learning_rate", &Adadelta::learning_rate, "Length of a step")
            .arg("rho", &Adadelta::rho, "How slowly the means of squares follow", kDecayRate)
            .arg("epsilon", &Adadelta::epsilon, "Keeps the division finite", kEpsilonOptions));
    return kInfo;
  }

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value gradients = context.slot(i, "accumulated_grad") * rho + square(gradient) * (1 - rho);
    context.set_slot(i, "accumulated_grad", gradients);
    const Value steps = context.slot(i, "accumulated_delta_var");
    const Value step = sqrt(steps + epsilon) * gradient / sqrt(gradients + epsilon);
    context.set_slot(i, "accumulated_delta_var", steps * rho + square(step) * (1 - rho));
    context.set_variable(i, variable - step * learning_rate_value(context));
  }
};

}  // namespace

std::vector<const ClassInfo*> adagrad_optimizers() { return {&Adagrad::class_info(), &Adadelta::class_info()}; }

}  // namespace trainyard
