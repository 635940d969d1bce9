#include "engine/ops/gradient.h"

#include <algorithm>

#include "engine/ops/builder.h"

namespace trainyard {
namespace {

/// One flag a value: does any of `by` flow into it?
std::vector<char> reachable_from(const Graph& graph, const std::vector<Value>& by) {
  std::vector<char> reached(graph.values().size(), 0);
  for (const Value& value : by) reached[static_cast<size_t>(value.id())] = 1;
  for (const Node& node : graph.nodes()) {
    bool any = false;
    for (const int input : node.inputs) any |= reached[static_cast<size_t>(input)] != 0;
    if (!any) continue;
    for (const int output : node.outputs)
      if (is_floating(graph.type(output).dtype)) reached[static_cast<size_t>(output)] = 1;
  }
  return reached;
}

void accumulate(std::vector<Value>& gradients, int id, Value gradient) {
  Value& slot = gradients[static_cast<size_t>(id)];
  slot = slot ? slot + gradient : gradient;
}

}  // namespace

std::vector<Value> gradients(const std::vector<Value>& ys, const std::vector<Value>& seeds,
                             const std::vector<Value>& by) {
  check(!ys.empty() && ys.size() == seeds.size(), "a seed for each output");
  Graph& graph = ys.front().graph();
  const std::vector<char> reached = reachable_from(graph, by);
  const size_t forward_nodes = graph.nodes().size();
  std::vector<Value> collected(graph.values().size());
  for (size_t i = 0; i < ys.size(); ++i)
    if (reached[static_cast<size_t>(ys[i].id())] != 0) accumulate(collected, ys[i].id(), seeds[i]);

  for (size_t n = forward_nodes; n-- > 0;) {
    const Node node = graph.nodes()[n];  // a copy: building appends to the vector it lives in
    std::vector<Value> output_gradients;
    bool any = false;
    for (const int output : node.outputs) {
      output_gradients.push_back(collected[static_cast<size_t>(output)]);
      any |= static_cast<bool>(output_gradients.back());
    }
    std::vector<char> wanted;
    for (const int input : node.inputs) wanted.push_back(reached[static_cast<size_t>(input)]);
    if (!any || std::find(wanted.begin(), wanted.end(), 1) == wanted.end()) continue;
    graph.set_scope(graph.scopes()[static_cast<size_t>(node.scope)]);
    GradientContext context(graph, node, output_gradients, wanted);
    std::visit([&](const auto& op) { op.gradient(context); }, node.op);
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (wanted[i] != 0 && context.input_gradients()[i])
        accumulate(collected, node.inputs[i], context.input_gradients()[i]);
  }

  std::vector<Value> results;
  for (const Value& value : by) {
    const Value found = collected[static_cast<size_t>(value.id())];
    results.push_back(found ? found : fill(graph, value.dtype(), value.shape(), 0));
  }
  return results;
}

std::vector<Value> gradients(Value y, const std::vector<Value>& by, Value seed) {
  if (!seed) seed = fill(y.graph(), y.dtype(), y.shape(), 1);
  return gradients(std::vector<Value>{y}, std::vector<Value>{seed}, by);
}

}  // namespace trainyard
