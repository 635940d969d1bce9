#include "native/cli/training_job.h"

#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>

#include "engine/api/memory_check.h"
#include "engine/api/model_inputs.h"
#include "engine/api/targets.h"
#include "engine/api/training_data.h"
#include "engine/data/number.h"
#include "engine/io/file.h"
#include "engine/io/json_reader.h"
#include "engine/io/text.h"
#include "native/cli/call_expression.h"
#include "native/cli/format.h"
#include "native/cli/memory.h"

namespace trainyard::cli {
namespace {

/// Key of a request: how many training samples there were, so that a resumed training notices other data.
constexpr const char* kCount = "train_count";

/// Weights, gradients and at least a copy: what any training of the model takes beside activations.
uint64_t least_bytes(const ModelPlan& plan) {
  uint64_t elements = 0;
  for (const WeightInfo& weight : plan.weights) elements += static_cast<uint64_t>(weight.spec.shape.elements());
  return elements * sizeof(float) * 3;
}

/// Names what has no room where the allocation itself cannot.
template <typename Make>
auto with_memory(const ModelPlan& plan, const Make& make) {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    throw UserError("memory.exhausted", "model", {{"bytes", "more than " + bytes_as_text(least_bytes(plan))}});
  }
}

int64_t class_number(const std::string& text, const Dataset& dataset) {
  const auto label = std::find(dataset.labels.begin(), dataset.labels.end(), text);
  if (label != dataset.labels.end()) return label - dataset.labels.begin();
  const std::optional<double> number = parse_number(text);
  const bool whole =
      number && *number >= 0 && *number < 1e6 && *number == static_cast<double>(static_cast<int64_t>(*number));
  if (!whole) throw UserError("cli.usage", "--class-weight", {{"message", "'" + text + "' is not one of the classes"}});
  return static_cast<int64_t>(*number);
}

std::map<int64_t, double> class_weights(const std::vector<std::string>& texts, const Dataset& dataset) {
  std::map<int64_t, double> weights;
  for (const std::string& text : texts) {
    const size_t equals = text.rfind('=');
    const auto weight = equals == std::string::npos ? std::nullopt : parse_number(text.substr(equals + 1));
    if (!weight || *weight < 0)
      throw UserError("cli.usage", "--class-weight",
                      {{"message", "'" + text + "' should be CLASS=WEIGHT, such as 3=2.5"}});
    weights[class_number(text.substr(0, equals), dataset)] = *weight;
  }
  return weights;
}

/// What `--target` says: the column of a table, and what outputs learn, by their names (null: nothing is said).
struct AskedTargets {
  std::optional<std::string> column;
  Json outputs = nullptr;
};

AskedTargets read_targets(const std::vector<std::string>& texts, const Model& model) {
  AskedTargets asked;
  const std::vector<std::string> names = output_names(model);
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    if (equals != std::string::npos && std::find(names.begin(), names.end(), name) != names.end())
      asked.outputs[name] = text.substr(equals + 1);
    else if (!asked.column)
      asked.column = text;
    else
      throw UserError("cli.usage", "--target",
                      {{"message", "'" + *asked.column + "' and '" + text + "': only one column can be the label; " +
                                       "what outputs learn is told by their names"}});
  }
  return asked;
}

/// The same, and what follows from it for the data.
AskedTargets asked_for(const TrainArguments& arguments, DataArguments& data, const LoadedModel& loaded) {
  AskedTargets asked = read_targets(arguments.targets, *loaded.model);
  data.target = asked.column;
  data.targets_by_output = !asked.outputs.is_null();
  return asked;
}

/// Whether a callback sets the learning rate, which a schedule does not let it do.
bool callback_sets_rate(const TrainArguments& arguments) {
  return std::any_of(arguments.callbacks.begin(), arguments.callbacks.end(), [](const std::string& text) {
    const Json callback = parse_call(text, "--callback");
    const Json name = callback.is_object() ? callback.value("class_name", Json()) : callback;
    return name == "ReduceLROnPlateau" || name == "LearningRateScheduler";
  });
}

/// Metrics that were only suggested go where the loss that was chosen has labels that they cannot compare (CTC's).
void drop_unfit_metrics(Json& setup, const LoadedModel& loaded, const Samples& samples) {
  Diagnostics diagnostics;
  parse_setup(setup, *loaded.model, loaded.plan, samples.y, diagnostics);
  const bool unfit = std::any_of(diagnostics.items().begin(), diagnostics.items().end(),
                                 [](const Diagnostic& item) { return item.path.rfind("metrics", 0) == 0; });
  if (unfit) setup.erase("metrics");
}

