// The saved model: one safetensors file with config, preprocessing, labels and training state in its metadata, weights and
// optimizer state as tensors. The format is described in docs/saved-model.md.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/io/safetensors.h"
#include "engine/train/trainer.h"

namespace trainyard {

/// How raw data became what the network sees, and what its answers are called.
struct Preprocessing {
  Task task = Task::classification;
  double scale = 1;
  Standardization standardization;
  std::vector<std::string> labels;
  std::vector<std::string> features;
  /// Columns of words that layers read as text.
  std::vector<std::string> text_columns = {};
  std::string target;
  std::string dataset;  // where the samples came from: "mnist", "iris.csv"
  /// How to load the same samples again, in the words of whoever loaded them ({"name", "seed", ...}); null where unknown.
  Json request = nullptr;
};

Preprocessing preprocessing_of(const Dataset& dataset);
Json to_json(const Preprocessing& preprocessing);
Preprocessing parse_preprocessing(const Json& json, const ParseContext& context);

/// What a file holds, validated, before any memory for training is taken.
struct SavedModel {
  std::shared_ptr<const Model> model;
  ModelPlan plan;
  Preprocessing preprocessing;
  /// {"setup", "options", "state", "build", "instruction_set"}, or null when the model was never trained.
  Json training;
  SafetensorsFile file;
};

/// The whole file. Training state is written when the trainer has begun a fit, unless only the model is asked for.
/// `build`: the version that writes it.
std::vector<uint8_t> save_model(const Trainer& trainer, const Preprocessing& preprocessing, const std::string& build,
                                bool with_training = true);

/// The weights alone, by their paths, for other programs.
std::vector<uint8_t> save_weights(const Trainer& trainer);

/// The file that a callback asks for.
std::vector<uint8_t> save_for_callback(const Trainer& trainer, const Preprocessing& preprocessing,
                                       const std::string& build, const CallbackActions::Save& save);

/// Throws UserError (saved.*) naming what is missing or wrong; `path` is for messages.
SavedModel open_model(std::span<const uint8_t> bytes, const std::string& path);

/// Puts the file's weights into a trainer of the file's model.
void load_weights(const SavedModel& saved, Trainer& trainer);

/// Compiles the trainer as the file says and restores slots, trackers and the place in the fit.
/// Returns that state, ready for Trainer::resume_fit. Throws UserError when the file has no training state or it does not fit.
FitState restore_training(const SavedModel& saved, Trainer& trainer, const Samples& samples);

Json to_json(const FitState& state);
FitState parse_fit_state(const Json& json, const ParseContext& context);
Json to_json(const Logs& logs);

}  // namespace trainyard
