#include "engine/train/step_graph.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/layers/text_inputs.h"
#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"

namespace trainyard {
namespace {

/// Where the trackers of one output begin: total first, then output by output.
struct TrackerLayout {
  explicit TrackerLayout(const TrainingSetup& setup) {
    trained =
        std::count_if(setup.outputs.begin(), setup.outputs.end(), [](const auto& o) { return o.loss != nullptr; });
  }
  int64_t trained = 0;
  /// Keras logs each output's own loss only where there are several.
  bool logs_output_losses() const { return trained > 1; }
};

class StepBuilder {
 public:
  explicit StepBuilder(const StepRequest& request)
      : request_(request), inputs_(graph_inputs(request.model, request.plan)) {}

  StepGraph& step() { return step_; }
  Graph& graph() { return step_.graph; }

  /// Inputs that hold all samples, and the batch's rows of them.
  void gather_batch(bool with_targets) {
    const int64_t batch = request_.batch;
    indices_ = add_input("indices", {DType::i32, {batch}}, step_.indices);
    for (size_t i = 0; i < request_.samples.x.size(); ++i)
      x_.push_back(prepare(i, gather(whole(request_.samples.x[i], "x", step_.x), indices_)));
    if (!with_targets) return;
    for (size_t o = 0; o < request_.samples.y.size(); ++o) y_.push_back(target(o));
    if (!request_.samples.sample_weight.empty()) {
      const Tensor& weights = request_.samples.sample_weight;
      sample_weight_ =
          gather(add_input("sample_weight", {weights.dtype(), weights.shape()}, step_.sample_weight), indices_);
    }
  }

  void take_batch() {
    for (size_t i = 0; i < request_.samples.x.size(); ++i) {
      const Tensor& x = request_.samples.x[i];
      step_.x.push_back(0);
      x_.push_back(
          prepare(i, add_input("x", {x.dtype(), x.shape().drop_front().with_front(request_.batch)}, step_.x.back())));
    }
  }

  void forward(const ModelVariables& variables, bool training) {
    for (size_t w = 0; w < variables.weights.size(); ++w) {
      const WeightSpec& spec = request_.plan.weights[w].spec;
      if (spec.kind == VariableKind::state && spec.shape.front() != request_.batch)
        throw UserError("train.stateful_batch", "batch_size",
                        {{"wanted", std::to_string(spec.shape.front())}, {"got", std::to_string(request_.batch)}});
      weights_.push_back(
          graph().variable(variables.weights[w], {weight_dtype(w), spec.shape}, request_.plan.weights[w].path));
    }
    lowered_ = lower_model(request_.model, request_.plan, x_, weights_, training);
  }

  /// Keras computes losses and metrics in float32, whatever the model computes in.
  void answer_in_float32() {
    for (Value& output : lowered_.outputs)
      if (is_floating(output.dtype())) output = cast(output, DType::f32);
  }

  /// The total, rank 0; `output_losses_` beside it.
  Value losses() {
    graph().set_scope("loss");
    Value total;
    const auto add = [&](Value term) { total = total ? total + term : term; };
    for (size_t o = 0; o < request_.setup->outputs.size(); ++o) {
      const OutputSetup& output = request_.setup->outputs[o];
      output_losses_.emplace_back();
      if (output.loss == nullptr) continue;
      const Shape& predicted = lowered_.outputs[o].shape();
      if (predicted.rank() == 0 || predicted.front() != request_.batch)
        throw UserError("train.output_batch", output.name,
                        {{"shape", predicted.text()}, {"batch", std::to_string(request_.batch)}});
      Value loss = (*output.loss)(y_[o], lowered_.outputs[o], sample_weight_, lowered_.output_masks[o]);
      if (loss.rank() > 0) loss = mean(loss);  // reduction "none": Keras's trainer takes the mean
      if (output.loss_weight != 1) loss = loss * output.loss_weight;
      output_losses_.back() = loss;
      add(loss);
    }
    for (const Value& term : lowered_.losses) add(cast(term, DType::f32));
    return total;
  }

