#include "engine/train/adapt.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/layers/text_inputs.h"
#include "engine/train/trainer.h"

namespace trainyard {
namespace {

constexpr int64_t kBatch = 256;

const Adaptable* adaptable(const Layer& layer) { return dynamic_cast<const Adaptable*>(&layer); }

/// A copy in which one layer (-1: none) has further arguments. Goes by way of JSON, as any change of a model does.
std::unique_ptr<Model> copy_with(const Model& model, int layer, const Json& config) {
  Json json = model_to_json(model, true);
  if (layer >= 0) json["config"]["layers"][static_cast<size_t>(layer)]["config"].update(config);
  Diagnostics diagnostics;
  std::unique_ptr<Model> copy = parse_model(json, diagnostics);
  throw_if_errors(diagnostics);
  copy->sequential = model.sequential;
  copy->compile_config = model.compile_config;
  copy->open_input = model.open_input;
  for (size_t l = 0; l < copy->layers.size(); ++l) copy->layers[l].path = model.layers[l].path;
  return copy;
}

/// Leaves only what `output` depends on, and makes it the model's output.
void cut_down(Model& model, const TensorRef& output) {
  std::vector<char> needed(model.nodes.size(), 0);
  needed[static_cast<size_t>(output.node)] = 1;
  for (size_t n = model.nodes.size(); n-- > 0;)
    for (const TensorRef& ref : model.nodes[n].inputs)
      if (needed[n] != 0) needed[static_cast<size_t>(ref.node)] = 1;
  std::vector<int> number(model.nodes.size(), -1);
  std::vector<ModelNode> nodes;
  for (size_t n = 0; n < model.nodes.size(); ++n) {
    if (needed[n] == 0) continue;
    number[n] = static_cast<int>(nodes.size());
    nodes.push_back(std::move(model.nodes[n]));
    for (TensorRef& ref : nodes.back().inputs) ref.node = number[static_cast<size_t>(ref.node)];
  }
  model.nodes = std::move(nodes);
  model.outputs = {{number[static_cast<size_t>(output.node)], output.output}};
  for (TensorRef& ref : model.inputs) ref.node = number[static_cast<size_t>(ref.node)];
}

std::string learned_text(const Adaptable::Adaptation& adaptation) {
  const Json& config = adaptation.config;
  if (config.contains("vocabulary")) return "a vocabulary of " + std::to_string(config["vocabulary"].size()) + " terms";
  if (config.contains("bin_boundaries")) return std::to_string(config["bin_boundaries"].size() + 1) + " ranges";
  return adaptation.weights.empty() ? "nothing" : "mean and variance";
}

class Adapter {
 public:
  explicit Adapter(const AdaptRequest& request) : request_(request), model_(request.model) {}

  AdaptedModel run() {
    for (size_t l = 0; l < request_.model->layers.size(); ++l) order_.push_back(static_cast<int>(l));
    // Layers may stand in a file in another order than they are computed in.
    std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) { return first_node(a) < first_node(b); });
    for (const int l : order_) adapt_layer(l);
    result_.model = model_;
    return std::move(result_);
  }

 private:
  int first_node(int layer) const {
    for (size_t n = 0; n < model_->nodes.size(); ++n)
      if (model_->nodes[n].layer == layer) return static_cast<int>(n);
    return static_cast<int>(model_->nodes.size());
  }

  void adapt_layer(int l) {
    const Layer& layer = *model_->layers[static_cast<size_t>(l)].layer;
    const Adaptable* learner = adaptable(layer);
    const int node = first_node(l);
    if (learner == nullptr || node >= static_cast<int>(model_->nodes.size())) return;
    const std::string name = layer.name;
    std::vector<Tensor> present;
    for (const char* weight : {"mean", "variance", "count"})
      if (Tensor value = weight_at(name + "/" + weight); !value.empty()) present.push_back(std::move(value));
    if (!learner->needs_adapt(present)) return;
    const Adaptable::Adaptation learned = learner->adapt(input_of(node));
    result_.layers.push_back({name, learned_text(learned)});
    add_weights(l, learned.weights);
    if (!learned.config.empty()) model_ = copy_with(*model_, l, learned.config);
  }

