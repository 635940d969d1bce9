#include "engine/core/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <optional>
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

/// A job's blocks are dealt in even runs, one a thread, so that from job to job a thread meets what it has in its caches; who is done with
/// its own helps the others. A run is handed out block by block through its `ticket`, whose halves are the number of the job and how many
/// of the run's blocks nobody has taken yet. The caller waits for blocks, not for workers: one that the system has not let run in time
/// has nothing to be waited for, and joins whatever job is on when it wakes.
struct ThreadPool::State {
  /// On a line of its own, which only its thread writes while everybody has work.
  struct alignas(64) Run {
    std::atomic<uint64_t> ticket{0};
  };

  explicit State(int threads) : runs(static_cast<size_t>(threads)) {}

  std::vector<Run> runs;  // by thread, the caller's first
  std::vector<std::thread> workers;
  std::atomic<uint32_t> generation{0};
  std::atomic<bool> stopping{false};
  std::atomic<uint32_t> done{0};  // blocks of the job that are finished
  // The job, written while no block of the one before is left. Atomic, because a late worker may look at the wrong moment; it
  // then loses the ticket and does not use what it has seen.
  std::atomic<const void*> context{nullptr};
  std::atomic<Task> task{nullptr};
  std::atomic<uint32_t> blocks{0};

  static constexpr uint64_t kOneJob = uint64_t{1} << 32;
  static uint64_t job_of(uint64_t ticket) { return ticket / kOneJob; }
  static uint32_t left_in(uint64_t ticket) { return static_cast<uint32_t>(ticket & (kOneJob - 1)); }
  /// The first block of a thread's run; of the number of threads: their end.
  uint32_t first_of(size_t thread, uint32_t all) const {
    return static_cast<uint32_t>((uint64_t{thread} * all + runs.size() - 1) / runs.size());
  }

  void publish(const void* new_context, Task new_task, uint32_t all) {
    context.store(new_context, std::memory_order_relaxed);
    task.store(new_task, std::memory_order_relaxed);
    blocks.store(all, std::memory_order_relaxed);
    done.store(0, std::memory_order_relaxed);
    const uint64_t job = job_of(runs[0].ticket.load(std::memory_order_relaxed)) + 1;
    for (size_t i = 0; i < runs.size(); ++i)
      runs[i].ticket.store(job * kOneJob + first_of(i + 1, all) - first_of(i, all), std::memory_order_release);
    generation.fetch_add(1, std::memory_order_release);
    wake_all(generation);
  }

  /// Takes and runs blocks until none is left, those of its own run first. A job that is published meanwhile is not helped with, or its
  /// runs would go to whoever happens to look: each thread comes back and begins with its own.
  void drain(size_t thread) {
    const uint64_t job = drain_run(thread, thread, std::nullopt);
    for (size_t i = 1; i < runs.size(); ++i) drain_run((thread + i) % runs.size(), thread, job);
  }

  /// `only`: the number of the job whose blocks are wanted. Gives that of the last one that was met.
  uint64_t drain_run(size_t run, size_t thread, std::optional<uint64_t> only) {
    std::atomic<uint64_t>& ticket = runs[run].ticket;
    uint64_t seen = ticket.load(std::memory_order_acquire);
    while (left_in(seen) != 0 && only.value_or(job_of(seen)) == job_of(seen)) {
      const void* const of = context.load(std::memory_order_relaxed);
      const Task body = task.load(std::memory_order_relaxed);
      const uint32_t all = blocks.load(std::memory_order_relaxed);
      // Where the exchange succeeds, the ticket has not changed since it was read, so neither has the job.
      if (!ticket.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
      body(of, first_of(run + 1, all) - left_in(seen), static_cast<int>(thread));
      if (done.fetch_add(1, std::memory_order_acq_rel) + 1 == all) wake_all(done);
      seen = ticket.load(std::memory_order_acquire);
    }
    return job_of(seen);
  }

  void work(size_t thread) {
    for (;;) {
      // Before `stopping` is looked at, or the last change could be missed.
      const uint32_t seen = generation.load(std::memory_order_acquire);
      if (stopping.load(std::memory_order_acquire)) return;
      drain(thread);
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

ThreadPool::ThreadPool(int threads)
    : state_(std::make_unique<State>(std::clamp(threads, 1, std::max(1, most_threads())))) {
  for (size_t i = 1; i < state_->runs.size(); ++i)
    state_->workers.emplace_back([state = state_.get(), i] { state->work(i); });
}

ThreadPool::~ThreadPool() {
  state_->stopping.store(true, std::memory_order_release);
  state_->generation.fetch_add(1, std::memory_order_release);
  wake_all(state_->generation);
  for (std::thread& worker : state_->workers) worker.join();
}

int ThreadPool::threads() const { return static_cast<int>(state_->runs.size()); }

void ThreadPool::run(int64_t blocks, const void* context, Task task) {
  if (blocks <= 1 || state_->workers.empty()) {
    for (int64_t block = 0; block < blocks; ++block) task(context, block, 0);
    return;
  }
  check(blocks < int64_t{1} << 32, "a job has fewer blocks than a word counts");
  state_->publish(context, task, static_cast<uint32_t>(blocks));
  state_->drain(0);
  state_->wait_until_done(static_cast<uint32_t>(blocks));
}

int hardware_threads() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace trainyard
