// Trainer: going through the epochs. What callbacks ask for is carried out in fit_callbacks.cc.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "engine/data/split.h"
#include "engine/train/trainer_step.h"

namespace trainyard {
namespace {

// Of the run's seed. Layers count up from 0 (model lowering), so this stays far above.
constexpr uint32_t kShuffleStream = 0xF0000000u;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Tensor rows_of(const Tensor& tensor, int64_t first, int64_t last) {
  if (tensor.empty()) return {};
  const TensorView view = view_rows(tensor, first, last);
  Tensor result(view.dtype, view.shape);
  std::memcpy(result.data(), view.data, result.bytes());
  return result;
}

/// Rows of a target; those of an input that it is are not copied again.
Tensor target_rows(const Samples& samples, const Tensor& y, const Samples& part, int64_t first, int64_t last) {
  for (size_t i = 0; i < samples.x.size(); ++i)
    if (!y.empty() && y.data() == samples.x[i].data() && y.bytes() == samples.x[i].bytes())
      return part.x[i].reshaped(y.shape().drop_front().with_front(last - first));
  return rows_of(y, first, last);
}

Samples rows_of(const Samples& samples, int64_t first, int64_t last) {
  Samples part;
  for (const Tensor& x : samples.x) part.x.push_back(rows_of(x, first, last));
  for (const Tensor& y : samples.y) part.y.push_back(target_rows(samples, y, part, first, last));
  part.y_scale = samples.y_scale;
  part.sample_weight = rows_of(samples.sample_weight, first, last);
  part.scale = samples.scale;
  return part;
}

/// The class of each sample: its label, or the place of the largest entry of its one-hot row.
std::vector<int64_t> classes_of(const Tensor& y) {
  const TensorView view = y.view();
  const int64_t width = y.elements() / std::max<int64_t>(1, y.shape().front());
  std::vector<int64_t> classes;
  for (int64_t i = 0; i < y.shape().front(); ++i) {
    if (width == 1) {
      const double label = element_as_double(view, i);
      classes.push_back(std::abs(label) < 1e15 ? static_cast<int64_t>(label) : -1);
      continue;
    }
    int64_t best = 0;
    for (int64_t c = 1; c < width; ++c)
      if (element_as_double(view, i * width + c) > element_as_double(view, i * width + best)) best = c;
    classes.push_back(best);
  }
  return classes;
}

}  // namespace

void Trainer::split_validation(const Samples& samples) {
  const double split = fit_.options.validation_split;
  training_ = samples;
  validation_ = {};
  if (split > 0) {
    const int64_t begin = validation_begin(samples.count(), split);
    training_ = rows_of(samples, 0, begin);
    validation_ = rows_of(samples, begin, samples.count());
  }
  weigh_classes();
}

/// class_weight becomes a weight of each training sample, as in Keras; what is validated counts as it is.
void Trainer::weigh_classes() {
  const auto& weights = fit_.options.class_weight;
  if (weights.empty() || training_.y.empty()) return;
  if (model_->outputs.size() > 1) throw UserError("train.class_weight_outputs", "class_weight");
  const std::vector<int64_t> classes = classes_of(training_.y.front());
  Tensor sample_weight(DType::f32, {training_.count()});
  const TensorView given = training_.sample_weight.view();
  for (size_t i = 0; i < classes.size(); ++i) {
    const auto weight = weights.find(classes[i]);
    const double before = training_.sample_weight.empty() ? 1.0 : element_as_double(given, static_cast<int64_t>(i));
    sample_weight.span<float>()[i] = static_cast<float>(before * (weight == weights.end() ? 1.0 : weight->second));
  }
  training_.sample_weight = std::move(sample_weight);
}

void Trainer::begin_fit(const Samples& samples, const FitOptions& options) {
  check(setup_.has_value(), "compile before fit");
  FitState fresh;
  fresh.options = options;
  fresh.options.callbacks.begin();
  // Updates go on counting across fits with the same optimizer, as in Keras, and its rate stays as it was set.
  fresh.iteration = fit_.iteration;
  fresh.learning_rate = fit_.learning_rate;
  resume_fit(samples, fresh);
}

void Trainer::resume_fit(const Samples& samples, const FitState& state) {
  check(setup_.has_value(), "compile before fit");
  Diagnostics diagnostics;
  check_samples(samples, *model_, plan_, *setup_, diagnostics);
  throw_if_errors(diagnostics);
  fit_ = state;
  check_callbacks();
  split_validation(samples);
  // A file written by a callback at an epoch's last batch holds that place: the epoch's end is still to come.
  if (fit_.epoch < 0 || fit_.iteration < 0 || fit_.step < 0 || fit_.step > steps_per_epoch())
    throw UserError("resume.place", "training.state",
                    {{"step", std::to_string(fit_.step)}, {"steps", std::to_string(steps_per_epoch())}});
  samples_this_call_ = 0;
  train_seconds_ = 0;
  const int64_t batch = std::min(fit_.options.batch_size, training_.count());
  step_for(Mode::train, training_, batch,
           false);  // slots and memory exist before the first step, or the complaint comes now
  shuffle_epoch();
  if (fit_.step == 0 && !fit_.finished())
    begin_epoch();
  else
    remember_epoch_start();
}

void Trainer::shuffle_epoch() {
  if (fit_.options.shuffle) {
    order_ = permutation(training_.count(), {fit_.options.seed, kShuffleStream, static_cast<uint32_t>(fit_.epoch)});
  } else {
    order_.resize(static_cast<size_t>(training_.count()));
    std::iota(order_.begin(), order_.end(), 0);
  }
}

int64_t Trainer::steps_per_epoch() const {
  const int64_t batch = fit_.options.batch_size;
  return training_.count() == 0 ? 0 : (training_.count() + batch - 1) / batch;
}

double Trainer::learning_rate() const {
  return fit_.learning_rate.value_or(setup_->optimizer->learning_rate.at(fit_.iteration));
}

void Trainer::run_training_step() {
  const int64_t first = fit_.step * fit_.options.batch_size;
  const int64_t batch = std::min(fit_.options.batch_size, training_.count() - first);
  Step& step = step_for(Mode::train, training_, batch, false);
  bind_samples(step, training_);
  step.executor->bind(step.graph.indices, order_.data() + first);
  const StepState state{fit_.iteration, learning_rate()};
  for (size_t s = 0; s < step.scalars.size(); ++s)
    step.scalars[s] = static_cast<float>(step.graph.scalars[s].value(state));
  step.executor->run({fit_.options.seed, static_cast<uint32_t>(fit_.iteration)});
  ++fit_.step;
  ++fit_.iteration;
  samples_this_call_ += batch;
}

bool Trainer::train_for(double seconds) {
  if (fit_.finished()) return false;
  const Clock::time_point start = Clock::now();
  bool more_in_epoch = fit_.step < steps_per_epoch();
  while (more_in_epoch) {
    run_training_step();
    more_in_epoch = end_batch() && fit_.step < steps_per_epoch();
    if (seconds_since(start) >= seconds) break;
  }
  const double spent = seconds_since(start);
  fit_.seconds += spent;
  fit_.epoch_seconds += spent;
  train_seconds_ += spent;
  stop_on_nan_loss();
  if (!more_in_epoch) end_epoch();
  if (fit_.finished()) end_training();
  return !fit_.finished();
}

void Trainer::begin_epoch() {
  reset_trackers(session_.variables(), variables_.training_trackers);
  shuffle_epoch();
  perform(fit_.options.callbacks.on_epoch_begin(moment(-1, {})));
  remember_epoch_start();
}

void Trainer::validate(Logs& logs) {
  if (validation_.count() == 0) return;
  const bool average = fit_.options.callbacks.evaluates_average();
  if (average) swap_averages();
  for (const auto& [name, value] : evaluate(validation_, fit_.options.batch_size))
    logs.emplace_back("val_" + name, value);
  if (average) swap_averages();
}

void Trainer::end_epoch() {
  const Clock::time_point start = Clock::now();
  stop_on_nan_weights();
  EpochLogs ended{fit_.epoch, read_logs(*setup_, session_.variables(), variables_.training_trackers), 0};
  validate(ended.logs);
  fit_.seconds += seconds_since(start);
  ended.seconds = fit_.epoch_seconds + seconds_since(start);
  const CallbackActions actions = fit_.options.callbacks.on_epoch_end(moment(-1, ended.logs));
  throw_if_errors(actions.errors);
  ended.logs = actions.logs;
  fit_.history.push_back(std::move(ended));
  ++fit_.epoch;
  fit_.step = 0;
  fit_.epoch_seconds = 0;
  perform(actions);
  if (!fit_.finished()) begin_epoch();
}

/// As in Keras's fit: averages become the weights first, so that a callback's best weights have the last word.
void Trainer::end_training() {
  take_averages();
  perform(fit_.options.callbacks.on_train_end());
}

/// Everything that a step changes: weights, slots and the running sums of the logs.
std::vector<int> Trainer::step_variables() const {
  std::vector<int> list;
  for (const int variable : variables_.weights)
    if (session_.variables()[variable].parent < 0) list.push_back(variable);
  if (variables_.flat >= 0) list.push_back(variables_.flat);
  for (const ModelVariables::Slot& slot : variables_.slots) list.push_back(slot.variable);
  for (const ModelVariables::Tracker& tracker : variables_.training_trackers)
    list.insert(list.end(), tracker.variables.begin(), tracker.variables.end());
  return list;
}

void Trainer::remember_epoch_start() {
  epoch_start_.clear();
  for (const int variable : step_variables()) epoch_start_.push_back(session_.variables().get(variable));
  epoch_start_step_ = fit_.step;
  epoch_start_callbacks_ = fit_.options.callbacks;
}

void Trainer::restore_epoch_start(const std::string& code, Diagnostics::Params params) {
  const std::vector<int> variables = step_variables();
  check(variables.size() == epoch_start_.size(), "no variables appear within an epoch");
  for (size_t i = 0; i < variables.size(); ++i) session_.variables().set(variables[i], epoch_start_[i]);
  fit_.iteration -= fit_.step - epoch_start_step_;
  fit_.step = epoch_start_step_;
  fit_.options.callbacks = epoch_start_callbacks_;
  throw UserError(code, "loss", std::move(params));
}

void Trainer::stop_on_nan_loss() {
  if (fit_.options.callbacks.ends_on_nan()) return;
  const Logs logs = read_logs(*setup_, session_.variables(), variables_.training_trackers);
  if (logs.empty() || std::isfinite(logs.front().second)) return;
  restore_epoch_start("train.nan_loss", {{"value", std::isnan(logs.front().second) ? "NaN" : "infinite"},
                                         {"epoch", std::to_string(fit_.epoch + 1)},
                                         {"step", std::to_string(fit_.step)}});
}

bool Trainer::weights_are_finite() const {
  const Variables& memory = session_.variables();
  const auto finite = [](const TensorView& view) {
    bool all = true;
    for (int64_t i = 0; i < view.elements(); ++i)
      all &= view.dtype == DType::f32 ? std::isfinite(view.as<float>()[i]) : std::isfinite(element_as_double(view, i));
    return all;
  };
  if (variables_.flat >= 0 && !finite(memory.view(variables_.flat))) return false;
  return std::all_of(variables_.weights.begin(), variables_.weights.end(), [&](int variable) {
    return memory[variable].parent >= 0 || !is_floating(memory[variable].type.dtype) || finite(memory.view(variable));
  });
}

/// The loss of an epoch's last batch says nothing yet of the update that follows it.
void Trainer::stop_on_nan_weights() {
  if (weights_are_finite()) return;
  if (fit_.options.callbacks.ends_on_nan()) {
    if (host_ != nullptr && !fit_.stopped) host_->say("The weights are no numbers any more, stopping");
    fit_.stopped = true;
    return;
  }
  restore_epoch_start("train.nan_weights", {{"epoch", std::to_string(fit_.epoch + 1)}});
}

FitProgress Trainer::progress() const {
  FitProgress progress;
  progress.epochs = fit_.options.epochs;
  progress.steps = steps_per_epoch();
  progress.epoch = std::min(fit_.epoch, fit_.options.epochs - 1);
  progress.step = fit_.finished() ? progress.steps : fit_.step;
  progress.samples = samples_this_call_;
  progress.seconds = fit_.seconds;
  progress.images_per_second = train_seconds_ > 0 ? static_cast<double>(samples_this_call_) / train_seconds_ : 0;
  const int64_t done =
      fit_.finished() ? 0
                      : (fit_.options.epochs - fit_.epoch) * training_.count() - fit_.step * fit_.options.batch_size;
  progress.eta_seconds =
      progress.images_per_second > 0 ? static_cast<double>(std::max<int64_t>(done, 0)) / progress.images_per_second : 0;
  progress.logs = fit_.finished() && !fit_.history.empty()
                      ? fit_.history.back().logs
                      : read_logs(*setup_, session_.variables(), variables_.training_trackers);
  return progress;
}

Logs Trainer::train_on_batch(const Samples& batch) {
  FitOptions options;
  options.batch_size = std::max<int64_t>(1, batch.count());
  options.shuffle = false;
  options.seed = fit_.options.seed;
  begin_fit(batch, options);
  run_training_step();
  Logs logs = read_logs(*setup_, session_.variables(), variables_.training_trackers);
  stop_on_nan_loss();
  fit_.epoch = 1;
  return logs;
}

}  // namespace trainyard
