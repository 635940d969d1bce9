#include "engine/api/training_data.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/api/model_inputs.h"

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

/// The loss of the first output, as parse_setup would read it; null where it cannot be read.
std::shared_ptr<const Loss> first_loss(const Json& setup) {
  if (!setup.is_object() || !setup.contains("loss") || setup["loss"].is_null()) return nullptr;
  Json loss = setup["loss"];
  if (loss.is_object() && !loss.contains("class_name") && !loss.empty()) loss = Json(loss.begin().value());
  if (loss.is_array() && !loss.empty()) loss = Json(loss[0]);
  Diagnostics ignored;  // parse_setup complains of it
  return parse_loss(loss, ParseContext(ignored, "loss"));
}

Tensor one_hot(const Tensor& labels, int64_t classes) {
  Tensor result(DType::f32, {labels.shape().front(), classes});
  const auto from = labels.span<const int32_t>();
  const auto to = result.span<float>();
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] >= 0 && from[i] < classes) to[i * static_cast<size_t>(classes) + static_cast<size_t>(from[i])] = 1;
  return result;
}

}  // namespace

Samples samples_of(const Dataset& dataset, DataPart part, const Model& model, const ModelPlan& plan,
                   const Json& setup) {
  Samples samples;
  samples.scale = dataset.scale;
  samples.x = graph_tensors(table_of(dataset, part), model, plan);
  Tensor y = part == DataPart::train ? dataset.y_train : dataset.y_test;
  const std::shared_ptr<const Loss> loss = first_loss(setup);
  const int64_t width = shape_of(plan, model.outputs.front()).back();
  const bool whole = loss != nullptr && loss->label_kind() == LabelKind::like_prediction;
  if (dataset.task == Task::classification && whole && width > 1 && width >= dataset.classes()) y = one_hot(y, width);
  samples.y = {y};
  return samples;
}

Json default_setup(const std::vector<Tensor>& y, const Model& model, const ModelPlan& plan) {
  Json losses = Json::object();
  Json metrics = Json::object();
  const std::vector<std::string> names = output_names(model);
  for (size_t o = 0; o < std::min(names.size(), y.size()); ++o) {
    Json loss = suggest_loss(y[o], shape_of(plan, model.outputs[o]));
    const bool logits = last_activation(model, model.outputs[o]) == "linear";
    if (logits && loss == "sparse_categorical_crossentropy") loss = with_logits("SparseCategoricalCrossentropy");
    if (logits && loss == "binary_crossentropy") loss = with_logits("BinaryCrossentropy");
    losses[names[o]] = loss;
    metrics[names[o]] = Json::array({is_floating(y[o].dtype()) ? "mean_absolute_error" : "accuracy"});
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

void check_fit_options(const FitOptions& options, const Dataset& dataset, Diagnostics& diagnostics) {
  const auto trained =
      static_cast<int64_t>(std::floor(static_cast<double>(dataset.train_count()) * (1.0 - options.validation_split)));
  if (trained >= 1 && options.batch_size > trained)
    diagnostics.error("train.batch_size", "batch_size",
                      {{"batch", std::to_string(options.batch_size)}, {"samples", std::to_string(trained)}});
  if (options.class_weight.empty()) return;
  if (dataset.task != Task::classification) return diagnostics.error("train.class_weight_task", "class_weight");
  for (const auto& [label, weight] : options.class_weight)
    if (label >= dataset.classes())
      diagnostics.error("train.class_weight_label", "class_weight",
                        {{"label", std::to_string(label)}, {"classes", std::to_string(dataset.classes())}});
}

}  // namespace trainyard
