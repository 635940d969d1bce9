#include "engine/io/picture.h"

#include <gtest/gtest.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>

#include <algorithm>
#include <cstdlib>

#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

using Bytes = std::vector<uint8_t>;

void append(void* to, void* data, int size) {
  const auto* from = static_cast<uint8_t*>(data);
  static_cast<Bytes*>(to)->insert(static_cast<Bytes*>(to)->end(), from, from + size);
}

/// A smooth picture: [h, w, channels].
Bytes gradient(int width, int height, int channels) {
  Bytes pixels;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c) pixels.push_back(static_cast<uint8_t>(4 * x + 3 * y + 20 * c));
  return pixels;
}

Bytes png(int width, int height, int channels) {
  Bytes file;
  stbi_write_png_to_func(append, &file, width, height, channels, gradient(width, height, channels).data(),
                         width * channels);
  return file;
}

TEST(Picture, ReadsPngExactly) {
  for (const int channels : {1, 3, 4}) {
    const Tensor picture = decode_picture(png(9, 5, channels), 0, "x.png");
    EXPECT_EQ(picture.shape(), Shape({5, 9, channels}));
    const auto pixels = picture.span<uint8_t>();
    EXPECT_EQ(Bytes(pixels.begin(), pixels.end()), gradient(9, 5, channels));
  }
}

TEST(Picture, ReadsJpegNearly) {
  Bytes file;
  const Bytes pixels = gradient(16, 16, 3);
  stbi_write_jpg_to_func(append, &file, 16, 16, 3, pixels.data(), 95);
  const Tensor picture = decode_picture(file, 3, "x.jpg");
  ASSERT_EQ(picture.shape(), Shape({16, 16, 3}));
  for (size_t i = 0; i < pixels.size(); ++i) EXPECT_NEAR(picture.span<uint8_t>()[i], pixels[i], 12);
}

TEST(Picture, TurnsColoursToGrey) {
  EXPECT_EQ(decode_picture(png(4, 3, 3), 1, "x").shape(), Shape({3, 4, 1}));
  EXPECT_EQ(decode_picture(png(4, 3, 1), 3, "x").shape(), Shape({3, 4, 3}));
}

TEST(Picture, RefusesWhatIsNone) {
  EXPECT_EQ(thrown_by([&] { decode_picture(bytes_of("GIF89a....."), 1, "x.gif"); }).code, "picture.format");
  EXPECT_EQ(thrown_by([&] { decode_picture({}, 1, "x"); }).code, "picture.format");
}

TEST(Picture, RefusesAFileCutShort) {
  const Bytes file = png(20, 20, 3);
  for (const size_t size : {8ul, 20ul, 33ul, file.size() / 2, file.size() - 20})
    EXPECT_EQ(thrown_by([&] { decode_picture(std::span(file.data(), size), 1, "x"); }).code, "picture.damaged") << size;
}

TEST(Picture, RefusesAChunkLongerThanTheFileBeforeItTakesMemory) {
  Bytes file = png(4, 4, 1);
  file[33] = 0x3f;  // the length of the chunk after IHDR
  EXPECT_NE(thrown_by([&] { decode_picture(file, 1, "x"); }).text().find("cut short"), std::string::npos);
}

TEST(Picture, RefusesAHuffmanTableOfMoreThan256Values) {
  Bytes file;
  stbi_write_jpg_to_func(append, &file, 16, 16, 3, gradient(16, 16, 3).data(), 80);
  const Bytes marker{0xff, 0xc4};
  const auto table = std::search(file.begin(), file.end(), marker.begin(), marker.end());
  ASSERT_NE(table, file.end());
  std::fill(table + 5, table + 21, 0xff);
  EXPECT_NE(thrown_by([&] { decode_picture(file, 1, "x"); }).text().find("Huffman"), std::string::npos);
}

TEST(Picture, RefusesAJpegSegmentLongerThanTheFile) {
  Bytes file;
  stbi_write_jpg_to_func(append, &file, 16, 16, 3, gradient(16, 16, 3).data(), 80);
  file[4] = 0xff;
  EXPECT_NE(thrown_by([&] { decode_picture(file, 1, "x"); }).text().find("cut short"), std::string::npos);
}

TEST(Picture, QuotesNoRawBytesOfTheFile) {
  Bytes file = png(4, 4, 1);
  for (size_t at = 37; at < 41; ++at) file[at] = 0x9f;  // the name of the chunk after IHDR: unknown, no UTF-8
  const std::string text = thrown_by([&] { decode_picture(file, 1, "x"); }).text();
  for (const char c : text) EXPECT_TRUE(c >= ' ' && c <= '~') << text;
}

TEST(Picture, RefusesAHugePictureBeforeItTakesMemory) {
  Bytes file = png(1, 1, 1);
  for (const size_t at : {16ul, 20ul}) {  // width and height in IHDR
    file[at + 2] = 0x3f;
    file[at + 3] = 0xff;
  }
  EXPECT_EQ(thrown_by([&] { decode_picture(file, 1, "x"); }).code, "picture.too_large");
  file[16] = 0x7f;  // beyond what stb reads at all
  EXPECT_EQ(thrown_by([&] { decode_picture(file, 1, "x"); }).code, "picture.too_large");
}

TEST(Picture, IsKnownByItsName) {
  EXPECT_TRUE(is_picture_name("a.png"));
  EXPECT_TRUE(is_picture_name("dir.x/A.JPeG"));
  EXPECT_FALSE(is_picture_name("png"));
  EXPECT_FALSE(is_picture_name("a.png.gz"));
}

}  // namespace
}  // namespace trainyard
