// Shapes, weights and ops of a whole model.
#include <algorithm>

#include "engine/layers/dictionary_input.h"
#include "engine/layers/input_layer.h"
#include "engine/layers/model.h"
#include "engine/layers/text_inputs.h"
#include "engine/layers/wrapper.h"
#include "engine/ops/builder.h"

namespace trainyard {
namespace {

const ModelLayer& layer_of(const Model& model, size_t node) {
  return model.layers[static_cast<size_t>(model.nodes[node].layer)];
}

/// All inputs are entries of a dictionary, of which a layer takes any number; or as many as its arity says.
bool fits_arity(const Layer& layer, const ModelNode& node, size_t count) {
  const std::vector<std::string> entries = dictionary_entries(layer);
  const bool dictionary = std::any_of(node.keywords.begin(), node.keywords.end(),
                                      [&](const auto& keyword) { return is_dictionary_entry(entries, keyword.name); });
  if (dictionary) return count == node.keywords.size();
  const InputArity arity = layer.arity();
  return count >= static_cast<size_t>(arity.min) && (arity.max == 0 || count <= static_cast<size_t>(arity.max));
}

std::string arity_text(const InputArity& arity) {
  if (arity.max == arity.min) return std::to_string(arity.min);
  if (arity.max == 0) return "at least " + std::to_string(arity.min);
  return std::to_string(arity.min) + " to " + std::to_string(arity.max);
}

constexpr const char* kMask = "mask";

/// Of a dictionary an entry may be called "mask" too, and is none.
bool takes_masks(const Layer& layer) { return dictionary_entries(layer).empty(); }

/// Inputs of a call that are masks of its other inputs.
size_t mask_count(const Layer& layer, const ModelNode& node) {
  size_t count = 0;
  if (!takes_masks(layer)) return count;
  for (const ModelNode::Keyword& keyword : node.keywords)
    if (keyword.name == kMask) count += static_cast<size_t>(keyword.count);
  return count;
}

/// Takes the inputs that are called "mask", and their names, out of the lists and gives them, in order.
template <typename T>
std::vector<T> take_masks(const Layer& layer, std::vector<std::string>& names, std::vector<T>& inputs) {
  std::vector<T> masks;
  for (size_t i = 0; takes_masks(layer) && i < names.size();) {
    if (names[i] != kMask) {
      ++i;
      continue;
    }
    masks.push_back(std::move(inputs[i]));
    inputs.erase(inputs.begin() + static_cast<std::ptrdiff_t>(i));
    names.erase(names.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return masks;
}

class ModelPlanner {
 public:
  ModelPlanner(const Model& model, Diagnostics& diagnostics, const std::vector<TensorSpec>& inputs)
      : model_(model),
        diagnostics_(diagnostics),
        inputs_(inputs),
        specs_(model.layers.size()),
        built_(model.layers.size(), 0) {}

  ModelPlan run() {
    plan_.node_outputs.resize(model_.nodes.size());
    plan_.inner_shapes.resize(model_.layers.size());
    for (size_t i = 0; i < inputs_.size(); ++i)
      plan_.node_outputs[static_cast<size_t>(model_.inputs[i].node)] = {inputs_[i]};
    for (size_t n = 0; n < model_.nodes.size(); ++n)
      if (plan_.node_outputs[n].empty()) build_node(n);
    for (size_t l = 0; l < model_.layers.size(); ++l) number_weights(l);
    check_outputs();
    return std::move(plan_);
  }

 private:
  void build_node(size_t n) {
    const ModelLayer& entry = layer_of(model_, n);
    const ParseContext where = ParseContext(diagnostics_, entry.path).at_node(entry.id);
    const size_t count = model_.nodes[n].inputs.size() - mask_count(*entry.layer, model_.nodes[n]);
    if (!fits_arity(*entry.layer, model_.nodes[n], count))
      return where.error("model.input_count", {{"class_name", entry.layer->info().class_name},
                                               {"wanted", arity_text(entry.layer->arity())},
                                               {"got", std::to_string(count)}});
    std::vector<TensorSpec> inputs;
    if (!entry.usable || !collect_inputs(n, inputs, where) || !text_fits(n, inputs, where)) return;
    if (!entries_stay(n, where)) return;
    std::vector<std::string> names = input_names(*entry.layer, model_.nodes[n]);
    take_masks(*entry.layer, names, inputs);
    for (TensorSpec& input : inputs) input = cast_for(*entry.layer, std::move(input));
    BuildContext context(std::move(inputs), entry.layer->dtype.dtype, where,
                         {&model_.nodes[n].arguments, std::move(names)});
    entry.layer->build(context);
    if (!context.failed()) check_penalty(*entry.layer, context);
    if (context.failed()) return;
    const auto l = static_cast<size_t>(model_.nodes[n].layer);
    if (built_[l] != 0 && !same_weights(specs_[l], context.weights()))
      return where.error("model.shared_weights", {{"layer", entry.layer->name}});
    built_[l] = 1;
    specs_[l] = context.weights();
    plan_.inner_shapes[l] = context.inner_shapes();
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

  void check_outputs() const {
    for (const TensorRef& ref : model_.outputs) {
      const auto& outputs = plan_.node_outputs[static_cast<size_t>(ref.node)];
      if (outputs.empty() || (ref.output >= 0 && static_cast<size_t>(ref.output) < outputs.size())) continue;
      ParseContext(diagnostics_, "output_layers")
          .error("model.no_such_output", {{"layer", layer_of(model_, static_cast<size_t>(ref.node)).layer->name},
                                          {"output", std::to_string(ref.output)}});
    }
  }

  /// An entry of a dictionary that may be left out would leave its output out too, and number the others anew.
  bool entries_stay(size_t n, const ParseContext& where) const {
    const ModelNode& node = model_.nodes[n];
    const std::vector<std::string> entries = dictionary_entries(*layer_of(model_, n).layer);
    const std::vector<std::string> names = input_names(*layer_of(model_, n).layer, node);
    for (size_t i = 0; i < names.size(); ++i) {
      const Layer& from = *layer_of(model_, static_cast<size_t>(node.inputs[i].node)).layer;
      const auto* input = dynamic_cast<const layers::InputLayer*>(&from);
      if (input == nullptr || !input->optional || !is_dictionary_entry(entries, names[i])) continue;
      return where.error("model.dictionary_optional", {{"entry", names[i]}, {"layer", from.name}}), false;
    }
    return true;
  }

  /// Text goes from an Input to a layer that reads it, and nowhere else.
  bool text_fits(size_t n, const std::vector<TensorSpec>& inputs, const ParseContext& where) const {
    if (std::none_of(inputs.begin(), inputs.end(), [](const TensorSpec& input) { return input.text; })) return true;
    const Json class_name = layer_of(model_, n).layer->info().class_name;
    if (dynamic_cast<const TextReader*>(layer_of(model_, n).layer.get()) == nullptr)
      return where.error("text.no_reader", {{"class_name", class_name}}), false;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const auto from = static_cast<size_t>(model_.nodes[n].inputs[i].node);
      if (model_.nodes[from].inputs.empty()) continue;
      where.error(inputs[i].text ? "text.written" : "text.mixed", {{"class_name", class_name}});
      return false;
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
      plan_.weights.push_back(
          {layer.name + "/" + spec.name, static_cast<int>(l), spec,
           model_.trainable && layer.trainable && spec.trainable && spec.kind == VariableKind::trainable});
    }
  }

  const Model& model_;
  Diagnostics& diagnostics_;
  const std::vector<TensorSpec>& inputs_;
  ModelPlan plan_;
  std::vector<std::vector<WeightSpec>> specs_;
  std::vector<char> built_;
};

class Lowering {
 public:
  /// `outer`: the call that the model is a part of; null for a whole model.
  Lowering(const Model& model, const ModelPlan& plan, const std::vector<Value>& weights, bool training,
           CallContext* outer, std::string scope)
      : model_(model),
        plan_(plan),
        weights_(weights),
        training_(training),
        outer_(outer),
        scope_(std::move(scope)),
        masks_(model.nodes.size()) {
    result_.node_outputs.resize(model.nodes.size());
    readings_.resize(model.nodes.size());
  }

  LoweredModel run(const std::vector<Value>& inputs, const std::vector<Value>& input_masks) {
    const std::vector<GraphInput> begins = graph_inputs(model_, plan_);
    check(inputs.size() == begins.size(), "a value for each input of the model's graph");
    for (size_t i = 0; i < begins.size(); ++i) {
      const auto node = static_cast<size_t>(begins[i].node);
      (begins[i].reading ? readings_ : result_.node_outputs)[node] = {inputs[i]};
      if (i < input_masks.size()) masks_[node] = {input_masks[i]};
    }
    const bool text = takes_text(model_, plan_);
    for (size_t n = 0; n < model_.nodes.size(); ++n) {
      result_.graph_begin.push_back(inputs.empty() ? 0 : inputs.front().graph().nodes().size());
      const bool read_on_host = text && model_.nodes[n].inputs.empty();
      if (result_.node_outputs[n].empty() && !read_on_host) call_node(n);
    }
    result_.graph_begin.push_back(inputs.empty() ? 0 : inputs.front().graph().nodes().size());
    for (const TensorRef& ref : model_.outputs) {
      result_.outputs.push_back(value_of(ref));
      result_.output_masks.push_back(mask_of(ref));
    }
    if (outer_ == nullptr) add_weight_penalties();
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

  struct Masked {
    Value value, mask;
  };

  /// Optional inputs that were given no value. Only layers that name their inputs can do without one.
  static void leave_out_absent(std::vector<std::string>& names, std::vector<Masked>& given) {
    for (size_t i = given.size(); i-- > 0;) {
      if (given[i].value) continue;
      check(!names[i].empty(), "an input that is left out has a name");
      given.erase(given.begin() + static_cast<std::ptrdiff_t>(i));
      names.erase(names.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  /// Puts a None of the call's list of masks where it stands.
  static void fill_gaps(const ModelNode& node, std::vector<Masked>& masks) {
    for (const ModelNode::Keyword& keyword : node.keywords) {
      if (keyword.name != kMask || keyword.places.size() != masks.size() || masks.empty()) continue;
      std::vector<Masked> spread(static_cast<size_t>(keyword.slots));
      for (size_t i = 0; i < masks.size(); ++i) spread[static_cast<size_t>(keyword.places[i])] = masks[i];
      masks = std::move(spread);
    }
  }

  void call_node(size_t n) {
    const ModelNode& node = model_.nodes[n];
    const Layer& layer = *layer_of(model_, n).layer;
    const bool maskless = layer_of(model_, n).maskless;
    CallContext::Setup setup;
    setup.training = training_;
    setup.arguments = &node.arguments;
    setup.first_stream =
        outer_ != nullptr ? outer_->random_stream() : static_cast<uint32_t>(n) * CallContext::kStreamsACall;
    if (node.arguments.is_object() && node.arguments.contains("training") && node.arguments["training"].is_boolean())
      setup.training = node.arguments["training"].get<bool>();
    const bool reading = !readings_[n].empty();
    if (reading) setup.inputs = readings_[n];
    std::vector<Masked> given;
    for (const TensorRef& ref : node.inputs)
      if (!reading) given.push_back({value_of(ref), mask_of(ref)});
    if (!reading) setup.names = input_names(layer, node);
    leave_out_absent(setup.names, given);
    std::vector<Masked> masks = take_masks(layer, setup.names, given);
    fill_gaps(node, masks);
    for (size_t i = 0; i < given.size(); ++i) {
      setup.inputs.push_back(cast_for(layer, given[i].value));
      if (i < masks.size())
        setup.masks.push_back(masks[i].value ? cast(masks[i].value, DType::boolean) : Value());
      else
        setup.masks.push_back(maskless ? Value() : given[i].mask);
    }
    const std::vector<int>& numbers = plan_.layer_weights[static_cast<size_t>(node.layer)];
    for (const int w : numbers) setup.weights.push_back(weights_[static_cast<size_t>(w)]);
    check(!setup.inputs.empty(), "an Input that is not an input of the model cannot be computed");
    Graph& graph = setup.inputs.front().graph();
    graph.set_scope(scope_ + layer.name);
    CallContext context(graph, std::move(setup));
    if (reading)
      dynamic_cast<const TextReader&>(layer).call_reading(context);
    else
      layer.call(context);
    if (outer_ != nullptr) outer_->set_random_stream(context.random_stream());
    result_.node_outputs[n] = context.outputs();
    masks_[n] = output_masks(layer, context);
    // A mask given as an argument is not passed on: Keras derives those of outputs from what the inputs carry.
    if (!masks.empty() && (!given[0].mask || !context.masks_set()))
      masks_[n].assign(context.outputs().size(), layer.supports_masking() ? given[0].mask : Value());
    for (const CallContext::Update& update : context.updates())
      set_weight(numbers[static_cast<size_t>(update.weight)], update.value);
    result_.losses.insert(result_.losses.end(), context.losses().begin(), context.losses().end());
    penalize_activity(layer, context.outputs(), result_.losses);
  }

  /// From now on, and after the step: a later call of a shared layer sees what the one before it left.
  void set_weight(int w, Value value) {
    weights_[static_cast<size_t>(w)] = value;
    for (LoweredModel::Update& update : result_.updates)
      if (update.weight == w) return void(update.value = value);
    result_.updates.push_back({w, value});
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
  std::vector<Value> weights_;  // as they stand after the calls so far
  bool training_;
  CallContext* outer_;
  std::string scope_;
  LoweredModel result_;
  std::vector<std::vector<Value>> readings_;  // by node: what text layers read on the host
  std::vector<std::vector<Value>> masks_;
};

}  // namespace

std::vector<std::string> input_names(const Layer& layer, const ModelNode& node) {
  std::vector<std::string> names = layer.input_names();
  size_t named = 0;
  for (const ModelNode::Keyword& keyword : node.keywords) named += static_cast<size_t>(keyword.count);
  names.resize(node.inputs.size() - named);
  for (const ModelNode::Keyword& keyword : node.keywords)
    names.insert(names.end(), static_cast<size_t>(keyword.count), keyword.name);
  return names;
}

ModelPlan plan_model(const Model& model, Diagnostics& diagnostics) { return plan_model(model, diagnostics, {}); }

ModelPlan plan_model(const Model& model, Diagnostics& diagnostics, const std::vector<TensorSpec>& inputs) {
  return ModelPlanner(model, diagnostics, inputs).run();
}

LoweredModel lower_model(const Model& model, const ModelPlan& plan, const std::vector<Value>& inputs,
                         const std::vector<Value>& weights, bool training, const std::vector<Value>& input_masks) {
  return Lowering(model, plan, weights, training, nullptr, "").run(inputs, input_masks);
}

LoweredModel lower_nested_model(const Model& model, const ModelPlan& plan, const std::vector<Value>& inputs,
                                const std::vector<Value>& input_masks, const std::string& name, CallContext& outer) {
  return Lowering(model, plan, outer.weights(), outer.training(), &outer, name + "/").run(inputs, input_masks);
}

}  // namespace trainyard
