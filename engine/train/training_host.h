// What a training asks of the face that it runs under: files, and words for people.
#pragma once

#include <string>

#include "engine/train/callbacks.h"

namespace trainyard {

class Trainer;

/// Called within Trainer::train_for, with the training standing at the place that a file is to hold. As it is, it has no
/// place for files. Exceptions pass through train_for; the training then stands after what was done.
class TrainingHost {
 public:
  virtual ~TrainingHost() = default;
  /// Before the first step: complains of callbacks whose files cannot be written here.
  virtual void check_callbacks(const CallbackList& callbacks, const ParseContext& context) const;
  virtual void save(const Trainer&, const CallbackActions::Save&) { refuse(); }
  virtual void write(const CallbackActions::Row&) { refuse(); }
  /// Removes the backups in this folder.
  virtual void remove(const std::string& /*folder*/) { refuse(); }
  virtual void say(const std::string& /*message*/) {}

 private:
  static void refuse() { check(false, "what cannot be written was refused before the training"); }
};

/// Complains of models to be saved in a format that cannot be written (callback.format).
void check_model_formats(const CallbackList& callbacks, const ParseContext& context);

/// The rows of a text file with one more: what is to be written in place of `old`.
std::string with_row(const std::string& old, const CallbackActions::Row& row);

}  // namespace trainyard