  void track(Value total, Session& session, std::vector<ModelVariables::Tracker>& trackers, const std::string& prefix) {
    graph().set_scope("metrics");
    session_ = &session;
    trackers_ = &trackers;
    prefix_ = prefix;
    next_tracker_ = 0;
    const double batch = static_cast<double>(request_.batch);
    const std::vector<Value> sums = state({Shape{}, Shape{}});
    set_state({sums[0] + total * batch, sums[1] + batch});
    const bool several = TrackerLayout(*request_.setup).logs_output_losses();
    for (size_t o = 0; o < request_.setup->outputs.size(); ++o) {
      const OutputSetup& output = request_.setup->outputs[o];
      if (several && output.loss != nullptr) set_state({state({Shape{}})[0] + output_losses_[o] * batch});
      for (const LabelledMetric& metric : output.metrics) {
        const std::vector<Value> before = state(metric.metric->state(lowered_.outputs[o].shape()));
        set_state(
            metric.metric->update(before, y_[o], cast(lowered_.outputs[o], DType::f32), metric_weight(metric, o)));
      }
    }
  }

  void update_statistics(const ModelVariables& variables) {
    for (const LoweredModel::Update& update : lowered_.updates)
      if (!request_.plan.weights[static_cast<size_t>(update.weight)].trainable)
        graph().assign(variables.weights[static_cast<size_t>(update.weight)], update.value);
  }

  /// A weight as the optimizer finds it: as the model's call left it.
  Value weight(size_t w) const {
    for (const LoweredModel::Update& update : lowered_.updates)
      if (static_cast<size_t>(update.weight) == w) return update.value;
    return weights_[w];
  }
  /// Whether a trainable weight is not what its variable holds (SpectralNormalization).
  bool has_changed_weights() const {
    return std::any_of(lowered_.updates.begin(), lowered_.updates.end(), [&](const LoweredModel::Update& update) {
      return request_.plan.weights[static_cast<size_t>(update.weight)].trainable;
    });
  }
  void keep_predictions() {
    for (const Value& output : lowered_.outputs) {
      step_.predictions.push_back(output.id());
      graph().mark_output(output);
    }
  }

 private:
  /// As in Keras a mask counts only beside sample weights, and only for metrics that are means.
  Value metric_weight(const LabelledMetric& metric, size_t output) const {
    if (!metric.weighted || !sample_weight_) return {};
    return metric.metric->heeds_mask() ? masked_weight(sample_weight_, lowered_.output_masks[output]) : sample_weight_;
  }

  DType weight_dtype(size_t w) const {
    return request_.model.layers[static_cast<size_t>(request_.plan.weights[w].layer)].layer->dtype.dtype;
  }

  Value add_input(const std::string& name, ValueType type, int& number) {
    number = static_cast<int>(graph().inputs().size());
    return graph().input(name, std::move(type));
  }

  Value target(size_t o) {
    const Tensor& y = request_.samples.y[o];
    if (y.empty()) return step_.y.push_back(-1), Value();
    const Value rows = gather(whole(y, "y", step_.y), indices_);
    const double scale = request_.samples.target_scale(o);
    if (scale == 0) return rows;
    const Value numbers = cast(rows, DType::f32);
    return scale == 1 ? numbers : numbers * scale;
  }

  Value whole(const Tensor& tensor, const std::string& name, std::vector<int>& numbers) {
    numbers.push_back(0);
    return add_input(name, {tensor.dtype(), tensor.shape()}, numbers.back());
  }

  /// Rows as the model's input wants them: its dtype, scaled if they were integers, its shape.
  Value prepare(size_t input, Value rows) {
    const TensorSpec& spec = input_spec(input);
    const bool scaled = is_floating(spec.dtype) && request_.samples.scale != 1;
    Value value = cast(rows, spec.dtype);
    if (scaled) value = value * request_.samples.scale;
    Shape shape = spec.shape.rank() > 0 ? spec.shape.drop_front().with_front(request_.batch) : value.shape();
    for (int axis = 1; axis < shape.rank(); ++axis)
      if (shape[axis] == kUnknown) return value;  // open sizes (time) come from the data
    return reshape(value, shape);
  }

  const TensorSpec& input_spec(size_t input) const { return inputs_[input].spec; }

  /// The next tracker's variables, made at first use.
  std::vector<Value> state(const std::vector<Shape>& shapes) {
    if (next_tracker_ == trackers_->size()) {
      trackers_->emplace_back();
      for (const Shape& shape : shapes)
        trackers_->back().variables.push_back(
            session_->variables().add(prefix_ + std::to_string(next_tracker_), {DType::f32, shape}));
    }
    std::vector<Value> values;
    for (const int variable : (*trackers_)[next_tracker_].variables)
      values.push_back(graph().variable(variable, session_->variables()[variable].type));
    return values;
  }

