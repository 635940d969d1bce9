// kernel_bench without Google Benchmark, for builds that lack it (WebAssembly under node, or in a page):
//   kernel_times [filter] [threads] [batch] [instruction set]
// Prints the shortest time of many runs; with the filter "agreement" it compares every op case with ref instead.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/kernel_runner.h"
#include "engine/backends/cpu/cpu_backend.h"
#include "tests/backends/agreement.h"

namespace trainyard::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// Seconds of the fastest run within about 0.3 s; a small batch makes runs that a busy machine does not interrupt.
double fastest(KernelRunner& runner) {
  double best = 1e9;
  const auto end = Clock::now() + std::chrono::milliseconds(300);
  int runs = 1;
  for (int round = 0; round < 5 || Clock::now() < end; ++round) {
    const auto begin = Clock::now();
    for (int i = 0; i < runs; ++i) runner.run();
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    best = std::min(best, seconds / runs);
    if (seconds < 1e-4) runs *= 2;
  }
  return best;
}

int check_agreement(const Backend& backend) {
  int failures = 0;
  int supported = 0;
  for (const testing::OpCase& op_case : testing::op_cases()) {
    const testing::CaseReport report = testing::check_case(backend, op_case);
    supported += report.supported ? 1 : 0;
    for (const std::string& failure : report.failures) std::printf("%s\n", failure.c_str()), ++failures;
  }
  std::printf("%s: %d cases, %d failures\n", std::string(backend.instruction_set()).c_str(), supported, failures);
  return failures == 0 ? 0 : 1;
}

int run(const std::string& filter, int threads, int batch, std::string_view isa) {
  const auto backend = make_cpu_backend(isa);
  if (backend == nullptr) return std::fprintf(stderr, "no such instruction set here\n"), 1;
  if (filter == "agreement") return check_agreement(*backend);
  for (const KernelCase& kernel_case : net_kernels(batch)) {
    if (kernel_case.name.find(filter) == std::string::npos) continue;
    KernelRunner runner(*backend, kernel_case, threads);
    const double seconds = fastest(runner);
    const Cost cost = runner.cost();
    std::printf("%-28s %10.1f us %8.1f GFLOP/s %7.1f GB/s\n", kernel_case.name.c_str(), seconds * 1e6,
                static_cast<double>(2 * cost.macs + cost.flops) / seconds * 1e-9,
                static_cast<double>(cost.bytes) / seconds * 1e-9);
  }
  return 0;
}

}  // namespace
}  // namespace trainyard::bench

int main(int argc, char** argv) {
  return trainyard::bench::run(argc > 1 ? argv[1] : "", argc > 2 ? std::atoi(argv[2]) : 1,
                               argc > 3 ? std::atoi(argv[3]) : 128,
                               argc > 4 ? argv[4] : trainyard::cpu_instruction_sets().back());
}
