// What one core can do at most, measured and not looked up: a loop of independent multiply-adds in registers.
#pragma once

#include <string_view>

namespace trainyard::bench {

/// GFLOP/s (a multiply-add counts two) of `threads` threads with the given instruction set of the cpu backend.
/// Measured once for each pair, over some 50 ms, the best of several rounds.
double peak_gflops(std::string_view instruction_set, int threads);

}  // namespace trainyard::bench