  void set_state(const std::vector<Value>& values) {
    const ModelVariables::Tracker& tracker = (*trackers_)[next_tracker_++];
    check(values.size() == tracker.variables.size(), "a metric keeps the number of its states");
    for (size_t i = 0; i < values.size(); ++i) graph().assign(tracker.variables[i], values[i]);
  }

  const StepRequest& request_;
  std::vector<GraphInput> inputs_;
  StepGraph step_;
  Value indices_;
  std::vector<Value> x_, y_, weights_;
  Value sample_weight_;
  LoweredModel lowered_;
  std::vector<Value> output_losses_;
  Session* session_ = nullptr;
  std::vector<ModelVariables::Tracker>* trackers_ = nullptr;
  std::string prefix_;
  size_t next_tracker_ = 0;
};

/// Lets an optimizer write its update into the graph: one flat entry, or one a trainable weight.
class GraphUpdate : public UpdateContext {
 public:
  GraphUpdate(StepGraph& step, Session& session, ModelVariables& variables, const ModelPlan& plan)
      : step_(step), session_(session), variables_(variables), plan_(plan) {}

  /// `weights`: all of them, where they are not what the variable holds; else none.
  void add_flat(const std::vector<Value>& gradients, const std::vector<Value>& weights) {
    const ValueType type = session_.variables()[variables_.flat].type;
    const Value before = weights.empty() ? step_.graph.variable(variables_.flat, type, "weights") : end_to_end(weights);
    entries_.push_back({variables_.flat, before, before, end_to_end(gradients), {}, {}});
  }

  void add(int weight, Value variable, Value gradient) {
    entries_.push_back({variables_.weights[static_cast<size_t>(weight)], variable, cast(variable, DType::f32),
                        cast(gradient, DType::f32), plan_.weights[static_cast<size_t>(weight)].spec.constraint,
                        plan_.weights[static_cast<size_t>(weight)].path});
  }

  int count() const override { return static_cast<int>(entries_.size()); }
  Value variable(int i) override { return entry(i).value; }
  Value gradient(int i) override { return entry(i).gradient; }
  std::string path(int i) const override { return entries_[static_cast<size_t>(i)].path; }

  Value slot(int i, const std::string& name, double initial, std::optional<Shape> shape) override {
    const int variable = slot_variable(i, name, initial, shape.value_or(entry(i).value.shape()));
    return cast(step_.graph.variable(variable, session_.variables()[variable].type, name), DType::f32);
  }

  void set_slot(int i, const std::string& name, Value value) override {
    const int variable = slot_variable(i, name, 0, value.shape());
    step_.graph.assign(variable, cast(value, session_.variables()[variable].type.dtype));
  }

  void set_variable(int i, Value value) override {
    const Entry& target = entry(i);
    const DType dtype = target.stored.dtype();
    if (dtype != DType::f32) value = target.stored + cast(value - target.value, dtype);
    step_.graph.assign(target.index, target.constraint ? target.constraint->project(value) : value);
  }

  Value scalar(const std::string& name, std::function<double(const StepState&)> value) override {
    for (size_t s = 0; s < scalar_names_.size(); ++s)
      if (scalar_names_[s] == name) return scalar_values_[s];
    const int number = static_cast<int>(step_.graph.inputs().size());
    scalar_names_.push_back(name);
    scalar_values_.push_back(step_.graph.input(name, {DType::f32, {}}));
    step_.scalars.push_back({number, std::move(value)});
    return scalar_values_.back();
  }

 private:
  /// Updates are computed in float32 and added to what is stored in the weight's own precision.
  struct Entry {
    int index;
    Value stored;
    Value value;
    Value gradient;
    Ref<Constraint> constraint;
    std::string path;
  };

  static Value end_to_end(const std::vector<Value>& values) {
    std::vector<Value> rows;
    for (const Value& value : values) rows.push_back(reshape(value, {value.shape().elements()}));
    return concat(rows, 0);
  }

  Entry& entry(int i) { return entries_[static_cast<size_t>(i)]; }

  int slot_variable(int i, const std::string& name, double initial, const Shape& shape) {
    for (const ModelVariables::Slot& slot : variables_.slots)
      if (slot.entry == i && slot.name == name) return slot.variable;
    const DType dtype = entry(i).stored.dtype();  // as the weight: averages take its place
    const int variable = session_.variables().add(name, {dtype, shape});
    variables_.slots.push_back({i, name, variable, initial});
    if (!session_.variables().with_memory()) return variable;
    const TensorView view = session_.variables().view(variable);
    if (dtype == DType::f32)
      std::fill_n(view.as<float>(), view.elements(), static_cast<float>(initial));
    else
      std::fill_n(view.as<double>(), view.elements(), initial);
    session_.variables().touch(variable);
    return variable;
  }

