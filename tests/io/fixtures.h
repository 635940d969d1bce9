// Helpers of the io and data tests: scratch folders, the shared material, and the code of what was thrown.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/diagnostic.h"

namespace trainyard {

/// A fresh folder that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "trainyard-test-XXXXXX").string();
    check(::mkdtemp(pattern.data()) != nullptr, "a scratch folder can be made");
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The material shared by all checkouts; may be absent.
inline std::string shared_path(const std::string& name) {
  const char* folder = std::getenv("TRAINYARD_SHARED");
  return std::string(folder != nullptr ? folder : "../shared") + "/" + name;
}

inline std::vector<uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

/// The first diagnostic that `action` throws; an empty one, and a failed test, when it throws none.
template <typename Action>
Diagnostic thrown_by(const Action& action) {
  try {
    action();
  } catch (const UserError& error) {
    return error.diagnostics().items().front();
  }
  ADD_FAILURE() << "expected a UserError";
  return {};
}

}  // namespace trainyard