  Tensor weight_at(const std::string& path) const {
    for (const auto& [known, value] : result_.weights)
      if (known == path) return value;
    return request_.weight ? request_.weight(path) : Tensor();
  }

  void add_weights(int l, const std::vector<Tensor>& weights) {
    if (weights.empty()) return;
    Diagnostics ignored;  // sizes behind layers that are still to learn
    const ModelPlan plan = plan_model(*model_, ignored);
    const std::vector<int>& numbers = plan.layer_weights[static_cast<size_t>(l)];
    check(numbers.size() == weights.size(), "a layer learns all of its weights");
    for (size_t w = 0; w < weights.size(); ++w)
      result_.weights.emplace_back(plan.weights[static_cast<size_t>(numbers[w])].path, weights[w]);
  }

  /// Everything that enters the node in training.
  HostValue input_of(int node) const {
    const TensorRef ref = model_->nodes[static_cast<size_t>(node)].inputs.front();
    const auto input = std::find(model_->inputs.begin(), model_->inputs.end(), ref);
    if (input != model_->inputs.end()) return entering(ref, static_cast<size_t>(input - model_->inputs.begin()));
    std::unique_ptr<Model> front = copy_with(*model_, -1, {});
    cut_down(*front, ref);
    std::vector<HostValue> values;
    std::vector<TensorRef> used;
    for (size_t i = 0; i < front->inputs.size(); ++i) {
      if (front->inputs[i].node < 0) continue;
      used.push_back(front->inputs[i]);
      values.push_back(request_.inputs[i]);
    }
    front->inputs = used;
    return compute(std::move(front), values);
  }

  /// The output of a model without what follows it, in inference.
  Tensor compute(const std::shared_ptr<const Model>& front, const std::vector<HostValue>& values) const {
    Diagnostics diagnostics;
    ModelPlan plan = plan_model(*front, diagnostics);
    throw_if_errors(diagnostics);
    Samples samples;
    samples.x = read_inputs(*front, plan, values);
    samples.scale = request_.scale;
    Session session(request_.device);
    Trainer trainer(front, std::move(plan), session);
    trainer.initialize(0);
    for (size_t w = 0; w < trainer.plan().weights.size(); ++w)
      if (const Tensor value = weight_at(trainer.plan().weights[w].path); !value.empty())
        trainer.set_weight(static_cast<int>(w), value);
    return trainer.predict(samples, kBatch).front();
  }

  /// An input of the model as its first layers see it: in its own dtype and shape, pixels scaled.
  HostValue entering(const TensorRef& ref, size_t i) const {
    const HostValue& value = request_.inputs[i];
    if (std::holds_alternative<TextTensor>(value)) return value;
    Diagnostics ignored;
    const ModelPlan plan = plan_model(*model_, ignored);
    const TensorSpec& spec = plan.node_outputs[static_cast<size_t>(ref.node)].front();
    Tensor numbers = std::get<Tensor>(value).cast(spec.dtype).clone();
    if (spec.dtype == DType::f32 && request_.scale != 1)
      for (float& x : numbers.span<float>()) x = static_cast<float>(x * request_.scale);
    if (spec.shape.rank() < 1 || !spec.shape.drop_front().is_known()) return numbers;
    const Shape shape = spec.shape.drop_front().with_front(numbers.shape().front());
    if (shape.elements() != numbers.elements())
      throw UserError("data.input_shape", "data.x[" + std::to_string(i) + "]",
                      {{"got", numbers.shape().drop_front().text()}, {"wanted", spec.shape.drop_front().text()}});
    return numbers.reshaped(shape);
  }

  const AdaptRequest& request_;
  std::shared_ptr<const Model> model_;
  std::vector<int> order_;
  AdaptedModel result_;
};

}  // namespace

bool has_unadapted_layers(const Model& model) {
  return std::any_of(model.layers.begin(), model.layers.end(), [](const ModelLayer& entry) {
    const Adaptable* learner = adaptable(*entry.layer);
    return learner != nullptr && learner->needs_adapt({});
  });
}

AdaptedModel adapt_model(const AdaptRequest& request) {
  check(request.inputs.size() == request.model->inputs.size(), "a value for each input of the model");
  return Adapter(request).run();
}

}  // namespace trainyard
