// What a model's graph begins with: its inputs of numbers, and what its text layers read out of its inputs of text
// (docs/adr/0013). Without text these are the model's inputs, in their order.
#pragma once

#include <vector>

#include "engine/core/text_tensor.h"
#include "engine/layers/model.h"
#include "engine/layers/text_reader.h"

namespace trainyard {

/// One tensor that is bound to the graph.
struct GraphInput {
  int node = -1;
  /// The node's reading; else the node is an Input and this its value.
  bool reading = false;
  TensorSpec spec;
};

/// Inputs of numbers that layers of the graph use, in the model's order; then the readings in the order of the nodes.
/// Nodes that could not be planned have none.
std::vector<GraphInput> graph_inputs(const Model& model, const ModelPlan& plan);

/// The layer of a node that takes text, or null.
const TextReader* text_reader_of(const Model& model, const ModelPlan& plan, int node);

/// Whether any input of the model is text.
bool takes_text(const Model& model, const ModelPlan& plan);

/// What enters a node, where it all comes straight from inputs of the model: one of `inputs` for each; empty where it does not.
std::vector<HostValue> host_inputs_of(const Model& model, int node, const std::vector<HostValue>& inputs);

/// Runs the text layers: from one value for each input of the model, all with as many samples, to one tensor for each graph
/// input. Throws what TextReader::read throws.
std::vector<Tensor> read_inputs(const Model& model, const ModelPlan& plan, const std::vector<HostValue>& inputs);

}  // namespace trainyard
