#include "engine/api/model_source.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/api/builtin_models.h"
#include "engine/io/file.h"
#include "engine/io/json_reader.h"

namespace trainyard {
namespace {

constexpr uint64_t kModelFileLimit = uint64_t{8} << 30;

std::string builtin_names() {
  std::string names;
  for (const BuiltinModel& model : builtin_models()) names += (names.empty() ? "" : ", ") + std::string(model.name);
  return names;
}

bool only_unlearned(const Diagnostics& diagnostics) {
  const auto& items = diagnostics.items();
  return std::all_of(items.begin(), items.end(), [](const Diagnostic& item) {
    return item.severity != Severity::error || item.code == "lookup.no_vocabulary";
  });
}

LoadedModel from_json(const std::string& name, ModelOrigin origin, const Json& json, bool may_learn = false) {
  LoadedModel loaded{name, origin, nullptr, {}, nullptr, {}, {}};
  Diagnostics diagnostics;
  loaded.model = parse_model(json, diagnostics);
  throw_if_errors(diagnostics);
  check(loaded.model != nullptr, "a model that cannot be read is complained of");
  loaded.plan = plan_model(*loaded.model, diagnostics);
  if (may_learn && only_unlearned(diagnostics)) diagnostics = {};
  throw_if_errors(diagnostics);
  if (json.is_object() && json.contains("compile_config") && json["compile_config"].is_object())
    loaded.compile_config = json["compile_config"];
  if (origin == ModelOrigin::builtin) loaded.compile_config = builtin_compile_config();
  loaded.notes = std::move(diagnostics);
  return loaded;
}

LoadedModel from_saved(const std::string& path, std::span<const uint8_t> bytes) {
  SavedModel saved = open_model(bytes, path);
  LoadedModel loaded{path, ModelOrigin::saved, saved.model, saved.plan, nullptr, {}, {}};
  loaded.saved = std::move(saved);
  return loaded;
}

/// A safetensors file begins with its header's size in eight bytes, of which the upper ones are 0; JSON text never holds a 0.
bool looks_like_safetensors(std::span<const uint8_t> bytes, const std::string& path) {
  return path.ends_with(".safetensors") || (bytes.size() >= 8 && bytes[7] == 0);
}

Json& config_of_last_with(Json& layers, const char* argument) {
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer)
    if ((*layer)["config"].contains(argument)) return (*layer)["config"];
  throw InternalError("a built-in model has a layer with this argument");
}

Json batch_shape_json(const Shape& sample) {
  Json shape = Json::array({nullptr});
  for (const int64_t size : sample) shape.push_back(size);
  return shape;
}

}  // namespace

LoadedModel load_model(const std::string& name_or_path, bool may_learn) {
  if (const Json builtin = builtin_model(name_or_path); !builtin.is_null())
    return from_json(name_or_path, ModelOrigin::builtin, builtin);
  if (!is_file(name_or_path)) throw UserError("model.unknown", name_or_path, {{"builtin", builtin_names()}});
  const std::vector<uint8_t> bytes = read_file(name_or_path, kModelFileLimit);
  if (looks_like_safetensors(bytes, name_or_path)) return from_saved(name_or_path, bytes);
  return from_json(name_or_path, ModelOrigin::keras_json, read_json(bytes, name_or_path, {.python = true}), may_learn);
}

LoadedModel builtin_model_for(const std::string& name, const Shape& sample, int64_t outputs, bool regression) {
  Json json = builtin_model(name);
  check(!json.is_null(), "a built-in model of this name");
  Json& layers = json["config"]["layers"];
  Json& input = layers[0]["config"]["batch_shape"];
  const bool flat = input.size() == 2;  // a model of plain numbers takes any shape laid out as one row
  input = batch_shape_json(flat ? Shape{sample.elements()} : sample);
  Json& last = config_of_last_with(layers, "units");
  last["units"] = outputs;
  if (regression) last["activation"] = "linear";
  return from_json(name, ModelOrigin::builtin, json);
}

}  // namespace trainyard
