// op::Random: the words it promises, and that they have the distribution it promises.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/ops/random.h"
#include "tests/backends/run_case.h"

namespace trainyard::testing {
namespace {

using op::RandomKind;

constexpr int64_t kMany = 200000;

std::vector<float> draw(const op::Random& random, const StepInfo& step = {.seed = 7, .step = 3}) {
  const Tensor tensor = run_on_ref(random, {}, {.step = step}).front();
  const auto span = tensor.span<float>();
  return {span.begin(), span.end()};
}

struct Moments {
  double mean = 0, deviation = 0, low = 0, high = 0;
};

Moments moments_of(const std::vector<float>& values) {
  Moments m{.low = values[0], .high = values[0]};
  for (const float value : values) {
    m.mean += value / static_cast<double>(values.size());
    m.low = std::min<double>(m.low, value);
    m.high = std::max<double>(m.high, value);
  }
  for (const float value : values)
    m.deviation += (value - m.mean) * (value - m.mean) / static_cast<double>(values.size());
  m.deviation = std::sqrt(m.deviation);
  return m;
}

TEST(Random, UniformIsThePhiloxWordOfItsElement) {
  const auto values = draw({.kind = RandomKind::uniform, .shape = {100}, .stream = 9});
  const Philox words{.seed = 7, .stream = 9, .step = 3};
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], words.uniform(i));
}

TEST(Random, AnElementDoesNotDependOnTheShapeAroundIt) {
  for (const RandomKind kind : {RandomKind::uniform, RandomKind::normal, RandomKind::truncated_normal}) {
    const auto few = draw({.kind = kind, .shape = {7}});
    const auto many = draw({.kind = kind, .shape = {50, 3}});
    for (size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i], many[i]);
  }
}

TEST(Random, ChangesWithSeedStreamStepAndTheOwnSeed) {
  const op::Random random{.kind = RandomKind::uniform, .shape = {50}};
  op::Random other_stream = random;
  other_stream.stream = 1;
  op::Random seeded = random;
  seeded.seed = 1;
  const auto base = draw(random);
  EXPECT_EQ(base, draw(random));
  EXPECT_NE(base, draw(other_stream));
  EXPECT_NE(base, draw(seeded));
  EXPECT_NE(base, draw(random, {.seed = 8, .step = 3}));
  EXPECT_NE(base, draw(random, {.seed = 7, .step = 4}));
}

TEST(Random, UniformFillsItsIntervalAndNeverReachesTheEnd) {
  const auto m = moments_of(draw({.kind = RandomKind::uniform, .shape = {kMany}, .a = 1, .b = 2}));
  EXPECT_GE(m.low, 1);
  EXPECT_LT(m.high, 2);
  EXPECT_NEAR(m.mean, 1.5, 0.005);
  EXPECT_NEAR(m.deviation, 1 / std::sqrt(12.0), 0.005);
}

TEST(Random, UniformStaysBelowTheEndWhereRoundingWouldReachIt) {
  const op::Random random{.kind = RandomKind::uniform, .shape = {1}, .a = 1, .b = 2};
  // the largest word: 1 + (1 - 2^-24) is 2 in float32
  uint64_t element = 0;
  const Philox words{.seed = 1};
  float largest = 0;
  for (uint64_t i = 0; i < 1000000; ++i)
    if (words.uniform(i) > largest) largest = words.uniform(element = i);
  EXPECT_LT(random_element<float>(random, words, element), 2.0F);
}

TEST(Random, NormalHasItsMeanAndDeviation) {
  const auto m = moments_of(draw({.kind = RandomKind::normal, .shape = {kMany}, .a = -1, .b = 3}));
  EXPECT_NEAR(m.mean, -1, 0.03);
  EXPECT_NEAR(m.deviation, 3, 0.03);
  EXPECT_GT(m.high, 8);  // beyond three deviations
}

TEST(Random, TruncatedNormalStaysWithinTwoDeviations) {
  const auto m = moments_of(draw({.kind = RandomKind::truncated_normal, .shape = {kMany}, .a = 1, .b = 0.5}));
  EXPECT_GE(m.low, 0);
  EXPECT_LE(m.high, 2);
  EXPECT_NEAR(m.mean, 1, 0.005);
  // the deviation of a standard normal cut at two: sqrt(1 - 4 pdf(2) / (cdf(2) - cdf(-2)))
  EXPECT_NEAR(m.deviation, 0.5 * 0.87962566, 0.005);
}

TEST(Random, BernoulliIsOneAsOftenAsAsked) {
  const auto values = draw({.kind = RandomKind::bernoulli, .shape = {kMany}, .a = 0.3});
  for (const float value : values) EXPECT_TRUE(value == 0 || value == 1);
  EXPECT_NEAR(moments_of(values).mean, 0.3, 0.005);
  EXPECT_EQ(moments_of(draw({.kind = RandomKind::bernoulli, .shape = {1000}, .a = 0})).mean, 0);
  EXPECT_EQ(moments_of(draw({.kind = RandomKind::bernoulli, .shape = {1000}, .a = 1})).low, 1);
}

TEST(Random, NeighboursAreNotCorrelated) {
  const auto values = draw({.kind = RandomKind::normal, .shape = {kMany}});
  double product = 0;
  for (size_t i = 1; i < values.size(); ++i) product += static_cast<double>(values[i]) * values[i - 1];
  EXPECT_NEAR(product / kMany, 0, 0.01);
}

}  // namespace
}  // namespace trainyard::testing
