#include "engine/layers/wrapper.h"

#include <algorithm>
#include <set>

#include "engine/layers/dictionary_input.h"
#include "engine/layers/model_layer.h"
#include "engine/ops/builder.h"

namespace trainyard {
namespace {

std::string wrapped_class(const Layer& layer) { return layer.info().class_name; }

bool takes(const Layer& layer, size_t inputs) {
  const InputArity arity = layer.arity();
  return inputs >= static_cast<size_t>(arity.min) && (arity.max == 0 || inputs <= static_cast<size_t>(arity.max));
}

/// Keras 2 let any layer carry the model's input shape; inside another layer it means nothing.
Json without_input_shape(Json value) {
  if (value.is_object() && value.contains("config") && value["config"].is_object())
    value["config"].erase("batch_input_shape");
  return value;
}

std::shared_ptr<Layer> parse_inner(const Json& value, const ParseContext& context) {
  std::shared_ptr<Layer> layer = parse_layer(without_input_shape(value), context);
  if (layer == nullptr) return nullptr;
  if (layer->name.empty()) layer->name = snake_case(layer->info().class_name);
  return layer;
}

std::vector<TensorSpec> specs_of(const std::vector<Value>& values) {
  std::vector<TensorSpec> specs;
  for (const Value& value : values) specs.push_back({value.dtype(), value.shape()});
  return specs;
}

}  // namespace

void ArgTraits<Ref<Layer>>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::reference;
  spec.nullable = !spec.options.required;
  spec.group = Layer::kGroup;
}

bool ArgTraits<Ref<Layer>>::parse(const Json& value, Ref<Layer>& result, const ArgSpec& spec,
                                  const ParseContext& context) {
  if (value.is_null()) {
    if (spec.options.required) return context.expected("a layer", value), false;
    return result = Ref<Layer>(), true;
  }
  std::shared_ptr<Layer> layer = parse_inner(value, context);
  if (layer == nullptr) return false;
  result = Ref<Layer>(std::move(layer));
  return true;
}

Json ArgTraits<Ref<Layer>>::print(const Ref<Layer>& value) {
  return value ? serialize(*value, Layer::kGroup) : Json(nullptr);
}

void ArgTraits<std::vector<Ref<Layer>>>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::json;
  spec.group = Layer::kGroup;
}

bool ArgTraits<std::vector<Ref<Layer>>>::parse(const Json& value, std::vector<Ref<Layer>>& result, const ArgSpec&,
                                               const ParseContext& context) {
  if (!value.is_array() || value.empty()) return context.expected("a list of layers", value), false;
  std::vector<Ref<Layer>> layers;
  std::set<std::string> names;
  for (size_t i = 0; i < value.size(); ++i) {
    std::shared_ptr<Layer> layer = parse_inner(value[i], context.item(i));
    if (layer == nullptr) continue;
    const std::string base = layer->name;
    for (int n = 1; !names.insert(layer->name).second; ++n) layer->name = base + "_" + std::to_string(n);
    layers.emplace_back(std::move(layer));
  }
  if (layers.size() != value.size()) return false;
  result = std::move(layers);
  return true;
}

Json ArgTraits<std::vector<Ref<Layer>>>::print(const std::vector<Ref<Layer>>& value) {
  Json list = Json::array();
  for (const Ref<Layer>& layer : value) list.push_back(ArgTraits<Ref<Layer>>::print(layer));
  return list;
}

TensorSpec cast_for(const Layer& layer, TensorSpec spec) {
  if (is_floating(spec.dtype) || !layer.keeps_integers()) spec.dtype = layer.dtype.dtype;
  return spec;
}

Value cast_for(const Layer& layer, Value x) {
  return is_floating(x.dtype()) || !layer.keeps_integers() ? cast(x, layer.dtype.dtype) : x;
}

std::shared_ptr<Layer> copy_of(const Layer& layer) {
  Diagnostics diagnostics;
  std::shared_ptr<Layer> copy = parse_inner(serialize(layer, Layer::kGroup), ParseContext(diagnostics, ""));
  check(copy != nullptr, "a layer's own config is in order");
  return copy;
}

