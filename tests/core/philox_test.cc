#include "engine/core/philox.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace trainyard {
namespace {

// The known-answer vectors of philox4x32-10 that its authors publish (Random123, kat_vectors).
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, IsAConstantExpression) {
  static_assert(philox4x32({0, 0, 0, 0}, {0, 0})[0] == 0x6627e8d5);
  static_assert(Philox{1, 2, 3}.uniform(5) < 1);
}

TEST(Philox, CanBeEnteredAtAnyElement) {
  const Philox random{7, 1, 2};
  for (uint64_t block : {0ull, 5ull, 1ull << 40})
    for (uint64_t i = 0; i < 4; ++i) EXPECT_EQ(random.word(4 * block + i), random.block(block)[i]);
}

TEST(Philox, KeepsSeedsStreamsAndStepsApart) {
  std::set<uint32_t> words;
  for (uint64_t seed : {0ull, 1ull, 1ull << 32})
    for (uint32_t stream : {0u, 1u})
      for (uint32_t step : {0u, 1u})
        for (uint64_t element : {0ull, 4ull, 1ull << 34}) words.insert(Philox{seed, stream, step}.word(element));
  EXPECT_EQ(words.size(), 36u);
}

TEST(Philox, SpreadsUniformNumbersEvenly) {
  const Philox random{11, 0, 0};
  std::array<int, 10> counts{};
  for (uint64_t i = 0; i < 100'000; ++i) {
    const float value = random.uniform(i);
    ASSERT_TRUE(value >= 0 && value < 1);
    ++counts[static_cast<size_t>(value * 10)];
  }
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);  // five deviations
}

TEST(Philox, StaysBelowItsBound) {
  const Philox random{12, 0, 0};
  std::array<int, 3> counts{};
  for (uint64_t i = 0; i < 30'000; ++i) ++counts.at(random.below(i, 3));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
  EXPECT_EQ(random.below(5, 1), 0u);
}

TEST(Philox, DrawsNormalNumbers) {
  const Philox random{13, 0, 0};
  const uint64_t count = 200'000;
  double sum = 0;
  double squares = 0;
  double fourth = 0;
  double neighbours = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const double value = random.normal(i);
    ASSERT_TRUE(std::isfinite(value));
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
    neighbours += value * random.normal(i ^ 1);
  }
  EXPECT_NEAR(sum / count, 0, 0.012);
  EXPECT_NEAR(squares / count, 1, 0.016);
  EXPECT_NEAR(fourth / count, 3, 0.12);
  EXPECT_NEAR(neighbours / count, 0, 0.02);
}

}  // namespace
}  // namespace trainyard