  StepGraph& step_;
  Session& session_;
  ModelVariables& variables_;
  const ModelPlan& plan_;
  std::vector<Entry> entries_;
  std::vector<std::string> scalar_names_;
  std::vector<Value> scalar_values_;
};

float first_float(const Variables& memory, int variable) { return memory.view(variable).as<float>()[0]; }

}  // namespace

StepGraph training_graph(const StepRequest& request, Session& session, ModelVariables& variables) {
  StepBuilder builder(request);
  builder.gather_batch(true);
  builder.forward(variables, true);
  builder.answer_in_float32();
  const Value total = builder.losses();
  builder.track(total, session, variables.training_trackers, "training/");
  builder.update_statistics(variables);

  std::vector<Value> trained;
  std::vector<int> trained_weights;
  for (size_t w = 0; w < request.plan.weights.size(); ++w) {
    if (!request.plan.weights[w].trainable) continue;
    trained.push_back(builder.weight(w));
    trained_weights.push_back(static_cast<int>(w));
  }
  if (trained.empty()) return std::move(builder.step());  // all is frozen: statistics may still move
  const double scale = request.setup->optimizer->loss_scale_factor.value_or(1.0);
  const std::vector<Value> by_weight = gradients(total, trained, fill(builder.graph(), DType::f32, {}, scale));
  builder.graph().set_scope("optimizer");
  GraphUpdate update(builder.step(), session, variables, request.plan);
  if (variables.flat >= 0 && !request.setup->optimizer->needs_separate_variables())
    update.add_flat(by_weight, builder.has_changed_weights() ? trained : std::vector<Value>{});
  else
    for (size_t i = 0; i < trained.size(); ++i) update.add(trained_weights[i], trained[i], by_weight[i]);
  request.setup->optimizer->apply(update);
  return std::move(builder.step());
}

StepGraph evaluation_graph(const StepRequest& request, Session& session, ModelVariables& variables) {
  StepBuilder builder(request);
  builder.gather_batch(true);
  builder.forward(variables, false);
  builder.answer_in_float32();
  builder.track(builder.losses(), session, variables.evaluation_trackers, "evaluation/");
  builder.update_statistics(variables);  // outside training only the states of stateful layers move
  builder.keep_predictions();
  return std::move(builder.step());
}

StepGraph prediction_graph(const StepRequest& request, ModelVariables& variables) {
  StepBuilder builder(request);
  builder.take_batch();
  builder.forward(variables, false);
  builder.update_statistics(variables);
  builder.keep_predictions();
  return std::move(builder.step());
}

std::vector<std::pair<std::string, double>> read_logs(const TrainingSetup& setup, const Variables& memory,
                                                      const std::vector<ModelVariables::Tracker>& trackers) {
  std::vector<std::pair<std::string, double>> logs;
  if (trackers.empty()) return logs;
  const double count = first_float(memory, trackers[0].variables[1]);
  if (count == 0) return logs;
  logs.emplace_back("loss", first_float(memory, trackers[0].variables[0]) / count);
  const bool several = TrackerLayout(setup).logs_output_losses();
  size_t next = 1;
  for (const OutputSetup& output : setup.outputs) {
    const std::string prefix = setup.outputs.size() > 1 ? output.name + "_" : "";
    if (several && output.loss != nullptr)
      logs.emplace_back(prefix + "loss", first_float(memory, trackers[next++].variables[0]) / count);
    for (const LabelledMetric& metric : output.metrics) {
      std::vector<TensorView> state;
      for (const int variable : trackers[next].variables) state.push_back(memory.view(variable));
      ++next;
      logs.emplace_back(prefix + metric.label, metric.metric->result(state));
    }
  }
  return logs;
}

void reset_trackers(Variables& memory, const std::vector<ModelVariables::Tracker>& trackers) {
  for (const ModelVariables::Tracker& tracker : trackers)
    for (const int variable : tracker.variables) {
      std::memset(memory.view(variable).data, 0, memory.view(variable).bytes());
      memory.touch(variable);
    }
}

}  // namespace trainyard
