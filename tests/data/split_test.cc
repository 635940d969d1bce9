#include "engine/data/split.h"

#include <gtest/gtest.h>

#include <cmath>

#include <algorithm>
#include <map>
#include <numeric>

#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

TEST(Permutation, HoldsEveryNumberOnce) {
  for (const int64_t count : {0, 1, 2, 7, 1000}) {
    std::vector<int32_t> order = permutation(count, {3, 1, 0});
    std::sort(order.begin(), order.end());
    std::vector<int32_t> all(static_cast<size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(order, all);
  }
}

TEST(Permutation, FollowsFromSeedStreamAndStep) {
  const auto order = permutation(50, {3, 1, 4});
  EXPECT_EQ(permutation(50, {3, 1, 4}), order);
  EXPECT_NE(permutation(50, {4, 1, 4}), order);
  EXPECT_NE(permutation(50, {3, 2, 4}), order);
  EXPECT_NE(permutation(50, {3, 1, 5}), order);
}

// All 24 orders of four, 24,000 draws: each about 1,000 times, deviation 31.
TEST(Permutation, FavoursNoOrder) {
  std::map<std::vector<int32_t>, int> counts;
  for (uint32_t step = 0; step < 24'000; ++step) ++counts[permutation(4, {7, 0, step})];
  EXPECT_EQ(counts.size(), 24u);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 160);
}

TEST(ValidationSplit, KeepsTheLastPartAsKerasDoes) {
  EXPECT_EQ(validation_begin(100, 0.2), 80);
  EXPECT_EQ(validation_begin(10, 0.25), 7);  // floor(7.5)
  EXPECT_EQ(validation_begin(60'000, 0.1), 54'000);
}

TEST(ValidationSplit, RefusesToLeaveASideEmpty) {
  for (const double fraction : {0.0, 1.0, -0.1, 1.5, 0.999, std::nan("")})
    EXPECT_EQ(thrown_by([&] { validation_begin(10, fraction); }).code, "data.validation_split") << fraction;
  EXPECT_EQ(thrown_by([&] { validation_begin(1, 0.5); }).code, "data.validation_split");
}

TEST(TestSplit, TakesTheSameShareOfEveryClass) {
  std::vector<int32_t> labels(40, 0);
  labels.resize(60, 1);
  labels.resize(62, 2);
  labels.resize(63, 3);
  const TestSplit split = stratified_split(labels, 4, 0.25, 9);
  EXPECT_EQ(split.train.size() + split.test.size(), labels.size());
  std::map<int32_t, int> counts;
  for (const int32_t row : split.test) ++counts[labels[static_cast<size_t>(row)]];
  EXPECT_EQ(counts, (std::map<int32_t, int>{{0, 10}, {1, 5}, {2, 1}}));  // a lone sample stays for training
  EXPECT_TRUE(std::is_sorted(split.test.begin(), split.test.end()));
  EXPECT_EQ(stratified_split(labels, 4, 0.25, 9).test, split.test);
  EXPECT_NE(stratified_split(labels, 4, 0.25, 10).test, split.test);
}

TEST(TestSplit, LeavesTheTestEmptyWhenAskedTo) {
  EXPECT_TRUE(stratified_split(std::vector<int32_t>{0, 0, 1, 1}, 2, 0, 1).test.empty());
  EXPECT_TRUE(random_split(10, 0, 1).test.empty());
  EXPECT_EQ(random_split(10, 0.3, 1).test.size(), 3u);
  EXPECT_EQ(random_split(10, 5, 1).train.size(), 1u);
  EXPECT_TRUE(random_split(0, 0.5, 1).test.empty());
}

TEST(Rows, AreViewedAndGathered) {
  const Tensor x = Tensor::of<int32_t>({3, 2}, {0, 1, 10, 11, 20, 21});
  const TensorView view = view_rows(x, 1, 3);
  EXPECT_EQ(view.shape, Shape({2, 2}));
  EXPECT_EQ(view.as<int32_t>()[3], 21);
  EXPECT_EQ(view.data, x.span<int32_t>().data() + 2);
  const Tensor gathered = gather_rows(x, std::vector<int32_t>{2, 0, 2});
  EXPECT_EQ(std::vector<int32_t>(gathered.span<int32_t>().begin(), gathered.span<int32_t>().end()),
            (std::vector<int32_t>{20, 21, 0, 1, 20, 21}));
  EXPECT_THROW(gather_rows(x, std::vector<int32_t>{3}), InternalError);
}

}  // namespace
}  // namespace trainyard
