// Layers that read or write text do that part of their work on the host, before and after the graph (docs/adr/0013).
#pragma once

#include <vector>

#include "engine/core/text_tensor.h"
#include "engine/layers/layer.h"

namespace trainyard {

/// A layer that takes text. What it reads out of it - whole numbers, the "reading" - is the graph's input in its place;
/// `call_reading` goes on from there. Its other inputs, if any, are numbers that come straight from an Input.
class TextReader {
 public:
  virtual ~TextReader() = default;
  /// Dtype and shape of the reading for inputs of these shapes (sizes may be kUnknown); build has not complained.
  virtual TensorSpec reading_spec(const std::vector<TensorSpec>& inputs) const = 0;
  /// Reads whole data sets at once. One value for each input of the call, at least one of them text, all with as many
  /// samples. Throws UserError (text.*, lookup.*) at the layer's name where a text cannot be read.
  virtual Tensor read(const std::vector<HostValue>& inputs) const = 0;
  /// Lowers the rest of the call; context.input() is the reading.
  virtual void call_reading(CallContext& context) const = 0;
};

/// A layer whose output is text: in the graph it gives whole numbers, of which `write` makes strings.
class TextWriter {
 public:
  virtual ~TextWriter() = default;
  virtual TextTensor write(const Tensor& numbers) const = 0;
};

/// A layer that learns its state from data before training (Keras's `adapt`).
class Adaptable {
 public:
  virtual ~Adaptable() = default;

  struct Adaptation {
    /// Arguments that the adapted layer has, over those of the present one; empty when none change.
    Json config = Json::object();
    /// All of the layer's weights in the order in which it declares them; empty when it has none.
    std::vector<Tensor> weights = {};
  };
  /// Its state was neither given nor learned. `weights`: the layer's present ones, empty where there are none yet.
  virtual bool needs_adapt(const std::vector<Tensor>& weights) const = 0;
  /// What it learns from everything that enters it in training: [samples, ...].
  virtual Adaptation adapt(const HostValue& data) const = 0;
};

}  // namespace trainyard
