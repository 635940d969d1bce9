#include "engine/core/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "engine/core/check.h"
#include "engine/core/futex.h"

namespace trainyard {
namespace {

// A short spin catches the next op of a step (tens of microseconds away); then the futex, since two cores must also draw
// the page. WebAssembly has no instruction to pause with: there a look costs a nanosecond, not fifty.
#if defined(__wasm__)
constexpr int kSpins = 50'000;
#else
constexpr int kSpins = 2000;
#endif

inline void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

/// A job is handed out block by block through `ticket`, whose halves are the number of the job and how many of its blocks
/// nobody has taken yet. The caller waits for blocks, not for workers: one that the system has not let run in time has
/// nothing to be waited for, and joins whatever job is on when it wakes.
struct ThreadPool::State {
  std::vector<std::thread> workers;
  std::atomic<uint32_t> generation{0};
  std::atomic<bool> stopping{false};
  std::atomic<uint64_t> ticket{0};
  std::atomic<uint32_t> done{0};  // blocks of the job that are finished
  // The job, written while no block of the one before is left. Atomic, because a late worker may look at the wrong moment; it
  // then loses the ticket and does not use what it has seen.
  std::atomic<const void*> context{nullptr};
  std::atomic<Task> task{nullptr};
  std::atomic<uint32_t> blocks{0};

  static constexpr uint64_t kOneJob = uint64_t{1} << 32;
  static uint32_t left_in(uint64_t ticket) { return static_cast<uint32_t>(ticket & (kOneJob - 1)); }

  void publish(const void* new_context, Task new_task, uint32_t new_blocks) {
    context.store(new_context, std::memory_order_relaxed);
    task.store(new_task, std::memory_order_relaxed);
    blocks.store(new_blocks, std::memory_order_relaxed);
    done.store(0, std::memory_order_relaxed);
    const uint64_t job = ticket.load(std::memory_order_relaxed) / kOneJob + 1;
    ticket.store(job * kOneJob + new_blocks, std::memory_order_release);
    generation.fetch_add(1, std::memory_order_release);
    wake_all(generation);
  }

  /// Takes and runs blocks until none is left.
  void drain() {
    for (uint64_t seen = ticket.load(std::memory_order_acquire); left_in(seen) != 0;) {
      const void* const of = context.load(std::memory_order_relaxed);
      const Task run = task.load(std::memory_order_relaxed);
      const uint32_t all = blocks.load(std::memory_order_relaxed);
      // Where the exchange succeeds, the ticket has not changed since it was read, so neither has the job.
      if (!ticket.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
      run(of, all - left_in(seen));
      if (done.fetch_add(1, std::memory_order_acq_rel) + 1 == all) wake_all(done);
      seen = ticket.load(std::memory_order_acquire);
    }
  }

  void work() {
    for (;;) {
      // Before `stopping` is looked at, or the last change could be missed.
      const uint32_t seen = generation.load(std::memory_order_acquire);
      if (stopping.load(std::memory_order_acquire)) return;
      drain();
      wait_for_change(seen);
    }
  }

  void wait_for_change(uint32_t seen) {
    for (int spin = 0; spin < kSpins; ++spin) {
      if (generation.load(std::memory_order_acquire) != seen) return;
      pause_briefly();
    }
    while (generation.load(std::memory_order_acquire) == seen) wait_while_equal(generation, seen);
  }

  void wait_until_done(uint32_t all) {
    for (int spin = 0; spin < kSpins; ++spin) {
      if (done.load(std::memory_order_acquire) == all) return;
      pause_briefly();
    }
    for (uint32_t count = done.load(std::memory_order_acquire); count != all;
         count = done.load(std::memory_order_acquire))
      wait_while_equal(done, count);
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  for (int i = 1; i < std::min(threads, most_threads()); ++i)
    state_->workers.emplace_back([state = state_.get()] { state->work(); });
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
  check(blocks < int64_t{1} << 32, "a job has fewer blocks than a word counts");
  state_->publish(context, task, static_cast<uint32_t>(blocks));
  state_->drain();
  state_->wait_until_done(static_cast<uint32_t>(blocks));
}

int hardware_threads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace trainyard
