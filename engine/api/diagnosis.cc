#include "engine/api/diagnosis.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <nlohmann/json.hpp>

#include "engine/api/report.h"

namespace trainyard {
namespace {

// Above this many weights the memory of a step is not tried out at every edit.
constexpr int64_t kMeasuredParameters = 20'000'000;

Json shape_json(const Shape& shape) { return ArgTraits<Shape>::print(shape); }

Json layer_json(const LayerReport& row) {
  Json shapes = Json::array();
  for (const Shape& shape : row.output_shapes) shapes.push_back(shape_json(shape));
  return {{"id", row.id.empty() ? row.name : row.id},
          {"name", row.name},
          {"class_name", row.class_name},
          {"family", row.family},
          {"output_shapes", shapes},
          {"params", row.params},
          {"trainable_params", row.trainable_params},
          {"macs", row.macs},
          {"activation_bytes", row.activation_bytes},
          {"inbound", row.inbound}};
}

Json ends_json(const Model& model, const ModelPlan& plan, const std::vector<TensorRef>& ends) {
  Json list = Json::array();
  for (const TensorRef& ref : ends) {
    const auto node = static_cast<size_t>(ref.node);
    if (ref.node < 0 || node >= plan.node_outputs.size() ||
        static_cast<size_t>(ref.output) >= plan.node_outputs[node].size())
      continue;
    const TensorSpec& spec = plan.node_outputs[node][static_cast<size_t>(ref.output)];
    list.push_back({{"name", model.layers[static_cast<size_t>(model.nodes[node].layer)].layer->name},
                    {"shape", shape_json(spec.shape)},
                    {"dtype", std::string(name_of(spec.dtype))}});
  }
  return list;
}

/// Samples of zeros of the model's input and output shapes.
Samples blank_samples(const Model& model, const ModelPlan& plan, int64_t batch, bool sparse) {
  const auto blank = [&](const TensorRef& ref) {
    Shape shape = plan.node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)].shape;
    shape[0] = batch;
    for (int axis = 1; axis < shape.rank(); ++axis) shape[axis] = std::max<int64_t>(1, shape[axis]);
    return shape;
  };
  Samples samples;
  for (const TensorRef& ref : model.inputs) samples.x.emplace_back(DType::f32, blank(ref));
  for (const TensorRef& ref : model.outputs) {
    const Shape shape = blank(ref);
    samples.y.push_back(sparse ? Tensor(DType::i32, shape.slice(0, shape.rank() - 1)) : Tensor(DType::f32, shape));
  }
  return samples;
}

void check_training(const DiagnosisRequest& request, const Model& model, const ModelPlan& plan,
                    Diagnostics& diagnostics) {
  parse_fit_options(request.training, ParseContext(diagnostics, ""));
  if (request.dataset == nullptr) return;
  Samples samples;
  samples.x = {request.dataset->x_train};
  samples.y = {request.dataset->y_train};
  const TrainingSetup setup = parse_setup(setup_json(request.training, request.dataset->task == Task::classification),
                                          model, plan, samples.y, diagnostics);
  if (!diagnostics.has_errors()) check_samples(samples, model, plan, setup, diagnostics);
}

/// Bytes of a training step, tried on a session of its own that is thrown away.
size_t try_training(const DiagnosisRequest& request, const std::shared_ptr<const Model>& model, const ModelPlan& plan) {
  Session session(request.device);
  Trainer trainer(model, plan, session);
  Diagnostics diagnostics;
  const Samples sparse = blank_samples(*model, plan, request.batch_size, true);
  const Json options = request.training.is_object() ? request.training : Json::object();
  TrainingSetup setup = parse_setup(setup_json(options, true), *model, plan, sparse.y, diagnostics);
  if (diagnostics.has_errors() || setup.outputs.empty() || setup.outputs.front().loss == nullptr) return 0;
  const Samples samples =
      setup.outputs.front().loss->sparse_labels() ? sparse : blank_samples(*model, plan, request.batch_size, false);
  trainer.compile(std::move(setup));
  const Trainer::Memory memory = trainer.training_memory(samples, request.batch_size);
  return memory.arena + 2 * memory.variables;  // a copy of the epoch's beginning is kept, to go back to
}

size_t training_bytes(const DiagnosisRequest& request, const std::shared_ptr<const Model>& model, const ModelPlan& plan,
                      Diagnostics& diagnostics) {
  try {
    return try_training(request, model, plan);
  } catch (const std::bad_alloc&) {
    diagnostics.error("memory.exhausted", "batch_size", {{"bytes", "over 2 GB"}});
    return 0;
  }
}

