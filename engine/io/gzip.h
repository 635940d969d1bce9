// Unpacking of gzip files (RFC 1952) with a limit on what comes out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace trainyard {

/// The first two bytes are gzip's.
bool is_gzip(std::span<const uint8_t> bytes);

/// CRC-32 as gzip and PNG use it (reflected polynomial 0xEDB88320).
uint32_t crc32(std::span<const uint8_t> bytes);

/// The CRC-32 of what a gzip file unpacks to, from its trailer. Requires what gunzip() took.
uint32_t gzip_checksum(std::span<const uint8_t> bytes);

/// Unpacks a file of one member; optional header fields are skipped. The size and CRC-32 in its trailer are verified,
/// and the size is held against `limit` before memory is taken. Throws UserError gzip.*.
std::vector<uint8_t> gunzip(std::span<const uint8_t> bytes, const std::string& path_for_messages,
                            uint64_t limit = uint64_t{1} << 30);

}  // namespace trainyard
