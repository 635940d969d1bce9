#include "engine/runtime/fusion.h"

namespace trainyard {
namespace {

/// The only node that reads `value`, or -1 when there are several, none, or the value must be kept.
int sole_consumer(int value, const std::vector<std::vector<int>>& consumers, const std::vector<char>& kept) {
  const auto& readers = consumers[static_cast<size_t>(value)];
  return readers.size() == 1 && kept[static_cast<size_t>(value)] == 0 ? readers.front() : -1;
}

op::Epilogue* epilogue_of(Op& op) {
  if (auto* product = std::get_if<op::MatMul>(&op)) return &product->epilogue;
  if (auto* convolution = std::get_if<op::Conv>(&op)) return &convolution->epilogue;
  return nullptr;
}

op::Epilogue::Activation activation_of(const Op& op) {
  if (const auto* unary = std::get_if<op::Unary>(&op)) {
    if (unary->kind == op::UnaryKind::relu) return op::Epilogue::Activation::relu;
    if (unary->kind == op::UnaryKind::sigmoid) return op::Epilogue::Activation::sigmoid;
    if (unary->kind == op::UnaryKind::tanh) return op::Epilogue::Activation::tanh;
  }
  return op::Epilogue::Activation::none;
}

/// If `node` adds a bias [n] to `value` ([.., n]), the bias; else -1.
int bias_added_to(const Graph& graph, const Node& node, int value) {
  const auto* binary = std::get_if<op::Binary>(&node.op);
  if (binary == nullptr || binary->kind != op::BinaryKind::add) return -1;
  const int other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
  const Shape& bias = graph.type(other).shape;
  const Shape& whole = graph.type(value).shape;
  const bool fits = bias.rank() == 1 && bias.back() == whole.back() && graph.type(node.outputs[0]).shape == whole;
  return fits ? other : -1;
}

}  // namespace

std::vector<std::vector<int>> consumers_of(const Graph& graph) {
  std::vector<std::vector<int>> consumers(graph.values().size());
  for (size_t n = 0; n < graph.nodes().size(); ++n)
    for (const int input : graph.nodes()[n].inputs)
      consumers[static_cast<size_t>(input)].push_back(static_cast<int>(n));
  return consumers;
}

std::vector<char> kept_values(const Graph& graph) {
  std::vector<char> kept(graph.values().size(), 0);
  for (const int output : graph.outputs()) kept[static_cast<size_t>(output)] = 1;
  for (const Assignment& assignment : graph.assignments()) kept[static_cast<size_t>(assignment.value)] = 1;
  return kept;
}

void remove_dead_nodes(Graph& graph) {
  std::vector<char> needed = kept_values(graph);
  std::vector<char> alive(graph.nodes().size(), 0);
  for (size_t n = graph.nodes().size(); n-- > 0;) {
    const Node& node = graph.nodes()[n];
    for (const int output : node.outputs) alive[n] |= needed[static_cast<size_t>(output)];
    if (alive[n] == 0) continue;
    for (const int input : node.inputs) needed[static_cast<size_t>(input)] = 1;
  }
  std::vector<Node> nodes;
  for (size_t n = 0; n < graph.nodes().size(); ++n)
    if (alive[n] != 0) nodes.push_back(graph.nodes()[n]);
  graph.replace_nodes(std::move(nodes));
}

void fuse_epilogues(Graph& graph) {
  const auto consumers = consumers_of(graph);
  const auto kept = kept_values(graph);
  std::vector<Node> nodes = graph.nodes();
  std::vector<char> dropped(nodes.size(), 0);
  for (size_t n = 0; n < nodes.size(); ++n) {
    const op::Epilogue* epilogue = epilogue_of(nodes[n].op);
    if (epilogue == nullptr || *epilogue != op::Epilogue{}) continue;  // a product that was fused before stays as it is
    Node fused = nodes[n];
    size_t at = n;  // the fused node takes the place of its last part, where every operand exists
    const auto absorb = [&](int next) {
      fused.outputs = nodes[static_cast<size_t>(next)].outputs;
      dropped[at] = 1;
      at = static_cast<size_t>(next);
    };
    const int adder = sole_consumer(fused.outputs[0], consumers, kept);
    const int bias = adder < 0 ? -1 : bias_added_to(graph, nodes[static_cast<size_t>(adder)], fused.outputs[0]);
    if (bias >= 0) {
      absorb(adder);
      fused.inputs.push_back(bias);
      epilogue_of(fused.op)->bias = true;
    }
    const int activator = sole_consumer(fused.outputs[0], consumers, kept);
    if (activator >= 0 && activation_of(nodes[static_cast<size_t>(activator)].op) != op::Epilogue::Activation::none) {
      absorb(activator);
      epilogue_of(fused.op)->activation = activation_of(nodes[at].op);
    }
    if (at == n) continue;
    nodes[at] = std::move(fused);
  }
  std::vector<Node> remaining;
  for (size_t n = 0; n < nodes.size(); ++n)
    if (dropped[n] == 0) remaining.push_back(std::move(nodes[n]));
  graph.replace_nodes(std::move(remaining));
}

void optimize(Graph& graph, const FusionClaims& claims) {
  remove_dead_nodes(graph);
  if (claims.epilogues) fuse_epilogues(graph);
  if (claims.elementwise) fuse_elementwise(graph);
}

}  // namespace trainyard
