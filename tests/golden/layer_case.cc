// layer: input.i, weight.i -> output.i; doutput.i -> dinput.i, dweight.i; updated_weight.i, regularization_loss, masks.
// The layer is called in a model of its own, so that planning and lowering of models are tried too.
#include "engine/layers/model.h"
#include "engine/ops/gradient.h"
#include "tests/golden/layer_cases.h"
#include "tests/golden/state_search.h"

namespace trainyard::golden {
namespace {

std::string numbered_name(const std::string& prefix, size_t i) { return prefix + "." + std::to_string(i); }

/// A model of one layer with an Input for each of the case's inputs; null after failing the report.
std::unique_ptr<Model> one_layer_model(const Case& golden, const std::vector<Tensor>& inputs, Report& report) {
  auto model = std::make_unique<Model>();
  Diagnostics diagnostics;
  ModelNode node;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Json config = {{"batch_shape", ArgTraits<Shape>::print(inputs[i].shape())},
                         {"dtype", name_of(inputs[i].dtype())},
                         {"name", numbered_name("input", i)}};
    auto input =
        Layer::registry().parse({{"class_name", "InputLayer"}, {"config", config}}, ParseContext(diagnostics, "input"));
    if (input == nullptr) return report.fail(diagnostics.text()), nullptr;
    node.inputs.push_back({static_cast<int>(i), 0});
    model->inputs.push_back({static_cast<int>(i), 0});
    model->nodes.push_back({static_cast<int>(i), {}});
    model->layers.push_back({std::unique_ptr<Layer>(static_cast<Layer*>(input.release())), "", "input"});
  }
  auto layer = Layer::registry().parse(golden.config, ParseContext(diagnostics, golden.class_name));
  if (layer == nullptr) return report.fail(diagnostics.text()), nullptr;
  node.layer = static_cast<int>(inputs.size());
  node.arguments = golden.metadata("call");
  model->nodes.push_back(node);
  model->layers.push_back({std::unique_ptr<Layer>(static_cast<Layer*>(layer.release())), "", golden.class_name});
  return model;
}

/// What Keras wrote is what we write: arguments, those of inner layers too, and whether there is a build_config.
void check_config(const Case& golden, const Model& model, Report& report) {
  const Layer& layer = *model.layers.back().layer;
  const nlohmann::json theirs = golden.config["config"];  // sorts the keys
  const nlohmann::json ours = model_to_json(model, false)["config"]["layers"].back()["config"];
  if (ours != theirs) report.fail("the config differs: " + nlohmann::json::diff(theirs, ours).dump());
  const bool built = golden.config.contains("build_config");
  if (built != layer.has_build_config())
    report.fail(built ? "Keras writes a build_config" : "Keras writes no build_config");
}

/// The graph of one case, and what is to be compared.
class LayerRun {
 public:
  LayerRun(const Case& golden, Machine& machine, Report& report)
      : golden_(golden), machine_(machine), report_(report) {}

  void run() {
    const std::vector<Tensor> inputs = golden_.numbered("input");
    model_ = one_layer_model(golden_, inputs, report_);
    if (model_ == nullptr) return;
    check_config(golden_, *model_, report_);
    Diagnostics diagnostics;
    plan_ = plan_model(*model_, diagnostics);
    if (diagnostics.has_errors()) return report_.fail(diagnostics.text());
    const auto& outputs = plan_.node_outputs.back();
    for (size_t i = 0; i < outputs.size(); ++i)
      model_->outputs.push_back({static_cast<int>(model_->nodes.size()) - 1, static_cast<int>(i)});
    for (const Tensor& input : inputs) inputs_.push_back(feed(input));
    if (!feed_weights()) return;
    build(outputs);
    if (golden_.has("second_output.0"))
      compare_two_calls();
    else
      compare();
  }

 private:
  Value feed(const Tensor& tensor) {
    fed_.push_back(tensor);
    return graph_.input("x", {tensor.dtype(), tensor.shape()});
  }

  void want(const std::string& name, Value value) {
    names_.push_back(name);
    wanted_.push_back(value);
  }

