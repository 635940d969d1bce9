#include "engine/core/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

namespace trainyard {
namespace {

TEST(ThreadPool, RunsEveryBlockOnce) {
  for (int threads = 1; threads <= 8; ++threads) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const int64_t blocks : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> runs(static_cast<size_t>(blocks));
      pool.parallel_for(blocks, [&](int64_t block) { ++runs[static_cast<size_t>(block)]; });
      for (const std::atomic<int>& count : runs) ASSERT_EQ(count, 1) << threads << " threads, " << blocks << " blocks";
    }
  }
}

TEST(ThreadPool, IsDoneWhenItReturns) {
  ThreadPool pool(4);
  // Plain memory: were a block still running, the thread sanitizer and the sum would tell.
  std::vector<int64_t> values(64);
  for (int64_t round = 0; round < 3000; ++round) {
    pool.parallel_for(64, [&](int64_t block) { values[static_cast<size_t>(block)] = round + block; });
    ASSERT_EQ(std::accumulate(values.begin(), values.end(), int64_t{0}), 64 * round + 2016);
  }
}

TEST(ThreadPool, WakesAfterARest) {
  ThreadPool pool(3);
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> sum{0};
    pool.parallel_for(10, [&](int64_t block) { sum += static_cast<int>(block); });
    EXPECT_EQ(sum, 45);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // long past the spin: the workers sleep
  }
}

TEST(ThreadPool, MayBeDroppedUnused) {
  for (int i = 0; i < 50; ++i) const ThreadPool pool(4);
  EXPECT_GE(hardware_threads(), 1);
}

}  // namespace
}  // namespace trainyard
