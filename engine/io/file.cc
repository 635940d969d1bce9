#include "engine/io/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "engine/core/diagnostic.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

/// An open file that is closed with the scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close_now(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool ok() const { return number_ >= 0; }
  int number() const { return number_; }
  bool close_now() {
    const bool closed = number_ < 0 || ::close(number_) == 0;
    number_ = -1;
    return closed;
  }

 private:
  int number_;
};

bool write_all(int file, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return true;
}

/// The rename itself lasts only once the folder is on disk; not every file system can do it, so a failure is no error.
void sync_folder_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const Descriptor folder(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_CLOEXEC));
  if (folder.ok()) ::fsync(folder.number());
}

bool replace_file(const std::string& path, const std::string& temporary, std::span<const uint8_t> bytes) {
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file.ok()) return false;
  return write_all(file.number(), bytes) && ::fsync(file.number()) == 0 && file.close_now() &&
         std::rename(temporary.c_str(), path.c_str()) == 0;
}

}  // namespace

std::string join_path(std::string folder, std::string_view name) {
  if (!folder.empty()) folder += '/';
  folder += name;
  return folder;
}

bool is_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

std::vector<std::string> folder_entries(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(path, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    names.push_back(entry->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

bool make_folders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  return is_folder(path);
}

std::vector<uint8_t> read_file(const std::string& path, uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok() && errno == ENOENT) throw UserError("file.missing", path);
  struct stat status {};
  if (!file.ok() || ::fstat(file.number(), &status) != 0)
    throw UserError("file.unreadable", path, {{"reason", std::strerror(errno)}});
  if (S_ISDIR(status.st_mode)) throw UserError("file.unreadable", path, {{"reason", "it is a folder"}});

  // The size is only a hint: pipes have none, and a file may grow meanwhile.
  std::vector<uint8_t> bytes;
  bytes.reserve(
      static_cast<size_t>(std::min<uint64_t>(limit, static_cast<uint64_t>(std::max<off_t>(0, status.st_size)))));
  std::vector<uint8_t> chunk(size_t{1} << 20);
  for (;;) {
    const ssize_t got = ::read(file.number(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw UserError("file.unreadable", path, {{"reason", std::strerror(errno)}});
    if (got == 0) return bytes;
    if (bytes.size() + static_cast<size_t>(got) > limit)
      throw UserError("file.too_large", path, {{"limit", bytes_text(limit)}});
    bytes.insert(bytes.end(), chunk.begin(), chunk.begin() + got);
  }
}

void write_file(const std::string& path, std::span<const uint8_t> bytes) {
  const std::string temporary = path + ".tmp" + std::to_string(::getpid());
  if (!replace_file(path, temporary, bytes)) {
    const std::string reason = std::strerror(errno);
    ::unlink(temporary.c_str());
    throw UserError("file.unwritable", path, {{"reason", reason}});
  }
  sync_folder_of(path);
}

}  // namespace trainyard
