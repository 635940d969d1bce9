#include "engine/layers/model_operations.h"

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/layers/activation.h"

namespace trainyard {
namespace {

/// What the operation was called with; a model's operations are called once.
Json arguments_of(const Json& entry) {
  const Json nodes = entry.contains("inbound_nodes") ? entry["inbound_nodes"] : Json();
  if (!nodes.is_array() || nodes.size() != 1 || !nodes[0].is_object() || !nodes[0].contains("args")) return nullptr;
  return nodes[0]["args"];
}

bool is_tensor(const Json& value) {
  return value.is_object() && value.value("class_name", Json()) == "__keras_tensor__";
}

/// A list of whole numbers, which Keras may have written as a tuple.
std::optional<std::vector<int64_t>> whole_numbers(const Json& value) {
  const Json& list = value.is_object() && value.contains("items") ? value["items"] : value;
  if (!list.is_array()) return std::nullopt;
  std::vector<int64_t> numbers;
  for (const Json& item : list) {
    if (!item.is_number_integer()) return std::nullopt;
    numbers.push_back(item.get<int64_t>());
  }
  return numbers;
}

struct Replacement {
  std::string class_name;
  Json config = Json::object();
};

/// scale * x + offset
Replacement rescaling(double scale, double offset) { return {"Rescaling", {{"scale", scale}, {"offset", offset}}}; }

/// A tensor and a number, either of them first.
std::optional<Replacement> with_number(const std::string& operation, const Json& args) {
  const bool tensor_first = is_tensor(args[0]);
  if (!is_tensor(args[tensor_first ? 0 : 1]) || !args[tensor_first ? 1 : 0].is_number()) return std::nullopt;
  const double number = args[tensor_first ? 1 : 0].get<double>();
  if (operation == "Add") return rescaling(1, number);
  if (operation == "Subtract") return tensor_first ? rescaling(1, -number) : rescaling(-1, number);
  if (operation == "Multiply") return rescaling(number, 0);
  const bool divides = operation == "Divide" || operation == "TrueDivide";
  return divides && tensor_first && number != 0 ? std::optional(rescaling(1 / number, 0)) : std::nullopt;
}

/// An order of all dimensions, the batch's first; the layer leaves that out.
std::optional<Replacement> reordering(const Json& config) {
  const auto axes = whole_numbers(config.contains("axes") ? config["axes"] : Json());
  if (!axes || axes->size() < 2 || axes->front() != 0) return std::nullopt;
  const std::vector<int64_t> rest(axes->begin() + 1, axes->end());
  for (const int64_t axis : rest)
    if (axis < 1) return std::nullopt;
  return Replacement{"Permute", {{"dims", rest}}};
}

/// keras.ops.image.resize, whose layer says height and width apart.
std::optional<Replacement> resizing(Json config) {
  const auto size = whole_numbers(config.contains("size") ? config["size"] : Json());
  if (!size || size->size() != 2) return std::nullopt;
  config.erase("size");
  config["height"] = (*size)[0];
  config["width"] = (*size)[1];
  return Replacement{"Resizing", config};
}

/// One size for each dimension says how many there are.
std::optional<Replacement> pooling(const std::string& operation, const Json& config) {
  const auto size = whole_numbers(config.contains("pool_size") ? config["pool_size"] : Json());
  if (!size || size->empty() || size->size() > 3) return std::nullopt;
  const std::string kind = operation == "MaxPool" ? "MaxPooling" : "AveragePooling";
  return Replacement{kind + std::to_string(size->size()) + "D", config};
}

std::optional<Replacement> replacement(const std::string& operation, const Json& config, const Json& args) {
  if (!args.is_array()) return std::nullopt;
  if (operation == "Concatenate" && config.value("axis", Json(0)) != 0) return Replacement{operation, config};
  if (args.size() == 2) return with_number(operation, args);
  if (args.size() != 1 || !is_tensor(args[0])) return std::nullopt;
  if (operation == "Negative") return rescaling(-1, 0);
  if (operation == "Resize") return resizing(config);
  if (operation == "MaxPool" || operation == "AveragePool") return pooling(operation, config);
  if (operation == "Transpose") return reordering(config);
  if (config.contains("axis") && !config["axis"].is_number_integer()) return std::nullopt;  // a softmax along several
  const std::string function = operation == "Exp" ? "exponential" : snake_case(operation);
  if (Activation::registry().find(function) == nullptr) return std::nullopt;
  return Replacement{"Activation", {{"activation", {{"class_name", function}, {"config", config}}}}};
}

}  // namespace

bool is_operation(const Json& entry) {
  if (!entry.is_object() || !entry.contains("module") || !entry["module"].is_string()) return false;
  const std::string module = entry["module"].get<std::string>();
  return module.rfind("keras.src.ops", 0) == 0 || module.rfind("keras.ops", 0) == 0;
}

Json layer_for_operation(const Json& entry) {
  const std::string operation = entry["class_name"].get<std::string>();
  Json config = entry.contains("config") && entry["config"].is_object() ? entry["config"] : Json::object();
  Json name = config.contains("name") ? config["name"] : entry.contains("name") ? entry["name"] : Json();
  config.erase("name");
  config.erase("dtype");
  std::optional<Replacement> layer = replacement(operation, config, arguments_of(entry));
  if (!layer) return nullptr;
  layer->config["name"] = std::move(name);
  Json result = entry;
  result["module"] = "keras.layers";
  result["class_name"] = layer->class_name;
  result["config"] = std::move(layer->config);
  return result;
}

}  // namespace trainyard
