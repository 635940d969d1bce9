#include <algorithm>
#include <cmath>

#include "engine/train/optimizers/optimizer_classes.h"

namespace trainyard {
namespace {

/// Gradient steps on z, its average x, and weights y between them (Defazio et al. 2024; keras.optimizers.ScheduleFreeAdamW).
class ScheduleFreeAdamW final : public Optimizer {
 public:
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-8;
  int64_t warmup_steps = 0;
  ScheduleFreeAdamW() {
    learning_rate = 0.0025;
    name = "schedule_free_adamw";
  }
  const ClassInfo& info() const override { return class_info(); }

  static const ClassInfo& class_info() {
    using T = ScheduleFreeAdamW;
    static const ClassInfo kInfo = finish_optimizer(
        Declaration<T>("ScheduleFreeAdamW", "adaptive", "Adam that averages its path, so that no schedule is needed")
            .aliases({"schedulefreeadamw"})
            .summary({"learning_rate"})
            .arg("learning_rate", &T::learning_rate, "Length of a step")
            .arg("beta_1", &T::beta_1, "Where the weights stand between the last step (0) and the average (1)",
                 {.min = 0, .max = 1, .above_min = true, .below_max = true})
            .arg("beta_2", &T::beta_2, "How slowly the mean of the squared gradients follows", kDecayRate)
            .arg("epsilon", &T::epsilon, "Keeps the division finite", kEpsilonOptions)
            .arg("warmup_steps", &T::warmup_steps, "Updates over which the rate climbs to its value", {.min = 0}));
    return kInfo;
  }

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value first = greater(
        context.scalar("schedule_free_first", [](const StepState& state) { return state.iteration == 0 ? 1.0 : 0.0; }),
        0.5);
    const Value rate = context.scalar("schedule_free_rate", [warmup = warmup_steps](const StepState& state) {
      const double t = static_cast<double>(state.iteration + 1);
      return state.learning_rate * (warmup > 0 ? std::min(1.0, t / static_cast<double>(warmup)) : 1.0);
    });
    const Value unbias = context.scalar("schedule_free_unbias", [b2 = beta_2](const StepState& state) {
      return 1 / (1 - std::pow(b2, static_cast<double>(state.iteration + 1)));
    });
    const Value fresh = context.scalar(
        "schedule_free_fresh", [](const StepState& state) { return 1 / static_cast<double>(state.iteration + 1); });
    // z begins where the weights stand before the first update, weight decay not yet done.
    const Value old_z = select(first, context.variable(i), context.slot(i, "momentum"));
    const Value v = toward(context.slot(i, "velocity"), square(gradient), 1 - beta_2);
    const Value z = old_z - gradient * rate / (sqrt(v * unbias) + epsilon);
    const Value old_x = (variable - old_z * (1 - beta_1)) / beta_1;
    const Value x = old_x + (z - old_x) * fresh;
    context.set_slot(i, "velocity", v);
    context.set_slot(i, "momentum", z);
    context.set_variable(i, z * (1 - beta_1) + x * beta_1);
  }
};

}  // namespace

std::vector<const ClassInfo*> schedule_free_optimizers() { return {&ScheduleFreeAdamW::class_info()}; }

}  // namespace trainyard
