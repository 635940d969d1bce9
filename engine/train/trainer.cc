#include "engine/train/trainer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>

#include "engine/core/philox.h"
#include "engine/train/index_ranges.h"
#include "engine/train/trainer_step.h"

namespace trainyard {
namespace {

const std::string& output_layer(const Model& model, size_t output) {
  const auto node = static_cast<size_t>(model.outputs[output].node);
  return model.layers[static_cast<size_t>(model.nodes[node].layer)].layer->name;
}

/// Bytes of packed weights kept for predictions. What is beyond is packed at each run.
constexpr size_t kKeptWeights = size_t{64} << 20;
// Of the run's seed. Layers count up from 0 (model lowering), so this stays far above.
constexpr uint32_t kInitializerStream = 0xE0000000u;

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

bool same_training(const TrainingSetup& a, const TrainingSetup& b) {
  return a.optimizer->info().class_name == b.optimizer->info().class_name &&
         a.optimizer->config() == b.optimizer->config();
}

}  // namespace

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
  fit_.learning_rate.reset();
  setup_ = std::move(setup);
  rising_.clear();
  for (const OutputSetup& output : setup_->outputs)
    for (const LabelledMetric& metric : output.metrics)
      if (metric.metric->higher_is_better())
        rising_.push_back((setup_->outputs.size() > 1 ? output.name + "_" : "") + metric.label);
}

Trainer::Step& Trainer::step_for(Mode mode, const Samples& samples, int64_t batch, bool from_start) {
  std::vector<ValueType> signature = signature_of(samples, !from_start);
  for (const auto& step : steps_)
    if (step->mode == mode && step->batch == batch && step->signature == signature && step->scale == samples.scale &&
        (from_start || step->y_scale == samples.y_scale))
      return *step;
  const StepRequest request{*model_, plan_, setup_ ? &*setup_ : nullptr, samples, batch};
  auto step = std::make_unique<Step>();
  step->mode = mode;
  step->batch = batch;
  step->signature = std::move(signature);
  step->scale = samples.scale;
  step->y_scale = samples.y_scale;
  switch (mode) {
    case Mode::train: step->graph = training_graph(request, session_, variables_); break;
    case Mode::evaluate: step->graph = evaluation_graph(request, session_, variables_); break;
    case Mode::predict: step->graph = prediction_graph(request, variables_); break;
  }
  step->executor = session_.compile(std::move(step->graph.graph), mode == Mode::predict ? kKeptWeights : 0);
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
  for (size_t i = 0; i < step.graph.y.size(); ++i)
    if (step.graph.y[i] >= 0) step.executor->bind(step.graph.y[i], samples.y[i].data());
  if (step.graph.sample_weight >= 0) step.executor->bind(step.graph.sample_weight, samples.sample_weight.data());
}

// ---------------------------------------------------------------- evaluate and predict

int64_t Trainer::batch_that_fits(int64_t wanted) const {
  for (const WeightInfo& weight : plan_.weights)
    if (weight.spec.kind == VariableKind::state) return weight.spec.shape.front();
  return wanted;
}

Logs Trainer::evaluate(const Samples& samples, int64_t batch_size, const OnBatch& on_batch) {
  check(setup_.has_value(), "compile before evaluate");
  batch_size = batch_that_fits(batch_size);
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
  Diagnostics diagnostics;
  check_indices(samples, *model_, plan_, diagnostics);
  throw_if_errors(diagnostics);
  batch_size = batch_that_fits(batch_size);
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
      if (output.shape.rank() == 0 || output.shape.front() != batch)
        throw UserError("train.output_batch", output_layer(*model_, o),
                        {{"shape", output.shape.text()}, {"batch", std::to_string(batch)}});
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

Trainer::Memory Trainer::planned_memory(std::shared_ptr<const Model> model, const ModelPlan& plan,
                                        const TrainingSetup& setup, const Samples& samples, int64_t batch_size,
                                        const std::shared_ptr<Device>& device) {
  Session session(device, false);
  Trainer trainer(std::move(model), plan, session);
  const int64_t batch = std::min(batch_size, samples.count());
  StepGraph step =
      training_graph({*trainer.model_, trainer.plan_, &setup, samples, batch}, session, trainer.variables_);
  const Plan planned = session.plan(std::move(step.graph));
  return {planned.arena_bytes, session.variables().bytes()};
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
