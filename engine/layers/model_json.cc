// Model -> Keras 3 JSON.
#include <nlohmann/json.hpp>

#include "engine/layers/model.h"

namespace trainyard {
namespace {

/// Which call of its layer a node is; keras_history counts them.
int call_number(const Model& model, int node) {
  int number = 0;
  for (int n = 0; n < node; ++n)
    if (model.nodes[static_cast<size_t>(n)].layer == model.nodes[static_cast<size_t>(node)].layer) ++number;
  return number;
}

const std::string& name_of_node(const Model& model, int node) {
  return model.layers[static_cast<size_t>(model.nodes[static_cast<size_t>(node)].layer)].layer->name;
}

Json history(const Model& model, const TensorRef& ref) {
  return Json::array({name_of_node(model, ref.node), call_number(model, ref.node), ref.output});
}

/// Keras also writes shape and dtype here; its reader goes by the history alone, and so does ours.
Json keras_tensor(const Model& model, const ModelPlan& plan, const TensorRef& ref) {
  Json config = Json::object();
  const auto& outputs = plan.node_outputs[static_cast<size_t>(ref.node)];
  if (static_cast<size_t>(ref.output) < outputs.size()) {
    const TensorSpec& spec = outputs[static_cast<size_t>(ref.output)];
    config["shape"] = ArgTraits<Shape>::print(spec.shape);
    config["dtype"] = std::string(name_of(spec.dtype));
  }
  config["keras_history"] = history(model, ref);
  return {{"class_name", "__keras_tensor__"}, {"config", config}};
}

Json inbound_node(const Model& model, const ModelPlan& plan, const ModelNode& node) {
  Json args = Json::array();
  for (const TensorRef& ref : node.inputs) args.push_back(keras_tensor(model, plan, ref));
  const bool takes_list = model.layers[static_cast<size_t>(node.layer)].layer->takes_list();
  return {{"args", takes_list ? Json::array({args}) : args}, {"kwargs", node.arguments.is_object() ? node.arguments : Json::object()}};
}

Json layer_entry(const Layer& layer) {
  Json entry = serialize(layer, Layer::kGroup);
  return entry;
}

Json ends(const Model& model, const std::vector<TensorRef>& refs) {
  if (refs.size() == 1) return history(model, refs.front());
  Json list = Json::array();
  for (const TensorRef& ref : refs) list.push_back(history(model, ref));
  return list;
}

Json functional_config(const Model& model, bool with_ids) {
  Diagnostics ignored;
  const ModelPlan plan = plan_model(model, ignored);
  Json layers = Json::array();
  for (size_t l = 0; l < model.layers.size(); ++l) {
    Json entry = layer_entry(*model.layers[l].layer);
    entry["name"] = model.layers[l].layer->name;
    if (with_ids && !model.layers[l].id.empty()) entry["id"] = model.layers[l].id;
    entry["inbound_nodes"] = Json::array();
    for (const ModelNode& node : model.nodes)
      if (node.layer == static_cast<int>(l) && !node.inputs.empty()) entry["inbound_nodes"].push_back(inbound_node(model, plan, node));
    layers.push_back(std::move(entry));
  }
  return {{"name", model.name},
          {"trainable", true},
          {"layers", layers},
          {"input_layers", ends(model, model.inputs)},
          {"output_layers", ends(model, model.outputs)}};
}

Json sequential_config(const Model& model) {
  Json layers = Json::array();
  for (const ModelLayer& entry : model.layers) layers.push_back(layer_entry(*entry.layer));
  return {{"name", model.name}, {"trainable", true}, {"layers", layers}};
}

}  // namespace

Json model_to_json(const Model& model, bool canonical) {
  const bool sequential = model.sequential && !canonical;
  return {{"module", "keras"},
          {"class_name", sequential ? "Sequential" : "Functional"},
          {"config", sequential ? sequential_config(model) : functional_config(model, canonical)},
          {"registered_name", sequential ? Json(nullptr) : Json("Functional")}};
}

}  // namespace trainyard
