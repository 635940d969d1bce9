#include "engine/layers/model_layer.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/layers/input_layer.h"
#include "engine/ops/builder.h"

namespace trainyard {
namespace {

constexpr ClassInfo::ArgType kPrintedOnly{[](ArgSpec&) {},
                                          [](Declared&, const ClassInfo::Arg&, const Json&, const ParseContext&) {},
                                          [](const Declared& object, const ClassInfo::Arg& arg) {
                                            return static_cast<const NestedModel&>(object).printed(arg.spec.name);
                                          }};

/// A class whose arguments are read by parse_model_layer and only printed from here.
ClassInfo model_class(const char* class_name, const char* doc, std::initializer_list<const char*> keys) {
  ClassInfo info;
  info.class_name = class_name;
  info.family = "models";
  info.doc = doc;
  for (const char* key : keys) {
    ClassInfo::Arg& arg = info.args.emplace_back();
    arg.spec.name = key;
    arg.spec.doc = "As the model's own file has it.";
    arg.type = &kPrintedOnly;
  }
  return info;
}

DType common_dtype(const Model& model) {
  for (const ModelLayer& entry : model.layers)
    if (entry.layer->info().class_name != "InputLayer") return entry.layer->dtype.dtype;
  return DType::f32;
}

bool fits(const Shape& given, const Shape& wanted) {
  if (given.rank() != wanted.rank()) return false;
  for (int axis = 1; axis < given.rank(); ++axis)
    if (given[axis] != kUnknown && wanted[axis] != kUnknown && given[axis] != wanted[axis]) return false;
  return true;
}

}  // namespace

NestedModel::NestedModel(std::shared_ptr<const Model> model) : model_(std::move(model)) {
  name = model_->name;
  trainable = model_->trainable;
  dtype.dtype = common_dtype(*model_);
  config_ = model_to_json(*model_, false)["config"];
}

const ClassInfo& NestedModel::info() const {
  static const ClassInfo kSequential = model_class("Sequential", "A model as a layer: its layers one after the other.",
                                                   {"name", "trainable", "dtype", "layers", "build_input_shape"});
  static const ClassInfo kFunctional = model_class("Functional", "A model as a layer: a graph of layers.",
                                                   {"name", "trainable", "layers", "input_layers", "output_layers"});
  return model_->sequential ? kSequential : kFunctional;
}

Json NestedModel::printed(const std::string& key) const {
  if (key == "name") return name;
  if (key == "trainable") return trainable;
  return config_.contains(key) ? config_[key] : Json(nullptr);
}

InputArity NestedModel::arity() const {
  const auto count = static_cast<int>(model_->inputs.size());
  return {count, count};
}

bool NestedModel::works_by_sample() const {
  return std::all_of(model_->layers.begin(), model_->layers.end(), [](const ModelLayer& entry) {
    return entry.layer->info().class_name == "InputLayer" || entry.layer->works_by_sample();
  });
}

/// What the model's inputs are when it is called with `given`: its own dtypes, and its own sizes where those are open.
std::vector<TensorSpec> NestedModel::input_specs(const std::vector<TensorSpec>& given) const {
  std::vector<TensorSpec> specs = given;
  for (size_t i = 0; i < specs.size(); ++i) {
    const ModelNode& node = model_->nodes[static_cast<size_t>(model_->inputs[i].node)];
    const Layer& layer = *model_->layers[static_cast<size_t>(node.layer)].layer;
    const auto& input = static_cast<const layers::InputLayer&>(layer);
    if (!specs[i].text) specs[i].dtype = input.input_dtype.dtype;
    if (model_->open_input) continue;
    for (int axis = 1; axis < specs[i].shape.rank(); ++axis)
      if (specs[i].shape[axis] == kUnknown) specs[i].shape[axis] = (*input.batch_shape)[axis];
  }
  return specs;
}

void NestedModel::build(BuildContext& context) const {
  std::vector<TensorSpec> given;
  for (int i = 0; i < context.input_count(); ++i) {
    given.push_back(context.input(i));
    if (given.back().text) return context.error("", "nested.text");
    const ModelNode& node = model_->nodes[static_cast<size_t>(model_->inputs[static_cast<size_t>(i)].node)];
    const Layer& layer = *model_->layers[static_cast<size_t>(node.layer)].layer;
    const Shape& wanted = *static_cast<const layers::InputLayer&>(layer).batch_shape;
    if (!model_->open_input && !fits(given.back().shape, wanted))
      return context.error("", "nested.input_shape", {{"got", given.back().shape.text()}, {"wanted", wanted.text()}});
  }
  Diagnostics diagnostics;
  const ModelPlan plan = plan_model(*model_, diagnostics, input_specs(given));
  for (const Diagnostic& item : diagnostics.items())
    if (item.severity == Severity::error) context.error(item.path, item.code, item.params);
  if (context.failed()) return;
  for (const WeightInfo& weight : plan.weights) {
    if (model_->layers[static_cast<size_t>(weight.layer)].layer->dtype.dtype != dtype.dtype)
      return context.error("", "nested.dtype");
    WeightSpec spec = weight.spec;
    spec.name = weight.path;
    spec.trainable = spec.kind != VariableKind::trainable || weight.trainable;
    context.add_weight(std::move(spec));
  }
  for (const TensorRef& ref : model_->outputs)
    context.add_output(plan.node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)]);
}

