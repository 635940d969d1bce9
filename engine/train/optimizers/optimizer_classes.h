// The declared optimizer classes, by family, and what their declarations share. Read by optimizer.cc, which holds the registry.
#pragma once

#include <vector>

#include "engine/train/optimizer.h"

namespace trainyard {

std::vector<const ClassInfo*> sgd_optimizers();
std::vector<const ClassInfo*> adam_optimizers();
std::vector<const ClassInfo*> rmsprop_optimizers();
std::vector<const ClassInfo*> adagrad_optimizers();
std::vector<const ClassInfo*> adam_variants();
std::vector<const ClassInfo*> ftrl_optimizers();
std::vector<const ClassInfo*> matrix_optimizers();
std::vector<const ClassInfo*> muon_optimizers();
std::vector<const ClassInfo*> schedule_free_optimizers();
std::vector<const ClassInfo*> multi_optimizers();

/// The learning rate of the step as a graph value.
inline Value learning_rate_value(UpdateContext& context) {
  return context.scalar("learning_rate", [](const StepState& step) { return step.learning_rate; });
}

/// old + (target - old) * rate: a moving average's step.
inline Value toward(Value old, Value target, double rate) { return old + (target - old) * rate; }

/// [0, 1): decay rates and momenta.
inline constexpr ArgOptions kDecayRate{.min = 0, .max = 1, .below_max = true};
inline constexpr ArgOptions kMomentum{.min = 0, .max = 1};
inline constexpr ArgOptions kEpsilonOptions{.min = 0, .advanced = true};

/// Complains where common arguments do not fit together, as Keras's constructor does.
void check_common_optimizer(const Optimizer& optimizer, const ParseContext& context);

template <typename T>
ClassInfo finish_optimizer(Declaration<T>& declaration);
template <typename T>
ClassInfo finish_optimizer(Declaration<T>&& declaration) {
  return finish_optimizer(declaration);
}

/// Adds what all optimizers take (but learning_rate) and closes the declaration.
template <typename T>
ClassInfo finish_optimizer(Declaration<T>& declaration) {
  constexpr ArgOptions positive{.min = 0, .above_min = true, .advanced = true};
  return declaration
      .arg("weight_decay", &T::weight_decay,
           "Shrinks the weights by this share (times the learning rate) at each update", {.min = 0})
      .arg("clipnorm", &T::clipnorm, "Longest gradient allowed for each variable", positive)
      .arg("clipvalue", &T::clipvalue, "Largest entry allowed in a gradient", positive)
      .arg("global_clipnorm", &T::global_clipnorm, "Longest gradient allowed for all variables together", positive)
      .arg("use_ema", &T::use_ema, "Keeps a moving average of the weights, which they take when training ends",
           kAdvanced)
      .arg("ema_momentum", &T::ema_momentum, "How slowly the moving average follows",
           {.min = 0, .max = 1, .advanced = true, .visible_arg = "use_ema", .visible_value = "true"})
      .arg("ema_overwrite_frequency", &T::ema_overwrite_frequency,
           "Updates after which the weights take the moving average, each time",
           {.min = 1, .advanced = true, .visible_arg = "use_ema", .visible_value = "true"})
      .arg("loss_scale_factor", &T::loss_scale_factor, "Multiplies the loss, and divides the gradients again", positive)
      .arg("gradient_accumulation_steps", &T::gradient_accumulation_steps, "Batches whose gradients make one update",
           {.min = 2, .advanced = true})
      .arg("name", &T::name, "Name of the optimizer", {.advanced = true, .null_is_default = true})
      .rule([](const T& optimizer, const ParseContext& context) { check_common_optimizer(optimizer, context); })
      .build();
}

}  // namespace trainyard
