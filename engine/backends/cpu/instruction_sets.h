// The instruction sets of this build and their tables.
#pragma once

#include "engine/backends/cpu/simd_table.h"

namespace trainyard::cpu {

#if defined(__x86_64__)
inline constexpr int kInstructionSets = 3;
#else
inline constexpr int kInstructionSets = 1;
#endif

/// Tables of the build's instruction sets, from the most modest; filled before the first backend is made.
extern SimdTable simd_tables[kInstructionSets];

/// Fills the tables once; from any thread.
void fill_simd_tables();

/// Whether this machine runs instruction set number `index`.
bool runs_here(int index);

}  // namespace trainyard::cpu
