// What Keras calls compile(): an optimizer, a loss and metrics for each output.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/layers/model.h"
#include "engine/train/loss.h"
#include "engine/train/metric.h"
#include "engine/train/optimizer.h"
#include "engine/train/samples.h"

namespace trainyard {

struct LabelledMetric {
  std::string label;  // the key in the logs, as Keras names it
  std::shared_ptr<const Metric> metric;
  /// Sample weights count in it (Keras's weighted_metrics).
  bool weighted = false;
};

struct OutputSetup {
  std::string name;                  // of the output's layer
  std::shared_ptr<const Loss> loss;  // null: the output is not trained
  double loss_weight = 1;
  std::vector<LabelledMetric> metrics;
};

struct TrainingSetup {
  std::shared_ptr<const Optimizer> optimizer;
  std::vector<OutputSetup> outputs;
  /// As it was asked for, for the saved model.
  Json json;
};

/// Reads {"optimizer", "loss", "metrics", "weighted_metrics", "loss_weights"}; loss, metrics and weights may be one for all, a
/// list by output or an object by output name. `y` are the targets (shapes and dtypes decide what "accuracy" means),
/// empty where an output has none. Of several outputs' parts complaints are at their names: `loss.kind`.
TrainingSetup parse_setup(const Json& json, const Model& model, const ModelPlan& plan, const std::vector<Tensor>& y,
                          Diagnostics& diagnostics);

/// The names of the model's outputs: their layers' names.
std::vector<std::string> output_names(const Model& model);

/// The loss of an output as parse_setup reads it from such JSON; null where there is none, or it cannot be read.
std::shared_ptr<const Loss> output_loss(const Json& setup, const Model& model, size_t output);

/// Whether the samples fit the model and the losses: counts, shapes, labels in range. Complaints name input or target
/// (`data.y[0]`, with several outputs `targets.kind`).
void check_samples(const Samples& samples, const Model& model, const ModelPlan& plan, const TrainingSetup& setup,
                   Diagnostics& diagnostics);

/// A loss that suits the targets and the last layer: "sparse_categorical_crossentropy", "binary_crossentropy", "mse".
std::string suggest_loss(const Tensor& y, const Shape& output);

}  // namespace trainyard
