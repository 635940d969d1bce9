// Speed of single kernels: GFLOP/s, GB/s and the share of the measured peak.
//   kernel_bench [--isa=avx512] [--threads=1,2] [Google Benchmark's own flags, such as --benchmark_filter=lenet5]
#include <benchmark/benchmark.h>

#include <sstream>
#include <string>

#include "bench/kernel_runner.h"
#include "bench/peak.h"
#include "engine/backends/cpu/cpu_backend.h"

namespace trainyard::bench {
namespace {

void measure(benchmark::State& state, const Backend& backend, const KernelCase& kernel_case, int threads) {
  KernelRunner runner(backend, kernel_case, threads);
  runner.run();
  for (auto unused : state) runner.run();
  const Cost cost = runner.cost();
  const double flops = 2.0 * static_cast<double>(cost.macs) + static_cast<double>(cost.flops);
  const auto rate = [&](double amount) {
    return benchmark::Counter(amount * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
  };
  state.counters["GFLOP/s"] = rate(flops);
  state.counters["GB/s"] = rate(static_cast<double>(cost.bytes));
  state.counters["%peak"] = rate(flops * 100.0 / peak_gflops(backend.instruction_set(), threads));
}

/// The value of `--name=`, taken out of the arguments; `fallback` when absent.
std::string take_flag(int* argc, char** argv, const std::string& name, const std::string& fallback) {
  const std::string prefix = "--" + name + "=";
  std::string value = fallback;
  int kept = 1;
  for (int i = 1; i < *argc; ++i) {
    if (std::string(argv[i]).rfind(prefix, 0) == 0)
      value = argv[i] + prefix.size();
    else
      argv[kept++] = argv[i];
  }
  *argc = kept;
  return value;
}

int run(int argc, char** argv) {
  const std::string isa = take_flag(&argc, argv, "isa", std::string(cpu_instruction_sets().back()));
  std::stringstream threads(take_flag(&argc, argv, "threads", "1"));
  const auto backend = make_cpu_backend(isa);
  if (backend == nullptr) {
    std::fprintf(stderr, "this machine or build does not have the instruction set %s\n", isa.c_str());
    return 1;
  }
  const std::vector<KernelCase> cases = net_kernels();
  for (std::string count; std::getline(threads, count, ',');)
    for (const KernelCase& kernel_case : cases)
      benchmark::RegisterBenchmark((kernel_case.name + "/t" + count).c_str(),
                                   [&backend, &kernel_case, n = std::stoi(count)](benchmark::State& state) {
                                     measure(state, *backend, kernel_case, n);
                                   })
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace trainyard::bench

int main(int argc, char** argv) { return trainyard::bench::run(argc, argv); }
