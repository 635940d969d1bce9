// From a data set to what a model trains on, and what to do where the user has not said.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/dataset.h"
#include "engine/layers/model.h"
#include "engine/train/trainer.h"

namespace trainyard {

enum class DataPart : uint8_t { train, test };

/// Samples of a part, with the targets of `setup` (targets.h). Inputs are shared with the data set, not copied. Throws UserError
/// of targets and columns that there are not.
Samples samples_of(const Dataset& dataset, DataPart part, const Model& model, const ModelPlan& plan, const Json& setup);

/// {"optimizer": "adam", "loss": one that suits targets and last layer, "metrics": ["accuracy"] for classes}. A last layer
/// without softmax or sigmoid gets a loss that takes logits. With several outputs losses and metrics are by output name.
/// Only the targets of `samples` count; an output without one gets no loss.
Json default_setup(const Samples& samples, const Model& model, const ModelPlan& plan);

/// The built-in data set that a model's input asks for: "mnist" for 28x28 pictures (784 numbers), "iris" for four numbers;
/// "" where none is known.
std::string default_dataset(const Model& model, const ModelPlan& plan);

/// Epochs that are worth waiting for: 5 on a large set, more on a small one.
int64_t default_epochs(int64_t samples, int64_t batch_size);

struct Target;

/// Options that cannot be meant: a batch larger than what is trained on, weights of classes that there are not or that are not
/// learned. `targets`: of the outputs; empty where they are not of the data set's making.
void check_fit_options(const FitOptions& options, const Dataset& dataset, const std::vector<Target>& targets,
                       Diagnostics& diagnostics);

}  // namespace trainyard
