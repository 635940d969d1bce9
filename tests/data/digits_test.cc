#include "engine/data/digits.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <set>

#include "engine/data/digit_strokes.h"
#include "engine/io/sha256.h"
#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

constexpr size_t kPixels = kInkSize * kInkSize;
struct Drawn {
  std::array<uint8_t, kPixels> pixels{};
  int32_t label = -1;
};
Drawn draw(uint64_t seed, uint64_t index) {
  Drawn drawn;
  drawn.label = draw_digit(seed, index, drawn.pixels);
  return drawn;
}

TEST(Digits, AreTheSameForTheSameSeedAndIndex) {
  for (const uint64_t index : {0ull, 1ull, 999'999ull, 1ull << 47}) {
    EXPECT_EQ(draw(5, index).pixels, draw(5, index).pixels);
    EXPECT_EQ(draw(5, index).label, draw(5, index).label);
  }
}

TEST(Digits, DifferForEverySeedAndIndex) {
  std::set<std::array<uint8_t, kPixels>> seen;
  for (uint64_t index = 0; index < 2000; ++index) seen.insert(draw(1, index).pixels);
  for (uint64_t index = 0; index < 2000; ++index) seen.insert(draw(2, index).pixels);
  for (uint64_t index = 0; index < 2000; ++index) seen.insert(draw(1, kFirstTestDigit + index).pixels);
  EXPECT_EQ(seen.size(), 6000u);
}

// Only operations that IEEE 754 rounds alike: the digits of a page are those of the command line. The digest belongs to
// the styles and hands as they are; who changes those on purpose writes down the new one.
TEST(Digits, HaveTheSameBitsOnEveryMachine) {
  std::vector<uint8_t> all;
  for (uint64_t index = 0; index < 500; ++index) {
    const Drawn drawn = draw(42, index);
    all.insert(all.end(), drawn.pixels.begin(), drawn.pixels.end());
    all.push_back(static_cast<uint8_t>(drawn.label));
  }
  EXPECT_EQ(sha256(all), "3e298e78081226089d27862e31bac66bb98dd69683b265c968a688ac9ceb8732");
}

TEST(Digits, ComeInEqualNumbers) {
  std::array<int, 10> counts{};
  for (uint64_t index = 0; index < 10'000; ++index) ++counts.at(static_cast<size_t>(draw(0, index).label));
  for (const int count : counts) EXPECT_NEAR(count, 1000, 120);
}

TEST(Digits, LieAsMnistsDo) {
  double mean = 0;
  for (uint64_t index = 0; index < 500; ++index) {
    const Drawn drawn = draw(3, index);
    double mass = 0;
    double x = 0;
    double y = 0;
    int darkest = 0;
    for (size_t i = 0; i < kPixels; ++i) {
      const int ink = drawn.pixels[i];
      mass += ink;
      x += ink * static_cast<double>(i % kInkSize);
      y += ink * static_cast<double>(i / kInkSize);
      darkest = std::max(darkest, ink);
    }
    EXPECT_NEAR(x / mass, 14, 1.6) << index;  // half a pixel of rounding and a nudge of one
    EXPECT_NEAR(y / mass, 14, 1.6) << index;
    EXPECT_GT(darkest, 200) << index;
    mean += mass / kPixels / 500;
  }
  EXPECT_NEAR(mean, 33.3, 8);  // MNIST's mean pixel
}

TEST(Digits, AreDrawnAlikeByAnyNumberOfThreads) {
  const Dataset alone = digits({.train = 300, .test = 70, .seed = 8});
  for (const int threads : {2, 5}) {
    ThreadPool pool(threads);
    const Dataset together = digits({.train = 300, .test = 70, .seed = 8}, &pool);
    EXPECT_EQ(std::memcmp(alone.x_train.data(), together.x_train.data(), alone.x_train.bytes()), 0);
    EXPECT_EQ(std::memcmp(alone.y_test.data(), together.y_test.data(), alone.y_test.bytes()), 0);
  }
}

TEST(Digits, MakeADataSet) {
  const Dataset dataset = digits({.train = 20, .test = 0});
  EXPECT_EQ(dataset.sample_shape(), Shape({28, 28, 1}));
  EXPECT_EQ(dataset.train_count(), 20);
  EXPECT_EQ(dataset.test_count(), 0);
  EXPECT_EQ(dataset.classes(), 10);
  EXPECT_EQ(dataset.y_train.span<int32_t>()[7], draw(0, 7).label);
  EXPECT_EQ(thrown_by([] { digits({.train = -1}); }).code, "data.sample_count");
  EXPECT_EQ(thrown_by([] { digits({.train = 1, .test = 1'000'000'000}); }).code, "data.sample_count");
  EXPECT_EQ(thrown_by([] { digits({.train = 0, .test = 1}); }).code, "data.no_samples");
}

TEST(DigitStyles, AreSeveralForEveryDigitAndStayInTheirBox) {
  std::array<int, 10> styles{};
  for (const DigitStyle& style : digit_styles()) {
    ++styles.at(static_cast<size_t>(style.digit));
    EXPECT_GT(style.weight, 0);
    for (const Stroke& stroke : style.strokes) {
      EXPECT_GE(stroke.size(), 2u);
      for (const PenPoint& point : stroke) {
        EXPECT_TRUE(point.x >= 0 && point.x <= 1 && point.y >= 0 && point.y <= 1) << style.digit;
      }
    }
  }
  for (const int count : styles) EXPECT_GE(count, 5);
}

TEST(DigitStyles, AreReadFromText) {
  const std::vector<Stroke> strokes = parse_strokes("12 14, 84 10!; 5 6,7 100");
  ASSERT_EQ(strokes.size(), 2u);
  EXPECT_FLOAT_EQ(strokes[0][0].x, 0.12f);
  EXPECT_FALSE(strokes[0][0].corner);
  EXPECT_TRUE(strokes[0][1].corner);
  EXPECT_FLOAT_EQ(strokes[1][1].y, 1);
  EXPECT_THROW(parse_strokes("1 2 3"), InternalError);
  EXPECT_THROW(parse_strokes(""), InternalError);
}

}  // namespace
}  // namespace trainyard
