#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engine/data/download.h"
#include "engine/io/text.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves declaring it to the program

namespace trainyard {
namespace {

/// Both ends of a pipe, closed with the scope.
class Pipe {
 public:
  Pipe() { ok_ = ::pipe2(ends_.data(), O_CLOEXEC) == 0; }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  bool ok() const { return ok_; }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() { close_end(1); }

 private:
  void close_end(size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
  bool ok_;
};

/// Starts `arguments` without a shell, its standard output into `output`, everything else into nothing. 0 on failure.
pid_t start(const std::vector<std::string>& arguments, int output) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? child : 0;
}

/// All that comes through the pipe, or one byte more than `limit`.
std::vector<uint8_t> read_all(int reader, uint64_t limit) {
  std::vector<uint8_t> bytes;
  std::array<uint8_t, 1 << 16> chunk{};
  while (bytes.size() <= limit) {
    const ssize_t got = ::read(reader, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + got);
  }
  return bytes;
}

/// curl's exit codes as sentences; the list is in its manual.
std::string reason_of(int status) {
  if (!WIFEXITED(status)) return "curl was stopped";
  switch (WEXITSTATUS(status)) {
    case 0: return "";
    case 5:
    case 6: return "the server's name is not known (is there a network?)";
    case 7: return "the server does not answer";
    case 22: return "the server refuses it";
    case 28: return "it took too long";
    case 127: return "curl is not installed";
    default: return "curl failed with code " + std::to_string(WEXITSTATUS(status));
  }
}

}  // namespace

DownloadResult download(const std::string& url, uint64_t limit) {
  Pipe pipe;
  if (!pipe.ok()) return {{}, "no pipe can be made"};
  const pid_t child =
      start({"curl", "--silent", "--fail", "--location", "--proto", "=https", "--proto-redir", "=https", "--max-redirs",
             "5", "--connect-timeout", "10", "--max-time", "120", "--max-filesize", std::to_string(limit), "--", url},
            pipe.writer());
  if (child == 0) return {{}, "curl is not installed"};
  pipe.close_writer();

  DownloadResult result{read_all(pipe.reader(), limit), {}};
  const bool too_large = result.bytes.size() > limit;
  if (too_large) ::kill(child, SIGTERM);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  result.reason = too_large ? "it is larger than " + bytes_text(limit) : reason_of(status);
  if (!result.ok()) result.bytes.clear();
  return result;
}

}  // namespace trainyard
