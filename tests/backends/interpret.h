// Runs a graph node by node with fresh memory for every value: no planner, no fusion, no sharing. What the executor
// gives must agree with this.
#pragma once

#include <vector>

#include "engine/ops/graph.h"
#include "tests/backends/run_case.h"

namespace trainyard::testing {

/// Contents of every value of `graph`, by value id. `inputs` by their order of creation, `variables` by their number.
/// Assignments are carried out at the end, in `variables`; then the tensors given there are replaced, not written to.
std::vector<Tensor> interpret(const Graph& graph, const std::vector<Tensor>& inputs, std::vector<Tensor>& variables,
                              const Backend& backend = ref_backend(), const RunOptions& options = {});

/// For graphs without variables.
std::vector<Tensor> interpret(const Graph& graph, const std::vector<Tensor>& inputs);

}  // namespace trainyard::testing
