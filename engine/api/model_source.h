// Models by what people call them: a built-in name, a Keras JSON file, a saved model.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/train/saved_model.h"

namespace trainyard {

enum class ModelOrigin : uint8_t { builtin, keras_json, saved };

/// A model that has been read and planned without a complaint.
struct LoadedModel {
  /// As it was asked for: "lenet5", "nets/mine.json".
  std::string name;
  ModelOrigin origin = ModelOrigin::builtin;
  std::shared_ptr<const Model> model;
  ModelPlan plan;
  /// What the file (or who built the model in) says of training: Keras's compile_config; null where there is none.
  Json compile_config;
  /// The file of a saved model: weights, preprocessing, training state.
  std::optional<SavedModel> saved;
  /// Warnings met while reading.
  Diagnostics notes;
};

/// A built-in model by name, else a file by path: safetensors, or JSON as Keras writes it. Throws UserError model.unknown,
/// and what the readers throw. `may_learn`: sizes that depend on a vocabulary to be learned from data may be open; the model
/// has to be adapted (model_inputs.h) and planned again.
LoadedModel load_model(const std::string& name_or_path, bool may_learn = false);

/// A built-in model whose input and number of outputs are made to fit the data; `sample` without the batch, `outputs` class
/// probabilities, or plain numbers when `regression`. The model itself where it fits already.
LoadedModel builtin_model_for(const std::string& name, const Shape& sample, int64_t outputs, bool regression);

}  // namespace trainyard
