#include "tests/backends/interpret.h"

namespace trainyard::testing {
namespace {

const Tensor& stored(const Graph& graph, const ValueInfo& value, const std::vector<Tensor>& inputs,
                     const std::vector<Tensor>& variables) {
  const auto index = static_cast<size_t>(value.index);
  switch (value.storage) {
    case Storage::variable: return variables.at(index);
    case Storage::input: return inputs.at(index);
    case Storage::constant: return graph.constants()[index];
    case Storage::computed: break;
  }
  check(false, "a computed value comes from its node");
  return inputs.at(0);
}

}  // namespace

std::vector<Tensor> interpret(const Graph& graph, const std::vector<Tensor>& inputs, std::vector<Tensor>& variables,
                              const Backend& backend, const RunOptions& options) {
  std::vector<Tensor> values(graph.values().size());
  for (size_t id = 0; id < values.size(); ++id) {
    const ValueInfo& value = graph.values()[id];
    if (value.storage == Storage::computed) continue;
    values[id] = stored(graph, value, inputs, variables);
    check(ValueType{values[id].dtype(), values[id].shape()} == value.type, "a bound tensor has the value's type");
  }
  for (const Node& node : graph.nodes()) {
    std::vector<Tensor> operands;
    for (const int id : node.inputs) {
      check(!values[static_cast<size_t>(id)].empty(), "nodes come after what they read");
      operands.push_back(values[static_cast<size_t>(id)]);
    }
    auto outputs = run_op(backend, node.op, operands, options);
    check(outputs.has_value(), ("the backend has a kernel for " + display_name(node.op)).c_str());
    for (size_t i = 0; i < node.outputs.size(); ++i) values[static_cast<size_t>(node.outputs[i])] = (*outputs)[i];
  }
  for (const Assignment& assignment : graph.assignments())
    variables.at(static_cast<size_t>(assignment.variable)) = values[static_cast<size_t>(assignment.value)];
  return values;
}

std::vector<Tensor> interpret(const Graph& graph, const std::vector<Tensor>& inputs) {
  std::vector<Tensor> none;
  return interpret(graph, inputs, none);
}

}  // namespace trainyard::testing
