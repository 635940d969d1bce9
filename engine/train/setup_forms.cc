#include "engine/train/setup_forms.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/layers/dictionary_input.h"

namespace trainyard {
namespace {

/// `decay` is an argument no more; at 0 it never did anything. `lr` was the learning rate's name.
void modernize_optimizer(Json& optimizer) {
  if (!optimizer.is_object() || !optimizer.contains("config") || !optimizer["config"].is_object()) return;
  Json& config = optimizer["config"];
  for (const char* hint : {"is_legacy_optimizer", "jit_compile"})
    if (config.contains(hint) && config[hint].is_boolean()) config.erase(hint);
  if (config.contains("decay") && config["decay"].is_number() && config["decay"].get<double>() == 0)
    config.erase("decay");
  if (config.contains("lr") && !config.contains("learning_rate")) {
    config["learning_rate"] = config["lr"];
    config.erase("lr");
  }
}

/// [["accuracy"]] -> ["accuracy"]
void flatten(Json& metrics) {
  if (metrics.is_array() && metrics.size() == 1 && metrics[0].is_array()) metrics = Json(metrics[0]);
}

/// {key: ..} -> {layer: ..}
void name_layers(Json& part, const std::vector<std::string>& keys, const std::vector<std::string>& names) {
  if (!part.is_object() || part.contains("class_name")) return;
  Json renamed = Json::object();
  for (const auto& [name, value] : part.items()) {
    const auto key = std::find(keys.begin(), keys.end(), name);
    const bool known = std::find(names.begin(), names.end(), name) != names.end();
    renamed[known || key == keys.end() ? name : names[static_cast<size_t>(key - keys.begin())]] = value;
  }
  part = std::move(renamed);
}

}  // namespace

Json plain_setup(Json setup, const Model& model, const std::vector<std::string>& output_names) {
  if (setup.contains("optimizer")) modernize_optimizer(setup["optimizer"]);
  std::vector<std::string> keys;
  if (model.output_dictionary.is_object()) keys = sorted_keys(model.output_dictionary);
  for (const char* part : {"loss", "metrics", "weighted_metrics", "loss_weights"}) {
    if (!setup.contains(part)) continue;
    if (output_names.size() == 1 && std::string_view(part).find("metrics") != std::string_view::npos)
      flatten(setup[part]);
    if (keys.size() == output_names.size()) name_layers(setup[part], keys, output_names);
  }
  return setup;
}

}  // namespace trainyard
