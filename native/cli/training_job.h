// A training made ready from the command line's arguments: model, data, optimizer, loss, memory.
#pragma once

#include <memory>
#include <string>

#include "engine/api/model_source.h"
#include "native/cli/commands.h"
#include "native/cli/training_files.h"

namespace trainyard::cli {

/// Owns everything a training needs. The trainer stands at the step to be done next.
struct TrainingJob {
  std::string model_name;
  std::shared_ptr<Device> device;
  std::unique_ptr<Session> session;
  /// What callbacks write; outlives the trainer.
  std::unique_ptr<TrainingFiles> files;
  std::unique_ptr<Trainer> trainer;
  Samples train;
  Samples test;
  Dataset dataset;
  Preprocessing preprocessing;
  Json setup;
  bool resumed = false;
  /// Where the model goes; "" nowhere.
  std::string save_path;
};

/// A new training. Throws UserError.
TrainingJob begin_training(const TrainArguments& arguments, Output& output);
/// One that goes on where --resume's file stopped. Throws UserError.
TrainingJob resume_training(const TrainArguments& arguments, Output& output);

/// Parameters of the job's model and bytes of a training step.
int64_t parameters_of(const TrainingJob& job);
Trainer::Memory memory_of(TrainingJob& job);

}  // namespace trainyard::cli
