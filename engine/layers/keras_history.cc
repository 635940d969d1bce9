#include "engine/layers/keras_history.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace trainyard {

bool is_history(const Json& json) {
  return json.is_array() && json.size() >= 3 && json.size() <= 4 && json[0].is_string() &&
         json[1].is_number_integer() && json[2].is_number_integer();
}

namespace {

int64_t index_of(const Json& number) {
  return std::clamp<int64_t>(number.get<int64_t>(), -1, kMostLayers * kMostLayers);
}

}  // namespace

Link link_of(const Json& history) {
  return {history[0].get<std::string>(), index_of(history[1]), index_of(history[2])};
}

Json tensor_of(const Json& history) {
  Json places = history;
  if (places.size() > 3) places.erase(3);
  return {{"class_name", "__keras_tensor__"}, {"config", {{"keras_history", places}}}};
}

Json with_tensors(const Json& value) {
  if (is_history(value)) return tensor_of(value);
  if (!value.is_array() || value.empty()) return value;
  for (const Json& item : value)
    if (!is_history(item)) return value;
  Json tensors = Json::array();
  for (const Json& item : value) tensors.push_back(tensor_of(item));
  return tensors;
}

bool is_keras_tensor(const Json& json) {
  return json.is_object() && json.value("class_name", Json()) == "__keras_tensor__" && json.contains("config") &&
         json["config"].is_object() && json["config"].contains("keras_history") &&
         is_history(json["config"]["keras_history"]);
}

void collect_tensors(const Json& json, std::vector<Link>& links, int depth) {
  if (depth > kDeepestArguments) return;
  if (is_keras_tensor(json))
    links.push_back(link_of(json["config"]["keras_history"]));
  else if (json.is_array())
    for (const Json& item : json) collect_tensors(item, links, depth + 1);
}

}  // namespace trainyard