/// Command line, else the file's compile_config (or a built-in model's), else what suits.
Json setup_for(const TrainArguments& arguments, const LoadedModel& loaded, const LoadedData& data,
               const Json& targets) {
  Json former = loaded.compile_config;
  if (loaded.origin == ModelOrigin::builtin && callback_sets_rate(arguments)) former = nullptr;
  if (loaded.saved && loaded.saved->training.is_object() && loaded.saved->training.contains("setup"))
    former = loaded.saved->training["setup"];
  Json learned = former.is_object() && targets.is_null() ? former.value("targets", Json()) : targets;
  const Samples y = data.tensors
                        ? data.tensors->train
                        : samples_of(data.dataset, DataPart::train, *loaded.model, loaded.plan, {{"targets", learned}});
  Json setup = default_setup(y, *loaded.model, loaded.plan);
  if (!learned.is_null()) setup["targets"] = std::move(learned);
  if (former.is_object())
    for (const char* key : {"optimizer", "loss", "metrics", "weighted_metrics", "loss_weights"})
      if (former.contains(key) && !former[key].is_null()) setup[key] = former[key];
  if (arguments.optimizer) setup["optimizer"] = parse_call(*arguments.optimizer, "--optimizer");
  if (arguments.loss) setup["loss"] = parse_call(*arguments.loss, "--loss");
  if (!arguments.metrics.empty()) setup["metrics"] = parse_calls(arguments.metrics, "--metrics");
  if (!arguments.weighted_metrics.empty())
    setup["weighted_metrics"] = parse_calls(arguments.weighted_metrics, "--weighted-metrics");
  const bool chosen = !arguments.metrics.empty() || (former.is_object() && !former.value("metrics", Json()).is_null());
  if (!chosen) drop_unfit_metrics(setup, loaded, y);
  if (arguments.loss_weights) setup["loss_weights"] = read_json(*arguments.loss_weights, "--loss-weights");
  if (arguments.learning_rate) {
    Json& optimizer = setup["optimizer"];
    if (optimizer.is_string()) optimizer = {{"class_name", optimizer}, {"config", Json::object()}};
    optimizer["config"]["learning_rate"] = *arguments.learning_rate;
  }
  return setup;
}

/// --callback and --early-stopping, as fit options have them.
Json callbacks_for(const TrainArguments& arguments) {
  Json callbacks = Json::array();
  for (const std::string& text : arguments.callbacks) callbacks.push_back(parse_call(text, "--callback"));
  if (arguments.early_stopping)
    callbacks.push_back({{"class_name", "EarlyStopping"},
                         {"config",
                          {{"monitor", arguments.validation_split.value_or(0) > 0 ? "val_loss" : "loss"},
                           {"patience", *arguments.early_stopping},
                           {"verbose", 1},
                           {"restore_best_weights", true}}}});
  return callbacks;
}

FitOptions options_for(const TrainArguments& arguments, const Dataset& dataset, const std::vector<Target>& targets) {
  const int64_t batch = arguments.batch_size.value_or(std::min<int64_t>(32, dataset.train_count()));
  Json json = {{"epochs", arguments.epochs.value_or(default_epochs(dataset.train_count(), batch))},
               {"batch_size", batch},
               {"validation_split", arguments.validation_split.value_or(0)},
               {"seed", arguments.seed.value_or(0)},
               {"shuffle", !arguments.no_shuffle},
               {"callbacks", callbacks_for(arguments)}};
  Diagnostics diagnostics;
  FitOptions options = parse_fit_options(json, ParseContext(diagnostics, ""));
  throw_if_errors(diagnostics);
  options.class_weight = class_weights(arguments.class_weight, dataset);
  check_fit_options(options, dataset, targets, diagnostics);
  throw_if_errors(diagnostics);
  return options;
}

/// Built-in models take the shape of the data.
void fit_to_data(LoadedModel& loaded, const LoadedData& data) {
  if (loaded.origin != ModelOrigin::builtin || data.tensors) return;
  const Dataset& dataset = data.dataset;
  const bool regression = dataset.task == Task::regression;
  loaded = builtin_model_for(loaded.name, dataset.sample_shape(), regression ? 1 : dataset.classes(), regression);
}

/// What the outputs learn of the data; warnings are told. None where the data are tensors by output.
std::vector<Target> targets_for(const LoadedData& data, const LoadedModel& loaded, const Json& setup, Output& output) {
  if (data.tensors) return {};
  Diagnostics diagnostics;
  std::vector<Target> targets = parse_targets(setup, data.dataset, *loaded.model, loaded.plan, diagnostics);
  throw_if_errors(diagnostics);
  output.notes(diagnostics);
  return targets;
}

