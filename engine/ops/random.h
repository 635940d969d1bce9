// What op::Random and op::RandomLogGamma draw, element by element; every backend draws the same words.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/core/philox.h"
#include "engine/ops/source.h"

namespace trainyard {

/// The run's seed and the op's own in one. Without a seed of its own the op has the run's.
/// The mixing is the finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014, doi:10.1145/2660193.2660195).
constexpr uint64_t combined_seed(uint64_t run_seed, uint64_t own_seed) {
  if (own_seed == 0) return run_seed;
  uint64_t mixed = own_seed + 0x9E3779B97F4A7C15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
  return run_seed ^ mixed ^ (mixed >> 31);
}

inline Philox random_words(const op::Random& random, uint64_t run_seed, uint32_t step) {
  return {.seed = combined_seed(run_seed, random.seed), .stream = random.stream, .step = step};
}

/// Standard normal within two standard deviations. Each redraw of element i is element i of a region of the stream of
/// its own, 2^48 elements further on, so that an element's value depends on no other. 16 draws all outside have a
/// probability below 1e-21; the last is then cut.
inline double truncated_normal(const Philox& words, uint64_t element) {
  double value = 0;
  for (uint64_t attempt = 0; attempt < 16; ++attempt) {
    value = words.normal(element + (attempt << 48));
    if (std::abs(value) <= 2) return value;
  }
  return value < 0 ? -2 : 2;
}

/// Element `element` of `random`'s output. T is float or double; both see the same words, uniforms have 24 bits.
template <typename T>
T random_element(const op::Random& random, const Philox& words, uint64_t element) {
  switch (random.kind) {
    case op::RandomKind::uniform: {
      const T value = static_cast<T>(random.a + (random.b - random.a) * words.uniform(element));
      const T end = static_cast<T>(random.b);
      // rounding must not reach the open end
      return value >= end && random.b > random.a ? std::nextafter(end, -std::numeric_limits<T>::infinity()) : value;
    }
    case op::RandomKind::normal: return static_cast<T>(random.a + random.b * words.normal(element));
    case op::RandomKind::truncated_normal:
      return static_cast<T>(random.a + random.b * truncated_normal(words, element));
    case op::RandomKind::bernoulli: return words.uniform(element) < random.a ? T{1} : T{0};
  }
  return T{};
}

/// Element `element` of RandomLogGamma's output, by G. Marsaglia and W. Tsang, "A simple method for generating gamma
/// variables", ACM TOMS 26 (2000), doi:10.1145/358407.358414; shapes below 1 by their section 6, in logarithms.
/// Attempt k of element i is block i of a region of the stream of its own, 2^48 blocks further on. An attempt fails with
/// less than 5 %, so that 16 all fail with a probability below 1e-20; the last is then taken as it is.
inline double random_log_gamma(double shape, const Philox& words, uint64_t element) {
  const double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  double result = 0;
  for (uint64_t attempt = 0; attempt < 16; ++attempt) {
    const PhiloxBlock block = words.block(element + (attempt << 48));
    const auto uniform = [&](size_t i) { return (static_cast<double>(block[i]) + 0.5) * 0x1p-32; };  // (0, 1)
    const double x = std::sqrt(-2 * std::log(uniform(0))) * std::cos(2 * std::numbers::pi * uniform(1));
    const double v = std::pow(std::max(1 + c * x, 1e-9), 3);
    result = std::log(d * v) + (shape < 1 ? std::log(uniform(3)) / shape : 0);
    if (1 + c * x > 0 && std::log(uniform(2)) < 0.5 * x * x + d - d * v + d * std::log(v)) break;
  }
  return result;
}

}  // namespace trainyard
