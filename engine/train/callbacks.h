// Callbacks, as keras.callbacks: what watches a training and asks for something. A callback is declared and immutable;
// what it remembers is JSON that the trainer keeps and saves with the training, so that a resumed training goes on.
// Callbacks decide and touch nothing: files, weights and the learning rate are the trainer's.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/declare.h"

namespace trainyard {

/// What a callback sees at the begin or end of an epoch, or at the end of a batch.
struct CallbackMoment {
  int64_t epoch = 0;   // from 0
  int64_t batch = -1;  // of the epoch, from 0; -1 at an epoch's begin and end
  /// Running logs at a batch's end, all logs with "val_" ones at an epoch's end.
  std::span<const std::pair<std::string, double>> logs = {};
  /// As it stands now.
  double learning_rate = 0;
  /// The optimizer follows a schedule: the rate cannot be set.
  bool scheduled = false;
  /// Names in the logs for which more is better (Metric::higher_is_better), without "val_".
  std::span<const std::string> rising = {};
};

/// What callbacks ask for, to be done in this order: errors, rows, weights, saves, learning rate, stop.
struct CallbackActions {
  struct Save {
    std::string path;
    bool weights_only = false;
    /// The whole state of the training, to be gone on with; else the model.
    bool backup = false;
  };
  struct Row {
    std::string path;
    std::string header;  // "" where the file has one
    std::string row;
    /// Else the file is written anew.
    bool append = false;
    /// Leave the header out where the file is there and not empty.
    bool header_if_empty = false;
  };
  Diagnostics errors;
  std::vector<Row> rows;
  /// Numbers of callbacks whose remembered weights are to be the present ones (to take the remembered ones).
  std::vector<size_t> keep_weights;
  std::vector<size_t> restore_weights;
  std::vector<Save> saves;
  /// Folders to be removed.
  std::vector<std::string> removals;
  std::optional<double> learning_rate;
  bool stop = false;
  /// For people, in English.
  std::vector<std::string> messages;
};

class Callback : public Declared {
 public:
  static constexpr const char* kGroup = "callbacks";
  static const Registry& registry();
  static Json print(const Callback& object) { return serialize(object, kGroup); }

  /// What it remembers when a training begins.
  virtual Json begin() const { return Json::object(); }
  // Each may read and write `memory`, which begin() made. `self`: the number of this callback.
  virtual void on_epoch_begin(const CallbackMoment&, Json& /*memory*/, CallbackActions&) const {}
  virtual void on_batch_end(const CallbackMoment&, Json& /*memory*/, CallbackActions&) const {}
  virtual void on_epoch_end(const CallbackMoment&, Json& /*memory*/, size_t /*self*/, CallbackActions&) const {}
  virtual void on_train_end(Json& /*memory*/, size_t /*self*/, CallbackActions&) const {}
  /// Whether evaluation uses the optimizer's moving average of the weights.
  virtual bool evaluates_average() const { return false; }
  /// Whether what callbacks ask to be saved (and kept) at an epoch's end is that moving average.
  virtual bool saves_average() const { return false; }
  /// Where a backup to go on from may lie; "" for none.
  virtual std::string backup_path() const { return {}; }
};

/// The callbacks of one training, in order, with what they remember.
class CallbackList {
 public:
  CallbackList() = default;
  explicit CallbackList(std::vector<std::shared_ptr<const Callback>> callbacks);

  size_t size() const { return callbacks_.size(); }
  bool evaluates_average() const;
  bool saves_average() const;
  /// Of the first callback that keeps backups; "" for none.
  std::string backup_path() const;
  CallbackActions on_epoch_begin(const CallbackMoment& moment);
  CallbackActions on_batch_end(const CallbackMoment& moment);
  CallbackActions on_epoch_end(const CallbackMoment& moment);
  CallbackActions on_train_end();

  /// To be saved with a training, and given back when it goes on. `set_memory` is false for a memory of other callbacks.
  Json memory() const;
  bool set_memory(const Json& memory);
  /// The serialized callbacks.
  Json config() const;

 private:
  std::vector<std::shared_ptr<const Callback>> callbacks_;
  std::vector<Json> memories_;
};

/// A list of names or serialized objects; complains of each that cannot be read.
CallbackList parse_callbacks(const Json& json, const ParseContext& context);

/// "model-{epoch:02d}-{val_loss:.3f}" with the moment's epoch and batch (from 1) and logs, as Python formats them (d, f, e and g
/// with width and precision). Throws UserError callback.path where a name is not in the logs or a format is none.
std::string format_path(const std::string& pattern, const CallbackMoment& moment);

}  // namespace trainyard
