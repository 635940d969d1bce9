#include "engine/io/picture.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <memory>

#include "engine/core/diagnostic.h"
#include "engine/io/picture_check.h"
#include "engine/io/stb.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

constexpr std::array<uint8_t, 8> kPng{0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr std::array<uint8_t, 3> kJpeg{0xff, 0xd8, 0xff};
constexpr int64_t kValueLimit = int64_t{1} << 27;

template <size_t n>
bool begins_with(std::span<const uint8_t> bytes, const std::array<uint8_t, n>& start) {
  return bytes.size() >= n && std::equal(start.begin(), start.end(), bytes.begin());
}

/// stb quotes the file in its reasons.
[[noreturn]] void fail(const std::string& path) {
  const char* reason = stbi_failure_reason();
  throw UserError("picture.damaged", path, {{"detail", printable(reason == nullptr ? "unreadable" : reason)}});
}

/// Sizes that stb does not read, which it calls an unknown type.
void check_png_size(std::span<const uint8_t> bytes, const std::string& path) {
  if (!begins_with(bytes, kPng) || bytes.size() < 24) return;
  const auto size_at = [&](size_t at) {
    return uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 | uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
  };
  const uint32_t width = size_at(16);
  const uint32_t height = size_at(20);
  if (std::max(width, height) > STBI_MAX_DIMENSIONS)
    throw UserError("picture.too_large", path, {{"width", std::to_string(width)}, {"height", std::to_string(height)}});
}

}  // namespace

bool is_picture(std::span<const uint8_t> bytes) { return begins_with(bytes, kPng) || begins_with(bytes, kJpeg); }

bool is_picture_name(std::string_view name) {
  const size_t dot = name.find_last_of('.');
  if (dot == std::string_view::npos) return false;
  std::string extension(name.substr(dot));
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

Tensor decode_picture(std::span<const uint8_t> bytes, int channels, const std::string& path_for_messages) {
  check(channels == 0 || channels == 1 || channels == 3 || channels == 4, "1, 3 or 4 channels, or the file's own");
  if (!is_picture(bytes)) throw UserError("picture.format", path_for_messages);
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()))
    throw UserError("picture.damaged", path_for_messages, {{"detail", "it is larger than 2 GiB"}});

  if (const char* damage = find_picture_damage(bytes))
    throw UserError("picture.damaged", path_for_messages, {{"detail", damage}});
  check_png_size(bytes, path_for_messages);
  const int size = static_cast<int>(bytes.size());
  int width = 0;
  int height = 0;
  int own = 0;
  if (stbi_info_from_memory(bytes.data(), size, &width, &height, &own) == 0) fail(path_for_messages);
  const int kept = channels == 0 ? own : channels;
  if (int64_t{width} * height * std::max(own, kept) > kValueLimit)
    throw UserError("picture.too_large", path_for_messages,
                    {{"width", std::to_string(width)}, {"height", std::to_string(height)}});

  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(bytes.data(), size, &width, &height, &own, channels), stbi_image_free);
  if (pixels == nullptr) fail(path_for_messages);
  Tensor picture(DType::u8, {height, width, kept});
  std::memcpy(picture.data(), pixels.get(), picture.bytes());
  return picture;
}

}  // namespace trainyard