  /// Weights of the case in Keras's order; state that Keras keeps beside them begins at zero.
  bool feed_weights() {
    size_t next = 0;
    for (const WeightInfo& weight : plan_.weights) {
      const std::string name = numbered_name("weight", next);
      if (weight.spec.kind == VariableKind::state) {
        state_.push_back({weights_.size(), fed_.size()});
        weights_.push_back(feed(Tensor(DType::f32, weight.spec.shape)));
        case_number_.push_back(-1);
        continue;
      }
      if (!golden_.has(name)) return report_.fail("has a weight '" + weight.path + "' more than Keras"), false;
      const bool scalar = weight.spec.shape.rank() == 0 && golden_.tensor(name).elements() == 1;  // [1] in the file
      const Tensor tensor = scalar ? golden_.tensor(name).reshaped({}) : golden_.tensor(name);
      if (tensor.shape() != weight.spec.shape) {
        report_.fail("'" + weight.path + "' is " + weight.spec.shape.text() + ", Keras has " + tensor.shape().text());
        return false;
      }
      check_description(weight, next);
      case_number_.push_back(static_cast<int>(next++));
      weights_.push_back(feed(tensor));
    }
    if (golden_.has(numbered_name("weight", next))) return report_.fail("has fewer weights than Keras"), false;
    return true;
  }

  /// Path and whether it is trained, as Keras says.
  void check_description(const WeightInfo& weight, size_t number) {
    const Json weights = golden_.metadata("weights");
    if (!weights.is_array() || number >= weights.size()) return;
    if (weights[number]["path"] != Json(weight.path))
      report_.fail("weight '" + weight.path + "' is called " + weights[number]["path"].dump() + " by Keras");
    if (weights[number]["trainable"] != Json(weight.trainable))
      report_.fail("weight '" + weight.path + "': Keras differs on whether it is trained");
  }

  void build(const std::vector<TensorSpec>& outputs) {
    std::vector<Value> masks;
    if (golden_.has("mask")) masks.push_back(feed(golden_.tensor("mask")));
    const Json call = golden_.metadata("call");
    const bool training = call.is_object() && call.value("training", false);
    const LoweredModel lowered = lower_model(*model_, plan_, inputs_, weights_, training, masks);
    for (size_t i = 0; i < lowered.outputs.size(); ++i) {
      if (lowered.outputs[i].shape() != outputs[i].shape || lowered.outputs[i].dtype() != outputs[i].dtype)
        report_.fail(numbered_name("output", i) + " is " + lowered.outputs[i].shape().text() + ", planned as " +
                     outputs[i].shape.text());
      if (golden_.has(numbered_name("output", i)))
        want(numbered_name("output", i), lowered.outputs[i]);
      else
        report_.fail("has more outputs than Keras");
    }
    if (golden_.has(numbered_name("output", lowered.outputs.size()))) report_.fail("has fewer outputs than Keras");
    if (golden_.has("doutput.0")) want_gradients(lowered);
    for (const LoweredModel::Update& update : lowered.updates) want_update(update);
    want_loss(lowered);
    if (golden_.has("output_mask")) {
      if (lowered.output_masks.front())
        want("output_mask", lowered.output_masks.front());
      else
        report_.fail("no output mask");
    }
  }

  void want_update(const LoweredModel::Update& update) {
    const int number = case_number_[static_cast<size_t>(update.weight)];
    if (number < 0) return new_state_.push_back(update);
    const std::string name = numbered_name("updated_weight", static_cast<size_t>(number));
    if (golden_.has(name)) want(name, update.value);
  }

  void want_loss(const LoweredModel& lowered) {
    if (!golden_.has("regularization_loss")) return;
    Value total;
    for (const Value& loss : lowered.losses) total = total ? total + loss : loss;
    if (total)
      want("regularization_loss", total);
    else
      report_.fail("no regularization loss");
  }

  void want_gradients(const LoweredModel& lowered) {
    std::vector<Value> ys;
    std::vector<Value> seeds;
    for (size_t i = 0; i < lowered.outputs.size(); ++i) {
      if (!golden_.has(numbered_name("doutput", i))) continue;
      ys.push_back(lowered.outputs[i]);
      seeds.push_back(feed(golden_.tensor(numbered_name("doutput", i))));
    }
    std::vector<Value> by;
    std::vector<std::string> names;
    const auto add = [&](const std::string& name, Value value) {
      if (!golden_.has(name)) return;
      by.push_back(value);
      names.push_back(name);
    };
    for (size_t i = 0; i < inputs_.size(); ++i) add(numbered_name("dinput", i), inputs_[i]);
    for (size_t w = 0; w < weights_.size(); ++w)
      if (case_number_[w] >= 0) add(numbered_name("dweight", static_cast<size_t>(case_number_[w])), weights_[w]);
    const std::vector<Value> results = gradients(ys, seeds, by);
    for (size_t i = 0; i < results.size(); ++i) want(names[i], results[i]);
  }

