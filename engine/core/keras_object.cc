#include "engine/core/keras_object.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace trainyard {
namespace {

constexpr int kDeepestLists = 12;

struct NamedNumber {
  const char* name;
  double value;
};
constexpr std::array<NamedNumber, 3> kNamedNumbers = {{{"Infinity", std::numeric_limits<double>::infinity()},
                                                       {"-Infinity", -std::numeric_limits<double>::infinity()},
                                                       {"NaN", std::numeric_limits<double>::quiet_NaN()}}};

Json named_number(const char* name) { return {{"class_name", "__float__"}, {"config", {{"value", name}}}}; }

/// Null where `value` stands for no number.
const NamedNumber* find_named_number(const Json& value) {
  if (!value.is_object() || value.size() != 2) return nullptr;
  for (const NamedNumber& number : kNamedNumbers)
    if (value == named_number(number.name)) return &number;
  return nullptr;
}

/// What a wrapper holds; null where `value` is none.
const Json* wrapped_value(const Json& value) {
  if (!value.is_object() || !value.contains("class_name") || !value["class_name"].is_string()) return nullptr;
  const std::string name = value["class_name"].get<std::string>();
  if (name == "__tuple__" || name == "TensorShape" || name == "ListWrapper")
    return value.contains("items") && value["items"].is_array() ? &value["items"] : nullptr;
  if (!value.contains("config")) return nullptr;
  const Json& config = value["config"];
  const char* key = name == "SeedGenerator" ? "seed" : "value";
  const bool known = name == "__numpy__" || name == "__tensor__" || name == "SeedGenerator";
  return known && config.is_object() && config.contains(key) ? &config[key] : nullptr;
}

bool holds_wrapped(const Json& value, int depth) {
  if (wrapped_value(value) != nullptr) return true;
  if (!value.is_array() || depth > kDeepestLists) return false;
  return std::any_of(value.begin(), value.end(), [&](const Json& item) { return holds_wrapped(item, depth + 1); });
}

Json without_wrappers(const Json& value, int depth) {
  const Json* inside = wrapped_value(value);
  Json result = inside == nullptr ? value : *inside;
  if (result.is_array() && depth <= kDeepestLists)
    for (Json& item : result) item = without_wrappers(item, depth + 1);
  return result;
}

}  // namespace

Json unwrapped(const Json& value) { return holds_wrapped(value, 0) ? without_wrappers(value, 0) : value; }

Json number_json(double value) {
  if (std::isfinite(value)) return value;
  return named_number(kNamedNumbers[std::isnan(value) ? 2 : value > 0 ? 0 : 1].name);
}

bool is_any_number(const Json& value) { return value.is_number() || find_named_number(value) != nullptr; }

double any_number(const Json& value) {
  const NamedNumber* named = find_named_number(value);
  return named == nullptr ? value.get<double>() : named->value;
}

std::string python_json_text(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  static const std::string kBefore = R"({"class_name":"__float__","config":{"value":")";
  static const std::string kBehind = R"("}})";
  std::string result;
  size_t from = 0;
  // A quote inside of a string is written with a backslash, so what is found is an object.
  for (size_t at = text.find(kBefore); at != std::string::npos; at = text.find(kBefore, at + 1))
    for (const NamedNumber& number : kNamedNumbers) {
      const size_t begin = at + kBefore.size();
      const size_t end = begin + std::string_view(number.name).size();
      if (text.compare(begin, end - begin, number.name) != 0 || text.compare(end, kBehind.size(), kBehind) != 0)
        continue;
      result.append(text, from, at - from).append(number.name);
      from = end + kBehind.size();
    }
  return result.append(text, from);
}

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