void NestedModel::call(CallContext& context) const {
  std::vector<TensorSpec> given;
  for (const Value& input : context.inputs()) given.push_back({input.dtype(), input.shape()});
  const std::vector<TensorSpec> specs = input_specs(given);
  Diagnostics diagnostics;
  const ModelPlan plan = plan_model(*model_, diagnostics, specs);
  check(!diagnostics.has_errors(), "a model that could be built can be called");
  std::vector<Value> inputs, masks;
  for (size_t i = 0; i < specs.size(); ++i) {
    inputs.push_back(cast(context.input(static_cast<int>(i)), specs[i].dtype));
    masks.push_back(context.mask(static_cast<int>(i)));
  }
  const LoweredModel lowered = lower_nested_model(*model_, plan, inputs, masks, name, context);
  for (size_t o = 0; o < lowered.outputs.size(); ++o) {
    context.add_output(lowered.outputs[o]);
    context.set_output_mask(static_cast<int>(o), lowered.output_masks[o]);
  }
  for (const LoweredModel::Update& update : lowered.updates) context.update_weight(update.weight, update.value);
  for (const Value& loss : lowered.losses) context.add_loss(loss);
}

bool is_model_class(const std::string& class_name) {
  return class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
}

std::unique_ptr<NestedModel> parse_model_layer(const Json& entry, const ParseContext& context) {
  Diagnostics diagnostics;
  std::shared_ptr<const Model> model = parse_nested_model(entry, diagnostics);
  for (const Diagnostic& item : diagnostics.items()) {
    const ParseContext place = context.child(item.path);
    if (item.severity == Severity::error)
      place.error(item.code, item.params);
    else
      context.diagnostics().warn(item.code, place.path(), item.params);
  }
  if (model == nullptr || diagnostics.has_errors()) return nullptr;
  return std::make_unique<NestedModel>(std::move(model));
}

std::unique_ptr<Layer> parse_layer(const Json& entry, const ParseContext& context) {
  if (entry.is_object() && entry.contains("class_name") && entry["class_name"].is_string() &&
      is_model_class(entry["class_name"].get<std::string>()))
    return parse_model_layer(entry, context);
  std::unique_ptr<Declared> parsed = Layer::registry().parse(entry, context);
  return std::unique_ptr<Layer>(static_cast<Layer*>(parsed.release()));
}

}  // namespace trainyard
