#include "engine/data/mnist.h"

#include <algorithm>
#include <cstdlib>

#include "engine/data/download.h"
#include "engine/data/idx.h"
#include "engine/io/file.h"
#include "engine/io/gzip.h"
#include "engine/io/sha256.h"

namespace trainyard {
namespace {

/// Of the largest file unpacked; nothing here is larger.
constexpr uint64_t kUnpackedLimit = uint64_t{64} << 20;
constexpr uint64_t kPackedLimit = uint64_t{16} << 20;

// Public mirrors of the original files.
constexpr std::array<const char*, 2> kMirrors{"https://storage.googleapis.com/cvdf-datasets/mnist/",
                                              "https://ossci-datasets.s3.amazonaws.com/mnist/"};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// "" where the user has no home.
std::string cache_folder() {
  if (const std::string cache = environment("XDG_CACHE_HOME"); !cache.empty()) return cache + "/trainyard/mnist";
  const std::string home = environment("HOME");
  return home.empty() ? "" : home + "/.cache/trainyard/mnist";
}

/// The file in `folder`, packed or plain; nothing where it is neither.
std::optional<std::string> path_in(const std::string& folder, std::string_view name) {
  const std::string plain = join_path(folder, name);
  for (const std::string& path : {plain + ".gz", plain})
    if (is_file(path)) return path;
  return std::nullopt;
}

bool is_complete(const std::string& folder) {
  return std::all_of(kMnistFiles.begin(), kMnistFiles.end(),
                     [&](const MnistFile& file) { return path_in(folder, file.name).has_value(); });
}

[[noreturn]] void refuse(const MnistFile& file, const std::string& path) {
  throw UserError("mnist.checksum", path, {{"file", std::string(file.name)}});
}

/// Whether a mirror sent the published file, packed by whomever.
void check_fetched(std::span<const uint8_t> packed, const MnistFile& file, const std::string& url) {
  if (sha256(gunzip(packed, url, kUnpackedLimit)) != file.sha256) refuse(file, url);
}

/// The file's numbers, when it is the published one. A packed file ends in the checksum that unpacking verifies.
Tensor read_published(std::span<const uint8_t> bytes, const MnistFile& file, const std::string& path) {
  if (!is_gzip(bytes)) {
    if (crc32(bytes) != file.crc32) refuse(file, path);
    return read_idx(bytes, path);
  }
  const std::vector<uint8_t> plain = gunzip(bytes, path, kUnpackedLimit);
  if (gzip_checksum(bytes) != file.crc32) refuse(file, path);
  return read_idx(plain, path);
}

Dataset read_folder(const std::string& folder) {
  std::array<std::vector<uint8_t>, 4> bytes;
  std::array<std::span<const uint8_t>, 4> files;
  for (size_t i = 0; i < kMnistFiles.size(); ++i) {
    const std::optional<std::string> path = path_in(folder, kMnistFiles[i].name);
    if (!path) throw UserError("file.missing", join_path(folder, kMnistFiles[i].name));
    bytes[i] = read_file(*path, kUnpackedLimit);
    files[i] = bytes[i];
  }
  return mnist_from_files(files, folder);
}

/// Fetches one file from the first mirror that has the right one. Returns why not, or "".
std::string fetch(const MnistFile& file, const std::string& folder) {
  const std::string name = std::string(file.name) + ".gz";
  std::string reason;
  for (const char* mirror : kMirrors) {
    const DownloadResult result = download(mirror + name, kPackedLimit);
    if (!result.ok()) {
      reason = result.reason;
      continue;
    }
    try {
      check_fetched(result.bytes, file, mirror + name);
      write_file(join_path(folder, name), result.bytes);
      return "";
    } catch (const UserError& error) {
      reason = error.what();
    }
  }
  return reason;
}

/// Fetches what the cache lacks. Returns why it could not, or "".
std::string fetch_into(const std::string& folder, const MnistOptions& options) {
  if (folder.empty() || !make_folders(folder)) return "there is no cache folder to put it into";
  for (const MnistFile& file : kMnistFiles) {
    if (path_in(folder, file.name)) continue;
    if (options.report) options.report("fetching " + std::string(file.name) + ".gz");
    if (std::string reason = fetch(file, folder); !reason.empty()) return reason;
  }
  return "";
}

}  // namespace

Dataset mnist_from_files(const std::array<std::span<const uint8_t>, 4>& files, std::string source) {
  std::array<Tensor, 4> tensors;
  for (size_t i = 0; i < files.size(); ++i) {
    tensors[i] = read_published(files[i], kMnistFiles[i], join_path(source, kMnistFiles[i].name));
  }
  Dataset dataset = dataset_from_idx("mnist", tensors[0], tensors[1], tensors[2], tensors[3]);
  dataset.source = std::move(source);
  return dataset;
}

std::vector<std::string> mnist_folders() {
  std::vector<std::string> folders;
  if (const std::string data = environment("TRAINYARD_DATA"); !data.empty()) {
    folders.push_back(data);
    folders.push_back(data + "/mnist");
  }
  if (const std::string cache = cache_folder(); !cache.empty()) folders.push_back(cache);
  folders.emplace_back("../shared/mnist");
  return folders;
}

std::optional<std::string> find_mnist() {
  for (const std::string& folder : mnist_folders())
    if (is_complete(folder)) return folder;
  return std::nullopt;
}

Dataset load_mnist(const MnistOptions& options) {
  if (const std::optional<std::string> folder = find_mnist()) return read_folder(*folder);
  std::string looked;
  for (const std::string& folder : mnist_folders()) looked += (looked.empty() ? "" : ", ") + folder;
  const std::string reason =
      options.download ? fetch_into(cache_folder(), options) : std::string("fetching it is switched off");
  if (!reason.empty()) throw UserError("mnist.unavailable", "mnist", {{"folders", looked}, {"reason", reason}});
  return read_folder(cache_folder());
}

}  // namespace trainyard
