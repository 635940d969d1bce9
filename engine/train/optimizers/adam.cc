// Adam and AdamW. Kingma and Ba 2014, in the "epsilon hat" form of keras.optimizers.Adam.
#include <cmath>

#include "engine/train/optimizers/optimizer_classes.h"

namespace trainyard {
namespace {

class Adam : public Optimizer {
 public:
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  Adam() { name = "adam"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info();

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value rate = context.scalar("adam_rate", [b1 = beta_1, b2 = beta_2](const StepState& state) {
      const double t = static_cast<double>(state.iteration + 1);
      return state.learning_rate * std::sqrt(1 - std::pow(b2, t)) / (1 - std::pow(b1, t));
    });
    const Value m = toward(context.slot(i, "momentum"), gradient, 1 - beta_1);
    const Value v = toward(context.slot(i, "velocity"), square(gradient), 1 - beta_2);
    context.set_slot(i, "momentum", m);
    context.set_slot(i, "velocity", v);
    Value largest = v;
    if (amsgrad) {
      largest = maximum(context.slot(i, "velocity_hat"), v);
      context.set_slot(i, "velocity_hat", largest);
    }
    context.set_variable(i, variable - m * rate / (sqrt(largest) + epsilon));
  }
};

template <typename T>
Declaration<T>& adam_args(Declaration<T>& declaration) {
  return declaration.summary({"learning_rate"})
      .arg("learning_rate", &T::learning_rate, "Length of a step")
      .arg("beta_1", &T::beta_1, "How slowly the mean of the gradients follows", kDecayRate)
      .arg("beta_2", &T::beta_2, "How slowly the mean of their squares follows", kDecayRate)
      .arg("epsilon", &T::epsilon, "Keeps the division finite", kEpsilonOptions)
      .arg("amsgrad", &T::amsgrad, "Divides by the largest mean square so far", kAdvanced);
}

const ClassInfo& Adam::class_info() {
  static const ClassInfo kInfo = [] {
    Declaration<Adam> declaration("Adam", "adaptive",
                                  "Steps scaled for each weight by its gradients so far: a good first choice");
    return finish_optimizer(adam_args(declaration));
  }();
  return kInfo;
}

class AdamW final : public Adam {
 public:
  AdamW() {
    weight_decay = 0.004;
    name = "adam_w";
  }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<AdamW> declaration("AdamW", "adaptive", "Adam that also shrinks the weights a little at each step");
      return finish_optimizer(adam_args(declaration.aliases({"adamw"})));
    }();
    return kInfo;
  }
};

}  // namespace

std::vector<const ClassInfo*> adam_optimizers() { return {&Adam::class_info(), &AdamW::class_info()}; }

}  // namespace trainyard
