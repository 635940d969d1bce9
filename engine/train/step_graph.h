// The graphs of one step: training (forward, backward, update), evaluation, prediction. One a batch size.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/runtime/session.h"
#include "engine/train/setup.h"

namespace trainyard {

/// Numbers of the session's variables that hold a model and its training.
struct ModelVariables {
  std::vector<int> weights;  // by ModelPlan::weights
  /// All trainable weights end to end; -1 where they must be updated one by one.
  int flat = -1;
  std::vector<int> flat_members;  // indices into ModelPlan::weights, in order
  struct Slot {
    int entry;         // of the UpdateContext
    std::string name;  // "momentum"
    int variable;
    double initial;
  };
  std::vector<Slot> slots;
  /// loss sum, sample count, then per output: [loss sum], metric states.
  struct Tracker {
    std::vector<int> variables;
  };
  std::vector<Tracker> training_trackers;
  std::vector<Tracker> evaluation_trackers;
};

/// A graph with the numbers of its inputs (Executor::bind).
struct StepGraph {
  Graph graph;
  std::vector<int> x;
  std::vector<int> y;  // -1: that output has no target
  int sample_weight = -1;
  /// i32 [batch]: which samples. -1 when x itself is the batch (prediction).
  int indices = -1;
  struct Scalar {
    int input;
    std::function<double(const StepState&)> value;
  };
  std::vector<Scalar> scalars;
  /// Value ids of the model's outputs.
  std::vector<int> predictions;
};

struct StepRequest {
  const Model& model;
  const ModelPlan& plan;
  const TrainingSetup* setup = nullptr;  // not needed for prediction
  const Samples& samples;                // shapes and dtypes only
  int64_t batch = 0;
};

/// Forward, losses, gradients, optimizer, statistics, trackers. Adds missing slots and trackers to `variables`.
StepGraph training_graph(const StepRequest& request, Session& session, ModelVariables& variables);
/// Forward in inference mode, losses and trackers.
StepGraph evaluation_graph(const StepRequest& request, Session& session, ModelVariables& variables);
/// Forward in inference mode on x bound directly: [batch, ...] of the samples' dtypes.
StepGraph prediction_graph(const StepRequest& request, ModelVariables& variables);

/// The logs that trackers hold: loss first, then by output as Keras orders and names them. Empty before any batch.
std::vector<std::pair<std::string, double>> read_logs(const TrainingSetup& setup, const Variables& memory,
                                                      const std::vector<ModelVariables::Tracker>& trackers);
void reset_trackers(Variables& memory, const std::vector<ModelVariables::Tracker>& trackers);

}  // namespace trainyard
