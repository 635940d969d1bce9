#include "engine/api/diagnosis.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <nlohmann/json.hpp>

#include "engine/api/model_inputs.h"
#include "engine/api/report.h"
#include "engine/api/targets.h"
#include "engine/api/training_data.h"
#include "engine/layers/text_inputs.h"

namespace trainyard {
namespace {

// Above this many weights the memory of a step may not fit the 32 bits that WebAssembly counts in.
constexpr int64_t kMeasuredParameters = 200'000'000;

Json layer_json(const LayerReport& row) {
  Json shapes = Json::array();
  for (const Shape& shape : row.output_shapes) shapes.push_back(ArgTraits<Shape>::print(shape));
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

Shape blank_shape(Shape shape, int64_t batch) {
  shape[0] = batch;
  for (int axis = 1; axis < shape.rank(); ++axis) shape[axis] = std::max<int64_t>(1, shape[axis]);
  return shape;
}

/// A target of zeros that the loss takes.
Tensor blank_target(const Loss* loss, const Shape& output) {
  switch (loss == nullptr ? LabelKind::any : loss->label_kind()) {
    case LabelKind::classes: return {DType::i32, output.slice(0, output.rank() - 1)};
    case LabelKind::sequence: return {DType::i32, {output.front(), 1}};
    case LabelKind::groups: return {DType::i32, {output.front()}};
    case LabelKind::like_prediction:
    case LabelKind::one_hot:
    case LabelKind::any: break;
  }
  return {DType::f32, output};
}

/// Samples of zeros of the model's input and output shapes, as the losses take them.
Samples blank_samples(const Model& model, const ModelPlan& plan, int64_t batch, const Json& setup) {
  Samples samples;
  for (const GraphInput& input : graph_inputs(model, plan))
    samples.x.emplace_back(input.reading ? input.spec.dtype : DType::f32, blank_shape(input.spec.shape, batch));
  for (size_t o = 0; o < model.outputs.size(); ++o) {
    const TensorRef& ref = model.outputs[o];
    const Shape& shape = plan.node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)].shape;
    samples.y.push_back(blank_target(output_loss(setup, model, o).get(), blank_shape(shape, batch)));
  }
  return samples;
}

/// Plans the model; where sizes depend on a vocabulary that is still to be learned, it is learned from the data at hand.
void plan_on_data(const DiagnosisRequest& request, DiagnosedModel& result, Diagnostics& diagnostics) {
  Diagnostics planning;
  result.plan = plan_model(*result.model, planning);
  const auto& items = planning.items();
  const bool unlearned = std::any_of(items.begin(), items.end(),
                                     [](const Diagnostic& item) { return item.code == "lookup.no_vocabulary"; });
  if (unlearned && request.dataset != nullptr && !diagnostics.has_errors()) {
    planning = {};
    try {
      AdaptedModel adapted = adapt_to(*request.dataset, result.model, request.device);
      result.model = std::move(adapted.model);
      result.adapted = std::move(adapted.layers);
    } catch (const UserError& mistake) {
      planning.add_all(mistake.diagnostics());
    }
    result.plan = plan_model(*result.model, planning);
  }
  diagnostics.add_all(planning);
}

/// The inputs; of a model that reads text only whether there are columns for them: reading all text at every edit would take too
/// long. False after complaining.
bool take_inputs(const Dataset& dataset, const Model& model, const ModelPlan& plan, Samples& samples,
                 Diagnostics& diagnostics) {
  try {
    if (takes_text(model, plan))
      model_inputs(table_of(dataset, DataPart::train), model, plan);
    else
      samples.x = graph_tensors(table_of(dataset, DataPart::train), model, plan);
    return true;
  } catch (const UserError& mistake) {
    diagnostics.add_all(mistake.diagnostics());
    return false;
  }
}

void check_training(const DiagnosisRequest& request, const Model& model, const ModelPlan& plan,
                    Diagnostics& diagnostics) {
  const FitOptions options = parse_fit_options(request.training, ParseContext(diagnostics, ""));
  if (request.dataset == nullptr) return;
  const Dataset& dataset = *request.dataset;
  const Json asked = setup_json(request.training, dataset.task == Task::classification);
  Diagnostics of_targets;
  const std::vector<Target> targets = parse_targets(asked, dataset, model, plan, of_targets);
  diagnostics.add_all(of_targets);
  check_fit_options(options, dataset, targets, diagnostics);
  Samples samples = targets_of(dataset, DataPart::train, model, plan, asked, targets);
  if (!take_inputs(dataset, model, plan, samples, diagnostics)) return;
  const TrainingSetup setup = parse_setup(asked, model, plan, samples.y, diagnostics);
  if (!samples.x.empty() && !of_targets.has_errors()) check_samples(samples, model, plan, setup, diagnostics);
}

/// Bytes of a training step, as the planner has them; nothing of it is taken.
size_t plan_training(const DiagnosisRequest& request, const std::shared_ptr<const Model>& model,
                     const ModelPlan& plan) {
  Diagnostics diagnostics;
  const Json asked = setup_json(request.training.is_object() ? request.training : Json::object(), true);
  const Samples samples = blank_samples(*model, plan, request.batch_size, asked);
  const TrainingSetup setup = parse_setup(asked, *model, plan, samples.y, diagnostics);
  const bool trained = std::any_of(setup.outputs.begin(), setup.outputs.end(),
                                   [](const OutputSetup& output) { return output.loss != nullptr; });
  if (diagnostics.has_errors() || !trained) return 0;
  const Trainer::Memory memory =
      Trainer::planned_memory(model, plan, setup, samples, request.batch_size, request.device);
  return memory.arena + 2 * memory.variables;  // a copy of the epoch's beginning is kept, to go back to
}

size_t training_bytes(const DiagnosisRequest& request, const std::shared_ptr<const Model>& model, const ModelPlan& plan,
                      Diagnostics& diagnostics) {
  try {
    return plan_training(request, model, plan);
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
          {"weighted_metrics", chosen("weighted_metrics", nullptr)},
          {"loss_weights", chosen("loss_weights", nullptr)},
          {"targets", chosen("targets", nullptr)}};
}

DiagnosedModel diagnose_model(const Json& json, const DiagnosisRequest& request) {
  DiagnosedModel result;
  Diagnostics diagnostics;
  result.model = parse_model(json, diagnostics);
  ModelReport report;
  size_t bytes = 0;
  if (result.model != nullptr) {
    plan_on_data(request, result, diagnostics);
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
    result.json["inputs"] = describe_ends(*result.model, result.plan, result.model->inputs);
    result.json["outputs"] = describe_ends(*result.model, result.plan, result.model->outputs);
  }
  return result;
}

void check_inputs(const Samples& samples, const Model& model, const ModelPlan& plan) {
  Diagnostics diagnostics;
  check_samples(samples, model, plan, TrainingSetup{}, diagnostics);
  throw_if_errors(diagnostics);
}

Json evaluation_json(Trainer& trainer, const Samples& samples, const std::optional<KnownClasses>& known,
                     int64_t batch_size) {
  struct Mistake {
    int64_t index, label, predicted;
    double probability;
  };
  const auto start = std::chrono::steady_clock::now();
  const auto classes = static_cast<size_t>(known ? known->classes : 0);
  std::vector<std::vector<int64_t>> confusion(classes, std::vector<int64_t>(classes, 0));
  std::vector<Mistake> mistakes;
  const auto count_batch = [&](int64_t first, const std::vector<TensorView>& outputs) {
    if (classes == 0 || outputs[known->output].dtype != DType::f32) return;
    const TensorView& output = outputs[known->output];
    const auto width = static_cast<size_t>(output.shape.back());
    for (int64_t i = 0; i < output.shape.front(); ++i) {
      double probability = 0;
      const int64_t predicted =
          predicted_class({output.as<float>() + static_cast<size_t>(i) * width, width}, probability);
      const int64_t label = known->labels.span<const int32_t>()[static_cast<size_t>(first + i)];
      if (predicted >= known->classes) continue;
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
