#include "engine/io/gzip.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "engine/core/diagnostic.h"
#include "engine/io/stb.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

constexpr size_t kFixedHeader = 10;
constexpr size_t kTrailer = 8;
/// No deflate stream grows more than this (RFC 1951: 258 bytes from two bits), so a lying size is found out early.
constexpr uint64_t kGreatestRatio = 1032;

enum HeaderFlag : uint8_t { kHeaderCrc = 2, kExtra = 4, kName = 8, kComment = 16, kReserved = 0xe0 };

/// Row k: what a byte does to the checksum when k more follow it, so that eight bytes can be taken at a time (Kounavis and
/// Berry, "A systematic approach to building high performance, software-based, CRC generators", 2005).
using CrcTables = std::array<std::array<uint32_t, 256>, 8>;

CrcTables make_crc_tables() {
  CrcTables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320u : 0u);
    tables[0][byte] = value;
  }
  for (size_t k = 1; k < tables.size(); ++k)
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xffu];
    }
  return tables;
}

/// What a loop takes at a time: WebAssembly's compilers replace a slow first version of a function between its calls, never within one.
constexpr size_t kPortion = size_t{1} << 16;

uint32_t little32(std::span<const uint8_t> bytes) {
  return uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[3]} << 24;
}

[[noreturn]] void fail(const char* code, const std::string& path, std::string detail) {
  throw UserError(code, path, {{"detail", std::move(detail)}});
}

/// Where the deflate stream begins, past the optional fields.
size_t skip_header(std::span<const uint8_t> bytes, const std::string& path) {
  if (bytes.size() < kFixedHeader + kTrailer) fail("gzip.damaged", path, "it ends within its header");
  if (bytes[2] != 8) fail("gzip.damaged", path, "unknown compression method");
  const uint8_t flags = bytes[3];
  if ((flags & kReserved) != 0) fail("gzip.damaged", path, "unknown header flags");

  size_t at = kFixedHeader;
  const size_t end = bytes.size() - kTrailer;
  const auto skip_text = [&] {
    while (at < end && bytes[at] != 0) ++at;
    ++at;
  };
  if ((flags & kExtra) != 0 && at + 2 <= end) at += 2 + (size_t{bytes[at]} | size_t{bytes[at + 1]} << 8);
  if ((flags & kName) != 0) skip_text();
  if ((flags & kComment) != 0) skip_text();
  if ((flags & kHeaderCrc) != 0) at += 2;
  if (at >= end) fail("gzip.damaged", path, "it ends within its header");
  return at;
}

/// The decoder does not say where it stopped. A file whose first member passes for the whole has that member's trailer,
/// equal to the last one, in its midst, and another header behind it.
bool has_twin(std::span<const uint8_t> stream) {
  std::array<uint8_t, kTrailer + 3> seam{};
  std::copy(stream.end() - kTrailer, stream.end(), seam.begin());
  seam[kTrailer] = 0x1f;
  seam[kTrailer + 1] = 0x8b;
  seam[kTrailer + 2] = 8;
  for (const uint8_t* at = stream.data();; ++at) {
    const auto left = static_cast<size_t>(stream.data() + stream.size() - at);
    if (left < seam.size()) return false;
    at = static_cast<const uint8_t*>(std::memchr(at, seam[0], left - seam.size() + 1));
    if (at == nullptr) return false;
    if (std::equal(seam.begin(), seam.end(), at)) return true;
  }
}

/// `crc` with these bytes behind it; both complemented.
[[gnu::noinline]] uint32_t further_crc(uint32_t crc, std::span<const uint8_t> bytes) {
  static const CrcTables kTables = make_crc_tables();
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    const uint32_t low = crc ^ little32(bytes);
    const uint32_t high = little32(bytes.subspan(4));
    crc = 0;
    for (size_t i = 0; i < 4; ++i)
      crc ^= kTables[7 - i][(low >> (8 * i)) & 0xffu] ^ kTables[3 - i][(high >> (8 * i)) & 0xffu];
  }
  for (const uint8_t byte : bytes) crc = (crc >> 8) ^ kTables[0][(crc ^ byte) & 0xffu];
  return crc;
}

}  // namespace

bool is_gzip(std::span<const uint8_t> bytes) { return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

uint32_t crc32(std::span<const uint8_t> bytes) {
  uint32_t crc = ~uint32_t{0};
  for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), kPortion)))
    crc = further_crc(crc, bytes.first(std::min(bytes.size(), kPortion)));
  return ~crc;
}

uint32_t gzip_checksum(std::span<const uint8_t> bytes) { return little32(bytes.last(8)); }

std::vector<uint8_t> gunzip(std::span<const uint8_t> bytes, const std::string& path_for_messages, uint64_t limit) {
  if (!is_gzip(bytes)) fail("gzip.damaged", path_for_messages, "it does not begin as a gzip file does");
  const auto stream = bytes.subspan(skip_header(bytes, path_for_messages));
  const uint64_t packed = stream.size() - kTrailer;
  const uint32_t size = little32(bytes.last(4));
  if (size > packed * kGreatestRatio) fail("gzip.damaged", path_for_messages, "its size field cannot be right");
  if (size > limit || size > static_cast<uint32_t>(std::numeric_limits<int>::max()) ||
      stream.size() > static_cast<size_t>(std::numeric_limits<int>::max()))
    throw UserError("gzip.too_large", path_for_messages, {{"size", bytes_text(size)}, {"limit", bytes_text(limit)}});

  std::vector<uint8_t> result(size);
  uint8_t nothing = 0;  // stb wants a place to point at even for an empty file
  // The trailer goes along: the decoder reads ahead, and takes a stream that ends at its last byte for a cut one.
  const int got = stbi_zlib_decode_noheader_buffer(reinterpret_cast<char*>(size != 0 ? result.data() : &nothing),
                                                   static_cast<int>(size), reinterpret_cast<const char*>(stream.data()),
                                                   static_cast<int>(stream.size()));
  if (got != static_cast<int>(size)) fail("gzip.damaged", path_for_messages, "its data does not unpack to its size");
  if (crc32(result) != gzip_checksum(bytes)) fail("gzip.damaged", path_for_messages, "its checksum is wrong");
  if (has_twin(stream)) fail("gzip.damaged", path_for_messages, "it has several members");
  return result;
}

}  // namespace trainyard
