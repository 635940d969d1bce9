// An optimizer's update as a plain graph whose variables, slots, gradients and host numbers are all inputs, stepped by hand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/train/optimizer.h"

namespace trainyard::testing {

/// Runs a graph: inputs by the order of their creation; gives the wanted values.
using RunGraph = std::function<std::vector<Tensor>(Graph& graph, const std::vector<Tensor>& inputs,
                                                   const std::vector<Value>& wanted)>;

/// Holds variables and the state of their training. All of one dtype, f32 or f64.
class HostTraining {
 public:
  HostTraining(const Optimizer& optimizer, std::vector<Tensor> variables, RunGraph run,
               std::vector<std::string> paths = {});
  HostTraining(const HostTraining&) = delete;
  HostTraining& operator=(const HostTraining&) = delete;
  ~HostTraining();
  /// One batch: gradients in the variables' order.
  void step(const std::vector<Tensor>& gradients);
  const std::vector<Tensor>& variables() const { return variables_; }
  /// A slot's tensor by variable and name; a slot that was never asked for fails a check.
  const Tensor& slot(int variable, const std::string& name) const;

 private:
  class Context;
  struct Slot {
    int variable;
    std::string name;
    Tensor value;
    Value input;
    Value next;
  };
  struct Scalar {
    std::string name;
    std::function<double(const StepState&)> value;
    Value input;
  };

  const Optimizer& optimizer_;
  std::vector<Tensor> variables_;
  std::vector<std::string> paths_;
  RunGraph run_;
  Graph graph_;
  std::vector<Value> variable_inputs_, gradient_inputs_, next_variables_;
  std::vector<Slot> slots_;
  std::vector<Scalar> scalars_;
  int64_t iteration_ = 0;
};

}  // namespace trainyard::testing
