// Keras's `adapt` for a whole model: layers that learn their state from data do so before training.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/core/text_tensor.h"
#include "engine/layers/model.h"
#include "engine/runtime/session.h"

namespace trainyard {

struct AdaptedLayer {
  std::string name;
  /// What it learned, for people: "a vocabulary of 812 terms".
  std::string learned;
};

struct AdaptedModel {
  /// A new model where arguments were learned, else the one that was given.
  std::shared_ptr<const Model> model;
  /// What was learned into weights, by their paths.
  std::vector<std::pair<std::string, Tensor>> weights;
  std::vector<AdaptedLayer> layers;
};

struct AdaptRequest {
  std::shared_ptr<const Model> model;
  /// All training data: one value for each input of the model.
  const std::vector<HostValue>& inputs;
  /// What whole numbers are multiplied by on their way to an input with fractions (Samples::scale).
  double scale = 1;
  std::shared_ptr<Device> device;
  /// The present weight of that path; an empty tensor where there is none. May be empty: there are none.
  std::function<Tensor(const std::string& path)> weight = {};
};

/// Whether a layer's state is neither given nor, as far as arguments tell, learned.
bool has_unadapted_layers(const Model& model);

/// Goes through the layers in the order of computing; each learns from what comes out of those before it. Layers that have
/// their state keep it. Throws UserError where data does not fit the inputs.
AdaptedModel adapt_model(const AdaptRequest& request);

}  // namespace trainyard
