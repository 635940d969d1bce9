#include "engine/train/saved_model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/core/keras_object.h"
#include "engine/io/json_reader.h"

namespace trainyard {
namespace {

constexpr const char* kFormat = "trainyard";
constexpr const char* kFormatVersion = "1";

const char* name_of(Task task) { return task == Task::classification ? "classification" : "regression"; }

/// A tensor of the file and the memory it belongs to. Slots of the flat variable are stored weight by weight, so that a
/// file does not depend on how the trainer lays out its memory.
struct Part {
  std::string name;
  int variable = -1;
  TensorView memory;  // all of the variable or a window
};

/// "float32 (2, 3)".
std::string kind_text(DType dtype, const Shape& shape) { return std::string(name_of(dtype)) + " " + shape.text(); }

std::vector<Part> weight_parts(const Trainer& trainer, const Variables& memory) {
  std::vector<Part> parts;
  for (size_t w = 0; w < trainer.plan().weights.size(); ++w)
    parts.push_back(
        {trainer.plan().weights[w].path, trainer.variables().weights[w], memory.view(trainer.variables().weights[w])});
  return parts;
}

TensorView window(const TensorView& whole, int64_t offset, const Shape& shape) {
  return {whole.dtype, shape, whole.as<char>() + static_cast<size_t>(offset) * size_of(whole.dtype)};
}

std::vector<Part> training_parts(const Trainer& trainer, const Variables& memory) {
  std::vector<Part> parts;
  const ModelVariables& variables = trainer.variables();
  std::vector<int> trained;
  for (size_t w = 0; w < trainer.plan().weights.size(); ++w)
    if (trainer.plan().weights[w].trainable) trained.push_back(static_cast<int>(w));
  for (const ModelVariables::Slot& slot : variables.slots) {
    const TensorView whole = memory.view(slot.variable);
    const bool flat = variables.flat >= 0 && whole.shape == memory[variables.flat].type.shape && slot.entry == 0;
    if (!flat) {
      const std::string& path =
          trainer.plan().weights[static_cast<size_t>(trained[static_cast<size_t>(slot.entry)])].path;
      parts.push_back({"optimizer/" + slot.name + "/" + path, slot.variable, whole});
      continue;
    }
    int64_t offset = 0;
    for (const int w : variables.flat_members) {
      const WeightInfo& weight = trainer.plan().weights[static_cast<size_t>(w)];
      parts.push_back(
          {"optimizer/" + slot.name + "/" + weight.path, slot.variable, window(whole, offset, weight.spec.shape)});
      offset += weight.spec.shape.elements();
    }
  }
  for (size_t t = 0; t < variables.training_trackers.size(); ++t)
    for (size_t i = 0; i < variables.training_trackers[t].variables.size(); ++i)
      parts.push_back({"tracker/" + std::to_string(t) + "/" + std::to_string(i),
                       variables.training_trackers[t].variables[i],
                       memory.view(variables.training_trackers[t].variables[i])});
  return parts;
}

/// A path that is not UTF-8 must not keep a model from being saved.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// What a callback remembers of a weight.
std::string kept_name(size_t callback, const WeightInfo& weight) {
  return "callback/" + std::to_string(callback) + "/" + weight.path;
}

/// The weights that callbacks remember; those of a callback are all there or none is.
std::map<size_t, std::vector<Tensor>> kept_weights(const SafetensorsFile& file, const ModelPlan& plan,
                                                   const std::vector<TensorView>& like, size_t callbacks) {
  std::map<size_t, std::vector<Tensor>> kept;
  Diagnostics diagnostics;
  for (size_t c = 0; c < callbacks; ++c) {
    if (plan.weights.empty() || file.find(kept_name(c, plan.weights.front())) == nullptr) continue;
    for (size_t w = 0; w < plan.weights.size(); ++w) {
      const std::string name = kept_name(c, plan.weights[w]);
      const Tensor* tensor = file.find(name);
      if (tensor == nullptr)
        diagnostics.error("saved.missing_tensor", name);
      else if (tensor->shape() != like[w].shape || tensor->dtype() != like[w].dtype)
        diagnostics.error("saved.tensor_shape", name,
                          {{"got", kind_text(tensor->dtype(), tensor->shape())},
                           {"wanted", kind_text(like[w].dtype, like[w].shape)}});
      else
        kept[c].push_back(*tensor);
    }
  }
  throw_if_errors(diagnostics);
  return kept;
}

Tensor copy_of(const TensorView& view) {
  Tensor tensor(view.dtype, view.shape);
  std::memcpy(tensor.data(), view.data, view.bytes());
  return tensor;
}

/// Fills the parts from the file; every one must be there in its shape.
void read_parts(const SafetensorsFile& file, const std::vector<Part>& parts, Variables& memory) {
  Diagnostics diagnostics;
  for (const Part& part : parts) {
    const Tensor* tensor = file.find(part.name);
    if (tensor == nullptr)
      diagnostics.error("saved.missing_tensor", part.name);
    else if (tensor->shape() != part.memory.shape || tensor->dtype() != part.memory.dtype)
      diagnostics.error("saved.tensor_shape", part.name,
                        {{"got", kind_text(tensor->dtype(), tensor->shape())},
                         {"wanted", kind_text(part.memory.dtype, part.memory.shape)}});
  }
  throw_if_errors(diagnostics);
  for (const Part& part : parts) {
    std::memcpy(part.memory.data, file.find(part.name)->data(), part.memory.bytes());
    memory.touch(part.variable);
  }
}

const std::string& metadata(const SafetensorsFile& file, const std::string& key, const std::string& path) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) throw UserError("saved.missing_metadata", path, {{"key", key}});
  return found->second;
}

