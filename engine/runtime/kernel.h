// Kernels and the table that finds them. A backend is such a table; kernels know ops, never layers.
#pragma once

#include <span>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/core/thread_pool.h"
#include "engine/ops/op.h"

namespace trainyard {

/// What changes from run to run; random ops read it.
struct StepInfo {
  uint64_t seed = 0;
  uint32_t step = 0;
};

/// Operands of one kernel call. Outputs are not initialised. An output shares memory with an input only where the
/// kernel was registered as in-place. Pointers are aligned to the element, arena slots to kTensorAlignment.
struct KernelCall {
  std::span<const TensorView> inputs;
  std::span<const TensorView> outputs;
  /// As many bytes as the kernel's workspace function asked for, aligned to kTensorAlignment; else null.
  void* workspace = nullptr;
  /// What prepare() of the kernel's KeptOperand makes or has made; null where the plan keeps nothing of this call.
  void* kept = nullptr;
  ThreadPool* pool = nullptr;
  const StepInfo* step = nullptr;
};

using KernelFunction = void (*)(const Op& op, const KernelCall& call);
/// Bytes of workspace. Must not depend on anything but its arguments.
using WorkspaceFunction = size_t (*)(const Op& op, InputTypes in, OutputTypes out, int threads);
using AcceptsFunction = bool (*)(const Op& op, InputTypes in, OutputTypes out);

/// What a kernel makes of an operand before it computes with it, as packed weights.
struct KeptForm {
  size_t bytes = 0;  // 0: nothing worth keeping
  int layout = 0;    // the same operand in two layouts is kept twice
  friend bool operator==(const KeptForm&, const KeptForm&) = default;
};

/// An operand of whose form a kernel has use for as long as the operand does not change, so that many runs share one preparation.
struct KeptOperand {
  int operand = -1;  // number of the input; -1: the kernel has none
  KeptForm (*form)(const Op& op, InputTypes in) = nullptr;
  /// Writes the form, of which kernels that share it all write the same bytes, to call.kept.
  KernelFunction prepare = nullptr;
  /// Workspace of a call that finds the form in call.kept.
  WorkspaceFunction workspace = nullptr;
};

struct KernelEntry {
  KernelFunction run = nullptr;
  AcceptsFunction accepts = nullptr;
  WorkspaceFunction workspace = nullptr;
  /// Output 0 (Fused: every output) may be the memory of any input of the same type: a block is read before it is written.
  bool in_place = false;
  KeptOperand kept = {};
};

/// Adapts `void f(const op::X&, const KernelCall&)` to KernelFunction.
template <typename T, void (*F)(const T&, const KernelCall&)>
void run_typed(const Op& op, const KernelCall& call) {
  F(*std::get_if<T>(&op), call);
}
template <typename T, bool (*F)(const T&, InputTypes, OutputTypes)>
bool accepts_typed(const Op& op, InputTypes in, OutputTypes out) {
  return F(*std::get_if<T>(&op), in, out);
}
template <typename T, size_t (*F)(const T&, InputTypes, OutputTypes, int)>
size_t workspace_typed(const Op& op, InputTypes in, OutputTypes out, int threads) {
  return F(*std::get_if<T>(&op), in, out, threads);
}

/// Kernels by op. Later entries win over earlier ones, so special cases are added last.
class KernelTable {
 public:
  template <typename T>
  void add(KernelEntry entry) {
    entries_[op_index<T>()].push_back(entry);
  }
  /// Null when no kernel takes these operands.
  const KernelEntry* find(const Op& op, InputTypes in, OutputTypes out) const;

 private:
  std::vector<KernelEntry> entries_[kOpCount];
};

}  // namespace trainyard
