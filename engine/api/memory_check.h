// Too large a model is a message with a figure, before any of its memory is taken.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/train/trainer.h"

namespace trainyard {

/// Throws UserError memory.exhausted where the weights alone are more than `limit` bytes; 0: no limit is known.
void check_model_memory(const ModelPlan& plan, uint64_t limit);

/// The same of a training: weights, gradients, slots, the copy from which a failed epoch is restored, and activations. What is
/// clearly too much is told by a sum, what is close by the planner's own figures.
void check_training_memory(const std::shared_ptr<const Model>& model, const ModelPlan& plan, const TrainingSetup& setup,
                           const Samples& samples, int64_t batch_size, const std::shared_ptr<Device>& device,
                           uint64_t limit);

}  // namespace trainyard
