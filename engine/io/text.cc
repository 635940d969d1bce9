#include "engine/io/text.h"

#include <array>
#include <cstdio>

namespace trainyard {

namespace {

/// Bytes of the well-formed character (RFC 3629) that `text` begins with; 0 where there is none.
size_t character_bytes(std::string_view text) {
  const auto continues = [&](size_t at, unsigned low, unsigned high) {
    if (at >= text.size()) return false;
    const auto byte = static_cast<unsigned char>(text[at]);
    return byte >= low && byte <= high;
  };
  if (text.empty()) return 0;
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return 1;
  const size_t more = lead >= 0xc2 && lead < 0xe0   ? 1
                      : lead >= 0xe0 && lead < 0xf0 ? 2
                      : lead >= 0xf0 && lead < 0xf5 ? 3
                                                    : 0;
  if (more == 0) return 0;
  // The byte after the lead keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
  const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (!continues(1, low, high)) return 0;
  for (size_t i = 2; i <= more; ++i)
    if (!continues(i, 0x80, 0xbf)) return 0;
  return more + 1;
}

/// Control characters: of ASCII, and U+0080 to U+009F, which terminals obey too.
bool is_control(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character.front());
  return lead < ' ' || lead == 0x7f || (lead == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0);
}

}  // namespace

std::string printable(std::string_view text, size_t limit) {
  std::string result;
  size_t at = 0;
  while (at < text.size() && at < limit) {
    const size_t bytes = character_bytes(text.substr(at));
    if (at + bytes > limit) break;
    const std::string_view character = text.substr(at, bytes);
    result += bytes == 0 || is_control(character) ? "?" : character;
    at += bytes == 0 ? 1 : bytes;
  }
  return at < text.size() ? result + "..." : result;
}

std::optional<size_t> find_bad_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t bytes = character_bytes(text.substr(at));
    if (bytes == 0) return at;
    at += bytes;
  }
  return std::nullopt;
}

std::string bytes_text(uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  constexpr std::array<const char*, 4> units{"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < units.size(); ++unit) value /= 1024;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", value, units[unit]);
  return text.data();
}

}  // namespace trainyard
