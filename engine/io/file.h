// The only place where the engine touches files. Readers elsewhere take byte spans, so that a page can feed them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trainyard {

/// Larger files are refused unless a caller says otherwise, bytes.
inline constexpr uint64_t kFileLimit = uint64_t{4} << 30;

/// "folder/name", or the name alone where `folder` is "".
std::string join_path(std::string folder, std::string_view name);

bool is_file(const std::string& path);
bool is_folder(const std::string& path);

/// Names of the entries of a folder (no `.` and `..`), sorted; empty where it cannot be read.
std::vector<std::string> folder_entries(const std::string& path);

/// Makes the folder and those above it; false where that cannot be done.
bool make_folders(const std::string& path);

/// The whole file. Throws UserError file.missing, file.unreadable or file.too_large.
std::vector<uint8_t> read_file(const std::string& path, uint64_t limit = kFileLimit);

/// Writes to a temporary name beside `path`, syncs and renames, so that `path` holds the old bytes or the new ones,
/// never a part. Throws UserError file.unwritable; then `path` is as it was.
void write_file(const std::string& path, std::span<const uint8_t> bytes);

}  // namespace trainyard
