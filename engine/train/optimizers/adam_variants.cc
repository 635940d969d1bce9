// Relatives of Adam that stay elementwise: Adamax, Nadam, Lion.
#include <cmath>

#include "engine/train/optimizers/optimizer_classes.h"

namespace trainyard {
namespace {

double power_of_step(double base, const StepState& state) {
  return std::pow(base, static_cast<double>(state.iteration + 1));
}

template <typename T>
Declaration<T>& beta_args(Declaration<T>& declaration, const char* second) {
  return declaration.summary({"learning_rate"})
      .arg("learning_rate", &T::learning_rate, "Length of a step")
      .arg("beta_1", &T::beta_1, "How slowly the mean of the gradients follows", kDecayRate)
      .arg("beta_2", &T::beta_2, second, kDecayRate);
}

/// Adam with the largest gradient in place of the mean square (Kingma and Ba 2014, section 7.1; keras.optimizers.Adamax).
class Adamax final : public Optimizer {
 public:
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  Adamax() { name = "adamax"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<Adamax> declaration("Adamax", "adaptive",
                                      "Adam that divides by the largest recent gradient: calm with sparse ones");
      return finish_optimizer(beta_args(declaration, "How slowly the largest gradient is forgotten")
                                  .arg("epsilon", &Adamax::epsilon, "Keeps the division finite", kEpsilonOptions));
    }();
    return kInfo;
  }

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value rate = context.scalar("adamax_rate", [b1 = beta_1](const StepState& state) {
      return state.learning_rate / (1 - power_of_step(b1, state));
    });
    const Value m = toward(context.slot(i, "momentum"), gradient, 1 - beta_1);
    const Value largest = maximum(context.slot(i, "norm") * beta_2, abs(gradient));
    context.set_slot(i, "momentum", m);
    context.set_slot(i, "norm", largest);
    context.set_variable(i, variable - m * rate / (largest + epsilon));
  }
};

/// Adam that looks ahead along its momentum (Dozat 2015; keras.optimizers.Nadam).
class Nadam final : public Optimizer {
 public:
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  Nadam() { name = "nadam"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<Nadam> declaration("Nadam", "adaptive", "Adam that looks ahead along its momentum");
      return finish_optimizer(beta_args(declaration, "How slowly the mean of their squares follows")
                                  .arg("epsilon", &Nadam::epsilon, "Keeps the division finite", kEpsilonOptions));
    }();
    return kInfo;
  }

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const double b1 = beta_1;
    const double b2 = beta_2;
    const Value ahead = context.scalar("nadam_momentum", [b1](const StepState& state) {
      const int64_t t = state.iteration + 1;
      return momentum_at(b1, t + 1) / (1 - momentum_product(b1, t + 1));
    });
    const Value now = context.scalar("nadam_gradient", [b1](const StepState& state) {
      const int64_t t = state.iteration + 1;
      return (1 - momentum_at(b1, t)) / (1 - momentum_product(b1, t));
    });
    const Value unbias =
        context.scalar("nadam_unbias", [b2](const StepState& state) { return 1 / (1 - power_of_step(b2, state)); });
    const Value m = toward(context.slot(i, "momentum"), gradient, 1 - beta_1);
    const Value v = toward(context.slot(i, "velocity"), square(gradient), 1 - beta_2);
    context.set_slot(i, "momentum", m);
    context.set_slot(i, "velocity", v);
    const Value step = m * ahead + gradient * now;
    context.set_variable(i, variable - step * learning_rate_value(context) / (sqrt(v * unbias) + epsilon));
  }

 private:
  /// The momentum of step t, which warms up to beta_1.
  static double momentum_at(double beta_1, int64_t t) {
    return beta_1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t)));
  }
  /// Product of the momenta of steps 1 to t, in double; stops where 1 minus it can no longer change.
  static double momentum_product(double beta_1, int64_t t) {
    double product = 1;
    double warmup = 0.5;
    for (int64_t k = 1; k <= t && product > 1e-20; ++k) {
      warmup *= 0.96;
      product *= beta_1 * (1 - warmup);
    }
    return product;
  }
};

/// Steps of one size, by the sign of a moving average (Chen et al. 2023; keras.optimizers.Lion).
class Lion final : public Optimizer {
 public:
  double beta_1 = 0.9;
  double beta_2 = 0.99;
  Lion() { name = "lion"; }
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = [] {
      Declaration<Lion> declaration("Lion", "sign",
                                    "Steps of one size, by the sign of the momentum; wants a smaller learning rate");
      return finish_optimizer(beta_args(declaration, "How slowly the momentum follows the gradients"));
    }();
    return kInfo;
  }

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value m = context.slot(i, "momentum");
    const Value direction = sign(m * beta_1 + gradient * (1 - beta_1));
    context.set_slot(i, "momentum", m * beta_2 + gradient * (1 - beta_2));
    context.set_variable(i, variable - direction * learning_rate_value(context));
  }
};

}  // namespace

std::vector<const ClassInfo*> adam_variants() {
  return {&Adamax::class_info(), &Nadam::class_info(), &Lion::class_info()};
}

}  // namespace trainyard
