#include "engine/api/report.h"

#include <algorithm>
#include <map>

namespace trainyard {
namespace {

Shape concrete(const Shape& shape) {
  Shape result = shape;
  for (int axis = 0; axis < result.rank(); ++axis)
    if (result[axis] == kUnknown) result[axis] = 1;
  return result;
}

bool complete(const ModelPlan& plan) {
  return std::none_of(plan.node_outputs.begin(), plan.node_outputs.end(),
                      [](const auto& outputs) { return outputs.empty(); });
}

/// MACs by scope (layer name), from the ops of one sample's forward pass.
std::map<std::string, int64_t> macs_by_layer(const Model& model, const ModelPlan& plan) {
  Graph graph;
  std::vector<Value> inputs;
  for (const TensorRef& ref : model.inputs) {
    const TensorSpec& spec = plan.node_outputs[static_cast<size_t>(ref.node)][static_cast<size_t>(ref.output)];
    inputs.push_back(graph.input("x", {spec.dtype, concrete(spec.shape)}));
  }
  std::vector<Value> weights;
  for (size_t w = 0; w < plan.weights.size(); ++w) {
    const DType dtype = model.layers[static_cast<size_t>(plan.weights[w].layer)].layer->dtype.dtype;
    weights.push_back(graph.variable(static_cast<int>(w), {dtype, plan.weights[w].spec.shape}));
  }
  lower_model(model, plan, inputs, weights, false);
  std::map<std::string, int64_t> macs;
  for (const Node& node : graph.nodes()) {
    const Types in = graph.input_types(node);
    const Types out = graph.output_types(node);
    macs[graph.scopes()[static_cast<size_t>(node.scope)]] += cost_of(node.op, in, out).macs;
  }
  return macs;
}

}  // namespace

ModelReport report_model(const Model& model, const ModelPlan& plan) {
  ModelReport report;
  for (size_t l = 0; l < model.layers.size(); ++l) {
    const ModelLayer& entry = model.layers[l];
    LayerReport row{static_cast<int>(l),
                    entry.id,
                    entry.layer->name,
                    entry.layer->info().class_name,
                    entry.layer->info().family,
                    {},
                    0,
                    0,
                    0,
                    0,
                    {}};
    if (l < plan.layer_weights.size())
      for (const int w : plan.layer_weights[l]) {
        const WeightInfo& weight = plan.weights[static_cast<size_t>(w)];
        row.params += weight.spec.shape.elements();
        if (weight.trainable) row.trainable_params += weight.spec.shape.elements();
      }
    report.layers.push_back(std::move(row));
  }
  for (size_t n = 0; n < model.nodes.size(); ++n) {
    LayerReport& row = report.layers[static_cast<size_t>(model.nodes[n].layer)];
    for (const TensorRef& ref : model.nodes[n].inputs)
      if (ref.node >= 0)
        row.inbound.push_back(
            model.layers[static_cast<size_t>(model.nodes[static_cast<size_t>(ref.node)].layer)].layer->name);
    if (n >= plan.node_outputs.size()) continue;
    for (const TensorSpec& spec : plan.node_outputs[n]) {
      row.output_shapes.push_back(spec.shape);
      row.activation_bytes += concrete(spec.shape).elements() * static_cast<int64_t>(size_of(spec.dtype));
    }
  }
  if (complete(plan) && !model.nodes.empty()) {
    const auto macs = macs_by_layer(model, plan);
    for (LayerReport& row : report.layers)
      if (const auto found = macs.find(row.name); found != macs.end()) row.macs = found->second;
  }
  for (const LayerReport& row : report.layers) {
    report.params += row.params;
    report.trainable_params += row.trainable_params;
    report.macs += row.macs;
  }
  return report;
}

}  // namespace trainyard
