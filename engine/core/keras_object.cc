#include "engine/core/keras_object.h"

#include <nlohmann/json.hpp>
#include <string>

namespace trainyard {

bool is_custom_class(const Json& value) {
  if (!value.is_object() || !value.contains("registered_name") || !value["registered_name"].is_string()) return false;
  return value["registered_name"].get<std::string>().find('>') != std::string::npos;
}

Json named_function(const Json& value) {
  const bool function = value.is_object() && value.value("class_name", Json()) == "function" &&
                        value.contains("config") && value["config"].is_string();
  return function ? value["config"] : value;
}

}  // namespace trainyard
