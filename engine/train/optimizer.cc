#include "engine/train/optimizer.h"

#include <nlohmann/json.hpp>

#include "engine/train/optimizers/optimizer_classes.h"

namespace trainyard {
namespace {

/// Hands an update the variable as it stands after weight decay, host numbers that count updates, and writes that take
/// effect only at the batches that end an accumulation.
class InnerContext final : public UpdateContext {
 public:
  InnerContext(UpdateContext& outer, int64_t steps) : outer_(outer), steps_(steps) {
    if (steps_ > 1)
      update_now_ = greater(
          outer.scalar("update_now",
                       [steps](const StepState& state) { return (state.iteration + 1) % steps == 0 ? 1.0 : 0.0; }),
          0.5);
  }
  int count() const override { return outer_.count(); }
  Value variable(int i) override { return outer_.variable(i); }
  Value gradient(int i) override { return outer_.gradient(i); }
  std::string path(int i) const override { return outer_.path(i); }
  Value slot(int i, const std::string& name, double initial, std::optional<Shape> shape) override {
    return outer_.slot(i, name, initial, std::move(shape));
  }
  void set_slot(int i, const std::string& name, Value value) override {
    outer_.set_slot(i, name, gated(value, outer_.slot(i, name, 0, value.shape())));
  }
  void set_variable(int i, Value value) override {
    written_.resize(static_cast<size_t>(count()));
    written_[static_cast<size_t>(i)] = gated(value, outer_.variable(i));
  }
  Value scalar(const std::string& name, std::function<double(const StepState&)> value) override {
    return outer_.scalar(name, [value = std::move(value), steps = steps_](const StepState& state) {
      return value({state.iteration / steps, state.learning_rate});
    });
  }
  /// `now` at the batches that update, else `old`.
  Value gated(Value now, Value old) const { return update_now_ ? select(update_now_, now, old) : now; }
  /// What the update wrote to variable i.
  Value written(int i) const {
    check(static_cast<size_t>(i) < written_.size() && written_[static_cast<size_t>(i)], "an update sets its variable");
    return written_[static_cast<size_t>(i)];
  }

 private:
  UpdateContext& outer_;
  int64_t steps_;
  Value update_now_;
  std::vector<Value> written_;
};

/// Divides by the loss scale and takes the mean over accumulated batches; `accumulated` slots are written.
std::vector<Value> collect_gradients(const Optimizer& optimizer, UpdateContext& context, const InnerContext& inner) {
  std::vector<Value> gradients;
  for (int i = 0; i < context.count(); ++i) {
    Value gradient = context.gradient(i);
    if (optimizer.loss_scale_factor) gradient = gradient / *optimizer.loss_scale_factor;
    if (optimizer.gradient_accumulation_steps) {
      const Value total = gradient + context.slot(i, "accumulated");
      const Value zero = broadcast_to(total.graph().scalar(0, total.dtype()), total.shape());
      context.set_slot(i, "accumulated", inner.gated(zero, total));
      gradient = total / static_cast<double>(*optimizer.gradient_accumulation_steps);
    }
    gradients.push_back(gradient);
  }
  return gradients;
}

/// gradient * limit / max(norm, limit)
Value clip_by_norm(Value gradient, double limit) {
  return gradient * limit / maximum(sqrt(sum(square(gradient))), limit);
}

void clip_by_global_norm(std::vector<Value>& gradients, double limit) {
  Value total;
  for (const Value& gradient : gradients) {
    const Value part = sum(square(gradient));
    total = total ? total + part : part;
  }
  const Value norm = sqrt(total);
  // The last term is 0, or NaN where the norm is not finite: then the update must not look healthy.
  const Value scale = minimum(1.0 / norm, 1.0 / limit) * limit + (norm - norm);
  for (Value& gradient : gradients) gradient = gradient * scale;
}

void clip_gradients(const Optimizer& optimizer, std::vector<Value>& gradients) {
  if (optimizer.clipnorm) {
    for (Value& gradient : gradients) gradient = clip_by_norm(gradient, *optimizer.clipnorm);
  } else if (optimizer.global_clipnorm) {
    clip_by_global_norm(gradients, *optimizer.global_clipnorm);
  } else if (optimizer.clipvalue) {
    for (Value& gradient : gradients)
      gradient = maximum(minimum(gradient, *optimizer.clipvalue), -*optimizer.clipvalue);
  }
}

/// The variable after the moving average has had its say; writes the average.
Value follow_average(const Optimizer& optimizer, UpdateContext& context, int i, Value variable) {
  const int64_t steps = optimizer.gradient_accumulation_steps.value_or(1);
  const double momentum = optimizer.ema_momentum;
  const Value keep =
      context.scalar("ema_keep", [=](const StepState& state) { return state.iteration / steps == 0 ? 0 : momentum; });
  const Value average = context.slot(i, Optimizer::kAverageSlot) * keep + variable * (1.0 - keep);
  context.set_slot(i, Optimizer::kAverageSlot, average);
  if (!optimizer.ema_overwrite_frequency) return variable;
  const int64_t frequency = *optimizer.ema_overwrite_frequency;
  const Value overwrite = context.scalar("ema_overwrite", [=](const StepState& state) {
    return (state.iteration / steps + 1) % frequency == 0 ? 1.0 : 0.0;
  });
  return select(greater(overwrite, 0.5), average, variable);
}

}  // namespace

void Optimizer::apply(UpdateContext& context) const {
  InnerContext inner(context, gradient_accumulation_steps.value_or(1));
  std::vector<Value> gradients = collect_gradients(*this, context, inner);
  clip_gradients(*this, gradients);
  for (int i = 0; i < context.count(); ++i) {
    Value variable = context.variable(i);
    if (weight_decay && decays_weights()) {
      const double decay = *weight_decay;
      const Value shrink =
          context.scalar("weight_decay", [decay](const StepState& state) { return decay * state.learning_rate; });
      variable = variable - variable * shrink;
    }
    update(inner, i, variable, gradients[static_cast<size_t>(i)]);
    const Value updated = inner.written(i);
    context.set_variable(i, use_ema ? follow_average(*this, context, i, updated) : updated);
  }
}

void check_common_optimizer(const Optimizer& optimizer, const ParseContext& context) {
  const int limits = (optimizer.clipnorm ? 1 : 0) + (optimizer.clipvalue ? 1 : 0) + (optimizer.global_clipnorm ? 1 : 0);
  if (limits > 1) context.error("optimizer.clipping");
}

const Registry& Optimizer::registry() {
  static const Registry kRegistry = [] {
    std::vector<const ClassInfo*> classes;
    for (const auto& family :
         {sgd_optimizers(), adam_optimizers(), rmsprop_optimizers(), adagrad_optimizers(), adam_variants(),
          matrix_optimizers(), muon_optimizers(), ftrl_optimizers(), schedule_free_optimizers(), multi_optimizers()})
      classes.insert(classes.end(), family.begin(), family.end());
    return Registry(kGroup, std::move(classes));
  }();
  return kRegistry;
}

}  // namespace trainyard
