#include "engine/core/thread_pool.h"

#include <gtest/gtest.h>

#include <array>
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
      pool.parallel_for(blocks, [&](int64_t block, int) { ++runs[static_cast<size_t>(block)]; });
      for (const std::atomic<int>& count : runs) ASSERT_EQ(count, 1) << threads << " threads, " << blocks << " blocks";
    }
  }
}

TEST(ThreadPool, IsDoneWhenItReturns) {
  ThreadPool pool(4);
  // Plain memory: were a block still running, the thread sanitizer and the sum would tell.
  std::vector<int64_t> values(64);
  for (int64_t round = 0; round < 3000; ++round) {
    pool.parallel_for(64, [&](int64_t block, int) { values[static_cast<size_t>(block)] = round + block; });
    ASSERT_EQ(std::accumulate(values.begin(), values.end(), int64_t{0}), 64 * round + 2016);
  }
}

TEST(ThreadPool, GivesAThreadOneBodyAtATime) {
  ThreadPool pool(4);
  std::array<std::atomic<int>, 4> busy{};
  std::atomic<int> strangers{0}, met{0};
  for (int round = 0; round < 300; ++round)
    pool.parallel_for(33, [&](int64_t, int thread) {
      if (thread < 0 || thread >= 4) return void(++strangers);
      std::atomic<int>& mine = busy[static_cast<size_t>(thread)];
      if (++mine != 1) ++met;
      --mine;
    });
  EXPECT_EQ(strangers, 0);
  EXPECT_EQ(met, 0);
}

TEST(ThreadPool, DealsTheSameBlocksToAThreadAndLetsOthersHelp) {
  ThreadPool pool(2);
  // Both wait for each other's first block: so nobody is late, and each begins with its own run.
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> begun{0};
    std::array<int, 2> who{};
    pool.parallel_for(2, [&](int64_t block, int thread) {
      who[static_cast<size_t>(block)] = thread;
      for (++begun; begun < 2;) std::this_thread::yield();
    });
    EXPECT_EQ(who[0], 0);
    EXPECT_EQ(who[1], 1);
  }
  // The worker's first block waits for all the others: somebody else runs the rest of its run.
  std::array<std::atomic<int>, 16> who{};
  std::atomic<int> finished{0};
  pool.parallel_for(16, [&](int64_t block, int thread) {
    who[static_cast<size_t>(block)] = thread;
    if (block == 8)
      while (finished < 15) std::this_thread::yield();
    ++finished;
  });
  const int helper = who[9];
  EXPECT_NE(helper, who[8]);
  for (size_t block = 9; block < 16; ++block) EXPECT_EQ(who[block], helper) << block;
}

TEST(ThreadPool, WakesAfterARest) {
  ThreadPool pool(3);
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> sum{0};
    pool.parallel_for(10, [&](int64_t block, int) { sum += static_cast<int>(block); });
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
