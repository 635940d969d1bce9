// A fixed pool of threads that runs numbered blocks. Which thread runs a block never changes a result: callers cut work
// into blocks by size alone, so the bits do not depend on the number of threads.
#pragma once

#include <cstdint>
#include <memory>

namespace trainyard {

class ThreadPool {
 public:
  /// `threads` counts the caller too; 1 spawns none. At least 1; a build without threads never spawns one.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  /// Runs body(block, thread) for block in [0, blocks), on the caller and the workers, and returns when all are done. `thread` is whose
  /// hands it is in, in [0, threads()): no two bodies of one thread run at once. Neighbouring blocks come to one thread, the same ones from
  /// call to call, unless another has nothing else to do. Allocates nothing. Not reentrant: a body must not call parallel_for.
  /// One caller at a time. Bodies must not throw.
  template <typename Body>
  void parallel_for(int64_t blocks, const Body& body) {
    run(blocks, &body,
        [](const void* context, int64_t block, int thread) { (*static_cast<const Body*>(context))(block, thread); });
  }

 private:
  using Task = void (*)(const void* context, int64_t block, int thread);
  void run(int64_t blocks, const void* context, Task task);

  struct State;
  std::unique_ptr<State> state_;
};

/// Cores that this process may use, at least 1.
int hardware_threads();

}  // namespace trainyard
