#include "engine/data/iris.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace trainyard {
namespace {

double mean(int column, int64_t first, int64_t last) {
  const Tensor x = iris_measurements();
  const auto values = x.span<float>();
  double sum = 0;
  for (int64_t row = first; row < last; ++row) sum += values[static_cast<size_t>(4 * row + column)];
  return sum / static_cast<double>(last - first);
}

// The means that Fisher gives in his table II.
TEST(Iris, HasFishersMeans) {
  const double means[3][4] = {{5.006, 3.428, 1.462, 0.246}, {5.936, 2.770, 4.260, 1.326}, {6.588, 2.974, 5.552, 2.026}};
  for (int species = 0; species < 3; ++species)
    for (int column = 0; column < 4; ++column)
      EXPECT_NEAR(mean(column, 50 * species, 50 * species + 50), means[species][column], 1e-6) << species << column;
}

// Within-species sums of squares and products of I. setosa: the copies with rows 35 and 38 wrong miss them.
TEST(Iris, HasFishersDeviationsOfSetosa) {
  const double deviations[4] = {0.35248969, 0.37906437, 0.17366400, 0.10538559};
  const Tensor x = iris_measurements();
  const auto values = x.span<float>();
  for (int column = 0; column < 4; ++column) {
    double squares = 0;
    for (size_t row = 0; row < 50; ++row)
      squares += std::pow(values[4 * row + static_cast<size_t>(column)] - mean(column, 0, 50), 2);
    EXPECT_NEAR(std::sqrt(squares / 49), deviations[column], 1e-6) << column;
  }
}

TEST(Iris, HasFiftyOfEachSpecies) { EXPECT_EQ(class_counts(iris_species(), 3), (std::vector<int64_t>{50, 50, 50})); }

TEST(Iris, KeepsTenOfEachForTheTest) {
  const Dataset dataset = iris(0);
  EXPECT_EQ(dataset.train_count(), 120);
  EXPECT_EQ(class_counts(dataset.y_test, 3), (std::vector<int64_t>{10, 10, 10}));
  EXPECT_EQ(dataset.labels[0], "setosa");
}

TEST(Iris, DrawsOtherTestRowsForAnotherSeed) {
  const auto test_rows = [](uint64_t seed) {
    const Dataset dataset = iris(seed);
    const auto values = dataset.x_test.span<float>();
    return std::vector<float>(values.begin(), values.end());
  };
  EXPECT_EQ(test_rows(1), test_rows(1));
  EXPECT_NE(test_rows(1), test_rows(2));
}

TEST(Iris, IsMixedWhenAskedWithTheSameRowsForTheTest) {
  const Dataset kept = iris(1);
  const Dataset mixed = iris(1, 0.2, true);
  const auto last = [](const Dataset& dataset) {
    const auto labels = dataset.y_train.span<int32_t>();
    return std::set<int32_t>(labels.end() - 24, labels.end()).size();
  };
  EXPECT_EQ(last(kept), 1U);
  EXPECT_EQ(last(mixed), 3U);
  EXPECT_EQ(class_counts(mixed.y_train, 3), (std::vector<int64_t>{40, 40, 40}));
  const auto a = kept.x_test.span<float>();
  const auto b = mixed.x_test.span<float>();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-6);
}

TEST(Iris, IsStandardised) {
  const Dataset dataset = iris(3);
  double sum = 0;
  double squares = 0;
  for (const float value : dataset.x_train.span<float>()) {
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  EXPECT_NEAR(sum / 480, 0, 1e-6);
  EXPECT_NEAR(squares / 480, 1, 1e-6);
}

}  // namespace
}  // namespace trainyard
