// ModelCheckpoint, BackupAndRestore and CSVLogger.
#include <algorithm>

#include "engine/train/callbacks/callback_classes.h"
#include "engine/train/callbacks/save_frequency.h"

namespace trainyard {
namespace {

/// Counts a batch; true at every save_freq-th one.
bool due(const SaveFrequency& frequency, Json& memory) {
  if (frequency.batches == 0) return false;
  const int64_t seen = memory["batches"].get<int64_t>() + 1;
  memory["batches"] = seen >= frequency.batches ? 0 : seen;
  return seen >= frequency.batches;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::string five_digits(const Json& number) {
  if (number.is_null()) return "nothing";
  char text[400];
  std::snprintf(text, sizeof text, "%.5f", number.get<double>());
  return text;
}

class ModelCheckpoint final : public Monitor {
 public:
  std::string filepath;
  int64_t verbose = 0;
  bool save_best_only = false;
  bool save_weights_only = false;
  SaveFrequency save_freq;
  std::optional<double> initial_value_threshold;
  const ClassInfo& info() const override { return class_info(); }
  bool writes_files() const override { return true; }
  std::string model_path() const override { return filepath; }
  bool watches_batches() const override { return save_freq.batches > 0; }

  Json begin() const override {
    return {{"best", initial_value_threshold ? Json(*initial_value_threshold) : Json(nullptr)}, {"batches", 0}};
  }
  void on_batch_end(const CallbackMoment& moment, Json& memory, CallbackActions& actions) const override {
    if (due(save_freq, memory)) save(moment, memory, actions);
  }
  void on_epoch_end(const CallbackMoment& moment, Json& memory, size_t, CallbackActions& actions) const override {
    if (save_freq.batches == 0) save(moment, memory, actions);
  }

  static const ClassInfo& class_info() {
    using T = ModelCheckpoint;
    static const ClassInfo kInfo =
        Declaration<T>("ModelCheckpoint", "saving",
                       "Saves the model while it trains, each time or when it is the best so far")
            .summary({"filepath", "save_best_only"})
            .arg("filepath", &T::filepath, "File to write; may hold {epoch:02d} or {val_loss:.3f}", kRequired)
            .arg("monitor", &T::monitor, "The number of the logs that says which is best")
            .arg("verbose", &T::verbose, "Says what it does", kVerbose)
            .arg("save_best_only", &T::save_best_only, "Saves only when the watched number has improved")
            .arg("save_weights_only", &T::save_weights_only, "Saves the weights without the model")
            .arg("mode", &T::mode, "Whether less or more is better; auto knows it of Keras's metrics", kAdvanced)
            .arg("save_freq", &T::save_freq, "\"epoch\", or after how many batches", kAdvanced)
            .arg("initial_value_threshold", &T::initial_value_threshold,
                 "What the number must beat to be saved at first", kAdvanced)
            .rule([](const T& callback, const ParseContext& context) { check_path(callback, context); })
            .build();
    return kInfo;
  }

 private:
  static void check_path(const ModelCheckpoint& callback, const ParseContext& context) {
    const std::vector<std::string> endings = callback.save_weights_only
                                                 ? std::vector<std::string>{".weights.h5", ".safetensors"}
                                                 : std::vector<std::string>{".keras", ".h5", ".safetensors"};
    const bool fits =
        std::any_of(endings.begin(), endings.end(), [&](const auto& end) { return ends_with(callback.filepath, end); });
    std::string known;
    for (const std::string& end : endings) known += (known.empty() ? "" : ", ") + end;
    if (!fits) context.child("filepath").expected("a file name that ends in one of " + known, callback.filepath);
  }
  bool is_best(const CallbackMoment& moment, const std::string& path, Json& memory, CallbackActions& actions) const {
    const std::optional<double> current = watched(moment, actions);
    if (!current) return true;  // as Keras: rather one too many
    const bool better = improves(*current, memory["best"], moment);
    if (verbose > 0) {
      const std::string head = "Epoch " + std::to_string(moment.epoch + 1) + ": " + monitor;
      actions.messages.push_back(better ? head + " improved from " + five_digits(memory["best"]) + " to " +
                                              five_digits(Json(*current)) + ", saving to " + path
                                        : head + " did not improve from " + five_digits(memory["best"]));
    }
    if (better) memory["best"] = *current;
    return better;
  }
  void save(const CallbackMoment& moment, Json& memory, CallbackActions& actions) const {
    const std::string path = format_path(filepath, moment);
    if (save_best_only && !is_best(moment, path, memory, actions)) return;
    if (!save_best_only && verbose > 0)
      actions.messages.push_back("Epoch " + std::to_string(moment.epoch + 1) + ": saving to " + path);
    actions.saves.push_back({path, save_weights_only, false});
  }
};

/// Where it keeps its files: backup_dir/latest.safetensors, and with double_checkpoint the one before it.
class BackupAndRestore final : public Callback {
 public:
  std::string backup_dir;
  SaveFrequency save_freq;
  bool double_checkpoint = false;
  bool delete_checkpoint = true;
  const ClassInfo& info() const override { return class_info(); }
  bool writes_files() const override { return true; }
  Json begin() const override { return {{"batches", 0}, {"saves", 0}}; }
  bool watches_batches() const override { return save_freq.batches > 0; }
  std::string backup_path() const override { return backup_dir + "/latest.safetensors"; }

  void on_batch_end(const CallbackMoment&, Json& memory, CallbackActions& actions) const override {
    if (due(save_freq, memory)) save(memory, actions);
  }
  void on_epoch_end(const CallbackMoment&, Json& memory, size_t, CallbackActions& actions) const override {
    if (save_freq.batches == 0) save(memory, actions);
  }
  void on_train_end(Json&, size_t, CallbackActions& actions) const override {
    if (delete_checkpoint) actions.removals.push_back(backup_dir);
  }

  static const ClassInfo& class_info() {
    using T = BackupAndRestore;
    static const ClassInfo kInfo =
        Declaration<T>("BackupAndRestore", "saving",
                       "Keeps the training in a folder, to go on from there when it was cut off")
            .summary({"backup_dir"})
            .arg("backup_dir", &T::backup_dir, "Folder of the backup", kRequired)
            .arg("save_freq", &T::save_freq, "\"epoch\", or after how many batches", kAdvanced)
            .arg("double_checkpoint", &T::double_checkpoint, "Keeps the backup before the last one too", kAdvanced)
            .arg("delete_checkpoint", &T::delete_checkpoint, "Removes the folder when training has ended")
            .rule([](const T& callback, const ParseContext& context) {
              if (callback.backup_dir.empty()) context.child("backup_dir").expected("a folder", callback.backup_dir);
            })
            .build();
    return kInfo;
  }

 private:
  /// With two files they take turns, so that one is always whole; `latest` is written in any case.
  void save(Json& memory, CallbackActions& actions) const {
    const int64_t saves = memory["saves"].get<int64_t>();
    memory["saves"] = saves + 1;
    if (double_checkpoint)
      actions.saves.push_back({backup_dir + (saves % 2 == 0 ? "/even.safetensors" : "/odd.safetensors"), false, true});
    actions.saves.push_back({backup_path(), false, true});
  }
};

/// One field of a CSV file, quoted where it must be.
std::string field(const std::string& text, const std::string& separator) {
  if (text.find(separator) == std::string::npos && text.find_first_of("\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string number_field(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return Json(value).dump();
}

class CSVLogger final : public Callback {
 public:
  std::string filename;
  std::string separator = ",";
  bool append = false;
  const ClassInfo& info() const override { return class_info(); }
  bool writes_files() const override { return true; }
  Json begin() const override { return {{"keys", Json::array()}, {"begun", false}}; }

  void on_epoch_end(const CallbackMoment& moment, Json& memory, size_t, CallbackActions& actions) const override {
    const bool first = memory["begun"] == false;
    if (first) {
      std::vector<std::string> keys;
      for (const auto& [name, value] : moment.logs) keys.push_back(name);
      std::sort(keys.begin(), keys.end());
      memory = {{"keys", keys}, {"begun", true}};
    }
    CallbackActions::Row row{filename, "", std::to_string(moment.epoch), append || !first, append && first};
    if (first) row.header = "epoch";
    for (const Json& key : memory["keys"]) {
      if (!key.is_string()) continue;  // a memory from a file that someone else wrote
      const std::string name = key.get<std::string>();
      if (first) row.header += separator + field(name, separator);
      const auto found =
          std::find_if(moment.logs.begin(), moment.logs.end(), [&](const auto& log) { return log.first == name; });
      row.row += separator + (found == moment.logs.end() ? "NA" : number_field(found->second));
    }
    actions.rows.push_back(std::move(row));
  }

  static const ClassInfo& class_info() {
    using T = CSVLogger;
    static const ClassInfo kInfo =
        Declaration<T>("CSVLogger", "logging", "Writes the logs of each epoch to a file that spreadsheets read")
            .summary({"filename"})
            .arg("filename", &T::filename, "File to write", kRequired)
            .arg("separator", &T::separator, "What stands between two numbers")
            .arg("append", &T::append, "Adds to a file that is there instead of writing it anew")
            .rule([](const T& callback, const ParseContext& context) {
              if (callback.filename.empty()) context.child("filename").expected("a file name", callback.filename);
              if (callback.separator.size() != 1)
                context.child("separator").expected("one character", callback.separator);
            })
            .build();
    return kInfo;
  }
};

}  // namespace

std::vector<const ClassInfo*> saving_callbacks() {
  return {&ModelCheckpoint::class_info(), &BackupAndRestore::class_info(), &CSVLogger::class_info()};
}

}  // namespace trainyard