void take_data(TrainingJob& job, LoadedData data, const LoadedModel& loaded, const Json& setup,
               const std::vector<Target>& targets) {
  job.dataset = std::move(data.dataset);
  job.preprocessing = preprocessing_for(job.dataset, targets);
  job.preprocessing.request = std::move(data.request);
  job.preprocessing.request[kCount] = job.dataset.train_count();
  if (data.tensors) {
    job.train = std::move(data.tensors->train);
    job.test = std::move(data.tensors->test);
    return;
  }
  job.train = samples_of(job.dataset, DataPart::train, *loaded.model, loaded.plan, setup);
  job.test = samples_of(job.dataset, DataPart::test, *loaded.model, loaded.plan, setup);
}

/// What says which samples there are, and in which order, must be as it was, if it is given at all.
void check_same_data(const DataArguments& data, const Json& former) {
  if (!former.is_object()) return;
  Diagnostics diagnostics;
  const auto same = [&](const char* option, const char* key, const auto& given) {
    if (given && former.value(key, Json()) != Json(*given))
      diagnostics.error(
          "resume.option_changed", option,
          {{"wanted", former.contains(key) ? former[key].dump() : "the default"}, {"got", Json(*given).dump()}});
  };
  same("--samples", "samples", data.samples);
  same("--data-seed", "seed", data.seed);
  same("--test-split", "test_split", data.test_split);
  if (data.keep_order && former.value("shuffle", false))
    diagnostics.error("resume.option_changed", "--keep-order", {{"wanted", "off"}, {"got", "on"}});
  throw_if_errors(diagnostics);
}

void check_same_count(const Preprocessing& former, const TrainingJob& job) {
  if (!former.request.is_object() || !former.request.contains(kCount)) return;
  const Json now = job.dataset.train_count();
  if (former.request[kCount] != now)
    throw UserError("resume.data_changed", job.dataset.name,
                    {{"got", now.dump()}, {"wanted", former.request[kCount].dump()}});
}

void make_trainer(TrainingJob& job, const LoadedModel& loaded, Output& output) {
  job.session = std::make_unique<Session>(job.device);
  job.trainer =
      with_memory(loaded.plan, [&] { return std::make_unique<Trainer>(loaded.model, loaded.plan, *job.session); });
  job.files = std::make_unique<TrainingFiles>(job.preprocessing, output);
  job.trainer->set_host(job.files.get());
}

/// Goes on with the training that a BackupAndRestore has kept. It must be the same but for the number of epochs.
void resume_backup(TrainingJob& job, const std::string& path, const FitOptions& options) {
  const SavedModel backup = open_model(read_file(path), path);
  const auto fixed = [](const FitOptions& all) {
    Json json = to_json(all);
    json.erase("epochs");
    return json;
  };
  const bool same_model = model_to_json(*backup.model, true) == model_to_json(job.trainer->model(), true);
  if (!same_model || !backup.training.is_object() || backup.training.value("setup", Json()) != job.setup)
    throw UserError("resume.backup_changed", path);
  load_weights(backup, *job.trainer);
  FitState state = restore_training(backup, *job.trainer, job.train);
  if (fixed(state.options) != fixed(options)) throw UserError("resume.backup_changed", path);
  state.options.epochs = options.epochs;
  if (state.finished()) throw UserError("resume.finished", path, {{"epochs", std::to_string(state.epoch)}});
  job.resumed = true;
  job.trainer->resume_fit(job.train, state);
}

Json callbacks_config(const TrainArguments& arguments) {
  Diagnostics diagnostics;
  const CallbackList callbacks = parse_callbacks(callbacks_for(arguments), ParseContext(diagnostics, "callbacks"));
  throw_if_errors(diagnostics);
  return callbacks.config();
}

