// Counter-based random numbers: the same (seed, stream, step, element) gives the same bits on every machine.
// Philox4x32-10, Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, doi:10.1145/2063384.2063405;
// the tests hold the authors' published known-answer vectors.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace trainyard {

using PhiloxBlock = std::array<uint32_t, 4>;

/// One block of four words from a 128-bit counter and a 64-bit key.
constexpr PhiloxBlock philox4x32(const PhiloxBlock& counter, const std::array<uint32_t, 2>& key) {
  // Plain numbers: where nothing is optimized, elements of an array are calls, and this is what augmentations wait for.
  uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53u} * c0;
    const uint64_t b = uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<uint32_t>(b >> 32) ^ c1 ^ k0;
    c1 = static_cast<uint32_t>(b);
    c2 = static_cast<uint32_t>(a >> 32) ^ c3 ^ k1;
    c3 = static_cast<uint32_t>(a);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

/// A stream of random numbers that can be entered at any element. `step` counts training steps, `stream` tells apart
/// the users of one seed (a layer's dropout, shuffling, an initializer).
struct Philox {
  uint64_t seed = 0;
  uint32_t stream = 0;
  uint32_t step = 0;

  /// Words 4*block .. 4*block+3.
  constexpr PhiloxBlock block(uint64_t index) const {
    return philox4x32({static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), stream, step},
                      {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  }
  constexpr uint32_t word(uint64_t element) const { return block(element / 4)[element % 4]; }
  /// In [0, 1), 24 bits.
  constexpr float uniform(uint64_t element) const { return static_cast<float>(word(element) >> 8) * 0x1p-24f; }
  /// In [0, n), by the high half of a product (bias below n / 2^32). Requires n > 0.
  constexpr uint32_t below(uint64_t element, uint32_t n) const {
    return static_cast<uint32_t>((uint64_t{word(element)} * n) >> 32);
  }
  /// Standard normal by Box-Muller in double; elements 2i and 2i+1 share two words.
  double normal(uint64_t element) const {
    const PhiloxBlock words = block(element / 4);
    const unsigned pair = element % 4 & ~1u;
    const double u1 = (static_cast<double>(words[pair]) + 1.0) * 0x1p-32;  // (0, 1]
    const double u2 = static_cast<double>(words[pair + 1]) * 0x1p-32;
    const double radius = std::sqrt(-2.0 * std::log(u1));
    const double angle = 2.0 * std::numbers::pi * u2;
    return radius * ((element & 1) != 0 ? std::sin(angle) : std::cos(angle));
  }
};

}  // namespace trainyard