std::vector<TensorSpec> build_inner(BuildContext& context, const InnerPlace& place, const Layer& layer,
                                    std::vector<TensorSpec> inputs, const std::vector<std::string>& names) {
  std::string pointer = "/" + place.arg;
  if (place.index >= 0) pointer += "/" + std::to_string(place.index);
  const ParseContext arg = context.place_of(place.arg);
  // Complaints go through `inner`, so that they stand at the argument and yet fail the outer build.
  for (TensorSpec& input : inputs) input = cast_for(layer, std::move(input));
  const std::vector<std::string> entries = dictionary_entries(layer);
  const bool dictionary = std::any_of(names.begin(), names.end(),
                                      [&](const std::string& name) { return is_dictionary_entry(entries, name); });
  const bool fits = dictionary || takes(layer, inputs.size());
  const std::string given = std::to_string(inputs.size());
  BuildContext inner(std::move(inputs), layer.dtype.dtype,
                     place.index >= 0 ? arg.item(static_cast<size_t>(place.index)) : arg, {nullptr, names});
  if (!fits)
    inner.error("", "wrapper.inputs", {{"class_name", wrapped_class(layer)}, {"given", given}});
  else if (layer.dtype.dtype != context.dtype())
    inner.error("dtype", "wrapper.dtype",
                {{"inner", std::string(name_of(layer.dtype.dtype))}, {"outer", std::string(name_of(context.dtype()))}});
  else
    layer.build(inner);
  if (!inner.failed() && place.penalize_activity) check_penalty(layer, inner);
  context.adopt(inner, layer.name + "/", pointer, layer.trainable, !place.arg.empty() && layer.has_build_config());
  return inner.failed() ? std::vector<TensorSpec>{} : inner.outputs();
}

InnerLayer::InnerLayer(CallContext& outer, const Layer& layer, int first_weight, const std::vector<Value>& inputs,
                       const std::vector<std::string>& names)
    : InnerLayer(outer, layer, first_weight, specs_of(inputs), names) {}

InnerLayer::InnerLayer(CallContext& outer, const Layer& layer, int first_weight, std::vector<TensorSpec> inputs,
                       const std::vector<std::string>& names)
    : outer_(outer), layer_(layer), first_weight_(first_weight) {
  for (TensorSpec& input : inputs) input = cast_for(layer, std::move(input));
  Diagnostics diagnostics;
  BuildContext build(std::move(inputs), layer.dtype.dtype, ParseContext(diagnostics, ""), {nullptr, names});
  layer.build(build);  // how many weights it has depends on its arguments alone, and only it knows
  for (size_t i = 0; i < build.weights().size(); ++i)
    weights_.push_back(outer.weight(first_weight + static_cast<int>(i)));
}

CallContext InnerLayer::begin(const std::vector<Value>& inputs, const Options& options) const {
  CallContext::Setup setup;
  for (const Value& input : inputs) setup.inputs.push_back(cast_for(layer_, input));
  setup.masks = options.masks;
  setup.weights = weights_;
  setup.training = outer_.training();
  setup.first_stream = outer_.random_stream();
  setup.arguments = options.arguments;
  setup.names = options.names;
  return {outer_.graph(), std::move(setup)};
}

void InnerLayer::end(const CallContext& inner) {
  outer_.set_random_stream(inner.random_stream());
  for (const CallContext::Update& update : inner.updates())
    outer_.update_weight(first_weight_ + update.weight, update.value);
  for (const Value& loss : inner.losses()) outer_.add_loss(loss);
}

InnerLayer::Outputs InnerLayer::call(const std::vector<Value>& inputs, const Options& options) {
  CallContext inner = begin(inputs, options);
  layer_.call(inner);
  end(inner);
  std::vector<Value> penalties;
  if (options.penalize_activity) penalize_activity(layer_, inner.outputs(), penalties);
  for (const Value& penalty : penalties) outer_.add_loss(penalty);
  return {inner.outputs(), output_masks(layer_, inner)};
}

std::vector<Value> output_masks(const Layer& layer, const CallContext& context) {
  std::vector<Value> masks;
  for (size_t o = 0; o < context.outputs().size(); ++o)
    masks.push_back(context.masks_set()        ? context.output_mask(static_cast<int>(o))
                    : layer.supports_masking() ? context.mask(0)
                                               : Value());
  return masks;
}

void check_penalty(const Layer& layer, BuildContext& context) {
  if (!layer.activity_regularizer) return;
  for (const TensorSpec& output : context.outputs())
    if (std::string problem = layer.activity_regularizer->problem(output.shape); !problem.empty())
      return context.error("activity_regularizer", "layer.activation", {{"problem", std::move(problem)}});
}

void penalize_activity(const Layer& layer, const std::vector<Value>& outputs, std::vector<Value>& losses) {
  if (!layer.activity_regularizer) return;
  for (const Value& output : outputs)
    losses.push_back(layer.activity_regularizer->penalty(output) / static_cast<double>(output.shape().front()));
}

}  // namespace trainyard
