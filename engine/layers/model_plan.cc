// Shapes, weights and ops of a whole model.
#include <algorithm>

#include "engine/layers/model.h"
#include "engine/ops/builder.h"

namespace trainyard {
namespace {

const ModelLayer& layer_of(const Model& model, size_t node) {
  return model.layers[static_cast<size_t>(model.nodes[node].layer)];
}

bool fits_arity(const Layer& layer, size_t count) {
  const InputArity arity = layer.arity();
  return count >= static_cast<size_t>(arity.min) && (arity.max == 0 || count <= static_cast<size_t>(arity.max));
}

std::string arity_text(const InputArity& arity) {
  if (arity.max == arity.min) return std::to_string(arity.min);
  if (arity.max == 0) return "at least " + std::to_string(arity.min);
  return std::to_string(arity.min) + " to " + std::to_string(arity.max);
}

class ModelPlanner {
 public:
  ModelPlanner(const Model& model, Diagnostics& diagnostics)
      : model_(model), diagnostics_(diagnostics), specs_(model.layers.size()), built_(model.layers.size(), 0) {}

  ModelPlan run() {
    plan_.node_outputs.resize(model_.nodes.size());
    for (size_t n = 0; n < model_.nodes.size(); ++n) build_node(n);
    for (size_t l = 0; l < model_.layers.size(); ++l) number_weights(l);
    return std::move(plan_);
  }

 private:
  void build_node(size_t n) {
    const ModelLayer& entry = layer_of(model_, n);
    const ParseContext where = ParseContext(diagnostics_, entry.path).at_node(entry.id);
    if (!fits_arity(*entry.layer, model_.nodes[n].inputs.size()))
      return where.error("model.input_count", {{"class_name", entry.layer->info().class_name},
                                               {"wanted", arity_text(entry.layer->arity())},
                                               {"got", std::to_string(model_.nodes[n].inputs.size())}});
    std::vector<TensorSpec> inputs;
    if (!entry.usable || !collect_inputs(n, inputs, where)) return;
    for (TensorSpec& input : inputs)
      if (is_floating(input.dtype) || !entry.layer->keeps_integers()) input.dtype = entry.layer->dtype.dtype;
    BuildContext context(std::move(inputs), entry.layer->dtype.dtype, where);
    entry.layer->build(context);
    if (context.failed()) return;
    const auto l = static_cast<size_t>(model_.nodes[n].layer);
    if (built_[l] != 0 && !same_weights(specs_[l], context.weights()))
      return where.error("model.shared_weights", {{"layer", entry.layer->name}});
    built_[l] = 1;
    specs_[l] = context.weights();
    plan_.node_outputs[n] = context.outputs();
  }

  /// False when an input could not be built (which was reported where it happened) or does not exist.
  bool collect_inputs(size_t n, std::vector<TensorSpec>& inputs, const ParseContext& where) {
    for (const TensorRef& ref : model_.nodes[n].inputs) {
      const auto& outputs = plan_.node_outputs[static_cast<size_t>(ref.node)];
      if (outputs.empty()) return false;
      if (ref.output < 0 || static_cast<size_t>(ref.output) >= outputs.size())
        return where.error("model.no_such_output",
                           {{"layer", layer_of(model_, static_cast<size_t>(ref.node)).layer->name},
                            {"output", std::to_string(ref.output)}}),
               false;
      inputs.push_back(outputs[static_cast<size_t>(ref.output)]);
    }
    return true;
  }

  static bool same_weights(const std::vector<WeightSpec>& a, const std::vector<WeightSpec>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const WeightSpec& x, const WeightSpec& y) { return x.shape == y.shape; });
  }

  void number_weights(size_t l) {
    plan_.layer_weights.emplace_back();
    const Layer& layer = *model_.layers[l].layer;
    for (const WeightSpec& spec : specs_[l]) {
      plan_.layer_weights.back().push_back(static_cast<int>(plan_.weights.size()));
      plan_.weights.push_back({layer.name + "/" + spec.name, static_cast<int>(l), spec,
                               model_.trainable && layer.trainable && spec.kind == VariableKind::trainable});
    }
  }

  const Model& model_;
  Diagnostics& diagnostics_;
  ModelPlan plan_;
  std::vector<std::vector<WeightSpec>> specs_;
  std::vector<char> built_;
};

class Lowering {
 public:
  Lowering(const Model& model, const ModelPlan& plan, const std::vector<Value>& weights, bool training)
      : model_(model), plan_(plan), weights_(weights), training_(training), masks_(model.nodes.size()) {
    result_.node_outputs.resize(model.nodes.size());
  }

