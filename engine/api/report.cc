#include "engine/api/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/layers/text_inputs.h"

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

/// MACs by layer, from the ops of one sample's forward pass.
std::vector<int64_t> macs_by_layer(const Model& model, const ModelPlan& plan) {
  Graph graph;
  std::vector<Value> inputs;
  for (const GraphInput& input : graph_inputs(model, plan))
    inputs.push_back(graph.input("x", {input.spec.dtype, concrete(input.spec.shape)}));
  std::vector<Value> weights;
  for (size_t w = 0; w < plan.weights.size(); ++w) {
    const DType dtype = model.layers[static_cast<size_t>(plan.weights[w].layer)].layer->dtype.dtype;
    weights.push_back(graph.variable(static_cast<int>(w), {dtype, plan.weights[w].spec.shape}));
  }
  const LoweredModel lowered = lower_model(model, plan, inputs, weights, false);
  std::vector<int64_t> macs(model.layers.size(), 0);
  for (size_t n = 0; n < model.nodes.size(); ++n) {
    for (size_t i = lowered.graph_begin[n]; i < lowered.graph_begin[n + 1]; ++i) {
      const Node& node = graph.nodes()[i];
      const Types in = graph.input_types(node);
      const Types out = graph.output_types(node);
      macs[static_cast<size_t>(model.nodes[n].layer)] += cost_of(node.op, in, out).macs;
    }
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
    for (size_t l = 0; l < report.layers.size(); ++l) report.layers[l].macs = macs[l];
  }
  for (const LayerReport& row : report.layers) {
    report.params += row.params;
    report.trainable_params += row.trainable_params;
    report.macs += row.macs;
  }
  return report;
}

Json describe_ends(const Model& model, const ModelPlan& plan, const std::vector<TensorRef>& ends) {
  Json list = Json::array();
  for (const TensorRef& ref : ends) {
    const auto node = static_cast<size_t>(ref.node);
    if (ref.node < 0 || node >= plan.node_outputs.size() ||
        static_cast<size_t>(ref.output) >= plan.node_outputs[node].size())
      continue;
    const TensorSpec& spec = plan.node_outputs[node][static_cast<size_t>(ref.output)];
    list.push_back({{"name", model.layers[static_cast<size_t>(model.nodes[node].layer)].layer->name},
                    {"shape", ArgTraits<Shape>::print(spec.shape)},
                    {"dtype", spec.text ? "string" : std::string(name_of(spec.dtype))}});
  }
  return list;
}

}  // namespace trainyard
