#include "tests/native/run_trainyard.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace trainyard::testing {
namespace {

constexpr unsigned kMostSeconds = 120;

struct Pipe {
  std::array<int, 2> ends{};
  Pipe() {
    if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  }
};

[[noreturn]] void become_trainyard(const std::vector<std::string>& arguments, const RunSettings& settings, int out,
                                   int err) {
  dup2(out, 1);
  dup2(err, 2);
  if (chdir(settings.folder.c_str()) != 0) _exit(126);
  for (const std::string& entry : settings.environment) putenv(const_cast<char*>(entry.c_str()));
  std::vector<char*> words{const_cast<char*>(TRAINYARD_BINARY)};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  alarm(kMostSeconds);
  execv(TRAINYARD_BINARY, words.data());
  _exit(127);
}

/// Calls for every whole line that has come since `seen`.
void read_lines(const std::string& text, size_t& seen, const std::function<void(const std::string&)>& each) {
  for (size_t end = text.find('\n', seen); end != std::string::npos; end = text.find('\n', seen)) {
    each(text.substr(seen, end - seen));
    seen = end + 1;
  }
}

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "trainyard-cli-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

RunResult run_trainyard(const std::vector<std::string>& arguments, const RunSettings& settings) {
  Pipe out;
  Pipe err;
  const pid_t child = fork();
  if (child == 0) become_trainyard(arguments, settings, out.ends[1], err.ends[1]);
  close(out.ends[1]);
  close(err.ends[1]);
  RunResult result;
  size_t seen = 0;
  bool interrupted = false;
  std::array<pollfd, 2> files{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
  for (int open = 2; open > 0;) {
    poll(files.data(), files.size(), -1);
    for (size_t f = 0; f < files.size(); ++f) {
      if (files[f].fd < 0 || files[f].revents == 0) continue;
      std::array<char, 4096> block{};
      const ssize_t got = read(files[f].fd, block.data(), block.size());
      if (got > 0) {
        (f == 0 ? result.out : result.err).append(block.data(), static_cast<size_t>(got));
        continue;
      }
      close(files[f].fd);
      files[f].fd = -1;
      --open;
    }
    read_lines(result.out, seen, [&](const std::string& line) {
      if (interrupted || !settings.interrupt_at || !settings.interrupt_at(line)) return;
      interrupted = true;
      kill(child, SIGINT);
    });
  }
  int status = 0;
  waitpid(child, &status, 0);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  return result;
}

std::string last_line(const std::string& text) {
  const size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "";
  const size_t begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

}  // namespace trainyard::testing
