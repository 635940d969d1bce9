#include "engine/train/training_host.h"

namespace trainyard {
namespace {

constexpr std::string_view kModelEnding = ".safetensors";

bool is_safetensors(const std::string& path) {
  return path.size() >= kModelEnding.size() &&
         path.compare(path.size() - kModelEnding.size(), kModelEnding.size(), kModelEnding) == 0;
}

}  // namespace

void TrainingHost::check_callbacks(const CallbackList& callbacks, const ParseContext& context) const {
  for (size_t i = 0; i < callbacks.size(); ++i)
    if (callbacks[i].writes_files())
      context.item(i).error("callback.no_files", {{"callback", callbacks[i].info().class_name}});
}

void check_model_formats(const CallbackList& callbacks, const ParseContext& context) {
  for (size_t i = 0; i < callbacks.size(); ++i)
    if (const std::string path = callbacks[i].model_path(); !path.empty() && !is_safetensors(path))
      context.item(i).error("callback.format", {{"file", path}});
}

std::string with_row(const std::string& old, const CallbackActions::Row& row) {
  std::string text = row.append ? old : "";
  if (!text.empty() && text.back() != '\n') text += '\n';
  const bool header = !row.header.empty() && !(row.header_if_empty && !text.empty());
  if (header) text += row.header + "\n";
  return text + row.row + "\n";
}

}  // namespace trainyard
