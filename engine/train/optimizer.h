// Optimizers, as keras.optimizers. An update is ops on the graph; numbers that depend on the step alone are worked out on
// the host in double and enter the graph as rank-0 inputs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/declare.h"
#include "engine/ops/builder.h"
#include "engine/train/schedule.h"

namespace trainyard {

/// What a host number may depend on.
struct StepState {
  /// Batches done before this one. Inside Optimizer::update it is Keras's `iterations`: updates done, which is fewer
  /// where gradients are accumulated.
  int64_t iteration = 0;
  /// At this batch: the schedule's (LearningRate::at(iteration), iteration counting batches) or what a callback has set.
  double learning_rate = 0;
};

/// Where an update is written. The trainer implements it over its variables; tests over plain graphs.
/// Variable constraints are the implementer's: they go around what set_variable is given, as the last thing of a step.
class UpdateContext {
 public:
  virtual ~UpdateContext() = default;
  /// The variables to be updated and their gradients; one entry may be all of them laid end to end ("flat").
  virtual int count() const = 0;
  virtual Value variable(int i) = 0;
  virtual Value gradient(int i) = 0;
  /// Keras's path of variable i ("dense/kernel"); "" for a flat entry.
  virtual std::string path(int /*i*/) const { return {}; }
  /// State of variable i, of its shape unless said otherwise, f32 and filled with `initial` when training begins.
  virtual Value slot(int i, const std::string& name, double initial = 0, std::optional<Shape> shape = {}) = 0;
  virtual void set_slot(int i, const std::string& name, Value value) = 0;
  /// The last call for an entry wins.
  virtual void set_variable(int i, Value value) = 0;
  /// A rank-0 value worked out on the host at each step; asked for twice by one name, it is one value.
  virtual Value scalar(const std::string& name, std::function<double(const StepState&)> value) = 0;
};

class Optimizer : public Declared {
 public:
  static constexpr const char* kGroup = "optimizers";
  static const Registry& registry();
  static Json print(const Optimizer& object) { return serialize(object, kGroup); }
  /// The slot that holds the moving average of a variable while use_ema is set. When training ends, Keras's fit writes it
  /// to the variables, whatever ema_overwrite_frequency says.
  static constexpr const char* kAverageSlot = "average";

  // Arguments common to all (defaults differ by optimizer).
  LearningRate learning_rate = 0.001;
  std::optional<double> weight_decay;
  std::optional<double> clipnorm;
  std::optional<double> clipvalue;
  std::optional<double> global_clipnorm;
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<int64_t> ema_overwrite_frequency;
  std::optional<double> loss_scale_factor;
  std::optional<int64_t> gradient_accumulation_steps;
  std::string name;

  /// True when variables must be handed over one by one (norms, per-variable shapes); else one flat entry is allowed and faster.
  bool needs_separate_variables() const { return clipnorm.has_value() || updates_by_variable(); }
  /// What the gradients are to be taken of: the loss, times loss_scale_factor where there is one.
  Value scaled_loss(Value loss) const { return loss_scale_factor ? loss * *loss_scale_factor : loss; }
  /// Unscaling, accumulation, clipping, weight decay, the update itself, EMA: everything Keras's `apply` does, in its order.
  /// Throws UserError where variables and arguments do not fit together (a MultiOptimizer's ambiguous patterns).
  virtual void apply(UpdateContext& context) const;
  /// Whether the variable of this path has a kAverageSlot that it is to take when training ends.
  virtual bool keeps_average(const std::string& /*path*/) const { return use_ema; }
  /// Whether the learning rate is not one number that a callback could set.
  virtual bool follows_schedule() const { return static_cast<bool>(learning_rate.schedule); }

 protected:
  virtual bool updates_by_variable() const { return false; }
  /// Whether `apply` shrinks the variables by weight_decay before the update. Optimizers that decay by rules of their own say no.
  virtual bool decays_weights() const { return true; }
  /// The update of one entry, gradient as it stands after clipping. Must call set_variable.
  virtual void update(UpdateContext& context, int i, Value variable, Value gradient) const = 0;
};

}  // namespace trainyard