Json list_of(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(value);
  return list;
}

std::vector<double> numbers(const Json& json, const char* key, const ParseContext& context) {
  std::vector<double> result;
  if (!json.contains(key)) return result;
  if (!json[key].is_array()) return context.child(key).expected("a list of numbers", json[key]), result;
  for (const Json& value : json[key]) {
    if (value.is_number())
      result.push_back(value.get<double>());
    else
      context.child(key).expected("a list of numbers", json[key]);
  }
  return result;
}

std::vector<std::string> texts(const Json& json, const char* key, const ParseContext& context) {
  std::vector<std::string> result;
  if (!json.contains(key)) return result;
  if (!json[key].is_array()) return context.child(key).expected("a list of texts", json[key]), result;
  for (const Json& value : json[key]) {
    if (value.is_string())
      result.push_back(value.get<std::string>());
    else
      context.child(key).expected("a list of texts", json[key]);
  }
  return result;
}

std::string text_or(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
}

Logs parse_logs(const Json& json) {
  Logs logs;
  if (json.is_object())
    for (const auto& [name, value] : json.items())
      logs.emplace_back(name, value.is_number() ? value.get<double>() : std::nan(""));
  return logs;
}

}  // namespace

Json to_json(const Logs& logs) {
  Json json = Json::object();
  for (const auto& [name, value] : logs) json[name] = value;
  return json;
}

Json to_json(const FitState& state) {
  Json history = Json::array();
  for (const EpochLogs& epoch : state.history)
    history.push_back({{"epoch", epoch.epoch}, {"logs", to_json(epoch.logs)}, {"seconds", epoch.seconds}});
  return {{"options", to_json(state.options)},
          {"epoch", state.epoch},
          {"step", state.step},
          {"iteration", state.iteration},
          {"seconds", state.seconds},
          {"epoch_seconds", state.epoch_seconds},
          {"history", history},
          {"learning_rate", state.learning_rate ? Json(*state.learning_rate) : Json(nullptr)},
          {"stopped", state.stopped},
          {"callbacks", state.options.callbacks.memory()}};
}

