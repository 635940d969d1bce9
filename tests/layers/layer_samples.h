// Samples of every layer: a config and the shapes it is tried on. The harness (layer_harness_test.cc) runs each the same
// way; a layer without samples, or an argument that no sample sets to something else than its default, fails there.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "engine/core/json.h"
#include "engine/layers/layer.h"

namespace trainyard::testing {

struct LayerSample {
  std::string class_name;
  Json config;
  /// One set of input shapes (batch included) for each trial.
  std::vector<std::vector<Shape>> inputs;
  /// Inputs are integers below this (0: floating).
  int64_t integers_below = 0;
  /// The output is no smooth function of the inputs (random in training, steps): finite differences are left out.
  bool differentiable = true;
  /// Keyword arguments of the call that are no tensors.
  Json call = Json::object();
  /// The last inputs come as keyword arguments of these names.
  std::vector<std::string> keywords = {};
  /// What it declares depends on the batch, which must be known (stateful layers).
  bool fixed_batch = false;

  /// "Conv2D {...}", for messages.
  std::string text() const {
    return class_name + " " + config.dump() + (call.empty() ? "" : " called with " + call.dump());
  }
};

std::vector<LayerSample> core_samples();
std::vector<LayerSample> window_samples();
std::vector<LayerSample> shape_samples();
std::vector<LayerSample> normalization_samples();
/// The layers beyond the main job (more_samples.cc).
std::vector<LayerSample> more_samples();
/// Structured data and text (text_samples.cc).
std::vector<LayerSample> text_samples();
/// Recurrent layers, cells, and what wraps layers (recurrent_samples.cc).
std::vector<LayerSample> recurrent_samples();
/// Attention, EinsumDense, Dot, adaptive pooling and what came with them (attention_samples.cc).
std::vector<LayerSample> attention_samples();

/// Layers over pictures and signals (image_samples.cc).
std::vector<LayerSample> image_samples();
/// The same called with dictionaries (picture_samples.cc).
std::vector<LayerSample> picture_samples();

/// All of them.
const std::vector<LayerSample>& layer_samples();

/// Every sample of a class.
std::vector<LayerSample> samples_of(const std::string& class_name);

}  // namespace trainyard::testing
