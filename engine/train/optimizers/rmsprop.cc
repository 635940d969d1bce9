#include "engine/train/optimizers/optimizer_classes.h"

namespace trainyard {
namespace {

/// v' = mean of g^2; step = rate g / sqrt(v' [- mean(g)^2] + epsilon), with momentum summed up (keras.optimizers.RMSprop).
class RMSprop final : public Optimizer {
 public:
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;
  RMSprop() { name = "rm_sprop"; }
  const ClassInfo& info() const override { return class_info(); }

  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_optimizer(
        Declaration<RMSprop>("RMSprop", "adaptive", "Steps divided by the recent size of the gradients")
            .aliases({"rmsprop"})
            .summary({"learning_rate"})
            .arg("learning_rate", &RMSprop::learning_rate, "Length of a step")
            .arg("rho", &RMSprop::rho, "How slowly the mean of the squared gradients follows", kDecayRate)
            .arg("momentum", &RMSprop::momentum, "Share of the last step that is kept", kMomentum)
            .arg("epsilon", &RMSprop::epsilon, "Keeps the division finite", kEpsilonOptions)
            .arg("centered", &RMSprop::centered, "Divides by the spread of the gradients instead of their size",
                 kAdvanced));
    return kInfo;
  }

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value velocity = context.slot(i, "velocity") * rho + square(gradient) * (1 - rho);
    context.set_slot(i, "velocity", velocity);
    Value denominator = velocity + epsilon;
    if (centered) {
      const Value average = context.slot(i, "average_gradient") * rho + gradient * (1 - rho);
      context.set_slot(i, "average_gradient", average);
      denominator = denominator - square(average);
    }
    Value step = gradient * learning_rate_value(context) / sqrt(denominator);
    if (momentum > 0) {
      step = context.slot(i, "momentum") * momentum + step;
      context.set_slot(i, "momentum", step);
    }
    context.set_variable(i, variable - step);
  }
};

}  // namespace

std::vector<const ClassInfo*> rmsprop_optimizers() { return {&RMSprop::class_info()}; }

}  // namespace trainyard
