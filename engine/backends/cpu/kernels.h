// What the files of kernels share: how a kernel gets its instruction set, how work is cut into blocks.
#pragma once

#include <algorithm>
#include <array>

#include "engine/backends/cpu/instruction_sets.h"
#include "engine/runtime/kernel.h"

namespace trainyard::cpu {

/// Adds the kernels of one family to the table of instruction set number `isa`.
void add_elementwise(KernelTable& table, int isa);
void add_fused(KernelTable& table, int isa);
void add_move(KernelTable& table);
void add_rows(KernelTable& table, int isa);
void add_source(KernelTable& table);
void add_image(KernelTable& table);
void add_matmul(KernelTable& table, int isa);
void add_convolution(KernelTable& table, int isa);
void add_input_gradient(KernelTable& table, int isa);
void add_filter_gradient(KernelTable& table, int isa);
/// After the convolutions: of two kernels that take the same operands the later one wins.
void add_depthwise(KernelTable& table, int isa);
void add_pooling(KernelTable& table, int isa);

// A kernel function carries no state, so there is one instance of each kernel an instruction set.

template <typename T, void (*F)(const SimdTable&, const T&, const KernelCall&), int Isa>
void run_on(const Op& op, const KernelCall& call) {
  F(simd_tables[Isa], *std::get_if<T>(&op), call);
}
template <typename T, size_t (*F)(const SimdTable&, const T&, InputTypes, OutputTypes, int), int Isa>
size_t workspace_on(const Op& op, InputTypes in, OutputTypes out, int threads) {
  return F(simd_tables[Isa], *std::get_if<T>(&op), in, out, threads);
}

/// The instance of kernel F for instruction set number `isa`.
template <typename T, void (*F)(const SimdTable&, const T&, const KernelCall&), int Isa = 0>
KernelFunction kernel_for(int isa) {
  if constexpr (Isa + 1 < kInstructionSets) {
    if (isa != Isa) return kernel_for<T, F, Isa + 1>(isa);
  }
  return run_on<T, F, Isa>;
}
template <typename T, size_t (*F)(const SimdTable&, const T&, InputTypes, OutputTypes, int), int Isa = 0>
WorkspaceFunction workspace_for(int isa) {
  if constexpr (Isa + 1 < kInstructionSets) {
    if (isa != Isa) return workspace_for<T, F, Isa + 1>(isa);
  }
  return workspace_on<T, F, Isa>;
}

template <typename T, KeptForm (*F)(const SimdTable&, const T&, InputTypes), int Isa>
KeptForm form_on(const Op& op, InputTypes in) {
  return F(simd_tables[Isa], *std::get_if<T>(&op), in);
}
template <typename T, KeptForm (*F)(const SimdTable&, const T&, InputTypes), int Isa = 0>
auto form_for(int isa) -> KeptForm (*)(const Op&, InputTypes) {
  if constexpr (Isa + 1 < kInstructionSets) {
    if (isa != Isa) return form_for<T, F, Isa + 1>(isa);
  }
  return form_on<T, F, Isa>;
}

/// Every operand is f32.
bool all_f32(const Op& op, InputTypes in, OutputTypes out);

RowActivation row_activation(op::Epilogue::Activation activation);

inline constexpr int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Workspace in units that keep every part on a cache line of its own.
inline constexpr int64_t round_to_line(int64_t floats) { return divide_up(floats, 16) * 16; }

/// Runs body(slot, block) for every block; no two bodies of one slot run at once, so that a slot may have scratch
/// memory. Slots are numbered from 0 and fewer than the pool's threads. Blocks must be cut by shape alone.
template <typename Body>
void for_blocks(const KernelCall& call, int64_t blocks, const Body& body) {
  if (call.pool == nullptr) {
    for (int64_t block = 0; block < blocks; ++block) body(0, block);
    return;
  }
  call.pool->parallel_for(blocks, [&](int64_t block, int thread) { body(thread, block); });
}

/// Runs body(begin, end) over [0, n) in blocks of `size`.
template <typename Body>
void for_ranges(const KernelCall& call, int64_t n, int64_t size, const Body& body) {
  for_blocks(call, divide_up(n, size),
             [&](int64_t, int64_t block) { body(block * size, std::min(n, (block + 1) * size)); });
}

/// Elements of an elementwise block: long enough to outweigh the hand-over, short enough to share.
inline constexpr int64_t kElementBlock = 16384;

}  // namespace trainyard::cpu
