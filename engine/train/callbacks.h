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

/// What callbacks ask for. Errors come first; files are written last, when all else has been done, so that a training that is
/// gone on with from one of them finds everything in place.
struct CallbackActions {
  struct Save {
    std::string path;
    bool weights_only = false;
    /// The whole state of the training, to be gone on with; else the model.
    bool backup = false;
    /// With the optimizer's moving average in place of the weights (SwapEMAWeights stands before the callback that asks).
    bool average = false;
  };
  struct Keep {
    size_t callback = 0;
    bool average = false;
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
  /// At an epoch's end: its logs with what callbacks have added.
  std::vector<std::pair<std::string, double>> logs;
  std::vector<Row> rows;
  /// Callbacks that want the present weights remembered for them.
  std::vector<Keep> keep_weights;
  /// Numbers of callbacks that want the weights to be what was remembered for them.
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
  // Each may read and write `memory`, which begin() made. `self`: the number of this callback. The begin of an epoch may come
  // twice: a training that is gone on with begins its epoch anew.
  virtual void on_epoch_begin(const CallbackMoment&, Json& /*memory*/, CallbackActions&) const {}
  virtual void on_batch_end(const CallbackMoment&, Json& /*memory*/, CallbackActions&) const {}
  virtual void on_epoch_end(const CallbackMoment&, Json& /*memory*/, size_t /*self*/, CallbackActions&) const {}
  virtual void on_train_end(Json& /*memory*/, size_t /*self*/, CallbackActions&) const {}
  /// Whether on_batch_end does anything; else it is not called, and no logs are read for it.
  virtual bool watches_batches() const { return false; }
  /// Whether it deals with a loss that is no number, which else ends the training with an error.
  virtual bool ends_on_nan() const { return false; }
  /// Whether the epoch's logs get the learning rate, before on_epoch_end.
  virtual bool logs_learning_rate() const { return false; }
  /// Whether it sets the learning rate, which an optimizer that follows a schedule does not allow.
  virtual bool sets_learning_rate() const { return false; }
  virtual bool writes_files() const { return false; }
  /// The file that models are saved to, or a pattern of it; "" where it saves none.
  virtual std::string model_path() const { return {}; }
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
  const Callback& operator[](size_t index) const { return *callbacks_[index]; }
  /// Forgets everything: a new training begins.
  void begin();
  bool watches_batches() const;
  bool ends_on_nan() const;
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
  bool any(bool (Callback::*question)() const) const;

  std::vector<std::shared_ptr<const Callback>> callbacks_;
  std::vector<Json> memories_;
};

/// A list of names or serialized objects; complains of each that cannot be read.
CallbackList parse_callbacks(const Json& json, const ParseContext& context);

/// "model-{epoch:02d}-{val_loss:.3f}" with the moment's epoch and batch (from 1) and logs, as Python formats them (d, f, e and g
/// with width and precision). Throws UserError callback.path where a name is not in the logs or a format is none.
std::string format_path(const std::string& pattern, const CallbackMoment& moment);

}  // namespace trainyard
