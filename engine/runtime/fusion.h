// Rewrites of an op graph that change its speed and not its meaning.
#pragma once

#include "engine/ops/graph.h"
#include "engine/runtime/backend.h"

namespace trainyard {

/// Drops nodes that nothing kept (outputs, assignments) needs.
void remove_dead_nodes(Graph& graph);
/// MatMul or Conv, then + bias along the last dimension, then relu, sigmoid or tanh, becomes one node.
void fuse_epilogues(Graph& graph);
/// Chains and diamonds of elementwise ops of one shape become op::Fused.
void fuse_elementwise(Graph& graph);
/// All that a backend claims.
void optimize(Graph& graph, const FusionClaims& claims);

/// consumers[value]: nodes that read it (a node twice if it reads it twice), by index.
std::vector<std::vector<int>> consumers_of(const Graph& graph);
/// One flag a value: graph outputs and assigned values, which must exist as they are.
std::vector<char> kept_values(const Graph& graph);

}  // namespace trainyard
