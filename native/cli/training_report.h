// What a training tells while it goes: one place for people's lines and programs' events.
#pragma once

#include "native/cli/training_job.h"

namespace trainyard::cli {

class TrainingReport {
 public:
  TrainingReport(TrainingJob& job, Output& output) : job_(job), output_(output) {}

  void started();
  /// After every slice; shows no more than people and programs can read.
  void went_on();
  void epoch_ended(const EpochLogs& epoch);
  void saved(const std::string& path, size_t bytes);
  /// `test` is empty where nothing was tested.
  void ended(const Logs& test, bool stopped);
  void profiled();

 private:
  Json progress_json(const FitProgress& progress) const;
  std::string command_to_resume() const;

  TrainingJob& job_;
  Output& output_;
  double last_shown_ = 0;
};

}  // namespace trainyard::cli
