#include "engine/train/train_dtype.h"

#include <nlohmann/json.hpp>

namespace trainyard {

std::string policy_name(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_object() || !value.contains("config")) return "";
  const Json& config = value["config"];
  return config.is_object() && config.contains("name") && config["name"].is_string() ? config["name"].get<std::string>()
                                                                                     : "";
}

void ArgTraits<ComputeDType>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::dtype;
  spec.nullable = true;
  spec.choices = {"float32", "float64"};
}

bool ArgTraits<ComputeDType>::parse(const Json& value, ComputeDType& result, const ArgSpec& spec,
                                    const ParseContext& context) {
  if (value.is_null()) return result.dtype.reset(), true;
  const std::string name = policy_name(value);
  for (const std::string& choice : spec.choices)
    if (choice == name) return result.dtype = dtype_from_name(name), true;
  context.error("argument.choice", {{"choices", "float32, float64"}, {"value", value.dump()}});
  return false;
}

Json ArgTraits<ComputeDType>::print(const ComputeDType& value) {
  return value.dtype ? Json(std::string(name_of(*value.dtype))) : Json(nullptr);
}

}  // namespace trainyard
