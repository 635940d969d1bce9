// Plans of small graphs, for tests that look at what the planner decided. That runs give the right bits is tested in
// tests/backends/planned_run_test.cc.
#pragma once

#include <algorithm>

#include "engine/ops/builder.h"
#include "engine/runtime/executor.h"

namespace trainyard::testing {

inline ValueType f32(Shape shape) { return {DType::f32, std::move(shape)}; }

/// Plans on ref, which claims no fusion.
inline Plan plan_on_ref(Graph graph, const Variables& variables = {}) {
  static const std::unique_ptr<Backend> kRef = make_ref_backend();
  return make_plan(std::move(graph), variables, {.backends = {kRef.get()}});
}

inline const Place& place_of(const Plan& plan, Value value) { return plan.places[static_cast<size_t>(value.id())]; }

inline size_t rounded(size_t bytes) { return (bytes + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment; }

template <typename T>
int64_t count_ops(const Graph& graph) {
  return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                       [](const Node& node) { return std::holds_alternative<T>(node.op); });
}

}  // namespace trainyard::testing
