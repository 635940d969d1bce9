#include "engine/layers/text_inputs.h"

#include <algorithm>

namespace trainyard {
namespace {

const Layer& layer_at(const Model& model, int node) {
  return *model.layers[static_cast<size_t>(model.nodes[static_cast<size_t>(node)].layer)].layer;
}

const TensorSpec* spec_at(const ModelPlan& plan, const TensorRef& ref) {
  const auto& outputs = plan.node_outputs[static_cast<size_t>(ref.node)];
  return ref.output >= 0 && static_cast<size_t>(ref.output) < outputs.size() ? &outputs[static_cast<size_t>(ref.output)]
                                                                             : nullptr;
}

bool is_text(const ModelPlan& plan, const TensorRef& ref) {
  const TensorSpec* spec = spec_at(plan, ref);
  return spec != nullptr && spec->text;
}

/// Used by layers that read it on the host, and by them alone.
bool only_read(const Model& model, const ModelPlan& plan, const TensorRef& input) {
  if (std::find(model.outputs.begin(), model.outputs.end(), input) != model.outputs.end()) return false;
  bool read = false;
  for (size_t n = 0; n < model.nodes.size(); ++n) {
    const auto& inputs = model.nodes[n].inputs;
    if (std::find(inputs.begin(), inputs.end(), input) == inputs.end()) continue;
    if (text_reader_of(model, plan, static_cast<int>(n)) == nullptr) return false;
    read = true;
  }
  return read;
}

}  // namespace

const TextReader* text_reader_of(const Model& model, const ModelPlan& plan, int node) {
  const auto& inputs = model.nodes[static_cast<size_t>(node)].inputs;
  if (std::none_of(inputs.begin(), inputs.end(), [&](const TensorRef& ref) { return is_text(plan, ref); }))
    return nullptr;
  return dynamic_cast<const TextReader*>(&layer_at(model, node));
}

bool takes_text(const Model& model, const ModelPlan& plan) {
  return std::any_of(model.inputs.begin(), model.inputs.end(),
                     [&](const TensorRef& ref) { return is_text(plan, ref); });
}

std::vector<GraphInput> graph_inputs(const Model& model, const ModelPlan& plan) {
  std::vector<GraphInput> result;
  const bool text = takes_text(model, plan);
  for (const TensorRef& ref : model.inputs) {
    const TensorSpec* spec = spec_at(plan, ref);
    if (text && (spec == nullptr || spec->text || only_read(model, plan, ref))) continue;
    result.push_back({ref.node, false, spec != nullptr ? *spec : TensorSpec{}});
  }
  if (!text) return result;
  for (size_t n = 0; n < model.nodes.size(); ++n) {
    const TextReader* reader = text_reader_of(model, plan, static_cast<int>(n));
    if (reader == nullptr || plan.node_outputs[n].empty()) continue;
    std::vector<TensorSpec> specs;
    for (const TensorRef& ref : model.nodes[n].inputs) specs.push_back(*spec_at(plan, ref));
    result.push_back({static_cast<int>(n), true, reader->reading_spec(specs)});
  }
  return result;
}

std::vector<HostValue> host_inputs_of(const Model& model, int node, const std::vector<HostValue>& inputs) {
  std::vector<HostValue> values;
  for (const TensorRef& ref : model.nodes[static_cast<size_t>(node)].inputs) {
    const auto found = std::find(model.inputs.begin(), model.inputs.end(), ref);
    if (found == model.inputs.end()) return {};
    values.push_back(inputs[static_cast<size_t>(found - model.inputs.begin())]);
  }
  return values;
}

std::vector<Tensor> read_inputs(const Model& model, const ModelPlan& plan, const std::vector<HostValue>& inputs) {
  check(inputs.size() == model.inputs.size(), "a value for each input of the model");
  std::vector<Tensor> result;
  for (const GraphInput& input : graph_inputs(model, plan)) {
    if (input.reading) {
      const std::vector<HostValue> values = host_inputs_of(model, input.node, inputs);
      check(!values.empty(), "planning refuses text layers that do not stand at inputs");
      result.push_back(text_reader_of(model, plan, input.node)->read(values));
      continue;
    }
    const auto found = std::find(model.inputs.begin(), model.inputs.end(), TensorRef{input.node, 0});
    result.push_back(std::get<Tensor>(inputs[static_cast<size_t>(found - model.inputs.begin())]));
  }
  return result;
}

}  // namespace trainyard