/// Options that are part of what was stopped must be as they were, if they are given at all.
void check_unchanged(const TrainArguments& arguments, const FitOptions& options, const Json& setup,
                     const Json& targets) {
  Diagnostics diagnostics;
  const auto same = [&](const char* option, const auto& given, const auto& wanted) {
    if (given && Json(*given) != Json(wanted))
      diagnostics.error("resume.option_changed", option,
                        {{"wanted", Json(wanted).dump()}, {"got", Json(*given).dump()}});
  };
  same("--batch-size", arguments.batch_size, options.batch_size);
  same("--validation-split", arguments.validation_split, options.validation_split);
  same("--seed", arguments.seed, static_cast<int64_t>(options.seed));
  if (arguments.no_shuffle) same("--no-shuffle", std::optional(true), !options.shuffle);
  const auto refuse = [&](const char* option, bool given, const Json& wanted) {
    if (given) diagnostics.error("resume.option_changed", option, {{"wanted", wanted.dump()}, {"got", "another"}});
  };
  const auto part = [&](const char* key) { return setup.contains(key) ? setup[key] : Json(nullptr); };
  refuse("--optimizer", arguments.optimizer && parse_call(*arguments.optimizer, "--optimizer") != part("optimizer"),
         part("optimizer"));
  refuse("--loss", arguments.loss && parse_call(*arguments.loss, "--loss") != part("loss"), part("loss"));
  refuse("--learning-rate", arguments.learning_rate.has_value(), part("optimizer"));
  const auto refuse_metrics = [&](const std::string& option, const char* key, const std::vector<std::string>& texts) {
    refuse(option.c_str(), !texts.empty() && parse_calls(texts, option) != part(key), part(key));
  };
  refuse_metrics("--metrics", "metrics", arguments.metrics);
  refuse_metrics("--weighted-metrics", "weighted_metrics", arguments.weighted_metrics);
  refuse("--callback", !arguments.callbacks.empty() && callbacks_config(arguments) != options.callbacks.config(),
         options.callbacks.config());
  refuse("--early-stopping", arguments.early_stopping.has_value(), options.callbacks.config());
  refuse("--loss-weights", arguments.loss_weights.has_value(), part("loss_weights"));
  refuse("--target", !targets.is_null() && targets != part("targets"), part("targets"));
  refuse("--class-weight", !arguments.class_weight.empty(), to_json(options)["class_weight"]);
  throw_if_errors(diagnostics);
}

void check_same_model(const std::string& name, const LoadedModel& saved) {
  if (name.empty() || name == saved.name) return;
  LoadedModel asked = load_model(name);
  if (asked.origin == ModelOrigin::builtin) {
    const auto& outputs = saved.plan.node_outputs[static_cast<size_t>(saved.model->outputs.front().node)];
    const bool regression = saved.saved->preprocessing.task == Task::regression;
    asked = builtin_model_for(name, input_shape(*saved.model, saved.plan), outputs.front().shape.back(), regression);
  }
  if (model_to_json(*asked.model, true) != model_to_json(*saved.model, true))
    throw UserError("resume.model_changed", name, {{"file", saved.name}});
}

/// More epochs than the file says are welcome, fewer than are done are not.
void extend(FitState& state, const TrainArguments& arguments) {
  if (arguments.epochs) state.options.epochs = *arguments.epochs;
  if (state.finished()) throw UserError("resume.finished", arguments.resume, {{"epochs", std::to_string(state.epoch)}});
}

/// Lets layers that learn from data before training do so; the model is planned anew.
AdaptedModel adapt(LoadedModel& loaded, const LoadedData& data, const std::shared_ptr<Device>& device, Output& output) {
  const auto weight = [&](const std::string& path) {
    const Tensor* tensor = loaded.saved ? loaded.saved->file.find(path) : nullptr;
    return tensor == nullptr ? Tensor() : *tensor;
  };
  AdaptedModel adapted{loaded.model, {}, {}};
  if (data.tensors && has_unadapted_layers(*loaded.model)) {
    const std::vector<HostValue> inputs(data.tensors->train.x.begin(), data.tensors->train.x.end());
    adapted = adapt_model({.model = loaded.model,
                           .inputs = inputs,
                           .scale = data.tensors->train.scale,
                           .device = device,
                           .weight = weight});
  } else if (!data.tensors) {
    adapted = adapt_to(data.dataset, loaded.model, device, weight);
  }
  Json layers = Json::array();
  for (const AdaptedLayer& layer : adapted.layers) {
    output.line(output.paint(Colour::dim, "adapted " + layer.name + ": " + layer.learned));
    layers.push_back({{"name", layer.name}, {"learned", layer.learned}});
  }
  if (!layers.empty()) output.event("adapt", {{"layers", layers}});
  Diagnostics diagnostics;
  loaded.model = adapted.model;
  loaded.plan = plan_model(*loaded.model, diagnostics);
  throw_if_errors(diagnostics);
  return adapted;
}

void set_weights(Trainer& trainer, const AdaptedModel& adapted) {
  const std::vector<WeightInfo>& weights = trainer.plan().weights;
  for (const auto& [path, value] : adapted.weights)
    for (size_t w = 0; w < weights.size(); ++w)
      if (weights[w].path == path) trainer.set_weight(static_cast<int>(w), value);
}

