#include "engine/api/workbench.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/api/builtin_models.h"
#include "engine/api/diagnosis.h"
#include "engine/api/known_terms.h"
#include "engine/api/memory_check.h"
#include "engine/api/model_inputs.h"
#include "engine/api/request.h"
#include "engine/api/schema.h"
#include "engine/api/session_factory.h"
#include "engine/api/targets.h"
#include "engine/api/training_data.h"
#include "engine/data/ink.h"
#include "engine/layers/text_inputs.h"

namespace trainyard {
namespace {

Json to_json(const FitProgress& p) {
  return {{"epoch", p.epoch},
          {"epochs", p.epochs},
          {"step", p.step},
          {"steps", p.steps},
          {"samples", p.samples},
          {"images_per_second", p.images_per_second},
          {"eta_seconds", p.eta_seconds},
          {"elapsed_seconds", p.seconds},
          {"logs", trainyard::to_json(p.logs)}};
}

Json to_json(const EpochLogs& epoch) {
  return {{"epoch", epoch.epoch}, {"logs", trainyard::to_json(epoch.logs)}, {"seconds", epoch.seconds}};
}

/// What a file says of its training: null where it says nothing.
Json saved_setup(const SavedModel& saved) {
  return saved.training.is_object() && saved.training.contains("setup") ? saved.training["setup"] : Json();
}

/// Probabilities from whatever the last layer gives: logits are softmaxed, a single sigmoid becomes two classes.
Tensor as_probabilities(const Tensor& output) {
  const auto values = output.span<float>();
  if (values.size() == 1) return Tensor::of<float>({2}, {1 - values[0], values[0]});
  double sum = 0;
  bool negative = false;
  for (const float value : values) {
    sum += value;
    negative |= value < 0;
  }
  std::vector<float> result(values.begin(), values.end());
  if (negative || std::abs(sum - 1) > 1e-3) {
    const float largest = *std::max_element(result.begin(), result.end());
    double total = 0;
    for (float& value : result) total += value = std::exp(value - largest);
    for (float& value : result) value = static_cast<float>(value / total);
  }
  return Tensor::of<float>({static_cast<int64_t>(result.size())}, result);
}

}  // namespace

Json Workbench::info() const {
  return {{"version", std::string(version())},
          {"protocol", kProtocol},
          {"threads", device_->pool.threads()},
          {"instruction_set", std::string(device_->backends.front()->instruction_set())}};
}

const Dataset& Workbench::dataset() const {
  if (!dataset_) throw UserError("data.none", "data");
  return *dataset_;
}

Trainer& Workbench::trainer() const {
  if (trainer_ == nullptr) throw UserError("model.none", "model");
  return *trainer_;
}

// ---------------------------------------------------------------- models

Json Workbench::diagnose(const Json& request) const {
  return diagnose_model(required(request, "model"),
                        {.revision = integer_or(request, "revision", 0, 0),
                         .batch_size = integer_or(request, "batch_size", 0, 0),
                         .training = request.contains("training") ? request["training"] : Json(),
                         .dataset = dataset_ ? &*dataset_ : nullptr,
                         .device = device_})
      .json;
}

Json Workbench::normalize(const Json& json) const {
  Diagnostics diagnostics;
  const std::unique_ptr<Model> model = parse_model(json, diagnostics);
  throw_if_errors(diagnostics);
  return model_to_json(*model, true);
}

Json Workbench::builtin(const std::string& name) const {
  const Json model = builtin_model(name);
  if (model.is_null())
    throw UserError("class.unknown", "template", {{"class_name", name}, {"group", "built-in models"}});
  return normalize(model);
}

Json Workbench::load_model(const Json& request) {
  DiagnosedModel diagnosed =
      diagnose_model(required(request, "model"), {.revision = integer_or(request, "revision", 0, 0),
                                                  .dataset = dataset_ ? &*dataset_ : nullptr,
                                                  .device = device_});
  if (!diagnosed.json["ok"].get<bool>()) return diagnosed.json;
  check_model_memory(diagnosed.plan, memory_limit_);
  auto session = std::make_unique<Session>(device_);
  auto trainer = std::make_unique<Trainer>(diagnosed.model, std::move(diagnosed.plan), *session);
  trainer->initialize(static_cast<uint64_t>(integer_or(request, "seed", 0, 0)));
  const bool fresh = trainer_ == nullptr || flag_or(request, "fresh", false);
  if (fresh || keep_weights(*trainer_, *trainer) == 0) learned_terms_.reset();
  trainer_ = std::move(trainer);
  session_ = std::move(session);
  model_ = diagnosed.model;
  learned_ = std::move(diagnosed.adapted);
  opened_.reset();
  reported_epochs_ = 0;
  return diagnosed.json;
}

/// Layers that are the same node, class and shape keep what they have learned.
int Workbench::keep_weights(const Trainer& from, Trainer& to) const {
  int kept = 0;
  for (size_t w = 0; w < to.plan().weights.size(); ++w) {
    const WeightInfo& wanted = to.plan().weights[w];
    const ModelLayer& layer = to.model().layers[static_cast<size_t>(wanted.layer)];
    for (size_t v = 0; v < from.plan().weights.size(); ++v) {
      const WeightInfo& had = from.plan().weights[v];
      const ModelLayer& old = from.model().layers[static_cast<size_t>(had.layer)];
      const bool same_node = layer.id.empty() ? layer.layer->name == old.layer->name : layer.id == old.id;
      if (same_node && layer.layer->info().class_name == old.layer->info().class_name &&
          had.spec.name == wanted.spec.name && had.spec.shape == wanted.spec.shape) {
        to.set_weight(static_cast<int>(w), from.weight(static_cast<int>(v)));
        ++kept;
      }
    }
  }
  return kept;
}

// ---------------------------------------------------------------- training

Samples Workbench::samples_of(bool train, const Json& setup) const {
  return trainyard::samples_of(dataset(), train ? DataPart::train : DataPart::test, trainer().model(), trainer().plan(),
                               setup);
}

Json Workbench::present_setup() const {
  if (trainer().setup()) return trainer().setup()->json;
  if (Json setup = opened_ ? saved_setup(*opened_) : Json(); !setup.is_null()) {
    Diagnostics diagnostics;
    const std::vector<Target> targets =
        parse_targets(setup, dataset(), trainer().model(), trainer().plan(), diagnostics);
    const Samples y = targets_of(dataset(), DataPart::train, trainer().model(), trainer().plan(), setup, targets);
    parse_setup(setup, trainer().model(), trainer().plan(), y.y, diagnostics);
    if (!diagnostics.has_errors()) return setup;
  }
  return default_setup(samples_of(true, nullptr), trainer().model(), trainer().plan());
}

Preprocessing Workbench::preprocessing() const {
  if (learned_terms_) return *learned_terms_;
  return dataset_ ? preprocessing_of(*dataset_) : Preprocessing();
}

bool Workbench::label_first() const {
  if (trainer().setup()) return learns_label_first(trainer().setup()->json);
  return learns_label_first(opened_ ? saved_setup(*opened_) : Json());
}

void Workbench::compile(const Json& asked, const Samples& samples) {
  Diagnostics diagnostics;
  TrainingSetup setup = parse_setup(asked, trainer().model(), trainer().plan(), samples.y, diagnostics);
  throw_if_errors(diagnostics);
  trainer().compile(std::move(setup));
}

Json Workbench::adapt() {
  const auto weight = [&](const std::string& path) {
    const auto& weights = trainer().plan().weights;
    for (size_t w = 0; w < weights.size(); ++w)
      if (weights[w].path == path) return trainer().weight(static_cast<int>(w));
    return Tensor();
  };
  check(trainer_ == nullptr || model_ != nullptr, "a trainer has its model");
  if (trainer_ == nullptr) throw UserError("model.none", "model");
  const AdaptedModel adapted = adapt_to(dataset(), model_, device_, weight);
  Json layers = Json::array();
  const auto tell = [&](const AdaptedLayer& layer) {
    for (const Json& told : layers)
      if (told["name"] == layer.name) return;
    layers.push_back({{"name", layer.name}, {"learned", layer.learned}});
  };
  for (const AdaptedLayer& layer : std::exchange(learned_, {})) tell(layer);
  for (const AdaptedLayer& layer : adapted.layers) tell(layer);
  if (adapted.model != model_) {
    Diagnostics diagnostics;
    ModelPlan plan = plan_model(*adapted.model, diagnostics);
    throw_if_errors(diagnostics);
    auto session = std::make_unique<Session>(device_);
    auto fresh = std::make_unique<Trainer>(adapted.model, std::move(plan), *session);
    fresh->initialize(0);
    keep_weights(*trainer_, *fresh);
    trainer_ = std::move(fresh);
    session_ = std::move(session);
    model_ = adapted.model;
  }
  const auto& weights = trainer().plan().weights;
  for (const auto& [path, value] : adapted.weights)
    for (size_t w = 0; w < weights.size(); ++w)
      if (weights[w].path == path) trainer().set_weight(static_cast<int>(w), value);
  return {{"layers", layers}};
}

Json Workbench::begin_fit(const Json& options) {
  Json adapted = Json::array();
  if (!flag_or(options, "resume", false)) adapted = adapt()["layers"];
  trainer().set_host(&files_);
  if (flag_or(options, "resume", false)) {
    if (!opened_ && !trainer().can_resume()) throw UserError("train.nothing_to_resume", "resume");
    if (learned_terms_) check_in_terms(dataset(), *learned_terms_, label_first());
    const Samples samples = samples_of(true, opened_ ? saved_setup(*opened_) : trainer().setup()->json);
    const FitState state = opened_ ? restore_training(*opened_, trainer(), samples) : trainer().fit_state();
    opened_.reset();
    trainer().resume_fit(samples, state);
    reported_epochs_ = trainer().fit_state().history.size();
  } else {
    const Json setup = setup_json(options, dataset().task == Task::classification);
    Diagnostics diagnostics;
    const FitOptions fit = parse_fit_options(options, ParseContext(diagnostics, ""));
    const std::vector<Target> targets =
        parse_targets(setup, dataset(), trainer().model(), trainer().plan(), diagnostics);
    check_fit_options(fit, dataset(), targets, diagnostics);
    throw_if_errors(diagnostics);
    const Samples samples = samples_of(true, setup);
    compile(setup, samples);
    check_training_memory(model_, trainer().plan(), *trainer().setup(), samples, fit.batch_size, device_,
                          memory_limit_);
    learned_terms_ = preprocessing_for(dataset(), targets);
    files_.begin();
    trainer().begin_fit(samples, fit);
    opened_.reset();
    reported_epochs_ = 0;
  }
  return {{"progress", to_json(trainer().progress())}, {"adapted", adapted}};
}

Json Workbench::train_for(double seconds) {
  const bool more = trainer().train_for(seconds);
  const std::vector<EpochLogs>& history = trainer().fit_state().history;
  Json ends = Json::array();
  for (; reported_epochs_ < history.size(); ++reported_epochs_) ends.push_back(to_json(history[reported_epochs_]));
  return {{"more", more},
          {"progress", to_json(trainer().progress())},
          {"epoch_ends", ends},
          {"files", files_.take_changed()},
          {"messages", files_.take_messages()}};
}

Json Workbench::fit_result() const {
  const FitState& state = trainer().fit_state();
  Json history = Json::array();
  for (const EpochLogs& epoch : state.history) history.push_back(to_json(epoch));
  return {{"state", state.finished() ? "finished" : "stopped"},
          {"history", history},
          {"epoch", state.epoch},
          {"step", state.step},
          {"seconds", state.seconds},
          {"images_per_second", trainer().progress().images_per_second}};
}

Json Workbench::evaluate(const Json& request) {
  const bool train = is_train_split(request);
  const int64_t batch = integer_or(request, "batch_size", 256, 1);
  if (learned_terms_) check_in_terms(dataset(), *learned_terms_, label_first());
  const Json setup = present_setup();
  const Samples samples = samples_of(train, setup);
  if (samples.count() == 0) throw UserError("data.empty", "data." + std::string(train ? "train" : "test"));
  if (!trainer().setup()) compile(setup, samples);
  Diagnostics ignored;  // samples_of has complained
  const auto output = label_output(parse_targets(setup, dataset(), trainer().model(), trainer().plan(), ignored));
  std::optional<KnownClasses> known;
  if (output && dataset().task == Task::classification)
    known = {*output, train ? dataset().y_train : dataset().y_test, dataset().classes()};
  return evaluation_json(trainer(), samples, known, batch);
}

Answer Workbench::predict(const std::vector<Tensor>& inputs) {
  const Model& model = trainer().model();
  if (inputs.size() != model.inputs.size())
    throw UserError("data.input_count", "inputs",
                    {{"got", std::to_string(inputs.size())}, {"wanted", std::to_string(model.inputs.size())}});
  Samples samples;
  samples.x = inputs;
  check_inputs(samples, model, trainer().plan());
  Answer answer;
  answer.tensors = trainer().predict(samples, std::min<int64_t>(256, samples.count()));
  answer.json["outputs"] = Json::array();
  for (const Tensor& output : answer.tensors)
    answer.json["outputs"].push_back({{"shape", ArgTraits<Shape>::print(output.shape())}});
  return answer;
}

Answer Workbench::predict_texts(const Json& request) {
  const Json texts = required(request, "texts");
  std::vector<std::string> list;
  if (!texts.is_array() || texts.empty())
    throw UserError("argument.type", "texts", {{"expected", "a list of texts"}, {"value", texts.dump()}});
  for (const Json& text : texts) {
    if (!text.is_string())
      throw UserError("argument.type", "texts", {{"expected", "a list of texts"}, {"value", text.dump()}});
    list.push_back(text.get<std::string>());
  }
  const Model& model = trainer().model();
  Samples samples;
  samples.x = read_inputs(model, trainer().plan(), typed_texts(list, model, trainer().plan()));
  check_inputs(samples, model, trainer().plan());
  Answer answer;
  answer.tensors = trainer().predict(samples, std::min<int64_t>(256, samples.count()));
  answer.json = {{"outputs", Json::array()}, {"labels", preprocessing().labels}};
  for (const Tensor& output : answer.tensors)
    answer.json["outputs"].push_back({{"shape", ArgTraits<Shape>::print(output.shape())}});
  return answer;
}

Answer Workbench::predict_drawing(const Tensor& ink) {
  const Shape& shape = ink.shape();
  const Tensor seen = normalise_ink(shape[1], shape[0], ink.span<float>());
  const auto pixels = seen.span<uint8_t>();
  Samples samples;
  samples.x = {seen.reshaped({1, kInkSize, kInkSize, 1})};
  samples.scale = 1.0 / 255;
  check_inputs(samples, trainer().model(), trainer().plan());
  const std::vector<Tensor> outputs = trainer().predict(samples, 1);
  Answer answer;
  Tensor view = seen.cast(DType::f32);
  for (float& value : view.span<float>()) value /= 255;
  answer.tensors = {as_probabilities(outputs.front()), view};
  answer.json = {{"labels", preprocessing().labels},
                 {"empty", std::all_of(pixels.begin(), pixels.end(), [](uint8_t p) { return p == 0; })},
                 {"width", kInkSize},
                 {"height", kInkSize}};
  return answer;
}

Json Workbench::profile(bool on) {
  Json rows = Json::array();
  for (const ProfileEntry& entry : trainer().profile())
    rows.push_back(
        {{"op", entry.op}, {"layer", entry.scope}, {"calls", entry.calls}, {"milliseconds", entry.milliseconds}});
  trainer().set_profiling(on);
  return rows;
}

// ---------------------------------------------------------------- files

std::vector<uint8_t> Workbench::save() const {
  if (opened_) return opened_bytes_;
  return save_model(trainer(), preprocessing(), std::string(version()));
}

Json Workbench::open(std::span<const uint8_t> bytes) {
  SavedModel saved = open_model(bytes, "file");
  DiagnosedModel diagnosed = diagnose_model(model_to_json(*saved.model, true), {});
  auto session = std::make_unique<Session>(device_);
  auto trainer = std::make_unique<Trainer>(saved.model, saved.plan, *session);
  load_weights(saved, *trainer);
  trainer_ = std::move(trainer);
  session_ = std::move(session);
  model_ = saved.model;
  learned_terms_ = saved.preprocessing;
  Json answer = {{"model", model_to_json(*saved.model, true)},
                 {"diagnosis", diagnosed.json},
                 {"labels", saved.preprocessing.labels},
                 {"history", Json::array()},
                 {"resumable", false},
                 {"fit", nullptr},
                 {"data", nullptr}};
  if (saved.training.is_object() && saved.training.contains("state")) {
    Diagnostics diagnostics;
    const FitState state = parse_fit_state(saved.training["state"], ParseContext(diagnostics, "training.state"));
    throw_if_errors(diagnostics);
    for (const EpochLogs& epoch : state.history) answer["history"].push_back(to_json(epoch));
    answer["resumable"] = !state.finished();
    answer["fit"] = trainyard::to_json(state.options);
    if (saved.training.contains("setup")) answer["fit"].update(saved.training["setup"]);
  }
  opened_ = std::move(saved);
  opened_bytes_.assign(bytes.begin(), bytes.end());
  if (dataset_) {
    put_in_terms_if_alike(*dataset_, *learned_terms_, label_first());
    answer["data"] = data_info();
  }
  return answer;
}

Json Workbench::memory() const {
  const auto bytes = [](const Tensor& tensor) { return tensor.empty() ? size_t{0} : tensor.bytes(); };
  size_t data = 0;
  if (dataset_)
    data = bytes(dataset_->x_train) + bytes(dataset_->y_train) + bytes(dataset_->x_test) + bytes(dataset_->y_test);
  return {{"arena_bytes", session_ ? session_->arena_bytes() : 0},
          {"kept_bytes", session_ ? session_->kept_bytes() : 0},
          {"variable_bytes", session_ ? session_->variables().bytes() : 0},
          {"data_bytes", data}};
}

}  // namespace trainyard
