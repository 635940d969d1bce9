// What callbacks write where there is no disk: kept until the page asks for it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/train/saved_model.h"
#include "engine/train/training_host.h"

namespace trainyard {

/// Models are handed out once and then forgotten, texts are kept until the next training, since rows are added to them.
/// Backups are refused: a page keeps its training by save().
class PageFiles final : public TrainingHost {
 public:
  /// `preprocessing` is asked for whenever a model is saved.
  explicit PageFiles(std::function<Preprocessing()> preprocessing) : preprocessing_(std::move(preprocessing)) {}

  void check_callbacks(const CallbackList& callbacks, const ParseContext& context) const override;
  void save(const Trainer& trainer, const CallbackActions::Save& save) override;
  void write(const CallbackActions::Row& row) override;
  void say(const std::string& message) override { messages_.push_back(message); }

  /// Forgets everything: a new training begins.
  void begin();
  /// Paths written and words said since the last call.
  std::vector<std::string> take_changed();
  std::vector<std::string> take_messages();
  /// Throws UserError file.missing.
  std::vector<uint8_t> take(const std::string& path);

 private:
  std::function<Preprocessing()> preprocessing_;
  std::map<std::string, std::vector<uint8_t>> models_;
  std::map<std::string, std::string> texts_;
  std::vector<std::string> changed_;
  std::vector<std::string> messages_;
};

}  // namespace trainyard
