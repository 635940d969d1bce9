// What a run needs around a plan: backends, threads, variables and scratch memory.
#pragma once

#include <memory>
#include <vector>

#include "engine/runtime/executor.h"

namespace trainyard {

/// Owns memory and threads; executors made by it must not outlive it. Not thread-safe.
class Session {
 public:
  /// Backends in order of preference; kernels that the first lacks come from the next. threads: at least 1.
  Session(std::vector<std::unique_ptr<Backend>> backends, int threads);

  Variables& variables() { return variables_; }
  const Variables& variables() const { return variables_; }
  /// Plans the graph and binds it to this session's memory. Throws UserError (kernel.missing, memory.exhausted).
  std::unique_ptr<Executor> compile(Graph graph);
  /// Plans without taking memory: what it would need.
  Plan plan(Graph graph) const;
  const Backend& backend() const { return *backends_.front(); }
  int threads() const { return pool_.threads(); }
  size_t arena_bytes() const { return arena_.bytes(); }

 private:
  std::vector<std::unique_ptr<Backend>> backends_;
  ThreadPool pool_;
  Variables variables_;
  Arena arena_;
};

}  // namespace trainyard
