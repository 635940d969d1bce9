#include "native/cli/training_job.h"

#include <algorithm>
#include <new>
#include <nlohmann/json.hpp>

#include "engine/api/training_data.h"
#include "engine/data/number.h"
#include "engine/io/json_reader.h"
#include "native/cli/format.h"

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

/// Command line, else the file's compile_config, else what suits.
Json setup_for(const TrainArguments& arguments, const LoadedModel& loaded, const Dataset& dataset) {
  Json setup = default_setup(dataset, *loaded.model, loaded.plan);
  Json former = loaded.compile_config;
  if (loaded.saved && loaded.saved->training.is_object() && loaded.saved->training.contains("setup"))
    former = loaded.saved->training["setup"];
  if (former.is_object())
    for (const char* key : {"optimizer", "loss", "metrics", "loss_weights"})
      if (former.contains(key) && !former[key].is_null()) setup[key] = former[key];
  if (arguments.optimizer) setup["optimizer"] = name_or_json(*arguments.optimizer, "--optimizer");
  if (arguments.loss) setup["loss"] = name_or_json(*arguments.loss, "--loss");
  if (!arguments.metrics.empty()) setup["metrics"] = arguments.metrics;
  if (arguments.learning_rate) {
    Json& optimizer = setup["optimizer"];
    if (optimizer.is_string()) optimizer = {{"class_name", optimizer}, {"config", Json::object()}};
    optimizer["config"]["learning_rate"] = *arguments.learning_rate;
  }
  return setup;
}

FitOptions options_for(const TrainArguments& arguments, const Dataset& dataset) {
  const int64_t batch = arguments.batch_size.value_or(std::min<int64_t>(32, dataset.train_count()));
  Json json = {{"epochs", arguments.epochs.value_or(default_epochs(dataset.train_count(), batch))},
               {"batch_size", batch},
               {"validation_split", arguments.validation_split.value_or(0)},
               {"seed", arguments.seed.value_or(0)},
               {"shuffle", !arguments.no_shuffle}};
  Diagnostics diagnostics;
  FitOptions options = parse_fit_options(json, ParseContext(diagnostics, ""));
  throw_if_errors(diagnostics);
  options.class_weight = class_weights(arguments.class_weight, dataset);
  check_fit_options(options, dataset, diagnostics);
  throw_if_errors(diagnostics);
  return options;
}

/// Built-in models take the shape of the data.
void fit_to_data(LoadedModel& loaded, const Dataset& dataset) {
  if (loaded.origin != ModelOrigin::builtin) return;
  const bool regression = dataset.task == Task::regression;
  loaded = builtin_model_for(loaded.name, dataset.sample_shape(), regression ? 1 : dataset.classes(), regression);
}

void take_data(TrainingJob& job, LoadedData data, const LoadedModel& loaded, const Json& setup) {
  job.dataset = std::move(data.dataset);
  job.preprocessing = preprocessing_of(job.dataset);
  job.preprocessing.request = std::move(data.request);
  job.preprocessing.request[kCount] = job.dataset.train_count();
  job.train = samples_of(job.dataset, DataPart::train, *loaded.model, loaded.plan, setup);
  job.test = samples_of(job.dataset, DataPart::test, *loaded.model, loaded.plan, setup);
}

void check_same_count(const Preprocessing& former, const TrainingJob& job) {
  if (!former.request.is_object() || !former.request.contains(kCount)) return;
  const Json now = job.dataset.train_count();
  if (former.request[kCount] != now)
    throw UserError("resume.data_changed", job.dataset.name,
                    {{"got", now.dump()}, {"wanted", former.request[kCount].dump()}});
}

void make_trainer(TrainingJob& job, const LoadedModel& loaded) {
  job.session = std::make_unique<Session>(job.device);
  job.trainer =
      with_memory(loaded.plan, [&] { return std::make_unique<Trainer>(loaded.model, loaded.plan, *job.session); });
}

