// What the trainer's own sources share.
#pragma once

#include "engine/train/trainer.h"

namespace trainyard {

/// A compiled step graph and the host numbers it reads.
struct Trainer::Step {
  Mode mode;
  int64_t batch;
  std::vector<ValueType> signature;
  double scale;
  std::vector<double> y_scale;
  StepGraph graph;  // its Graph has moved into the executor
  std::unique_ptr<Executor> executor;
  std::vector<float> scalars;
};

}  // namespace trainyard
