#include "engine/api/page_files.h"

#include <algorithm>
#include <utility>

#include "engine/api/session_factory.h"

namespace trainyard {
namespace {

void note(std::vector<std::string>& changed, const std::string& path) {
  if (std::find(changed.begin(), changed.end(), path) == changed.end()) changed.push_back(path);
}

}  // namespace

void PageFiles::check_callbacks(const CallbackList& callbacks, const ParseContext& context) const {
  check_model_formats(callbacks, context);
  for (size_t i = 0; i < callbacks.size(); ++i)
    if (!callbacks[i].backup_path().empty())
      context.item(i).error("callback.no_files", {{"callback", callbacks[i].info().class_name}});
}

void PageFiles::save(const Trainer& trainer, const CallbackActions::Save& save) {
  models_[save.path] = save_for_callback(trainer, preprocessing_(), std::string(version()), save);
  note(changed_, save.path);
}

void PageFiles::write(const CallbackActions::Row& row) {
  std::string& text = texts_[row.path];
  text = with_row(text, row);
  note(changed_, row.path);
}

void PageFiles::begin() {
  models_.clear();
  texts_.clear();
  changed_.clear();
  messages_.clear();
}

std::vector<std::string> PageFiles::take_changed() { return std::exchange(changed_, {}); }

std::vector<std::string> PageFiles::take_messages() { return std::exchange(messages_, {}); }

std::vector<uint8_t> PageFiles::take(const std::string& path) {
  if (const auto model = models_.find(path); model != models_.end()) {
    std::vector<uint8_t> bytes = std::move(model->second);
    models_.erase(model);
    return bytes;
  }
  const auto text = texts_.find(path);
  if (text == texts_.end()) throw UserError("file.missing", path);
  return {text->second.begin(), text->second.end()};
}

}  // namespace trainyard