  void compare() {
    const std::vector<Tensor> results = machine_.run(graph_, fed_, wanted_);
    for (size_t i = 0; i < results.size(); ++i)
      report_.expect_close(names_[i], results[i], golden_.tensor(names_[i]), 1e-5, floor_of(names_[i]));
  }

  /// A gradient that is 0 in exact arithmetic is, in Keras's file too, what rounding left of terms as large as the case's
  /// other gradients: that of the bias of attention's keys, since softmax does not see a constant.
  double floor_of(const std::string& name) const {
    if (!is_gradient(name)) return 1e-7;
    double scale = 0;
    for (const std::string& other : names_)
      if (is_gradient(other)) scale = std::max(scale, largest_of(golden_.tensor(other)));
    return largest_of(golden_.tensor(name)) <= 1e-6 * scale ? std::max(1e-7, 1e-6 * scale) : 1e-7;
  }

  static bool is_gradient(const std::string& name) {
    return name.starts_with("dinput.") || name.starts_with("dweight.");
  }

  /// Called twice in a row with the same input, the second time with the state that the first call left behind.
  std::vector<Tensor> call_twice(const std::vector<Tensor>& first_state) {
    std::vector<Value> values{wanted_.front()};
    for (const LoweredModel::Update& update : new_state_) values.push_back(update.value);
    set_state(first_state);
    std::vector<Tensor> results = machine_.run(graph_, fed_, values);
    std::vector<Tensor> outputs{results.front()};
    results.erase(results.begin());
    set_state(results);
    outputs.push_back(machine_.run(graph_, fed_, {wanted_.front()}).front());
    return outputs;
  }

  /// In the order of new_state_.
  void set_state(const std::vector<Tensor>& states) {
    for (size_t i = 0; i < new_state_.size(); ++i)
      for (const auto& [weight, input] : state_)
        if (static_cast<int>(weight) == new_state_[i].weight) fed_[input] = states[i];
  }

  /// The file does not hold the state of the first call: zero, or where the layer had been called before, a state that is
  /// found so that both calls give Keras's numbers. It must be one that such a layer can be in.
  void compare_two_calls() {
    if (new_state_.empty()) return report_.fail("keeps no state");
    std::vector<Tensor> state;
    for (const LoweredModel::Update& update : new_state_) state.emplace_back(DType::f32, update.value.shape());
    const std::vector<Tensor> wanted{golden_.tensor("output.0"), golden_.tensor("second_output.0")};
    const auto call = [&](const std::vector<Tensor>& from) { return call_twice(from); };
    if (!begins_at_zero(state)) state = find_state(call, state, wanted);
    for (const Tensor& part : state)
      if (largest_of(part) > 1) report_.fail("no state from which both calls give Keras's numbers");
    const std::vector<Tensor> outputs = call(state);
    report_.expect_close("output.0", outputs[0], wanted[0]);
    report_.expect_close("second_output.0", outputs[1], wanted[1]);
  }

  bool begins_at_zero(const std::vector<Tensor>& zero) {
    Report tried;
    tried.expect_close("output.0", call_twice(zero).front(), golden_.tensor("output.0"));
    return tried.failures().empty();
  }

  const Case& golden_;
  Machine& machine_;
  Report& report_;
  std::unique_ptr<Model> model_;
  ModelPlan plan_;
  Graph graph_;
  std::vector<Tensor> fed_;
  std::vector<Value> inputs_;
  std::vector<Value> weights_;
  std::vector<int> case_number_;                  // of each weight; -1 for state
  std::vector<std::pair<size_t, size_t>> state_;  // weight, fed input
  std::vector<LoweredModel::Update> new_state_;
  std::vector<std::string> names_;
  std::vector<Value> wanted_;
};

}  // namespace

void run_layer_case(const Case& golden, Machine& machine, Report& report) {
  if (Layer::registry().find(golden.class_name) == nullptr)
    return report.skip("no layer " + golden.class_name + " yet");
  LayerRun(golden, machine, report).run();
}

}  // namespace trainyard::golden