void note_one_class(const Dataset& dataset, Output& output) {
  if (dataset.task != Task::classification || dataset.classes() != 1) return;
  Diagnostics note;
  note.warn("data.one_class", dataset.name, {{"class", printable(dataset.labels.front())}});
  output.notes(note);
}

}  // namespace

TrainingJob begin_training(const TrainArguments& arguments, Output& output) {
  TrainingJob job;
  LoadedModel loaded = load_model(arguments.model, true);
  output.notes(loaded.notes);
  job.device = make_device(arguments.session);
  DataArguments data = arguments.data;
  const Json former = loaded.saved ? loaded.saved->preprocessing.request : Json(nullptr);
  if (data.data.empty() && !former.is_object()) data.data = data_for(*loaded.model, loaded.plan);
  data.no_shuffle = arguments.no_shuffle;
  const AskedTargets asked = asked_for(arguments, data, loaded);
  const DataUser user{loaded.model.get(), &loaded.plan, loaded.saved ? &*loaded.saved : nullptr, true};
  LoadedData loaded_data = load_data(data, former, user, *job.device, output);
  if (!loaded_data.tensors) note_one_class(loaded_data.dataset, output);
  fit_to_data(loaded, loaded_data);
  const AdaptedModel adapted = adapt(loaded, loaded_data, job.device, output);
  job.model_name = loaded.model->name.empty() ? arguments.model : loaded.model->name;
  job.save_path = arguments.save;
  job.setup = setup_for(arguments, loaded, loaded_data, asked.outputs);
  const std::vector<Target> targets = targets_for(loaded_data, loaded, job.setup, output);
  take_data(job, std::move(loaded_data), loaded, job.setup, targets);
  const FitOptions options = options_for(arguments, job.dataset, targets);
  Diagnostics diagnostics;
  TrainingSetup setup = parse_setup(job.setup, *loaded.model, loaded.plan, job.train.y, diagnostics);
  throw_if_errors(diagnostics);
  check_training_memory(loaded.model, loaded.plan, setup, job.train, options.batch_size, job.device,
                        available_memory());
  make_trainer(job, loaded, output);
  const std::string backup = options.callbacks.backup_path();
  with_memory(loaded.plan, [&] {
    if (!backup.empty() && is_file(backup)) return resume_backup(job, backup, options), true;
    if (loaded.saved)
      load_weights(*loaded.saved, *job.trainer);
    else
      job.trainer->initialize(options.seed);
    set_weights(*job.trainer, adapted);
    job.trainer->compile(std::move(setup));
    job.trainer->begin_fit(job.train, options);
    return true;
  });
  return job;
}

TrainingJob resume_training(const TrainArguments& arguments, Output& output) {
  TrainingJob job;
  const LoadedModel loaded = load_model(arguments.resume);
  if (!loaded.saved || !loaded.saved->training.is_object() || !loaded.saved->training.contains("setup"))
    throw UserError("train.nothing_to_resume", arguments.resume);
  check_same_model(arguments.model, loaded);
  const Preprocessing& former = loaded.saved->preprocessing;
  check_same_data(arguments.data, former.request);
  job.resumed = true;
  job.model_name = loaded.model->name;
  job.save_path = arguments.save.empty() ? arguments.resume : arguments.save;
  job.device = make_device(arguments.session);
  job.setup = loaded.saved->training["setup"];
  DataArguments data = arguments.data;
  if (data.data.empty() && !former.request.is_object()) data.data = data_for(*loaded.model, loaded.plan);
  const AskedTargets asked = asked_for(arguments, data, loaded);
  LoadedData loaded_data =
      load_data(data, former.request, {loaded.model.get(), &loaded.plan, &*loaded.saved}, *job.device, output);
  const std::vector<Target> targets = targets_for(loaded_data, loaded, job.setup, output);
  take_data(job, std::move(loaded_data), loaded, job.setup, targets);
  check_same_count(former, job);
  make_trainer(job, loaded, output);
  with_memory(loaded.plan, [&] {
    load_weights(*loaded.saved, *job.trainer);
    FitState state = restore_training(*loaded.saved, *job.trainer, job.train);
    check_unchanged(arguments, state.options, job.setup, asked.outputs);
    extend(state, arguments);
    job.trainer->resume_fit(job.train, state);
    return true;
  });
  return job;
}

int64_t parameters_of(const TrainingJob& job) {
  int64_t count = 0;
  for (const WeightInfo& weight : job.trainer->plan().weights) count += weight.spec.shape.elements();
  return count;
}

Trainer::Memory memory_of(TrainingJob& job) {
  return job.trainer->training_memory(job.train, job.trainer->fit_state().options.batch_size);
}

}  // namespace trainyard::cli
