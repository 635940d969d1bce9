#include "engine/train/optimizers/optimizer_classes.h"

namespace trainyard {
namespace {

/// m' = momentum m - rate g;  w' = w + m', or with nesterov w + momentum m' - rate g (keras.optimizers.SGD).
class SGD final : public Optimizer {
 public:
  double momentum = 0;
  bool nesterov = false;
  SGD() {
    learning_rate = 0.01;
    name = "sgd";
  }
  const ClassInfo& info() const override { return class_info(); }

  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = finish_optimizer(
        Declaration<SGD>("SGD", "plain", "A step along the gradient; with momentum it keeps part of the last step")
            .summary({"learning_rate", "momentum"})
            .arg("learning_rate", &SGD::learning_rate, "Length of a step")
            .arg("momentum", &SGD::momentum, "Share of the last step that is kept", kMomentum)
            .arg("nesterov", &SGD::nesterov, "Looks ahead along the momentum before stepping"));
    return kInfo;
  }

 protected:
  void update(UpdateContext& context, int i, Value variable, Value gradient) const override {
    const Value step = gradient * learning_rate_value(context);
    if (momentum == 0) return context.set_variable(i, variable - step);
    const Value speed = context.slot(i, "momentum") * momentum - step;
    context.set_slot(i, "momentum", speed);
    context.set_variable(i, variable + (nesterov ? speed * momentum - step : speed));
  }
};

}  // namespace

std::vector<const ClassInfo*> sgd_optimizers() { return {&SGD::class_info()}; }

}  // namespace trainyard
