#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/train/trainer.h"

namespace trainyard {

Json to_json(const FitOptions& options) {
  Json json = {{"epochs", options.epochs},
               {"batch_size", options.batch_size},
               {"validation_split", options.validation_split},
               {"shuffle", options.shuffle},
               {"seed", options.seed},
               {"class_weight", nullptr},
               {"callbacks", options.callbacks.config()}};
  for (const auto& [label, weight] : options.class_weight) json["class_weight"][std::to_string(label)] = weight;
  return json;
}

FitOptions parse_fit_options(const Json& json, const ParseContext& context) {
  FitOptions options;
  if (!json.is_object()) {
    context.expected("an object of fit options", json);
    return options;
  }
  const auto integer = [&](const char* name, int64_t& member, double min) {
    if (!json.contains(name)) return;
    ArgSpec spec;
    spec.options.min = min;
    parse_integer(json[name], member, spec, context.child(name));
  };
  integer("epochs", options.epochs, 1);
  integer("batch_size", options.batch_size, 1);
  int64_t seed = 0;
  integer("seed", seed, 0);
  options.seed = static_cast<uint64_t>(seed);
  if (json.contains("validation_split")) {
    ArgSpec spec;
    spec.options.min = 0;
    spec.options.max = 1;
    spec.options.below_max = true;
    parse_number(json["validation_split"], options.validation_split, spec, context.child("validation_split"));
  }
  if (json.contains("shuffle")) ArgTraits<bool>::parse(json["shuffle"], options.shuffle, {}, context.child("shuffle"));
  if (json.contains("class_weight") && json["class_weight"].is_object())
    for (const auto& [label, weight] : json["class_weight"].items()) {
      const bool digits = !label.empty() && label.size() < 7 &&
                          std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (!digits || !weight.is_number())
        context.child("class_weight").expected("numbers by class number", json["class_weight"]);
      else
        options.class_weight[std::stoll(label)] = weight.get<double>();
    }
  if (json.contains("callbacks")) options.callbacks = parse_callbacks(json["callbacks"], context.child("callbacks"));
  return options;
}

}  // namespace trainyard
