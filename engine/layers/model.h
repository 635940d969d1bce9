// A model: layers, and the calls (nodes) that connect them. Sequential and Functional are one thing here.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/layers/layer.h"

namespace trainyard {

/// One output of one node.
struct TensorRef {
  int node = -1;
  int output = 0;
  friend bool operator==(const TensorRef&, const TensorRef&) = default;
};

/// One call of a layer; shared layers have several.
struct ModelNode {
  int layer = -1;
  std::vector<TensorRef> inputs;
  /// Keyword arguments of the call as the file has them, an object; those that the layer knows act, the others are null.
  Json arguments = {};
  /// The last inputs came as keyword arguments (Layer::tensor_arguments) or as entries of a dictionary (dictionary_input.h):
  /// which, and how many tensors each.
  struct Keyword {
    std::string name;
    int count = 0;
    /// Written as a list, be it of one tensor.
    bool listed = false;
    /// A list of masks with None among them: where its tensors stand, and how long it is. Empty without a None.
    std::vector<int> places = {};
    int slots = 0;
  };
  std::vector<Keyword> keywords = {};
};

/// What each input of a call is called: by Layer::input_names those that came by position, "" where there is no name.
std::vector<std::string> input_names(const Layer& layer, const ModelNode& node);

/// A layer of a model with the page's stable id ("" when the file had none) and its place in the file.
struct ModelLayer {
  std::unique_ptr<Layer> layer;
  std::string id;
  std::string path;  // "layers[3]"
  /// False when its arguments have mistakes: it is shown, but not built.
  bool usable = true;
  /// It stands for one of Keras's operations, which neither see nor pass on masks.
  bool maskless = false;
};

/// Immutable once parsed. Nodes are in an order that can be computed as it stands.
struct Model {
  std::string name;
  bool sequential = false;
  /// A nested Sequential that does not say its input's shape: it takes what it is called with, and its first layer is an
  /// InputLayer that stands for that. Never so of a whole model.
  bool open_input = false;
  /// Off: nothing in it is trained, whatever its layers say.
  bool trainable = true;
  /// As a Sequential's config has it; layers have their own, and go by those.
  DTypePolicy dtype = {};
  /// Keras's record of how it was compiled, as the file has it; null when it has none. Printed again by model_to_json.
  Json compile_config = {};
  std::vector<ModelLayer> layers;
  std::vector<ModelNode> nodes;
  std::vector<TensorRef> inputs;  // outputs of InputLayer nodes
  std::vector<TensorRef> outputs;
  /// The dictionaries of the file's input_layers and output_layers, whose leaves are inputs and outputs in the order of
  /// keras.tree.flatten; null where they are lists. Printed again, but in canonical form.
  Json input_dictionary = {};
  Json output_dictionary = {};
};

/// Reads a Keras JSON model: Sequential or Functional, Keras 3 `inbound_nodes` or Keras 2 lists; an object with a "config",
/// or the text of model.json. All mistakes are collected: unknown layers, bad arguments, missing or unknown connections,
/// cycles, duplicate names. Returns what could be read (null only when nothing could), so that a page can still show it.
/// A Sequential without an InputLayer takes its shape from the first layer's batch_input_shape / batch_shape or `build_config`.
std::unique_ptr<Model> parse_model(const Json& json, Diagnostics& diagnostics);
/// The same for a model within a model, whose input's shape may be open.
std::unique_ptr<Model> parse_nested_model(const Json& json, Diagnostics& diagnostics);

/// Keras 3 JSON. canonical: always Functional, with every argument spelled out and ids where known; else as Keras would
/// write it (Sequential stays Sequential).
Json model_to_json(const Model& model, bool canonical);

/// A weight of a model: a variable of the session.
struct WeightInfo {
  std::string path;  // "dense/kernel"
  int layer = -1;    // index into Model::layers
  WeightSpec spec;
  bool trainable = true;  // spec says so and the layer is not frozen
};

/// Shapes and weights of a model. Nodes that could not be built have no outputs.
struct ModelPlan {
  std::vector<std::vector<TensorSpec>> node_outputs;
  std::vector<WeightInfo> weights;              // Keras's order: layer by layer
  std::vector<std::vector<int>> layer_weights;  // per layer: indices into weights
  /// Per layer: the shapes that its inner layers were built with.
  std::vector<std::vector<BuildContext::InnerShape>> inner_shapes;
};

/// Infers every shape and weight. Complaints carry the layer's path and node id.
ModelPlan plan_model(const Model& model, Diagnostics& diagnostics);
/// The same with other specs for the model's inputs than its InputLayers say.
ModelPlan plan_model(const Model& model, Diagnostics& diagnostics, const std::vector<TensorSpec>& inputs);

struct LoweredModel {
  std::vector<Value> outputs;
  struct Update {
    int weight;  // index into ModelPlan::weights
    Value value;
  };
  /// At most one a weight. That of a trainable weight is what the step goes on from: gradients are taken by it, and the
  /// optimizer changes it.
  std::vector<Update> updates;
  std::vector<Value> losses;  // regularization and activity terms, rank 0
  std::vector<std::vector<Value>> node_outputs;
  std::vector<Value> output_masks;  // one for each output; no value where it has none
  /// How many nodes the graph had before each node of the model, in the model's order, and after the last one.
  std::vector<size_t> graph_begin;
};

/// Appends the model's ops for concrete inputs: one for each of graph_inputs (text_inputs.h), which are the model's inputs
/// where none of them is text. `weights`: one value each of plan.weights. Scopes are layer names.
/// `input_masks`: boolean values for the inputs, or none for each; may be shorter than inputs.
/// Regularizers of trainable weights and activity regularizers (mean over the batch, as Keras) are in `losses`.
LoweredModel lower_model(const Model& model, const ModelPlan& plan, const std::vector<Value>& inputs,
                         const std::vector<Value>& weights, bool training, const std::vector<Value>& input_masks = {});

/// The same as a part of a layer's call, with that call's weights and random streams. Weight penalties are left to the whole
/// model, which counts them once however often a layer is called. Scopes begin with `name`.
LoweredModel lower_nested_model(const Model& model, const ModelPlan& plan, const std::vector<Value>& inputs,
                                const std::vector<Value>& input_masks, const std::string& name, CallContext& outer);

}  // namespace trainyard
