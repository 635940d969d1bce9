#include "engine/layers/model_legacy.h"

#include <nlohmann/json.hpp>
#include <string>

namespace trainyard {
namespace {

void rename(Json& config, const char* from, const char* to) {
  if (!config.contains(from) || config.contains(to)) return;
  config[to] = config[from];
  config.erase(from);
}

}  // namespace

void modernize(Json& entry) {
  if (!entry.contains("config") || !entry["config"].is_object()) return;
  Json& config = entry["config"];
  std::string class_name = entry["class_name"].get<std::string>();
  if (class_name == "ThresholdedReLU") {
    entry["class_name"] = class_name = "ReLU";
    rename(config, "theta", "threshold");
  }
  if (class_name == "InputLayer") rename(config, "batch_input_shape", "batch_shape");
  if (class_name == "LeakyReLU") rename(config, "alpha", "negative_slope");
  if (class_name == "Embedding") config.erase("input_length");
  if (class_name == "BatchNormalization" && config.contains("axis") && config["axis"].is_array() &&
      config["axis"].size() == 1)
    config["axis"] = Json(config["axis"][0]);
  config.erase("batch_input_shape");
  config.erase("input_shape");
  if (class_name.find("Embedding") == std::string::npos) config.erase("input_dim");
}

}  // namespace trainyard
