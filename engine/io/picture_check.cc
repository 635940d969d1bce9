#include "engine/io/picture_check.h"

#include <cstring>

namespace trainyard {
namespace {

constexpr const char* kCutShort = "it is cut short";

/// Chunks of length, name, data and checksum, up to IEND. PNG specification (ISO/IEC 15948), 5.3.
const char* find_png_damage(std::span<const uint8_t> bytes) {
  constexpr size_t kSignature = 8;
  constexpr size_t kFrame = 12;
  size_t at = kSignature;
  while (bytes.size() >= at + kFrame) {
    const uint64_t length = uint64_t{bytes[at]} << 24 | uint64_t{bytes[at + 1]} << 16 | uint64_t{bytes[at + 2]} << 8 |
                            uint64_t{bytes[at + 3]};
    if (length > bytes.size() - at - kFrame) return kCutShort;
    if (std::memcmp(&bytes[at + 4], "IEND", 4) == 0) return nullptr;
    at += kFrame + static_cast<size_t>(length);
  }
  return kCutShort;
}

enum Marker : uint8_t {
  kStuffing = 0x00,
  kTables = 0xc4,
  kRestart0 = 0xd0,
  kRestart7 = 0xd7,
  kStart = 0xd8,
  kEnd = 0xd9
};

/// A segment of Huffman tables: class and slot, 16 counts, that many values; and again. ITU-T T.81, B.2.4.2.
const char* find_table_damage(std::span<const uint8_t> segment) {
  while (!segment.empty()) {
    if (segment.size() < 17) return kCutShort;
    size_t values = 0;
    for (const uint8_t count : segment.subspan(1, 16)) values += count;
    if (values > 256) return "a Huffman table is too large";
    if (segment.size() < 17 + values) return kCutShort;
    segment = segment.subspan(17 + values);
  }
  return nullptr;
}

/// Segments behind markers, and scans between them in which FF is followed by 00 or a restart. ITU-T T.81, B.1.1.
const char* find_jpeg_damage(std::span<const uint8_t> bytes) {
  size_t at = 2;
  for (;;) {
    while (at < bytes.size() && bytes[at] != 0xff) ++at;
    while (at < bytes.size() && bytes[at] == 0xff) ++at;
    if (at >= bytes.size()) return nullptr;  // cameras forget the end marker; stb fills up with grey
    const uint8_t marker = bytes[at++];
    if (marker == kEnd) return nullptr;
    if (marker == kStuffing || marker == kStart || (marker >= kRestart0 && marker <= kRestart7)) continue;
    if (bytes.size() - at < 2) return kCutShort;
    const size_t length = size_t{bytes[at]} << 8 | bytes[at + 1];
    if (length < 2 || length > bytes.size() - at) return kCutShort;
    if (marker == kTables)
      if (const char* damage = find_table_damage(bytes.subspan(at + 2, length - 2))) return damage;
    at += length;
  }
}

}  // namespace

const char* find_picture_damage(std::span<const uint8_t> bytes) {
  return bytes[0] == 0xff ? find_jpeg_damage(bytes) : find_png_damage(bytes);
}

}  // namespace trainyard
