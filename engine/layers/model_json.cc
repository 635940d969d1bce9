// Model -> Keras 3 JSON, as keras.Model.to_json writes it.
#include <nlohmann/json.hpp>

#include "engine/layers/dictionary_input.h"
#include "engine/layers/model.h"
#include "engine/layers/operation_layer.h"

namespace trainyard {
namespace {

/// What a pointer like "/cells/1" leads to. The library's own json_pointer warns of itself under clang.
Json& inner_object(Json& json, std::string_view pointer) {
  Json* at = &json;
  while (!pointer.empty()) {
    const size_t end = std::min(pointer.find('/', 1), pointer.size());
    const std::string key(pointer.substr(1, end - 1));
    at = at->is_array() ? &at->at(std::stoul(key)) : &(*at)[key];
    pointer.remove_prefix(end);
  }
  return *at;
}

/// Nested models, wherever they stand among layers, belong to other modules than layers.
void name_modules(Json& json) {
  if (json.is_object() && json.contains("class_name") && json.contains("config")) {
    const Json& name = json["class_name"];
    if (name == "Sequential") json["module"] = "keras";
    if (name == "Functional") json["module"] = "keras.src.models.functional";
    if (name == "Functional") json["registered_name"] = "Functional";
  }
  if (json.is_structured())
    for (Json& inside : json) name_modules(inside);
}

/// Sets `dictionary["bounding_boxes"]["boxes"]` for "bounding_boxes.boxes".
void set_entry(Json& dictionary, std::string_view name, Json value) {
  Json* at = &dictionary;
  for (size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.')) {
    at = &(*at)[std::string(name.substr(0, dot))];
    name.remove_prefix(dot + 1);
  }
  (*at)[std::string(name)] = std::move(value);
}

class Printer {
 public:
  Printer(const Model& model, bool canonical) : model_(model), canonical_(canonical) {
    Diagnostics ignored;
    plan_ = plan_model(model, ignored);
  }

  Json print() const {
    const bool sequential = model_.sequential && !canonical_;
    Json result = {{"module", sequential ? "keras" : "keras.src.models.functional"},
                   {"class_name", sequential ? "Sequential" : "Functional"},
                   {"config", sequential ? sequential_config() : functional_config()},
                   {"registered_name", sequential ? Json(nullptr) : Json("Functional")}};
    name_modules(result["config"]["layers"]);
    if (canonical_) return result;
    result["build_config"] = {{"input_shape", sequential ? first_input_shape() : Json(nullptr)}};
    if (!model_.compile_config.is_null()) result["compile_config"] = model_.compile_config;
    return result;
  }

 private:
  const Layer& layer_of(int node) const {
    return *model_.layers[static_cast<size_t>(model_.nodes[static_cast<size_t>(node)].layer)].layer;
  }

  /// What the plan knows of a tensor; null when its node could not be built.
  const TensorSpec* spec_of(const TensorRef& ref) const {
    const auto& outputs = plan_.node_outputs[static_cast<size_t>(ref.node)];
    return static_cast<size_t>(ref.output) < outputs.size() ? &outputs[static_cast<size_t>(ref.output)] : nullptr;
  }

  /// keras_history: the layer's name, which of its calls, which output.
  Json history(const TensorRef& ref) const {
    int number = 0;
    for (int n = 0; n < ref.node; ++n)
      if (model_.nodes[static_cast<size_t>(n)].layer == model_.nodes[static_cast<size_t>(ref.node)].layer) ++number;
    return Json::array({layer_of(ref.node).name, number, ref.output});
  }

  Json keras_tensor(const TensorRef& ref) const {
    Json config = Json::object();
    if (const TensorSpec* spec = spec_of(ref)) {
      config["shape"] = ArgTraits<Shape>::print(spec->shape);
      config["dtype"] = spec->text ? "string" : std::string(name_of(spec->dtype));
    }
    config["keras_history"] = history(ref);
    return {{"class_name", "__keras_tensor__"}, {"config", config}};
  }

  const OperationLayer* operation_of(size_t layer) const {
    return dynamic_cast<const OperationLayer*>(model_.layers[layer].layer.get());
  }

