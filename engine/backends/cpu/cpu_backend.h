// The cpu backend beyond make_cpu_backend() of runtime/backend.h: the choice of an instruction set, for tests and benchmarks.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "engine/runtime/backend.h"

namespace trainyard {

/// Instruction sets that this build has and this machine can run, the best last: some of "sse2", "avx2", "avx512",
/// "vector" (NEON, or whatever the compiler makes of four lanes), "wasm", "wasm-relaxed".
std::vector<std::string_view> cpu_instruction_sets();

/// The backend for one of cpu_instruction_sets(); null for any other name.
std::unique_ptr<Backend> make_cpu_backend(std::string_view instruction_set);

}  // namespace trainyard
