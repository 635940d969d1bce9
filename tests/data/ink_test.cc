#include "engine/data/ink.h"

#include <gtest/gtest.h>

#include <vector>

namespace trainyard {
namespace {

/// A drawing with a filled rectangle, columns [left, right), rows [top, bottom).
std::vector<float> rectangle(int64_t width, int64_t height, int64_t left, int64_t top, int64_t right, int64_t bottom) {
  std::vector<float> values(static_cast<size_t>(width * height), 0.0f);
  for (int64_t y = top; y < bottom; ++y)
    for (int64_t x = left; x < right; ++x) values[static_cast<size_t>(y * width + x)] = 1.0f;
  return values;
}

int at(const Tensor& picture, int64_t row, int64_t column) {
  return picture.span<uint8_t>()[static_cast<size_t>(row * kInkSize + column)];
}

TEST(Ink, FillsTwentyPixelsAndKeepsItsProportions) {
  const Tensor picture = normalise_ink(280, 300, rectangle(280, 300, 10, 30, 60, 130));
  EXPECT_EQ(picture.shape(), Shape({28, 28, 1}));
  // 50 x 100 becomes 10 x 20, its middle (between pixels) at 14.
  for (int64_t row = 0; row < 28; ++row)
    for (int64_t column = 0; column < 28; ++column)
      EXPECT_EQ(at(picture, row, column), row >= 5 && row < 25 && column >= 10 && column < 20 ? 255 : 0)
          << row << "," << column;
}

TEST(Ink, LooksTheSameWhereverAndHoweverLargeItWasDrawn) {
  const Tensor one = normalise_ink(100, 100, rectangle(100, 100, 0, 0, 20, 40));
  const Tensor two = normalise_ink(300, 200, rectangle(300, 200, 211, 57, 231, 97));
  const Tensor large = normalise_ink(300, 300, rectangle(300, 300, 50, 50, 150, 250));
  EXPECT_EQ(std::memcmp(one.data(), two.data(), one.bytes()), 0);
  EXPECT_EQ(std::memcmp(one.data(), large.data(), one.bytes()), 0);
}

TEST(Ink, IsCentredByItsMassNotItsBox) {
  // A bar on the left and a faint one on the right: the mass is at 2.72 of 20, the box's middle at 9.5.
  std::vector<float> values = rectangle(20, 20, 0, 0, 4, 20);
  for (size_t row = 0; row < 20; ++row) values[row * 20 + 19] = 0.3f;
  const Tensor picture = normalise_ink(20, 20, values);
  EXPECT_EQ(at(picture, 14, 10), 0);
  EXPECT_EQ(at(picture, 14, 11), 255);
  EXPECT_EQ(at(picture, 14, 14), 255);
  EXPECT_EQ(at(picture, 14, 15), 0);
}

TEST(Ink, LeavesAnEmptyDrawingEmpty) {
  for (const float value : {0.0f, 0.1f}) {
    const Tensor picture = normalise_ink(10, 10, std::vector<float>(100, value));
    for (const uint8_t pixel : picture.span<uint8_t>()) EXPECT_EQ(pixel, 0);
  }
  EXPECT_EQ(normalise_ink(0, 0, {}).shape(), Shape({28, 28, 1}));
}

TEST(Ink, TakesASingleDotAndADrawingSmallerThanTheBox) {
  const Tensor dot = normalise_ink(9, 9, rectangle(9, 9, 4, 4, 5, 5));
  EXPECT_EQ(at(dot, 14, 14), 255);
  EXPECT_EQ(at(dot, 0, 0), 0);
  const Tensor line = normalise_ink(9, 9, rectangle(9, 9, 0, 4, 9, 5));
  EXPECT_EQ(at(line, 14, 14), 255);
}

TEST(Ink, BoundsValuesThatAreNoInk) {
  std::vector<float> values = rectangle(10, 10, 2, 2, 8, 8);
  values[55] = 1e30f;
  const Tensor picture = normalise_ink(10, 10, values);
  EXPECT_EQ(at(picture, 14, 14), 255);
}

TEST(Ink, MovesByWholePixelsOnly) {
  InkPicture picture{};
  picture[0] = 1;
  picture[1] = 1;
  const InkPicture moved = centre_ink(picture);
  EXPECT_EQ(moved[14 * 28 + 14], 1);
  EXPECT_EQ(moved[14 * 28 + 15], 1);
  EXPECT_EQ(centre_ink(InkPicture{}), InkPicture{});
}

}  // namespace
}  // namespace trainyard
