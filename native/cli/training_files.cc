#include "native/cli/training_files.h"

#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/api/session_factory.h"
#include "engine/io/file.h"

namespace trainyard::cli {
namespace {

void make_folder_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash != std::string::npos && slash > 0) make_folders(path.substr(0, slash));
}

std::span<const uint8_t> bytes_of_text(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

void TrainingFiles::check_callbacks(const CallbackList& callbacks, const ParseContext& context) const {
  check_model_formats(callbacks, context);
}

void TrainingFiles::save(const Trainer& trainer, const CallbackActions::Save& save) {
  make_folder_of(save.path);
  const std::vector<uint8_t> bytes = save_for_callback(trainer, preprocessing_, std::string(version()), save);
  write_file(save.path, bytes);
  if (!save.backup) output_.event("saved", {{"path", save.path}, {"bytes", bytes.size()}});
}

void TrainingFiles::write(const CallbackActions::Row& row) {
  make_folder_of(row.path);
  std::string old;
  if (row.append && is_file(row.path)) {
    const std::vector<uint8_t> bytes = read_file(row.path);
    old.assign(bytes.begin(), bytes.end());
  }
  write_file(row.path, bytes_of_text(with_row(old, row)));
}

void TrainingFiles::remove(const std::string& folder) {
  for (const char* name : {"latest.safetensors", "even.safetensors", "odd.safetensors"})
    std::remove(join_path(folder, name).c_str());
  rmdir(folder.c_str());  // fails where something else is in it, which is then not ours
}

void TrainingFiles::say(const std::string& message) {
  output_.line(message);
  output_.event("message", {{"message", message}});
}

}  // namespace trainyard::cli