FitState parse_fit_state(const Json& json, const ParseContext& context) {
  FitState state;
  if (!json.is_object() || !json.contains("options")) {
    context.expected("a training state", json);
    return state;
  }
  state.options = parse_fit_options(json["options"], context.child("options"));
  ArgSpec count;
  count.options.min = 0;
  const auto integer = [&](const char* key, int64_t& member) {
    if (json.contains(key))
      parse_integer(json[key], member, count, context.child(key));
    else
      context.child(key).error("argument.missing");
  };
  integer("epoch", state.epoch);
  integer("step", state.step);
  integer("iteration", state.iteration);
  const auto seconds = [&](const char* key, double& member) {
    if (json.contains(key)) parse_number(json[key], member, count, context.child(key));
  };
  seconds("seconds", state.seconds);
  seconds("epoch_seconds", state.epoch_seconds);
  if (json.contains("learning_rate") && !json["learning_rate"].is_null()) {
    double rate = 0;
    seconds("learning_rate", rate);
    state.learning_rate = rate;
  }
  if (json.contains("stopped")) ArgTraits<bool>::parse(json["stopped"], state.stopped, {}, context.child("stopped"));
  if (json.contains("callbacks") && !state.options.callbacks.set_memory(json["callbacks"]))
    context.child("callbacks").expected("what the callbacks of the options remember", json["callbacks"]);
  if (json.contains("history") && json["history"].is_array())
    for (const Json& epoch : json["history"])
      if (epoch.is_object() && epoch.contains("logs"))
        state.history.push_back(
            {epoch.value("epoch", int64_t{0}), parse_logs(epoch["logs"]), epoch.value("seconds", 0.0)});
  return state;
}

Preprocessing preprocessing_of(const Dataset& dataset) {
  return {.task = dataset.task,
          .scale = dataset.scale,
          .standardization = dataset.standardization,
          .labels = dataset.labels,
          .features = dataset.features,
          .text_columns = dataset.text_columns,
          .target = dataset.target,
          .dataset = dataset.name};
}

Json to_json(const Preprocessing& preprocessing) {
  return {{"task", name_of(preprocessing.task)},
          {"scale", preprocessing.scale},
          {"mean", list_of(preprocessing.standardization.mean)},
          {"deviation", list_of(preprocessing.standardization.deviation)},
          {"labels", preprocessing.labels},
          {"features", preprocessing.features},
          {"text_columns", preprocessing.text_columns},
          {"target", preprocessing.target},
          {"dataset", preprocessing.dataset},
          {"request", preprocessing.request}};
}

Preprocessing parse_preprocessing(const Json& json, const ParseContext& context) {
  Preprocessing result;
  if (!json.is_object()) {
    context.expected("an object", json);
    return result;
  }
  result.task = text_or(json, "task") == "regression" ? Task::regression : Task::classification;
  if (json.contains("scale")) parse_number(json["scale"], result.scale, {}, context.child("scale"));
  result.standardization.mean = numbers(json, "mean", context);
  result.standardization.deviation = numbers(json, "deviation", context);
  if (result.standardization.mean.size() != result.standardization.deviation.size())
    context.child("deviation")
        .expected("as many numbers as in mean", json.contains("deviation") ? json["deviation"] : Json());
  for (const double deviation : result.standardization.deviation)
    if (deviation == 0) context.child("deviation").expected("a list without a 0", json["deviation"]);
  result.labels = texts(json, "labels", context);
  result.features = texts(json, "features", context);
  if (!result.features.empty() && !result.standardization.empty() &&
      result.features.size() != result.standardization.mean.size())
    context.child("mean").expected("one number for each of the features", json["mean"]);
  result.text_columns = texts(json, "text_columns", context);
  result.target = text_or(json, "target");
  result.dataset = text_or(json, "dataset");
  if (json.contains("request")) result.request = json["request"];
  return result;
}

std::vector<uint8_t> save_weights(const Trainer& trainer) {
  SafetensorsFile file;
  file.metadata["format"] = "trainyard-weights";
  for (const Part& part : weight_parts(trainer, trainer.session().variables()))
    file.add(part.name, copy_of(part.memory));
  return write_safetensors(file);
}

std::vector<uint8_t> save_for_callback(const Trainer& trainer, const Preprocessing& preprocessing,
                                       const std::string& build, const CallbackActions::Save& save) {
  if (save.weights_only) return save_weights(trainer);
  // With averages in place of the weights there is no training to go on with.
  return save_model(trainer, preprocessing, build, !save.average);
}

