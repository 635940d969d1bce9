#include "engine/data/image.h"

#include <gtest/gtest.h>

#include "tests/data/pictures.h"
#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

TEST(Resize, AveragesWhatANewPixelCovers) {
  const Tensor picture = Tensor::of<float>({2, 4, 1}, {0, 2, 4, 6, 8, 10, 12, 14});
  const Tensor half = resize_area(picture, 1, 2);
  EXPECT_FLOAT_EQ(half.span<float>()[0], 5);
  EXPECT_FLOAT_EQ(half.span<float>()[1], 9);
}

TEST(Resize, WeighsPixelsThatAreCoveredInPart) {
  const Tensor row = Tensor::of<float>({1, 3, 1}, {0, 3, 9});
  const Tensor two = resize_area(row, 1, 2);  // 1.5 old pixels each
  EXPECT_FLOAT_EQ(two.span<float>()[0], 1);
  EXPECT_FLOAT_EQ(two.span<float>()[1], 7);
}

TEST(Resize, RepeatsPixelsWhenItEnlarges) {
  const Tensor row = Tensor::of<uint8_t>({1, 2, 1}, {10, 20});
  const Tensor four = resize_area(row, 2, 4);
  EXPECT_EQ(std::vector<uint8_t>(four.span<uint8_t>().begin(), four.span<uint8_t>().end()),
            (std::vector<uint8_t>{10, 10, 20, 20, 10, 10, 20, 20}));
}

TEST(Resize, KeepsChannelsApartAndTheMean) {
  Tensor picture(DType::f32, {7, 5, 3});
  for (size_t i = 0; i < picture.span<float>().size(); ++i)
    picture.span<float>()[i] = static_cast<float>(i % 3 == 0 ? i : i % 3);
  const Tensor small = resize_area(picture, 3, 2);
  double before = 0;
  double after = 0;
  for (size_t i = 0; i < 35; ++i) before += picture.span<float>()[3 * i] / 35;
  for (size_t i = 0; i < 6; ++i) {
    after += small.span<float>()[3 * i] / 6;
    EXPECT_FLOAT_EQ(small.span<float>()[3 * i + 1], 1);
    EXPECT_FLOAT_EQ(small.span<float>()[3 * i + 2], 2);
  }
  EXPECT_NEAR(after, before, 1e-4);
}

TEST(Resize, RoundsBytesToNearest) {
  EXPECT_EQ(resize_area(Tensor::of<uint8_t>({1, 2, 1}, {0, 1}), 1, 1).span<uint8_t>()[0], 1);
  EXPECT_EQ(resize_area(Tensor::of<uint8_t>({1, 2, 1}, {255, 255}), 1, 1).span<uint8_t>()[0], 255);
}

TEST(ReadPicture, BringsAFileToTheSizeAsked) {
  const std::vector<uint8_t> file = png_of(6, 4, 3, [](int x, int, int) { return x < 3 ? 0 : 200; });
  const Tensor picture = read_picture(file, 2, 2, 1, "x.png");
  EXPECT_EQ(picture.shape(), Shape({2, 2, 1}));
  EXPECT_EQ(picture.span<uint8_t>()[0], 0);
  EXPECT_NEAR(picture.span<uint8_t>()[1], 200, 2);
  EXPECT_EQ(read_picture(file, 0, 0, 3, "x.png").shape(), Shape({4, 6, 3}));
  EXPECT_EQ(thrown_by([&] { read_picture({}, 2, 2, 1, "x.png"); }).code, "picture.format");
}

}  // namespace
}  // namespace trainyard
