#include "engine/core/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "engine/core/futex.h"

namespace trainyard {
namespace {

// A short spin catches the next op of a step (microseconds away); then the futex, since two cores must also draw the page.
constexpr int kSpins = 2000;

inline void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

struct ThreadPool::State {
  std::vector<std::thread> workers;
  std::atomic<uint32_t> generation{0};
  std::atomic<bool> stopping{false};
  // Of the current job; written before `generation` is raised.
  const void* context = nullptr;
  Task task = nullptr;
  int64_t blocks = 0;
  std::atomic<int64_t> next{0};
  std::atomic<uint32_t> busy{0};

  void drain() {
    for (int64_t block = next.fetch_add(1, std::memory_order_relaxed); block < blocks;
         block = next.fetch_add(1, std::memory_order_relaxed))
      task(context, block);
  }

  void work() {
    uint32_t seen = 0;
    for (;;) {
      wait_for_change(seen);
      seen = generation.load(std::memory_order_acquire);
      if (stopping.load(std::memory_order_acquire)) return;
      drain();
      if (busy.fetch_sub(1, std::memory_order_acq_rel) == 1) wake_all(busy);
    }
  }

  void wait_for_change(uint32_t seen) {
    for (int spin = 0; spin < kSpins; ++spin) {
      if (generation.load(std::memory_order_acquire) != seen) return;
      pause_briefly();
    }
    while (generation.load(std::memory_order_acquire) == seen) wait_while_equal(generation, seen);
  }

  void wait_until_idle() {
    for (int spin = 0; spin < kSpins; ++spin) {
      if (busy.load(std::memory_order_acquire) == 0) return;
      pause_briefly();
    }
    for (uint32_t left = busy.load(std::memory_order_acquire); left != 0; left = busy.load(std::memory_order_acquire))
      wait_while_equal(busy, left);
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  for (int i = 1; i < threads; ++i) state_->workers.emplace_back([state = state_.get()] { state->work(); });
}

ThreadPool::~ThreadPool() {
  state_->stopping.store(true, std::memory_order_release);
  state_->generation.fetch_add(1, std::memory_order_release);
  wake_all(state_->generation);
  for (std::thread& worker : state_->workers) worker.join();
}

int ThreadPool::threads() const { return static_cast<int>(state_->workers.size()) + 1; }

void ThreadPool::run(int64_t blocks, const void* context, Task task) {
  if (blocks <= 1 || state_->workers.empty()) {
    for (int64_t block = 0; block < blocks; ++block) task(context, block);
    return;
  }
  state_->context = context;
  state_->task = task;
  state_->blocks = blocks;
  state_->next.store(0, std::memory_order_relaxed);
  state_->busy.store(static_cast<uint32_t>(state_->workers.size()), std::memory_order_relaxed);
  state_->generation.fetch_add(1, std::memory_order_release);
  wake_all(state_->generation);
  state_->drain();
  state_->wait_until_idle();
}

int hardware_threads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace trainyard
