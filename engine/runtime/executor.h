// Runs a plan: pointers are resolved once, a step is a walk over kernel calls. No allocation, no lock, no copy in run().
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/planner.h"

namespace trainyard {

/// Scratch memory shared by the plans of a session, since only one runs at a time.
class Arena {
 public:
  /// Makes it at least this large. Throws std::bad_alloc; contents are lost.
  void reserve(size_t bytes);
  char* data() const { return static_cast<char*>(memory_.get()); }
  size_t bytes() const { return bytes_; }

 private:
  std::shared_ptr<void> memory_;
  size_t bytes_ = 0;
};

/// A form that stays, and the version of the variable that it was made from.
struct KeptMemory {
  PlannedKept what;
  std::shared_ptr<void> bytes;
  uint64_t version = 0;
};

/// Kept forms by what they are: the plans of a session share them, and the last plan that uses one frees it.
class KeptStore {
 public:
  /// Throws std::bad_alloc.
  std::shared_ptr<KeptMemory> share(const PlannedKept& what);
  size_t bytes() const;

 private:
  std::vector<std::weak_ptr<KeptMemory>> entries_;
};

/// What an executor needs of its session; all of it must outlive the executor.
struct Memories {
  Variables& variables;
  Arena& arena;
  KeptStore& kept;
};

/// Time spent in one kind of op of one layer.
struct ProfileEntry {
  std::string op;
  std::string scope;
  int64_t calls = 0;
  double milliseconds = 0;
};

/// One plan bound to memory. Memories and pool must outlive it. Not thread-safe.
class Executor {
 public:
  /// Throws std::bad_alloc.
  Executor(Plan plan, const Memories& memories, ThreadPool& pool);
  // Kernel calls point into the executor itself.
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  const Plan& plan() const { return plan_; }
  /// Points input number `input` (its order of creation) at `data`, which must hold the input's bytes while run() runs.
  void bind(int input, const void* data);
  /// Executes every step once. All inputs must be bound. User mistakes cannot happen here.
  void run(const StepInfo& step);
  /// The bytes of a graph output after run(), valid until any plan of the same arena runs.
  TensorView output(int value_id) const;

  void set_profiling(bool on);
  /// By op and scope, slowest first.
  std::vector<ProfileEntry> profile() const;

 private:
  struct Call {
    const Op* op = nullptr;
    KernelFunction kernel = nullptr;
    std::vector<TensorView> inputs;
    std::vector<TensorView> outputs;
    size_t workspace_offset = 0;
    bool has_workspace = false;
    KeptMemory* kept = nullptr;
  };
  /// A pointer of a call that follows a bound input.
  struct InputUse {
    size_t call;
    size_t operand;
    size_t offset;
  };

  void build_calls();
  void resolve();
  void execute(const Call& call, const StepInfo& step) const;
  void* address(const Place& place) const;
  void run_profiled(const StepInfo& step);

  Plan plan_;
  Variables& variables_;
  Arena& arena_;
  ThreadPool& pool_;
  std::vector<std::shared_ptr<KeptMemory>> kept_;
  std::vector<Call> calls_;
  std::vector<std::vector<InputUse>> input_uses_;
  std::vector<const void*> bound_;
  char* resolved_for_ = nullptr;
  bool profiling_ = false;
  int64_t profiled_runs_ = 0;
  std::vector<double> seconds_;
};

}  // namespace trainyard
