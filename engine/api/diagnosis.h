// Validates and measures a model without keeping it: the page asks this after every edit.
#pragma once

#include <memory>
#include <optional>

#include "engine/core/json.h"
#include "engine/data/dataset.h"
#include "engine/layers/model.h"
#include "engine/runtime/session.h"
#include "engine/train/adapt.h"
#include "engine/train/saved_model.h"

namespace trainyard {

struct DiagnosisRequest {
  int64_t revision = 0;
  /// Above 0, and with a device: the memory of a training step at this size is worked out.
  int64_t batch_size = 0;
  /// FitOptions, checked when given.
  Json training = {};
  /// Current data, checked against the model when training options are given.
  const Dataset* dataset = nullptr;
  std::shared_ptr<Device> device = nullptr;
};

struct DiagnosedModel {
  Json json;                           // types.ts: Diagnosis
  std::shared_ptr<const Model> model;  // null when nothing could be read
  ModelPlan plan;
  /// What layers learned from the data because sizes depend on it.
  std::vector<AdaptedLayer> adapted = {};
};

DiagnosedModel diagnose_model(const Json& model, const DiagnosisRequest& request);

/// Optimizer, loss, metrics and targets for parse_setup and parse_targets from fit options, with defaults: adam, the loss that suits (chosen by
/// parse_setup's caller when absent), accuracy for classification.
Json setup_json(const Json& options, bool classification);

/// Throws UserError unless the inputs fit the model.
void check_inputs(const Samples& samples, const Model& model, const ModelPlan& plan);

/// The output that answers with classes, and the right ones of the samples: i32 [n].
struct KnownClasses {
  size_t output = 0;
  Tensor labels;
  int64_t classes = 0;
};

/// types.ts: Evaluation; without a confusion and mistakes where no classes are known. The trainer is compiled.
Json evaluation_json(Trainer& trainer, const Samples& samples, const std::optional<KnownClasses>& known,
                     int64_t batch_size);

}  // namespace trainyard