/// Options that are part of what was stopped must be as they were, if they are given at all.
void check_unchanged(const TrainArguments& arguments, const FitOptions& options, const Json& setup) {
  Diagnostics diagnostics;
  const auto same = [&](const char* option, const auto& given, const auto& wanted) {
    if (given && Json(*given) != Json(wanted))
      diagnostics.error("resume.option_changed", option,
                        {{"wanted", Json(wanted).dump()}, {"got", Json(*given).dump()}});
  };
  same("--batch-size", arguments.batch_size, options.batch_size);
  same("--validation-split", arguments.validation_split, options.validation_split);
  same("--seed", arguments.seed, static_cast<int64_t>(options.seed));
  if (arguments.no_shuffle) same("--no-shuffle", std::optional(false), options.shuffle);
  const auto refuse = [&](const char* option, bool given, const Json& wanted) {
    if (given) diagnostics.error("resume.option_changed", option, {{"wanted", wanted.dump()}, {"got", "another"}});
  };
  const auto part = [&](const char* key) { return setup.contains(key) ? setup[key] : Json(nullptr); };
  refuse("--optimizer", arguments.optimizer && name_or_json(*arguments.optimizer, "--optimizer") != part("optimizer"),
         part("optimizer"));
  refuse("--loss", arguments.loss && name_or_json(*arguments.loss, "--loss") != part("loss"), part("loss"));
  refuse("--learning-rate", arguments.learning_rate.has_value(), part("optimizer"));
  refuse("--metrics", !arguments.metrics.empty() && Json(arguments.metrics) != part("metrics"), part("metrics"));
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

}  // namespace

Json name_or_json(const std::string& text, const std::string& option) {
  if (!text.empty() && text.front() == '{') return read_json(text, option);
  return text;
}

TrainingJob begin_training(const TrainArguments& arguments, Output& output) {
  TrainingJob job;
  LoadedModel loaded = load_model(arguments.model);
  output.notes(loaded.notes);
  job.device = make_device(arguments.session);
  DataArguments data = arguments.data;
  const Json former = loaded.saved ? loaded.saved->preprocessing.request : Json(nullptr);
  if (data.data.empty() && !former.is_object()) data.data = data_for(*loaded.model, loaded.plan);
  LoadedData loaded_data = load_data(data, former, input_shape(*loaded.model, loaded.plan), *job.device, output);
  fit_to_data(loaded, loaded_data.dataset);
  job.model_name = loaded.model->name.empty() ? arguments.model : loaded.model->name;
  job.save_path = arguments.save;
  job.setup = setup_for(arguments, loaded, loaded_data.dataset);
  take_data(job, std::move(loaded_data), loaded, job.setup);
  const FitOptions options = options_for(arguments, job.dataset);
  Diagnostics diagnostics;
  TrainingSetup setup = parse_setup(job.setup, *loaded.model, loaded.plan, job.train.y, diagnostics);
  throw_if_errors(diagnostics);
  make_trainer(job, loaded);
  with_memory(loaded.plan, [&] {
    if (loaded.saved)
      load_weights(*loaded.saved, *job.trainer);
    else
      job.trainer->initialize(options.seed);
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
  job.resumed = true;
  job.model_name = loaded.model->name;
  job.save_path = arguments.save.empty() ? arguments.resume : arguments.save;
  job.device = make_device(arguments.session);
  job.setup = loaded.saved->training["setup"];
  DataArguments data = arguments.data;
  if (data.data.empty() && !former.request.is_object()) data.data = data_for(*loaded.model, loaded.plan);
  take_data(job, load_data(data, former.request, input_shape(*loaded.model, loaded.plan), *job.device, output), loaded,
            job.setup);
  check_same_count(former, job);
  make_trainer(job, loaded);
  with_memory(loaded.plan, [&] {
    load_weights(*loaded.saved, *job.trainer);
    FitState state = restore_training(*loaded.saved, *job.trainer, job.train);
    check_unchanged(arguments, state.options, job.setup);
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