  /// An operation's arguments with its tensors in the place of their marks.
  Json unmarked(const Json& value, const ModelNode& node) const {
    if (const int64_t input = marked_input(value); input >= 0 && static_cast<size_t>(input) < node.inputs.size())
      return keras_tensor(node.inputs[static_cast<size_t>(input)]);
    Json result = value;
    if (value.is_structured())
      for (Json& item : result) item = unmarked(item, node);
    return result;
  }

  Json inbound_node(const ModelNode& node) const {
    if (const OperationLayer* operation = operation_of(static_cast<size_t>(node.layer)); operation && !canonical_)
      return {{"args", unmarked(operation->arguments().args, node)},
              {"kwargs", unmarked(operation->arguments().kwargs, node)}};
    size_t positional = node.inputs.size();
    for (const ModelNode::Keyword& keyword : node.keywords) positional -= static_cast<size_t>(keyword.count);
    Json args = positional_arguments(node, positional);
    Json kwargs = node.arguments.is_object() ? node.arguments : Json::object();
    const std::vector<std::string> entries = dictionary_entries(*model_.layers[static_cast<size_t>(node.layer)].layer);
    Json dictionary = Json::object();
    size_t next = positional;
    for (const ModelNode::Keyword& keyword : node.keywords) {
      Json tensors = Json::array();
      if (keyword.slots > 0) tensors = Json(std::vector<Json>(static_cast<size_t>(keyword.slots)));
      for (int i = 0; i < keyword.count; ++i) {
        Json tensor = keras_tensor(node.inputs[next++]);
        if (keyword.slots > 0)
          tensors[static_cast<size_t>(keyword.places[static_cast<size_t>(i)])] = std::move(tensor);
        else
          tensors.push_back(std::move(tensor));
      }
      Json value = keyword.listed ? std::move(tensors) : tensors[0];
      if (is_dictionary_entry(entries, keyword.name))
        set_entry(dictionary, keyword.name, std::move(value));
      else
        kwargs[keyword.name] = std::move(value);
    }
    if (!dictionary.empty()) args.push_back(std::move(dictionary));
    return {{"args", std::move(args)}, {"kwargs", std::move(kwargs)}};
  }

  Json positional_arguments(const ModelNode& node, size_t count) const {
    const int list_begin = model_.layers[static_cast<size_t>(node.layer)].layer->list_begin();
    Json args = Json::array();
    Json list = Json::array();
    for (size_t i = 0; i < count; ++i) {
      const bool listed = list_begin >= 0 && i >= static_cast<size_t>(list_begin);
      (listed ? list : args).push_back(keras_tensor(node.inputs[i]));
    }
    if (!list.empty()) args.push_back(std::move(list));
    return args;
  }

  /// Shapes of the inputs that Keras's build is told of: all but the masks.
  static Json named_shapes(const Layer& layer, const ModelNode& node, const Json& shapes) {
    const std::vector<std::string> names = input_names(layer, node);
    Json named = Json::object();
    for (size_t i = 0; i < names.size(); ++i)
      if (names[i].find("mask") == std::string::npos) named[names[i] + "_shape"] = shapes[i];
    return {{"shapes_dict", named}};
  }

  /// The shapes that the layer was first called with; null when Keras writes none.
  Json build_config(size_t l) const {
    const Layer& layer = *model_.layers[l].layer;
    if (!layer.has_build_config()) return nullptr;
    for (const ModelNode& node : model_.nodes) {
      if (node.layer != static_cast<int>(l)) continue;
      Json shapes = Json::array();
      for (const TensorRef& ref : node.inputs)
        if (const TensorSpec* spec = spec_of(ref)) shapes.push_back(ArgTraits<Shape>::print(spec->shape));
      if (shapes.size() != node.inputs.size() || shapes.empty()) return nullptr;
      if (!layer.input_names().empty()) return named_shapes(layer, node, shapes);
      if (const std::vector<std::string> entries = dictionary_entries(layer);
          !node.keywords.empty() && is_dictionary_entry(entries, node.keywords.front().name)) {
        Json dictionary = Json::object();
        for (size_t i = 0; i < node.keywords.size(); ++i) set_entry(dictionary, node.keywords[i].name, shapes[i]);
        return {{"input_shape", dictionary}};
      }
      return {{"input_shape", layer.takes_list() ? shapes : shapes[0]}};
    }
    return nullptr;
  }

