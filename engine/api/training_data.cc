#include "engine/api/training_data.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/api/model_inputs.h"
#include "engine/api/targets.h"

namespace trainyard {
namespace {

const Shape& shape_of(const ModelPlan& plan, const TensorRef& ref) {
  return plan.node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)].shape;
}

/// The activation that makes an output, by name: "softmax", "linear", "" where the layer has none to speak of.
std::string last_activation(const Model& model, const TensorRef& output) {
  const ModelNode& node = model.nodes[static_cast<size_t>(output.node)];
  const Layer& layer = *model.layers[static_cast<size_t>(node.layer)].layer;
  if (layer.info().class_name == "Softmax") return "softmax";
  const Json config = layer.config();
  if (!config.contains("activation") || config["activation"].is_null())
    return config.contains("activation") ? "linear" : "";
  const Json& activation = config["activation"];
  return activation.is_string() ? activation.get<std::string>() : activation.value("class_name", "");
}

Json with_logits(const char* class_name) { return {{"class_name", class_name}, {"config", {{"from_logits", true}}}}; }

}  // namespace

Samples samples_of(const Dataset& dataset, DataPart part, const Model& model, const ModelPlan& plan,
                   const Json& setup) {
  Diagnostics diagnostics;
  const std::vector<Target> targets = parse_targets(setup, dataset, model, plan, diagnostics);
  throw_if_errors(diagnostics);
  Samples samples = targets_of(dataset, part, model, plan, setup, targets);
  samples.scale = dataset.scale;
  samples.x = graph_tensors(table_of(dataset, part), model, plan);
  return samples;
}

Json default_setup(const Samples& samples, const Model& model, const ModelPlan& plan) {
  Json losses = Json::object();
  Json metrics = Json::object();
  const std::vector<std::string> names = output_names(model);
  for (size_t o = 0; o < std::min(names.size(), samples.y.size()); ++o) {
    if (samples.y[o].empty()) continue;
    const bool quantity = samples.is_quantity(o);
    Json loss = quantity ? "mean_squared_error" : suggest_loss(samples.y[o], shape_of(plan, model.outputs[o]));
    const bool logits = last_activation(model, model.outputs[o]) == "linear";
    if (logits && loss == "sparse_categorical_crossentropy") loss = with_logits("SparseCategoricalCrossentropy");
    if (logits && loss == "binary_crossentropy") loss = with_logits("BinaryCrossentropy");
    losses[names[o]] = loss;
    metrics[names[o]] = Json::array({quantity ? "mean_absolute_error" : "accuracy"});
  }
  const bool one = names.size() == 1;
  return {
      {"optimizer", "adam"}, {"loss", one ? losses[names[0]] : losses}, {"metrics", one ? metrics[names[0]] : metrics}};
}

std::string default_dataset(const Model& model, const ModelPlan& plan) {
  if (model.inputs.size() != 1) return "";
  const Shape sample = shape_of(plan, model.inputs.front()).drop_front();
  if (!sample.is_known()) return "";
  if (sample.elements() == 28 * 28) return "mnist";
  return sample.elements() == 4 ? "iris" : "";
}

int64_t default_epochs(int64_t samples, int64_t batch_size) {
  constexpr int64_t kEnoughSteps = 5000;
  const int64_t steps = std::max<int64_t>(1, (samples + batch_size - 1) / std::max<int64_t>(1, batch_size));
  return std::clamp<int64_t>(kEnoughSteps / steps, 5, 100);
}

void check_fit_options(const FitOptions& options, const Dataset& dataset, const std::vector<Target>& targets,
                       Diagnostics& diagnostics) {
  const auto trained =
      static_cast<int64_t>(std::floor(static_cast<double>(dataset.train_count()) * (1.0 - options.validation_split)));
  if (trained >= 1 && options.batch_size > trained)
    diagnostics.error("train.batch_size", "batch_size",
                      {{"batch", std::to_string(options.batch_size)}, {"samples", std::to_string(trained)}});
  if (options.class_weight.empty()) return;
  if (dataset.task != Task::classification) return diagnostics.error("train.class_weight_task", "class_weight");
  if (targets.size() > 1) return diagnostics.error("train.class_weight_outputs", "class_weight");
  if (!targets.empty() && !label_output(targets)) return diagnostics.error("train.class_weight_target", "class_weight");
  for (const auto& [label, weight] : options.class_weight)
    if (label >= dataset.classes())
      diagnostics.error("train.class_weight_label", "class_weight",
                        {{"label", std::to_string(label)}, {"classes", std::to_string(dataset.classes())}});
}

}  // namespace trainyard
