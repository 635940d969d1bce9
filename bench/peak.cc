#include "bench/peak.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "engine/core/thread_pool.h"

namespace trainyard::bench {
namespace {

constexpr int kChains = 12;  // more than latency times width of any core so far
constexpr int64_t kRounds = 400'000;

#if defined(__x86_64__)
[[gnu::target("avx512f,fma")]] float spin_avx512() {
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512 factor = _mm512_set1_ps(0.999F);
  for (int64_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) sums[i] = _mm512_fmadd_ps(sums[i], factor, factor);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}
[[gnu::target("avx2,fma")]] float spin_avx2() {
  __m256 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  const __m256 factor = _mm256_set1_ps(0.999F);
  for (int64_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) sums[i] = _mm256_fmadd_ps(sums[i], factor, factor);
  }
  for (int i = 1; i < kChains; ++i) sums[0] = _mm256_add_ps(sums[0], sums[i]);
  return _mm256_cvtss_f32(sums[0]);
}
#endif

/// Four lanes, a product and a sum: what SSE2 has.
float spin_plain() {
  typedef float Floats __attribute__((vector_size(16)));
  Floats sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = Floats{} + static_cast<float>(i);
  const Floats factor = Floats{} + 0.999F;
  for (int64_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) sums[i] = sums[i] * factor + factor;
  }
  for (int i = 1; i < kChains; ++i) sums[0] += sums[i];
  return sums[0][0];
}

}  // namespace

double peak_gflops(std::string_view instruction_set, int threads) {
  static std::map<std::pair<std::string, int>, double> known;
  double& best = known[{std::string(instruction_set), threads}];
  if (best > 0) return best;
  float (*spin)() = spin_plain;
  double lanes = 4;
#if defined(__x86_64__)
  if (instruction_set == "avx512") spin = spin_avx512, lanes = 16;
  if (instruction_set == "avx2") spin = spin_avx2, lanes = 8;
#endif
  ThreadPool pool(threads);
  volatile float sink = 0;
  for (int round = 0; round < 20; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    pool.parallel_for(threads, [&](int64_t, int) { sink = spin(); });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    best = std::max(best, 2.0 * lanes * kChains * kRounds * threads / seconds.count() * 1e-9);
  }
  return best;
}

}  // namespace trainyard::bench
