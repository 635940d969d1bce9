// What callbacks write while a model trains: files on this machine, words on the terminal.
#pragma once

#include <string>

#include "engine/train/saved_model.h"
#include "engine/train/training_host.h"
#include "native/cli/output.h"

namespace trainyard::cli {

/// Files are written whole beside their place and renamed, so that a reader never sees a part.
class TrainingFiles final : public TrainingHost {
 public:
  /// Both must outlive it. `preprocessing` goes into the models that are saved.
  TrainingFiles(const Preprocessing& preprocessing, Output& output) : preprocessing_(preprocessing), output_(output) {}

  void check_callbacks(const CallbackList& callbacks, const ParseContext& context) const override;
  void save(const Trainer& trainer, const CallbackActions::Save& save) override;
  void write(const CallbackActions::Row& row) override;
  /// Removes the backups, and the folder where nothing else is in it.
  void remove(const std::string& folder) override;
  void say(const std::string& message) override;

 private:
  const Preprocessing& preprocessing_;
  Output& output_;
};

}  // namespace trainyard::cli