int64_t predicted_class(std::span<const float> row, double& probability) {
  if (row.size() == 1) {
    probability = row[0] > 0.5 ? row[0] : 1 - row[0];
    return row[0] > 0.5 ? 1 : 0;
  }
  const auto best = std::max_element(row.begin(), row.end());
  probability = *best;
  return best - row.begin();
}

}  // namespace

Json setup_json(const Json& options, bool classification) {
  const auto chosen = [&](const char* key, const Json& fallback) {
    return options.is_object() && options.contains(key) && !options[key].is_null() ? options[key] : fallback;
  };
  return {{"optimizer", chosen("optimizer", "adam")},
          {"loss", chosen("loss", classification ? "sparse_categorical_crossentropy" : "mean_squared_error")},
          {"metrics", chosen("metrics", classification ? Json::array({"accuracy"}) : Json::array())},
          {"loss_weights", chosen("loss_weights", nullptr)}};
}

DiagnosedModel diagnose_model(const Json& json, const DiagnosisRequest& request) {
  DiagnosedModel result;
  Diagnostics diagnostics;
  result.model = parse_model(json, diagnostics);
  ModelReport report;
  size_t bytes = 0;
  if (result.model != nullptr) {
    result.plan = plan_model(*result.model, diagnostics);
    report = report_model(*result.model, result.plan);
    if (!diagnostics.has_errors() && request.training.is_object())
      check_training(request, *result.model, result.plan, diagnostics);
    if (!diagnostics.has_errors() && request.batch_size > 0 && request.device != nullptr &&
        report.params <= kMeasuredParameters)
      bytes = training_bytes(request, result.model, result.plan, diagnostics);
  }
  Json items = Json::array();
  for (const Diagnostic& item : diagnostics.items()) items.push_back(to_json(item));
  Json layers = Json::array();
  for (const LayerReport& row : report.layers) layers.push_back(layer_json(row));
  result.json = {{"revision", request.revision},
                 {"ok", !diagnostics.has_errors()},
                 {"diagnostics", items},
                 {"layers", layers},
                 {"totals",
                  {{"params", report.params},
                   {"trainable_params", report.trainable_params},
                   {"macs", report.macs},
                   {"training_bytes", bytes}}},
                 {"inputs", Json::array()},
                 {"outputs", Json::array()}};
  if (result.model != nullptr) {
    result.json["inputs"] = ends_json(*result.model, result.plan, result.model->inputs);
    result.json["outputs"] = ends_json(*result.model, result.plan, result.model->outputs);
  }
  return result;
}

void check_inputs(const Samples& samples, const Model& model, const ModelPlan& plan) {
  Diagnostics diagnostics;
  check_samples(samples, model, plan, TrainingSetup{}, diagnostics);
  throw_if_errors(diagnostics);
}

Json evaluation_json(Trainer& trainer, const Samples& samples, const Dataset& dataset, int64_t batch_size) {
  struct Mistake {
    int64_t index, label, predicted;
    double probability;
  };
  const auto start = std::chrono::steady_clock::now();
  const auto classes = static_cast<size_t>(dataset.classes());
  std::vector<std::vector<int64_t>> confusion(classes, std::vector<int64_t>(classes, 0));
  std::vector<Mistake> mistakes;
  const auto count_batch = [&](int64_t first, const std::vector<TensorView>& outputs) {
    const TensorView& output = outputs.front();
    if (classes == 0 || output.dtype != DType::f32) return;
    const auto width = static_cast<size_t>(output.shape.back());
    for (int64_t i = 0; i < output.shape.front(); ++i) {
      double probability = 0;
      const int64_t predicted =
          predicted_class({output.as<float>() + static_cast<size_t>(i) * width, width}, probability);
      const auto label = static_cast<int64_t>(element_as_double(samples.y.front().view(), first + i));
      if (predicted >= dataset.classes()) continue;
      ++confusion[static_cast<size_t>(label)][static_cast<size_t>(predicted)];
      if (predicted != label) mistakes.push_back({first + i, label, predicted, probability});
    }
  };
  const Logs logs = trainer.evaluate(samples, std::min(batch_size, samples.count()), count_batch);
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.probability > b.probability; });
  if (mistakes.size() > 100) mistakes.resize(100);
  Json worst = Json::array();
  for (const Mistake& m : mistakes)
    worst.push_back(
        {{"index", m.index}, {"label", m.label}, {"predicted", m.predicted}, {"probability", m.probability}});
  return {{"logs", to_json(logs)},
          {"confusion", confusion},
          {"mistakes", worst},
          {"samples", samples.count()},
          {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()}};
}

}  // namespace trainyard
