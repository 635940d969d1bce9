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

/// The gradient by a part of a value, which a Slice took.
struct PartGradient {
  op::Slice slice;
  Value gradient;
};

/// The one axis along which a slice takes only a part, without gaps; -1 when there is none such.
int cut_axis(const op::Slice& slice, const Shape& whole) {
  int cut = -1;
  for (int axis = 0; axis < whole.rank(); ++axis) {
    const auto a = static_cast<size_t>(axis);
    if (slice.step[a] != 1) return -1;
    if (slice.sizes[a] == whole[axis]) continue;
    if (cut >= 0) return -1;
    cut = axis;
  }
  return cut;
}

/// Parts that follow each other along one axis as one value, with zeros in the gaps; no value when they overlap or lie
/// along different axes. A sum of as many values of full size would take time in the square of their number, which is
/// what an unrolled loop along time would pay.
Value joined(std::vector<PartGradient> parts, const ValueType& whole) {
  const int axis = cut_axis(parts.front().slice, whole.shape);
  if (parts.size() < 2 || axis < 0) return {};
  const auto start_of = [&](const PartGradient& part) { return part.slice.start[static_cast<size_t>(axis)]; };
  for (const PartGradient& part : parts)
    if (cut_axis(part.slice, whole.shape) != axis) return {};
  std::stable_sort(parts.begin(), parts.end(),
                   [&](const PartGradient& a, const PartGradient& b) { return start_of(a) < start_of(b); });
  Graph& graph = parts.front().gradient.graph();
  std::vector<Value> row;
  int64_t end = 0;
  const auto fill_gap = [&](int64_t until) {
    Shape gap = whole.shape;
    gap[axis] = until - end;
    if (gap[axis] > 0) row.push_back(fill(graph, whole.dtype, gap, 0));
  };
  for (const PartGradient& part : parts) {
    if (start_of(part) < end) return {};
    fill_gap(start_of(part));
    row.push_back(part.gradient);
    end = start_of(part) + part.slice.sizes[static_cast<size_t>(axis)];
  }
  fill_gap(whole.shape[axis]);
  return concat(row, axis);
}

/// Adds the gradients by parts of value `id` to its own.
void add_parts(std::vector<Value>& gradients, int id, std::vector<PartGradient>& parts) {
  if (parts.empty()) return;
  Graph& graph = parts.front().gradient.graph();
  const ValueType whole = graph.type(id);
  if (const Value all = joined(parts, whole)) {
    accumulate(gradients, id, all);
  } else {
    for (const PartGradient& part : parts)
      accumulate(gradients, id,
                 graph.add_one(op::Unslice{whole.shape, part.slice.start, part.slice.step}, {part.gradient}));
  }
  parts.clear();
}

}  // namespace

std::vector<Value> gradients(const std::vector<Value>& ys, const std::vector<Value>& seeds,
                             const std::vector<Value>& by) {
  check(!ys.empty() && ys.size() == seeds.size(), "a seed for each output");
  Graph& graph = ys.front().graph();
  const std::vector<char> reached = reachable_from(graph, by);
  const size_t forward_nodes = graph.nodes().size();
  std::vector<Value> collected(graph.values().size());
  std::vector<std::vector<PartGradient>> parts(graph.values().size());
  for (size_t i = 0; i < ys.size(); ++i)
    if (reached[static_cast<size_t>(ys[i].id())] != 0) accumulate(collected, ys[i].id(), seeds[i]);

  for (size_t n = forward_nodes; n-- > 0;) {
    const Node node = graph.nodes()[n];  // a copy: building appends to the vector it lives in
    std::vector<Value> output_gradients;
    bool any = false;
    for (const int output : node.outputs) {
      add_parts(collected, output, parts[static_cast<size_t>(output)]);
      output_gradients.push_back(collected[static_cast<size_t>(output)]);
      any |= static_cast<bool>(output_gradients.back());
    }
    std::vector<char> wanted;
    for (const int input : node.inputs) wanted.push_back(reached[static_cast<size_t>(input)]);
    if (!any || std::find(wanted.begin(), wanted.end(), 1) == wanted.end()) continue;
    graph.set_scope(graph.scopes()[static_cast<size_t>(node.scope)]);
    if (const auto* slice = std::get_if<op::Slice>(&node.op)) {
      parts[static_cast<size_t>(node.inputs[0])].push_back({*slice, output_gradients[0]});
      continue;
    }
    GradientContext context(graph, node, output_gradients, wanted);
    std::visit([&](const auto& op) { op.gradient(context); }, node.op);
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (wanted[i] != 0 && context.input_gradients()[i])
        accumulate(collected, node.inputs[i], context.input_gradients()[i]);
  }

  std::vector<Value> results;
  for (const Value& value : by) {
    add_parts(collected, value.id(), parts[static_cast<size_t>(value.id())]);
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
