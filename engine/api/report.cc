#include "engine/api/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/layers/text_inputs.h"

namespace trainyard {
namespace {

/// A batch of 1, and `size` for what else is open.
Shape concrete(const Shape& shape, int64_t size = 1) {
  Shape result = shape;
  for (int axis = 0; axis < result.rank(); ++axis)
    if (result[axis] == kUnknown) result[axis] = axis == 0 ? 1 : size;
  return result;
}

bool complete(const ModelPlan& plan) {
  return std::none_of(plan.node_outputs.begin(), plan.node_outputs.end(),
                      [](const auto& outputs) { return outputs.empty(); });
}

constexpr int64_t kLargestTried = 1024;

/// A plan without open sizes, as small as its layers bear; nothing where there is none.
std::optional<ModelPlan> smallest_plan(const Model& model, const ModelPlan& plan) {
  if (model.nodes.empty() || !complete(plan)) return std::nullopt;
  for (int64_t size = 1; size <= kLargestTried; size *= 2) {
    std::vector<TensorSpec> specs;
    for (const TensorRef& ref : model.inputs) {
      specs.push_back(plan.node_outputs[static_cast<size_t>(ref.node)].at(0));
      specs.back().shape = concrete(specs.back().shape, size);
    }
    Diagnostics diagnostics;
    ModelPlan sized = plan_model(model, diagnostics, specs);
    if (!diagnostics.has_errors() && complete(sized)) return sized;
  }
  return std::nullopt;
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
  const std::optional<ModelPlan> sized = smallest_plan(model, plan);
  for (size_t n = 0; n < model.nodes.size(); ++n) {
    LayerReport& row = report.layers[static_cast<size_t>(model.nodes[n].layer)];
    for (const TensorRef& ref : model.nodes[n].inputs)
      if (ref.node >= 0)
        row.inbound.push_back(
            model.layers[static_cast<size_t>(model.nodes[static_cast<size_t>(ref.node)].layer)].layer->name);
    if (n >= plan.node_outputs.size()) continue;
    for (const TensorSpec& spec : plan.node_outputs[n]) row.output_shapes.push_back(spec.shape);
    for (const TensorSpec& spec : (sized ? *sized : plan).node_outputs[n])
      row.activation_bytes += concrete(spec.shape).elements() * static_cast<int64_t>(size_of(spec.dtype));
  }
  if (sized) {
    const auto macs = macs_by_layer(model, *sized);
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
