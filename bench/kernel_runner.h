// One op on one backend, prepared once and run many times, as the executor would.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/core/thread_pool.h"
#include "engine/runtime/backend.h"

namespace trainyard::bench {

/// An op with the types of its inputs, under a name.
struct KernelCase {
  std::string name;
  Op op;
  Types inputs;
};

/// The ops of a training step of mlp, LeNet-5 and cnn, and square products.
std::vector<KernelCase> net_kernels(int64_t batch = 128);

class KernelRunner {
 public:
  /// The backend must have a kernel for the case. Inputs are filled with small numbers.
  KernelRunner(const Backend& backend, const KernelCase& kernel_case, int threads);
  void run();
  Cost cost() const { return cost_; }

 private:
  Op op_;
  const KernelEntry* entry_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> outputs_;
  std::vector<TensorView> input_views_;
  std::vector<TensorView> output_views_;
  std::shared_ptr<void> workspace_;
  ThreadPool pool_;
  StepInfo step_{.seed = 1, .step = 1};
  Cost cost_;
};

}  // namespace trainyard::bench