  LoweredModel run(const std::vector<Value>& inputs, const std::vector<Value>& input_masks) {
    check(inputs.size() == model_.inputs.size(), "a value for each input of the model");
    for (size_t i = 0; i < input_masks.size(); ++i)
      masks_[static_cast<size_t>(model_.inputs[i].node)] = {input_masks[i]};
    for (size_t i = 0; i < inputs.size(); ++i)
      result_.node_outputs[static_cast<size_t>(model_.inputs[i].node)] = {inputs[i]};
    for (size_t n = 0; n < model_.nodes.size(); ++n)
      if (result_.node_outputs[n].empty()) call_node(n);
    for (const TensorRef& ref : model_.outputs) {
      result_.outputs.push_back(value_of(ref));
      result_.output_masks.push_back(mask_of(ref));
    }
    add_weight_penalties();
    return std::move(result_);
  }

 private:
  Value value_of(const TensorRef& ref) const {
    return result_.node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)];
  }

  Value mask_of(const TensorRef& ref) const {
    const auto& masks = masks_[static_cast<size_t>(ref.node)];
    return static_cast<size_t>(ref.output) < masks.size() ? masks[static_cast<size_t>(ref.output)] : Value();
  }

  void call_node(size_t n) {
    const ModelNode& node = model_.nodes[n];
    const Layer& layer = *layer_of(model_, n).layer;
    CallContext::Setup setup;
    setup.training = training_;
    setup.arguments = &node.arguments;
    setup.first_stream = static_cast<uint32_t>(n) * CallContext::kStreamsACall;
    for (const TensorRef& ref : node.inputs) {
      const Value value = value_of(ref);
      setup.inputs.push_back(is_floating(value.dtype()) || !layer.keeps_integers() ? cast(value, layer.dtype.dtype)
                                                                                   : value);
      setup.masks.push_back(mask_of(ref));
    }
    const std::vector<int>& numbers = plan_.layer_weights[static_cast<size_t>(node.layer)];
    for (const int w : numbers) setup.weights.push_back(weights_[static_cast<size_t>(w)]);
    check(!setup.inputs.empty(), "an Input that is not an input of the model cannot be computed");
    Graph& graph = setup.inputs.front().graph();
    graph.set_scope(layer.name);
    CallContext context(graph, std::move(setup));
    layer.call(context);
    result_.node_outputs[n] = context.outputs();
    pass_masks(n, layer, context);
    for (const CallContext::Update& update : context.updates())
      result_.updates.push_back({numbers[static_cast<size_t>(update.weight)], update.value});
    result_.losses.insert(result_.losses.end(), context.losses().begin(), context.losses().end());
    add_activity_penalty(layer, context);
  }

  void pass_masks(size_t n, const Layer& layer, const CallContext& context) {
    for (size_t o = 0; o < context.outputs().size(); ++o)
      masks_[n].push_back(context.masks_set()        ? context.output_mask(static_cast<int>(o))
                          : layer.supports_masking() ? context.mask(0)
                                                     : Value());
  }

  /// Keras divides by the batch, so that the penalty does not grow with it.
  void add_activity_penalty(const Layer& layer, const CallContext& context) {
    if (!layer.activity_regularizer) return;
    for (const Value& output : context.outputs())
      result_.losses.push_back(layer.activity_regularizer->penalty(output) /
                               static_cast<double>(output.shape().front()));
  }

  void add_weight_penalties() {
    for (size_t w = 0; w < plan_.weights.size(); ++w) {
      const WeightInfo& weight = plan_.weights[w];
      if (!weight.trainable || !weight.spec.regularizer) continue;
      weights_[w].graph().set_scope(model_.layers[static_cast<size_t>(weight.layer)].layer->name);
      result_.losses.push_back(weight.spec.regularizer->penalty(weights_[w]));
    }
  }

  const Model& model_;
  const ModelPlan& plan_;
  const std::vector<Value>& weights_;
  bool training_;
  LoweredModel result_;
  std::vector<std::vector<Value>> masks_;
};

}  // namespace

ModelPlan plan_model(const Model& model, Diagnostics& diagnostics) { return ModelPlanner(model, diagnostics).run(); }

LoweredModel lower_model(const Model& model, const ModelPlan& plan, const std::vector<Value>& inputs,
                         const std::vector<Value>& weights, bool training, const std::vector<Value>& input_masks) {
  return Lowering(model, plan, weights, training).run(inputs, input_masks);
}

}  // namespace trainyard
