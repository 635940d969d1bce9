// Reverse-mode differentiation of an op graph: each op appends the ops of its own gradient.
#pragma once

#include <vector>

#include "engine/ops/graph.h"

namespace trainyard {

/// What an op sees while it is differentiated.
class GradientContext {
 public:
  GradientContext(Graph& graph, const Node& node, const std::vector<Value>& output_gradients,
                  const std::vector<char>& wanted)
      : graph_(graph),
        node_(node),
        output_gradients_(output_gradients),
        wanted_(wanted),
        input_gradients_(node.inputs.size()) {}

  Graph& graph() { return graph_; }
  Value input(int i) { return {&graph_, node_.inputs[static_cast<size_t>(i)]}; }
  Value output(int i = 0) { return {&graph_, node_.outputs[static_cast<size_t>(i)]}; }
  int input_count() const { return static_cast<int>(node_.inputs.size()); }
  /// Gradient by output i; no value when nothing depends on it.
  Value dy(int i = 0) { return output_gradients_[static_cast<size_t>(i)]; }
  /// Whether anyone wants the gradient by input i. Gradients that are not wanted are not to be built.
  bool wants(int i) const { return wanted_[static_cast<size_t>(i)] != 0; }
  void set(int i, Value gradient) { input_gradients_[static_cast<size_t>(i)] = gradient; }
  const std::vector<Value>& input_gradients() const { return input_gradients_; }

 private:
  Graph& graph_;
  const Node& node_;
  const std::vector<Value>& output_gradients_;
  const std::vector<char>& wanted_;
  std::vector<Value> input_gradients_;
};

/// Appends to `y`'s graph the gradients of sum(y * seed) by each of `by`; a zero Fill where y does not depend on it.
/// seed: y's type; none means ones.
std::vector<Value> gradients(Value y, const std::vector<Value>& by, Value seed = {});

/// The same for several outputs at once, each with its seed.
std::vector<Value> gradients(const std::vector<Value>& ys, const std::vector<Value>& seeds,
                             const std::vector<Value>& by);

}  // namespace trainyard
