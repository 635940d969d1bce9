#include "tests/data/pictures.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>

namespace trainyard {
namespace {

void append(void* to, void* data, int size) {
  const auto* from = static_cast<uint8_t*>(data);
  auto* file = static_cast<std::vector<uint8_t>*>(to);
  file->insert(file->end(), from, from + size);
}

}  // namespace

std::vector<uint8_t> png_of(int width, int height, int channels, const std::function<int(int x, int y, int c)>& value) {
  std::vector<uint8_t> pixels;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c) pixels.push_back(static_cast<uint8_t>(value(x, y, c)));
  std::vector<uint8_t> file;
  stbi_write_png_to_func(append, &file, width, height, channels, pixels.data(), width * channels);
  return file;
}

}  // namespace trainyard