std::vector<uint8_t> save_model(const Trainer& trainer, const Preprocessing& preprocessing, const std::string& build,
                                bool with_training) {
  const Variables& memory = trainer.session().variables();
  SafetensorsFile file;
  file.metadata["format"] = kFormat;
  file.metadata["format_version"] = kFormatVersion;
  file.metadata["model"] = python_json_text(model_to_json(trainer.model(), false));
  file.metadata["preprocessing"] = text_of(to_json(preprocessing));
  for (const Part& part : weight_parts(trainer, memory)) file.add(part.name, copy_of(part.memory));
  if (with_training && trainer.setup() && trainer.fit_state().iteration > 0) {
    const Json training = {{"setup", trainer.setup()->json},
                           {"state", to_json(trainer.fit_state())},
                           {"build", build},
                           {"instruction_set", std::string(trainer.session().backend().instruction_set())}};
    file.metadata["training"] = text_of(training);
    for (const Part& part : training_parts(trainer, memory)) file.add(part.name, copy_of(part.memory));
    for (const auto& [callback, weights] : trainer.fit_state().kept_weights)
      for (size_t w = 0; w < weights.size(); ++w) file.add(kept_name(callback, trainer.plan().weights[w]), weights[w]);
  }
  return write_safetensors(file);
}

SavedModel open_model(std::span<const uint8_t> bytes, const std::string& path) {
  SavedModel saved;
  saved.file = read_safetensors(bytes, path);
  const auto format = saved.file.metadata.find("format");
  if (format == saved.file.metadata.end() || format->second != kFormat) throw UserError("saved.not_a_model", path);
  if (metadata(saved.file, "format_version", path) != kFormatVersion)
    throw UserError("saved.version", path,
                    {{"version", metadata(saved.file, "format_version", path)}, {"known", kFormatVersion}});
  Diagnostics diagnostics;
  saved.model =
      parse_model(read_json(metadata(saved.file, "model", path), path + ": model", {.python = true}), diagnostics);
  throw_if_errors(diagnostics);
  saved.plan = plan_model(*saved.model, diagnostics);
  saved.preprocessing =
      parse_preprocessing(read_json(metadata(saved.file, "preprocessing", path), path + ": preprocessing"),
                          ParseContext(diagnostics, path + ": preprocessing"));
  throw_if_errors(diagnostics);
  if (saved.file.metadata.count("training") != 0)
    saved.training = read_json(saved.file.metadata["training"], path + ": training");
  for (const WeightInfo& weight : saved.plan.weights) {
    const Tensor* tensor = saved.file.find(weight.path);
    if (tensor == nullptr)
      diagnostics.error("saved.missing_tensor", path + ": " + weight.path);
    else if (tensor->shape() != weight.spec.shape)
      diagnostics.error("saved.tensor_shape", path + ": " + weight.path,
                        {{"got", tensor->shape().text()}, {"wanted", weight.spec.shape.text()}});
  }
  throw_if_errors(diagnostics);
  return saved;
}

void load_weights(const SavedModel& saved, Trainer& trainer) {
  Variables& memory = trainer.session().variables();
  read_parts(saved.file, weight_parts(trainer, memory), memory);
}

FitState restore_training(const SavedModel& saved, Trainer& trainer, const Samples& samples) {
  if (!saved.training.is_object() || !saved.training.contains("setup") || !saved.training.contains("state"))
    throw UserError("train.nothing_to_resume", "resume");
  Diagnostics diagnostics;
  TrainingSetup setup = parse_setup(saved.training["setup"], trainer.model(), trainer.plan(), samples.y, diagnostics);
  FitState state = parse_fit_state(saved.training["state"], ParseContext(diagnostics, "training.state"));
  throw_if_errors(diagnostics);
  check_samples(samples, trainer.model(), trainer.plan(), setup, diagnostics);
  throw_if_errors(diagnostics);
  trainer.compile(std::move(setup));
  trainer.prepare_training(samples, state.options);
  Variables& memory = trainer.session().variables();
  read_parts(saved.file, training_parts(trainer, memory), memory);
  std::vector<TensorView> weights;
  for (const Part& part : weight_parts(trainer, memory)) weights.push_back(part.memory);
  state.kept_weights = kept_weights(saved.file, trainer.plan(), weights, state.options.callbacks.size());
  return state;
}

}  // namespace trainyard
