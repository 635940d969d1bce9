#include "engine/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/core/philox.h"

namespace trainyard {
namespace {

// Streams of the run's seed. Layers count up from 0 (model lowering), so these stay far above.
constexpr uint32_t kShuffleStream = 0xF0000000u;
constexpr uint32_t kInitializerStream = 0xE0000000u;

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

Tensor rows(const Tensor& tensor, int64_t first, int64_t count) {
  if (tensor.empty()) return {};
  Tensor result(tensor.dtype(), tensor.shape().drop_front().with_front(count));
  const size_t row = result.bytes() / static_cast<size_t>(std::max<int64_t>(1, count));
  std::memcpy(result.data(), static_cast<const char*>(tensor.data()) + static_cast<size_t>(first) * row,
              result.bytes());
  return result;
}

Samples rows(const Samples& samples, int64_t first, int64_t count) {
  Samples part;
  for (const Tensor& x : samples.x) part.x.push_back(rows(x, first, count));
  for (const Tensor& y : samples.y) part.y.push_back(rows(y, first, count));
  part.sample_weight = rows(samples.sample_weight, first, count);
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

/// What decides a step graph: sizes and dtypes, not contents.
std::vector<ValueType> signature_of(const Samples& samples, bool with_rows) {
  std::vector<ValueType> types;
  const auto add = [&](const Tensor& tensor) {
    types.push_back(
        {tensor.dtype(), with_rows || tensor.shape().rank() == 0 ? tensor.shape() : tensor.shape().drop_front()});
  };
  for (const Tensor& x : samples.x) add(x);
  if (!with_rows) return types;
  for (const Tensor& y : samples.y) add(y);
  add(samples.sample_weight);
  return types;
}

/// The slot belongs to all trainable weights laid end to end.
bool slot_is_flat(const ModelVariables& variables, const ModelVariables::Slot& slot, const Variables& memory) {
  return variables.flat >= 0 && slot.entry == 0 &&
         memory[slot.variable].type.shape == memory[variables.flat].type.shape;
}

bool same_training(const TrainingSetup& a, const TrainingSetup& b) {
  return a.optimizer->info().class_name == b.optimizer->info().class_name &&
         a.optimizer->config() == b.optimizer->config();
}

}  // namespace

/// A compiled step graph and the host numbers it reads.
struct Trainer::Step {
  Mode mode;
  int64_t batch;
  std::vector<ValueType> signature;
  double scale;
  StepGraph graph;  // its Graph has moved into the executor
  std::unique_ptr<Executor> executor;
  std::vector<float> scalars;
};

Trainer::Trainer(std::shared_ptr<const Model> model, ModelPlan plan, Session& session)
    : model_(std::move(model)), plan_(std::move(plan)), session_(session) {
  allocate_weights();
}

Trainer::~Trainer() = default;

/// One flat variable for all trainable weights, unless one of them has a constraint: then each stands alone.
void Trainer::allocate_weights() {
  Variables& memory = session_.variables();
  const auto dtype_of_weight = [&](const WeightInfo& weight) {
    return model_->layers[static_cast<size_t>(weight.layer)].layer->dtype.dtype;
  };
  bool flat = false;
  bool separate = false;
  int64_t elements = 0;
  for (const WeightInfo& weight : plan_.weights) {
    if (!weight.trainable) continue;
    flat = true;
    separate |= static_cast<bool>(weight.spec.constraint) || dtype_of_weight(weight) != DType::f32;
    elements += weight.spec.shape.elements();
  }
  if (flat && !separate) variables_.flat = memory.add("weights", {DType::f32, {elements}});
  int64_t offset = 0;
  for (size_t w = 0; w < plan_.weights.size(); ++w) {
    const WeightInfo& weight = plan_.weights[w];
    if (variables_.flat >= 0 && weight.trainable) {
      variables_.weights.push_back(memory.add_view(weight.path, weight.spec.shape, variables_.flat, offset));
      variables_.flat_members.push_back(static_cast<int>(w));
      offset += weight.spec.shape.elements();
    } else {
      variables_.weights.push_back(memory.add(weight.path, {dtype_of_weight(weight), weight.spec.shape}));
    }
  }
}

void Trainer::initialize(uint64_t seed) {
  for (size_t w = 0; w < plan_.weights.size(); ++w) {
    const WeightSpec& spec = plan_.weights[w].spec;
    const Philox random{seed, kInitializerStream + static_cast<uint32_t>(w), 0};
    const DType dtype = session_.variables()[variables_.weights[w]].type.dtype;
    session_.variables().set(variables_.weights[w], spec.initializer->make(spec.shape, dtype, random));
  }
}

Tensor Trainer::weight(int index) const {
  return session_.variables().get(variables_.weights[static_cast<size_t>(index)]);
}

void Trainer::set_weight(int index, const Tensor& value) {
  session_.variables().set(variables_.weights[static_cast<size_t>(index)], value);
}

void Trainer::compile(TrainingSetup setup) {
  std::erase_if(steps_, [](const auto& step) { return step->mode != Mode::predict; });
  Variables& memory = session_.variables();
  for (auto* trackers : {&variables_.training_trackers, &variables_.evaluation_trackers}) {
    for (const ModelVariables::Tracker& tracker : *trackers)
      for (const int variable : tracker.variables) memory.release(variable);
    trackers->clear();
  }
  if (!(setup_ && same_training(*setup_, setup))) {
    for (const ModelVariables::Slot& slot : variables_.slots) memory.release(slot.variable);
    variables_.slots.clear();
    fit_.iteration = 0;
  }
  setup_ = std::move(setup);
}

Trainer::Step& Trainer::step_for(Mode mode, const Samples& samples, int64_t batch, bool from_start) {
  std::vector<ValueType> signature = signature_of(samples, !from_start);
  for (const auto& step : steps_)
    if (step->mode == mode && step->batch == batch && step->signature == signature && step->scale == samples.scale)
      return *step;
  const StepRequest request{*model_, plan_, setup_ ? &*setup_ : nullptr, samples, batch};
  auto step = std::make_unique<Step>();
  step->mode = mode;
  step->batch = batch;
  step->signature = std::move(signature);
  step->scale = samples.scale;
  switch (mode) {
    case Mode::train: step->graph = training_graph(request, session_, variables_); break;
    case Mode::evaluate: step->graph = evaluation_graph(request, session_, variables_); break;
    case Mode::predict: step->graph = prediction_graph(request, variables_); break;
  }
  step->executor = session_.compile(std::move(step->graph.graph));
  step->executor->set_profiling(profiling_);
  step->scalars.resize(step->graph.scalars.size());
  for (size_t s = 0; s < step->scalars.size(); ++s)
    step->executor->bind(step->graph.scalars[s].input, &step->scalars[s]);
  // A full and a partial batch of each mode are kept; more would only hold memory of plans.
  if (steps_.size() >= 8) steps_.erase(steps_.begin());
  steps_.push_back(std::move(step));
  return *steps_.back();
}

void Trainer::bind_samples(Step& step, const Samples& samples) {
  for (size_t i = 0; i < step.graph.x.size(); ++i) step.executor->bind(step.graph.x[i], samples.x[i].data());
  for (size_t i = 0; i < step.graph.y.size(); ++i) step.executor->bind(step.graph.y[i], samples.y[i].data());
  if (step.graph.sample_weight >= 0) step.executor->bind(step.graph.sample_weight, samples.sample_weight.data());
}

// ---------------------------------------------------------------- fit

void Trainer::split_validation(const Samples& samples) {
  const double split = fit_.options.validation_split;
  // Keras: int(n * (1 - split)) samples are trained on.
  const auto trained = static_cast<int64_t>(std::floor(static_cast<double>(samples.count()) * (1.0 - split)));
  const int64_t validated = split > 0 ? samples.count() - trained : 0;
  if (trained < 1 || (split > 0 && validated < 1))
    throw UserError("train.validation_split", "validation_split",
                    {{"training", std::to_string(trained)}, {"validation", std::to_string(validated)}});
  training_ = validated > 0 ? rows(samples, 0, trained) : samples;
  validation_ = validated > 0 ? rows(samples, trained, validated) : Samples{};
  weigh_classes();
}

/// class_weight becomes a weight of each training sample, as in Keras; what is validated counts as it is.
void Trainer::weigh_classes() {
  const auto& weights = fit_.options.class_weight;
  if (weights.empty() || training_.y.empty()) return;
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

void Trainer::begin_fit(Samples samples, const FitOptions& options) {
  FitState fresh;
  fresh.options = options;
  check(setup_.has_value(), "compile before fit");
  // Updates go on counting across fits with the same optimizer, as in Keras.
  fresh.iteration = fit_.iteration;
  resume_fit(std::move(samples), fresh);
}

void Trainer::resume_fit(Samples samples, const FitState& state) {
  check(setup_.has_value(), "compile before fit");
  Diagnostics diagnostics;
  check_samples(samples, *model_, plan_, *setup_, diagnostics);
  throw_if_errors(diagnostics);
  fit_ = state;
  split_validation(samples);
  if (fit_.epoch < 0 || fit_.iteration < 0 || fit_.step < 0 || (fit_.step > 0 && fit_.step >= steps_per_epoch()))
    throw UserError("resume.place", "training.state",
                    {{"step", std::to_string(fit_.step)}, {"steps", std::to_string(steps_per_epoch())}});
  samples_this_call_ = 0;
  train_seconds_ = 0;
  shuffle_epoch();
  const int64_t batch = std::min(fit_.options.batch_size, training_.count());
  step_for(Mode::train, training_, batch,
           false);  // slots and memory exist before the first step, or the complaint comes now
  if (fit_.step == 0) reset_trackers(session_.variables(), variables_.training_trackers);
  remember_epoch_start();
}

void Trainer::shuffle_epoch() {
  order_.resize(static_cast<size_t>(training_.count()));
  std::iota(order_.begin(), order_.end(), 0);
  if (!fit_.options.shuffle) return;
  const Philox random{fit_.options.seed, kShuffleStream, static_cast<uint32_t>(fit_.epoch)};
  for (size_t i = order_.size(); i > 1; --i)
    std::swap(order_[i - 1], order_[random.below(i - 1, static_cast<uint32_t>(i))]);
}

int64_t Trainer::steps_per_epoch() const {
  const int64_t batch = fit_.options.batch_size;
  return training_.count() == 0 ? 0 : (training_.count() + batch - 1) / batch;
}

void Trainer::run_training_step() {
  const int64_t first = fit_.step * fit_.options.batch_size;
  const int64_t batch = std::min(fit_.options.batch_size, training_.count() - first);
  Step& step = step_for(Mode::train, training_, batch, false);
  bind_samples(step, training_);
  step.executor->bind(step.graph.indices, order_.data() + first);
  const StepState state{fit_.iteration, setup_->optimizer->learning_rate.at(fit_.iteration)};
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
  bool more_in_epoch = true;
  do {
    run_training_step();
    more_in_epoch = fit_.step < steps_per_epoch();
  } while (more_in_epoch && seconds_since(start) < seconds);
  const double spent = seconds_since(start);
  fit_.seconds += spent;
  fit_.epoch_seconds += spent;
  train_seconds_ += spent;
  stop_on_nan();
  if (!more_in_epoch) end_epoch();
  if (fit_.finished()) take_averages();
  return !fit_.finished();
}

/// With use_ema the moving averages become the weights when training ends, as in Keras's fit.
void Trainer::take_averages() {
  if (!setup_->optimizer->use_ema) return;
  Variables& memory = session_.variables();
  std::vector<int> trained;
  for (size_t w = 0; w < plan_.weights.size(); ++w)
    if (plan_.weights[w].trainable) trained.push_back(variables_.weights[w]);
  for (const ModelVariables::Slot& slot : variables_.slots) {
    if (slot.name != Optimizer::kAverageSlot) continue;
    const bool flat = slot_is_flat(variables_, slot, memory);
    memory.set(flat ? variables_.flat : trained[static_cast<size_t>(slot.entry)], memory.get(slot.variable));
  }
}

void Trainer::end_epoch() {
  const Clock::time_point start = Clock::now();
  EpochLogs ended{fit_.epoch, read_logs(*setup_, session_.variables(), variables_.training_trackers), 0};
  if (validation_.count() > 0)
    for (const auto& [name, value] : evaluate(validation_, fit_.options.batch_size))
      ended.logs.emplace_back("val_" + name, value);
  fit_.seconds += seconds_since(start);
  ended.seconds = fit_.epoch_seconds + seconds_since(start);
  fit_.history.push_back(std::move(ended));
  ++fit_.epoch;
  fit_.step = 0;
  fit_.epoch_seconds = 0;
  if (fit_.finished()) return;
  reset_trackers(session_.variables(), variables_.training_trackers);
  shuffle_epoch();
  remember_epoch_start();
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
}

void Trainer::stop_on_nan() {
  const Logs logs = read_logs(*setup_, session_.variables(), variables_.training_trackers);
  if (logs.empty() || std::isfinite(logs.front().second)) return;
  const std::vector<int> variables = step_variables();
  check(variables.size() == epoch_start_.size(), "no variables appear within an epoch");
  for (size_t i = 0; i < variables.size(); ++i) session_.variables().set(variables[i], epoch_start_[i]);
  const int64_t failed_step = fit_.step;
  fit_.iteration -= fit_.step - epoch_start_step_;
  fit_.step = epoch_start_step_;
  throw UserError("train.nan_loss", "loss",
                  {{"value", std::isnan(logs.front().second) ? "NaN" : "infinite"},
                   {"epoch", std::to_string(fit_.epoch + 1)},
                   {"step", std::to_string(failed_step)}});
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
  const Logs logs = read_logs(*setup_, session_.variables(), variables_.training_trackers);
  stop_on_nan();
  fit_.epoch = 1;
  return logs;
}

// ---------------------------------------------------------------- evaluate and predict

Logs Trainer::evaluate(const Samples& samples, int64_t batch_size, const OnBatch& on_batch) {
  check(setup_.has_value(), "compile before evaluate");
  Diagnostics diagnostics;
  check_samples(samples, *model_, plan_, *setup_, diagnostics);
  throw_if_errors(diagnostics);
  if (static_cast<int64_t>(identity_.size()) < samples.count()) {
    identity_.resize(static_cast<size_t>(samples.count()));
    std::iota(identity_.begin(), identity_.end(), 0);
  }
  bool fresh = true;
  for (int64_t first = 0; first < samples.count(); first += batch_size) {
    Step& step = step_for(Mode::evaluate, samples, std::min(batch_size, samples.count() - first), false);
    if (std::exchange(fresh, false)) reset_trackers(session_.variables(), variables_.evaluation_trackers);
    bind_samples(step, samples);
    step.executor->bind(step.graph.indices, identity_.data() + first);
    step.executor->run({0, 0});
    if (!on_batch) continue;
    std::vector<TensorView> outputs;
    for (const int value : step.graph.predictions) outputs.push_back(step.executor->output(value));
    on_batch(first, outputs);
  }
  return read_logs(*setup_, session_.variables(), variables_.evaluation_trackers);
}

std::vector<Tensor> Trainer::predict(const Samples& samples, int64_t batch_size) {
  std::vector<Tensor> results;
  for (int64_t first = 0; first < samples.count(); first += batch_size) {
    const int64_t batch = std::min(batch_size, samples.count() - first);
    Step& step = step_for(Mode::predict, samples, batch, true);
    for (size_t i = 0; i < step.graph.x.size(); ++i) {
      const Tensor& x = samples.x[i];
      const size_t row = x.bytes() / static_cast<size_t>(samples.count());
      step.executor->bind(step.graph.x[i], static_cast<const char*>(x.data()) + static_cast<size_t>(first) * row);
    }
    step.executor->run({0, 0});
    for (size_t o = 0; o < step.graph.predictions.size(); ++o) {
      const TensorView output = step.executor->output(step.graph.predictions[o]);
      if (first == 0) results.emplace_back(output.dtype, output.shape.drop_front().with_front(samples.count()));
      const size_t row = output.bytes() / static_cast<size_t>(batch);
      std::memcpy(static_cast<char*>(results[o].data()) + static_cast<size_t>(first) * row, output.data,
                  output.bytes());
    }
  }
  return results;
}

void Trainer::prepare_training(const Samples& samples, const FitOptions& options) {
  step_for(Mode::train, samples, std::min(options.batch_size, samples.count()), false);
}

Trainer::Memory Trainer::training_memory(const Samples& samples, int64_t batch_size) {
  Step& step = step_for(Mode::train, samples, std::min(batch_size, samples.count()), false);
  return {step.executor->plan().arena_bytes, session_.variables().bytes()};
}

void Trainer::set_profiling(bool on) {
  profiling_ = on;
  for (const auto& step : steps_) step->executor->set_profiling(on);
}

std::vector<ProfileEntry> Trainer::profile() const {
  for (const auto& step : steps_)
    if (step->mode == Mode::train) return step->executor->profile();
  return {};
}

}  // namespace trainyard