  Json layer_entry(size_t l) const {
    const Layer& layer = *model_.layers[l].layer;
    Json entry = serialize(layer, Layer::kGroup);
    if (model_.layers[l].maskless) entry["maskless"] = true;  // Keras reads over it
    if (const OperationLayer* operation = operation_of(l)) {
      entry["module"] = operation->module();
      entry["registered_name"] = entry["class_name"];
      if (canonical_) {
        entry["class_name"] = kOperationPrefix + layer.info().class_name;
        entry[kOperationCall] = {{"args", operation->arguments().args}, {"kwargs", operation->arguments().kwargs}};
      }
    }
    if (canonical_) {
      entry["config"] = layer.config(true);
      return entry;
    }
    if (model_.open_input) return entry;  // no shape is known yet, and one that is made up would be believed
    for (const BuildContext::InnerShape& inner : plan_.inner_shapes[l])
      inner_object(entry["config"],
                   inner.pointer)["build_config"] = {{"input_shape", ArgTraits<Shape>::print(inner.shape)}};
    if (Json built = build_config(l); !built.is_null()) {
      entry["build_config"] = std::move(built);
    }
    return entry;
  }

  /// Puts the next of `refs` in place of each leaf.
  void set_leaves(Json& at, const std::vector<TensorRef>& refs, size_t& next) const {
    const bool inner = at.is_object() || (at.is_array() && !at.empty() && at.front().is_structured());
    if (!inner) return void(at = next < refs.size() ? end(refs[next++]) : Json(nullptr));
    if (at.is_array())
      for (Json& item : at) set_leaves(item, refs, next);
    else
      for (const std::string& key : sorted_keys(at)) set_leaves(at[key], refs, next);
  }

  /// As `history`, but Keras counts the making of a Functional model as its first call here.
  Json end(const TensorRef& ref) const {
    Json place = history(ref);
    if (layer_of(ref.node).info().class_name == "Functional") place[1] = place[1].get<int>() + 1;
    return place;
  }

  Json ends(const std::vector<TensorRef>& refs, const Json& dictionary) const {
    if (!dictionary.is_null() && !canonical_) {
      Json filled = dictionary;
      size_t next = 0;
      set_leaves(filled, refs, next);
      return filled;
    }
    if (refs.size() == 1) return end(refs.front());
    Json list = Json::array();
    for (const TensorRef& ref : refs) list.push_back(end(ref));
    return list;
  }

  Json functional_config() const {
    Json layers = Json::array();
    for (size_t l = 0; l < model_.layers.size(); ++l) {
      Json entry = layer_entry(l);
      entry["name"] = model_.layers[l].layer->name;
      if (canonical_ && !model_.layers[l].id.empty()) entry["id"] = model_.layers[l].id;
      entry["inbound_nodes"] = Json::array();
      for (const ModelNode& node : model_.nodes)
        if (node.layer == static_cast<int>(l) && !node.inputs.empty())
          entry["inbound_nodes"].push_back(inbound_node(node));
      layers.push_back(std::move(entry));
    }
    return {{"name", model_.name},
            {"trainable", model_.trainable},
            {"layers", layers},
            {"input_layers", ends(model_.inputs, model_.input_dictionary)},
            {"output_layers", ends(model_.outputs, model_.output_dictionary)}};
  }

  Json first_input_shape() const {
    const bool open = model_.inputs.empty() || model_.open_input;
    const TensorSpec* spec = open ? nullptr : spec_of(model_.inputs.front());
    return spec == nullptr ? Json(nullptr) : ArgTraits<Shape>::print(spec->shape);
  }

  Json sequential_config() const {
    Json layers = Json::array();
    // An InputLayer that only stands for an open input is none of the file's.
    for (size_t l = model_.open_input ? 1 : 0; l < model_.layers.size(); ++l) layers.push_back(layer_entry(l));
    return {{"name", model_.name},
            {"trainable", model_.trainable},
            {"dtype", ArgTraits<DTypePolicy>::print(model_.dtype)},
            {"layers", layers},
            {"build_input_shape", first_input_shape()}};
  }

  const Model& model_;
  bool canonical_;
  ModelPlan plan_;
};

}  // namespace

Json model_to_json(const Model& model, bool canonical) { return Printer(model, canonical).print(); }

}  // namespace trainyard
