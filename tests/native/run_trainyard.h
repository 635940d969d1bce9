// Runs the command line tool as a user would, in a folder of its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace trainyard::testing {

struct RunResult {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// A new empty folder, removed with what is in it at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct RunSettings {
  std::string folder = ".";
  /// "NAME=value", beside what the tests were started with.
  std::vector<std::string> environment = {};
  /// Asked after each line of output; true sends SIGINT, once.
  std::function<bool(const std::string& line)> interrupt_at = {};
};

/// Runs the tool and waits for it; at most two minutes.
RunResult run_trainyard(const std::vector<std::string>& arguments, const RunSettings& settings = {});

/// Last line of a text, without its end.
std::string last_line(const std::string& text);

}  // namespace trainyard::testing
