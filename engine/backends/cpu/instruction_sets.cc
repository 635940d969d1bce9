#include "engine/backends/cpu/instruction_sets.h"

#include <mutex>

namespace trainyard::cpu {

#if defined(__x86_64__)
namespace isa_sse2 {
void fill_table(SimdTable& table);
}
namespace isa_avx2 {
void fill_table(SimdTable& table);
}
namespace isa_avx512 {
void fill_table(SimdTable& table);
}
#elif defined(__wasm__)
namespace isa_wasm {
void fill_table(SimdTable& table);
}
#else
namespace isa_vector {
void fill_table(SimdTable& table);
}
#endif

SimdTable simd_tables[kInstructionSets];

void fill_simd_tables() {
  static std::once_flag filled;
  std::call_once(filled, [] {
#if defined(__x86_64__)
    isa_sse2::fill_table(simd_tables[0]);
    isa_avx2::fill_table(simd_tables[1]);
    isa_avx512::fill_table(simd_tables[2]);
#elif defined(__wasm__)
    isa_wasm::fill_table(simd_tables[0]);
#else
    isa_vector::fill_table(simd_tables[0]);
#endif
  });
}

bool runs_here([[maybe_unused]] int index) {
#if defined(__x86_64__)
  // these ask the operating system's part (saved registers) too
  if (index == 1) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (index == 2)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
  return true;
}

}  // namespace trainyard::cpu
