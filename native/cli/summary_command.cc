#include <nlohmann/json.hpp>

#include "engine/api/model_source.h"
#include "engine/api/report.h"
#include "native/cli/commands.h"
#include "native/cli/format.h"
#include "native/cli/text_table.h"

namespace trainyard::cli {
namespace {

std::string shapes_as_text(const std::vector<Shape>& shapes) {
  std::string text;
  for (const Shape& shape : shapes) text += (text.empty() ? "" : " ") + shape_as_text(shape);
  return text;
}

Json shape_json(const Shape& shape) {
  Json json = Json::array();
  for (const int64_t size : shape) json.push_back(size == kUnknown ? Json(nullptr) : Json(size));
  return json;
}

uint64_t weight_bytes(const Model& model, const ModelPlan& plan, int layer) {
  uint64_t bytes = 0;
  for (const int w : plan.layer_weights[static_cast<size_t>(layer)])
    bytes += static_cast<uint64_t>(plan.weights[static_cast<size_t>(w)].spec.shape.elements()) *
             size_of(model.layers[static_cast<size_t>(layer)].layer->dtype.dtype);
  return bytes;
}

}  // namespace

int run_summary(const SummaryArguments& arguments, Output& output) {
  if (arguments.batch_size < 1)
    throw UserError("argument.range", "--batch-size",
                    {{"range", "at least 1"}, {"value", std::to_string(arguments.batch_size)}});
  const LoadedModel loaded = load_model(arguments.model);
  output.notes(loaded.notes);
  const ModelReport report = report_model(*loaded.model, loaded.plan);
  TextTable table({{"layer"}, {"class"}, {"output shape"}, {"parameters", true}, {"MACs", true}, {"memory", true}});
  uint64_t weights = 0;
  uint64_t activations = 0;
  Json layers = Json::array();
  for (const LayerReport& row : report.layers) {
    const uint64_t own = weight_bytes(*loaded.model, loaded.plan, row.layer);
    weights += own;
    activations += static_cast<uint64_t>(row.activation_bytes);
    table.add({row.name, row.class_name, shapes_as_text(row.output_shapes), with_commas(row.params),
               with_commas(row.macs), bytes_as_text(own + static_cast<uint64_t>(row.activation_bytes))});
    Json shapes = Json::array();
    for (const Shape& shape : row.output_shapes) shapes.push_back(shape_json(shape));
    layers.push_back({{"name", row.name},
                      {"class_name", row.class_name},
                      {"output_shapes", shapes},
                      {"parameters", row.params},
                      {"trainable_parameters", row.trainable_params},
                      {"macs", row.macs},
                      {"weight_bytes", own},
                      {"activation_bytes", row.activation_bytes},
                      {"inbound", row.inbound}});
  }
  table.rule();
  table.add(
      {"total", "", "", with_commas(report.params), with_commas(report.macs), bytes_as_text(weights + activations)});
  const std::string& name = loaded.model->name.empty() ? arguments.model : loaded.model->name;
  output.line(output.paint(Colour::bold, name));
  output.line(table.text(output.terminal()));
  output.line("Trainable parameters " + with_commas(report.trainable_params) + ", not trainable " +
              with_commas(report.params - report.trainable_params) +
              ". MACs and memory are of one sample, forward: weights " + bytes_as_text(weights) + ", activations " +
              bytes_as_text(activations) + ".");
  const auto batch = static_cast<uint64_t>(arguments.batch_size);
  output.line("At batch " + std::to_string(batch) + " the activations are " + bytes_as_text(activations * batch) + ".");
  output.event("done", {{"model", name},
                        {"inputs", describe_ends(*loaded.model, loaded.plan, loaded.model->inputs)},
                        {"outputs", describe_ends(*loaded.model, loaded.plan, loaded.model->outputs)},
                        {"layers", layers},
                        {"parameters", report.params},
                        {"trainable_parameters", report.trainable_params},
                        {"macs", report.macs},
                        {"weight_bytes", weights},
                        {"activation_bytes", activations},
                        {"batch_size", arguments.batch_size},
                        {"batch_activation_bytes", activations * batch}});
  return kDone;
}

}  // namespace trainyard::cli
