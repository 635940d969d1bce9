// What a run needs around a plan: backends, threads, variables and scratch memory.
#pragma once

#include <memory>
#include <vector>

#include "engine/runtime/executor.h"

namespace trainyard {

/// What outlives a model: kernels and threads. In a page threads are spawned once, before they are needed.
struct Device {
  /// In order of preference; kernels that the first lacks come from the next. threads: at least 1.
  Device(std::vector<std::unique_ptr<Backend>> backends_in_order, int threads);

  std::vector<std::unique_ptr<Backend>> backends;
  ThreadPool pool;
};

/// Owns a model's memory; executors made by it must not outlive it. Not thread-safe; sessions of one device run one at a time.
class Session {
 public:
  /// `with_memory` false: for plan() only.
  explicit Session(std::shared_ptr<Device> device, bool with_memory = true)
      : device_(std::move(device)), variables_(with_memory) {}

  Variables& variables() { return variables_; }
  const Variables& variables() const { return variables_; }
  /// Plans the graph and binds it to this session's memory. Up to `kept_limit` bytes beside it go into packed weights that runs
  /// share until a weight changes. Throws UserError (kernel.missing, memory.exhausted).
  std::unique_ptr<Executor> compile(Graph graph, size_t kept_limit = 0);
  /// Plans without taking memory: what it would need.
  Plan plan(Graph graph, size_t kept_limit = 0) const;
  const Backend& backend() const { return *device_->backends.front(); }
  const std::shared_ptr<Device>& device() const { return device_; }
  int threads() const { return device_->pool.threads(); }
  size_t arena_bytes() const { return arena_.bytes(); }
  size_t kept_bytes() const { return kept_.bytes(); }

 private:
  std::shared_ptr<Device> device_;
  Variables variables_;
  Arena arena_;
  KeptStore kept_;
};

}  // namespace trainyard
