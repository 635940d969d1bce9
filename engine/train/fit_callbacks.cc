// Trainer: what callbacks see and what is done for them.
#include <algorithm>

#include "engine/train/trainer_step.h"

namespace trainyard {

CallbackMoment Trainer::moment(int64_t batch, const Logs& logs) const {
  return {.epoch = fit_.epoch,
          .batch = batch,
          .logs = logs,
          .learning_rate = learning_rate(),
          .scheduled = setup_->optimizer->follows_schedule(),
          .rising = rising_};
}

/// What would fail at the end of the first epoch is said before it.
void Trainer::check_callbacks() const {
  const CallbackList& callbacks = fit_.options.callbacks;
  Diagnostics diagnostics;
  const ParseContext context(diagnostics, "callbacks");
  const TrainingHost nobody;
  (host_ != nullptr ? host_ : &nobody)->check_callbacks(callbacks, context);
  const bool average = std::any_of(plan_.weights.begin(), plan_.weights.end(), [&](const WeightInfo& weight) {
    return weight.trainable && setup_->optimizer->keeps_average(weight.path);
  });
  for (size_t i = 0; i < callbacks.size(); ++i) {
    const std::string& name = callbacks[i].info().class_name;
    if (callbacks[i].sets_learning_rate() && setup_->optimizer->follows_schedule())
      context.item(i).error("callback.schedule", {{"callback", name}});
    if (callbacks[i].evaluates_average() && !average)
      context.item(i).error("callback.no_average", {{"callback", name}});
  }
  throw_if_errors(diagnostics);
}

/// False when a callback ends the training here.
bool Trainer::end_batch() {
  CallbackList& callbacks = fit_.options.callbacks;
  if (!callbacks.watches_batches()) return true;
  const Logs logs = read_logs(*setup_, session_.variables(), variables_.training_trackers);
  perform(callbacks.on_batch_end(moment(fit_.step - 1, logs)));
  return !fit_.stopped;
}

void Trainer::perform(const CallbackActions& actions) {
  throw_if_errors(actions.errors);
  fit_.stopped |= actions.stop;
  if (actions.learning_rate) fit_.learning_rate = actions.learning_rate;
  for (const CallbackActions::Keep& keep : actions.keep_weights) {
    if (keep.average) swap_averages();
    fit_.kept_weights[keep.callback] = all_weights();
    if (keep.average) swap_averages();
  }
  for (const size_t callback : actions.restore_weights)
    if (const auto kept = fit_.kept_weights.find(callback); kept != fit_.kept_weights.end())
      for (size_t w = 0; w < kept->second.size(); ++w) set_weight(static_cast<int>(w), kept->second[w]);
  if (host_ == nullptr) return;
  for (const std::string& message : actions.messages) host_->say(message);
  for (const CallbackActions::Row& row : actions.rows) host_->write(row);
  for (const CallbackActions::Save& save : actions.saves) save_for_callback(save);
  for (const std::string& folder : actions.removals) host_->remove(folder);
}

void Trainer::save_for_callback(const CallbackActions::Save& save) {
  if (!save.average) return host_->save(*this, save);
  swap_averages();
  try {
    host_->save(*this, save);
  } catch (...) {
    swap_averages();
    throw;
  }
  swap_averages();
}

std::vector<Tensor> Trainer::all_weights() const {
  std::vector<Tensor> weights;
  for (size_t w = 0; w < plan_.weights.size(); ++w) weights.push_back(weight(static_cast<int>(w)));
  return weights;
}

/// Variables and the slots that hold their moving averages.
std::vector<std::pair<int, int>> Trainer::averages() const {
  const Variables& memory = session_.variables();
  std::vector<size_t> trained;
  for (size_t w = 0; w < plan_.weights.size(); ++w)
    if (plan_.weights[w].trainable) trained.push_back(w);
  std::vector<std::pair<int, int>> pairs;
  for (const ModelVariables::Slot& slot : variables_.slots) {
    if (slot.name != Optimizer::kAverageSlot) continue;
    const bool flat = variables_.flat >= 0 && slot.entry == 0 &&
                      memory[slot.variable].type.shape == memory[variables_.flat].type.shape;
    const size_t w = trained[static_cast<size_t>(slot.entry)];
    if (!setup_->optimizer->keeps_average(flat ? "" : plan_.weights[w].path)) continue;
    pairs.emplace_back(flat ? variables_.flat : variables_.weights[w], slot.variable);
  }
  return pairs;
}

void Trainer::swap_averages() {
  Variables& memory = session_.variables();
  for (const auto& [variable, average] : averages()) {
    const Tensor value = memory.get(variable);
    memory.set(variable, memory.get(average));
    memory.set(average, value);
  }
}

/// The moving averages become the weights when training ends, as in Keras's fit.
void Trainer::take_averages() {
  for (const auto& [variable, average] : averages())
    session_.variables().set(variable, session_.variables().get(average));
}

}  // namespace trainyard
