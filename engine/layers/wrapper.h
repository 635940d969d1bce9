// A layer inside a layer: how a wrapper builds and calls the layer that it was given as an argument.
//
// build: `build_inner` declares the inner layer's weights as the outer layer's next ones, under "<inner name>/".
// call:  an `InnerLayer` takes its share of the outer layer's weights and lowers any number of calls; losses, updates and
//        random streams are those of the outer call.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/layers/layer_declaration.h"

namespace trainyard {

/// The argument that holds an inner layer: "layer", or entry `index` of the list "cells"; "" for a layer that the outer one
/// made itself from its own arguments.
struct InnerPlace {
  std::string arg;
  int index = -1;
  /// Whether its activity_regularizer counts (InnerLayer::Options).
  bool penalize_activity = true;
};

/// Builds `layer` as a part of the layer that `context` belongs to. `inputs` are cast to its dtype as between layers of a
/// model. What it puts out; nothing after complaints, which then stand at the argument. Its first weight has the number
/// context.weights().size() from before the call. `names`: what its inputs are called, as in CallArguments; a dictionary's
/// entries may be as many as there are.
std::vector<TensorSpec> build_inner(BuildContext& context, const InnerPlace& place, const Layer& layer,
                                    std::vector<TensorSpec> inputs, const std::vector<std::string>& names = {});

/// A part of one call of the outer layer. Must not outlive the outer context.
class InnerLayer {
 public:
  /// Its weights are those of the outer layer from `first_weight` on. `inputs`: of the shapes it will be called with.
  InnerLayer(CallContext& outer, const Layer& layer, int first_weight, const std::vector<Value>& inputs,
             const std::vector<std::string>& names = {});
  InnerLayer(CallContext& outer, const Layer& layer, int first_weight, std::vector<TensorSpec> inputs,
             const std::vector<std::string>& names = {});

  int weight_count() const { return static_cast<int>(weights_.size()); }
  /// Number of the outer layer's weight that follows its own.
  int end_weight() const { return first_weight_ + weight_count(); }
  Value weight(int i) const { return weights_[static_cast<size_t>(i)]; }
  /// Later calls see `value` in place of weight i (a normalised kernel).
  void replace_weight(int i, Value value) { weights_[static_cast<size_t>(i)] = value; }

  struct Outputs {
    std::vector<Value> values;
    /// A mask for each value, or none.
    std::vector<Value> masks;
  };
  struct Options {
    std::vector<Value> masks = {};
    const Json* arguments = nullptr;
    /// Whether its activity_regularizer counts: Keras's `layer(x)`, not its `layer.call(x)`.
    bool penalize_activity = true;
    /// What its inputs are called, as in CallArguments.
    std::vector<std::string> names = {};
  };
  Outputs call(const std::vector<Value>& inputs, const Options& options);
  Outputs call(const std::vector<Value>& inputs) { return call(inputs, Options{}); }

  /// The two halves of a call, for who runs something else than Layer::call in between (a cell along time).
  CallContext begin(const std::vector<Value>& inputs, const Options& options) const;
  void end(const CallContext& inner);

 private:
  CallContext& outer_;
  const Layer& layer_;
  int first_weight_;
  std::vector<Value> weights_;
};

/// x as `layer` takes it: integers stay where it keeps them, all else gets its dtype.
Value cast_for(const Layer& layer, Value x);
TensorSpec cast_for(const Layer& layer, TensorSpec spec);

/// A layer of the same class and arguments that may be changed; wrappers that set arguments of theirs use it.
std::shared_ptr<Layer> copy_of(const Layer& layer);

/// The masks that a call leaves behind: what the layer set, or the mask of its first input where it passes masks on.
std::vector<Value> output_masks(const Layer& layer, const CallContext& context);
/// Complains of an activity_regularizer that does not take what the layer puts out: some take matrices only.
void check_penalty(const Layer& layer, BuildContext& context);
/// Adds the penalty on every output, divided by the batch so that it does not grow with it.
void penalize_activity(const Layer& layer, const std::vector<Value>& outputs, std::vector<Value>& losses);

}  // namespace trainyard
