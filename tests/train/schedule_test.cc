// Schedules at the steps that the golden cases leave out: other arguments, ends, restarts.
#include <cmath>
#include <numbers>

#include "tests/train/parts.h"

namespace trainyard::testing {
namespace {

double at(const std::string& name, Json config, int64_t step) {
  if (!config.contains("initial_learning_rate") && name != "PiecewiseConstantDecay")
    config["initial_learning_rate"] = 0.1;
  return parsed<Schedule>(object(name, config))->at(step);
}

TEST(ExponentialDecay, FallsInStairsWhereAsked) {
  const Json config{{"decay_steps", 4}, {"decay_rate", 0.5}, {"staircase", true}};
  EXPECT_DOUBLE_EQ(at("ExponentialDecay", config, 3), 0.1);
  EXPECT_DOUBLE_EQ(at("ExponentialDecay", config, 4), 0.05);
  EXPECT_DOUBLE_EQ(at("ExponentialDecay", config, 11), 0.025);
}

TEST(InverseTimeDecay, FallsInStairsWhereAsked) {
  const Json config{{"decay_steps", 4}, {"decay_rate", 0.5}, {"staircase", true}};
  EXPECT_DOUBLE_EQ(at("InverseTimeDecay", config, 7), 0.1 / 1.5);
  EXPECT_DOUBLE_EQ(at("InverseTimeDecay", config, 8), 0.1 / 2);
}

TEST(PolynomialDecay, StartsAgainOverLongerStretchesWhereAsked) {
  const Json config{{"decay_steps", 10}, {"end_learning_rate", 0.02}, {"power", 3.0}, {"cycle", true}};
  EXPECT_DOUBLE_EQ(at("PolynomialDecay", config, 0), 0.1);
  EXPECT_DOUBLE_EQ(at("PolynomialDecay", config, 5), 0.08 * 0.125 + 0.02);
  EXPECT_DOUBLE_EQ(at("PolynomialDecay", config, 10), 0.02);
  EXPECT_DOUBLE_EQ(at("PolynomialDecay", config, 15), 0.08 * std::pow(0.25, 3) + 0.02);  // 15 of 20
}

TEST(PolynomialDecay, StaysAtItsEnd) { EXPECT_DOUBLE_EQ(at("PolynomialDecay", {{"decay_steps", 10}}, 25), 0.0001); }

TEST(PiecewiseConstantDecay, KeepsABoundaryInThePieceBefore) {
  const Json config{{"boundaries", {2, 5}}, {"values", {1.0, 0.5, 0.1}}};
  EXPECT_EQ(at("PiecewiseConstantDecay", config, 2), 1.0);
  EXPECT_EQ(at("PiecewiseConstantDecay", config, 3), 0.5);
  EXPECT_EQ(at("PiecewiseConstantDecay", config, 6), 0.1);
}

TEST(CosineDecay, FallsWithoutWarmupToItsShare) {
  const Json config{{"decay_steps", 8}, {"alpha", 0.25}};
  EXPECT_DOUBLE_EQ(at("CosineDecay", config, 0), 0.1);
  EXPECT_NEAR(at("CosineDecay", config, 4), 0.1 * (0.75 * 0.5 + 0.25), 1e-15);
  EXPECT_DOUBLE_EQ(at("CosineDecay", config, 100), 0.025);
}

TEST(CosineDecayRestarts, StartsAgainAtOneLengthWhereTMulIsOne) {
  const Json config{{"first_decay_steps", 4}, {"t_mul", 1.0}, {"m_mul", 0.5}};
  EXPECT_DOUBLE_EQ(at("CosineDecayRestarts", config, 4), 0.05);
  EXPECT_DOUBLE_EQ(at("CosineDecayRestarts", config, 8), 0.025);
  EXPECT_NEAR(at("CosineDecayRestarts", config, 6), 0.05 * 0.5, 1e-15);
}

TEST(CosineDecayRestarts, StartsAgainAtTheStepThatEndsAPeriod) {
  for (int64_t step = 3, length = 3; length < 3000; length *= 3, step += length)
    EXPECT_NEAR(at("CosineDecayRestarts", {{"first_decay_steps", 3}, {"t_mul", 3.0}}, step), 0.1, 1e-9)
        << "step " << step;
}

TEST(Schedules, RefuseArgumentsThatDoNotFit) {
  for (const auto& [name, config] : std::vector<std::pair<std::string, Json>>{
           {"PiecewiseConstantDecay", {{"boundaries", {1, 2}}, {"values", {0.1, 0.2}}}},
           {"PiecewiseConstantDecay", {{"boundaries", {2, 2}}, {"values", {0.1, 0.2, 0.3}}}},
           {"ExponentialDecay", {{"initial_learning_rate", 0.1}, {"decay_steps", 0}, {"decay_rate", 0.5}}},
           {"CosineDecay", {{"initial_learning_rate", 0.1}}},
           {"CosineDecay", {{"initial_learning_rate", "much"}, {"decay_steps", 5}}}}) {
    Diagnostics diagnostics;
    EXPECT_EQ(Schedule::registry().parse(object(name, config), ParseContext(diagnostics, "schedule")), nullptr)
        << config.dump();
    EXPECT_TRUE(diagnostics.has_errors());
  }
}

}  // namespace
}  // namespace trainyard::testing
