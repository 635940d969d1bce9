#include "engine/core/fingerprint.h"

#include <bit>
#include <utility>

namespace trainyard {
namespace {

// Primes of FarmHash.
constexpr uint64_t kA = 0xc3a5c85c97cb3127;
constexpr uint64_t kB = 0xb492b66fbe98f273;
constexpr uint64_t kC = 0x9ae16a3b2f90404f;

/// Little endian, whatever the machine.
template <typename T>
T load(const char* at) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(static_cast<unsigned char>(at[i])) << (8 * i);
  return value;
}
uint64_t load64(const char* at) { return load<uint64_t>(at); }

uint64_t fold(uint64_t value) { return value ^ (value >> 47); }

uint64_t mix(uint64_t u, uint64_t v, uint64_t factor) {
  const uint64_t a = fold((u ^ v) * factor);
  return fold((v ^ a) * factor) * factor;
}

uint64_t up_to_16(const char* s, size_t size) {
  const uint64_t factor = kC + size * 2;
  if (size >= 8) {
    const uint64_t a = load64(s) + kC;
    const uint64_t b = load64(s + size - 8);
    return mix(std::rotr(b, 37) * factor + a, (std::rotr(a, 25) + b) * factor, factor);
  }
  if (size >= 4) return mix(size + (uint64_t{load<uint32_t>(s)} << 3), load<uint32_t>(s + size - 4), factor);
  if (size == 0) return kC;
  const auto byte = [&](size_t i) { return uint32_t{static_cast<unsigned char>(s[i])}; };
  const uint32_t y = byte(0) + (byte(size >> 1) << 8);
  const uint32_t z = static_cast<uint32_t>(size) + (byte(size - 1) << 2);
  return fold(y * kC ^ z * kA) * kC;
}

uint64_t from_17_to_32(const char* s, size_t size) {
  const uint64_t factor = kC + size * 2;
  const uint64_t a = load64(s) * kB;
  const uint64_t b = load64(s + 8);
  const uint64_t c = load64(s + size - 8) * factor;
  const uint64_t d = load64(s + size - 16) * kC;
  return mix(std::rotr(a + b, 43) + std::rotr(c, 30) + d, a + std::rotr(b + kC, 18) + c, factor);
}

uint64_t from_33_to_64(const char* s, size_t size) {
  const uint64_t factor = kC + size * 2;
  const uint64_t a = load64(s) * kC;
  const uint64_t b = load64(s + 8);
  const uint64_t c = load64(s + size - 8) * factor;
  const uint64_t d = load64(s + size - 16) * kC;
  const uint64_t y = std::rotr(a + b, 43) + std::rotr(c, 30) + d;
  const uint64_t z = mix(y, a + std::rotr(b + kC, 18) + c, factor);
  const uint64_t e = load64(s + 16) * factor;
  const uint64_t f = load64(s + 24);
  const uint64_t g = (y + load64(s + size - 32)) * factor;
  const uint64_t h = (z + load64(s + size - 24)) * factor;
  return mix(std::rotr(e + f, 43) + std::rotr(g, 30) + h, e + std::rotr(f + a, 18) + g, factor);
}

using Pair = std::pair<uint64_t, uint64_t>;

/// 32 bytes and two seeds into two words.
Pair weak_mix(const char* s, uint64_t a, uint64_t b) {
  a += load64(s);
  b = std::rotr(b + a + load64(s + 24), 21);
  const uint64_t before = a;
  a += load64(s + 8) + load64(s + 16);
  b += std::rotr(a, 44);
  return {a + load64(s + 24), b + before};
}

/// The state of the loop over blocks of 64 bytes.
struct LongHash {
  uint64_t x, y, z;
  Pair v, w;

  void block(const char* s, uint64_t factor, uint64_t times) {
    x = std::rotr(x + y + v.first + load64(s + 8), 37) * factor;
    y = std::rotr(y + v.second + load64(s + 48), 42) * factor;
    x ^= w.second * times;
    y += v.first * times + load64(s + 40);
    z = std::rotr(z + w.first, 33) * factor;
    v = weak_mix(s, v.second * factor, x + w.first);
    w = weak_mix(s + 32, z + w.second, y + load64(s + 16));
    std::swap(z, x);
  }
};

uint64_t above_64(const char* s, size_t size) {
  constexpr uint64_t kSeed = 81;
  const uint64_t y = kSeed * kB + 113;
  LongHash hash{kSeed * kC + load64(s), y, fold(y * kC + 113) * kC, {0, 0}, {0, 0}};
  const size_t rest = (size - 1) & 63;
  const char* const end = s + (size - 1 - rest);
  for (const char* at = s; at != end; at += 64) hash.block(at, kB, 1);
  const uint64_t factor = kB + ((hash.z & 0xff) << 1);
  // The last block is the last 64 bytes, even where some of them were read before.
  hash.w.first += rest;
  hash.v.first += hash.w.first;
  hash.w.first += hash.v.first;
  hash.block(end + rest - 63, factor, 9);
  return mix(mix(hash.v.first, hash.w.first, factor) + fold(hash.y) * kA + hash.z,
             mix(hash.v.second, hash.w.second, factor) + hash.x, factor);
}

struct SipState {
  uint64_t a, b, c, d;

  void rounds(int count) {
    for (; count > 0; --count) {
      a += b;
      c += d;
      b = std::rotl(b, 13) ^ a;
      d = std::rotl(d, 16) ^ c;
      a = std::rotl(a, 32);
      c += b;
      a += d;
      b = std::rotl(b, 17) ^ c;
      d = std::rotl(d, 21) ^ a;
      c = std::rotl(c, 32);
    }
  }
  void take(uint64_t word) {
    d ^= word;
    rounds(2);
    a ^= word;
  }
};

}  // namespace

uint64_t farm_fingerprint64(std::string_view bytes) {
  const size_t size = bytes.size();
  if (size <= 16) return up_to_16(bytes.data(), size);
  if (size <= 32) return from_17_to_32(bytes.data(), size);
  return size <= 64 ? from_33_to_64(bytes.data(), size) : above_64(bytes.data(), size);
}

uint64_t sip_hash64(std::string_view bytes, std::array<uint64_t, 2> key) {
  // The paper's constants: "somepseudorandomlygeneratedbytes".
  SipState state{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
                 key[1] ^ 0x7465646279746573};
  const size_t whole = bytes.size() & ~size_t{7};
  for (size_t at = 0; at < whole; at += 8) state.take(load64(bytes.data() + at));
  uint64_t last = uint64_t{bytes.size() & 0xff} << 56;
  for (size_t at = whole; at < bytes.size(); ++at)
    last |= uint64_t{static_cast<unsigned char>(bytes[at])} << (8 * (at - whole));
  state.take(last);
  state.c ^= 0xff;
  state.rounds(4);
  return state.a ^ state.b ^ state.c ^ state.d;
}

uint64_t combine_fingerprints(uint64_t first, uint64_t second) {
  constexpr uint64_t kFactor = 0xc6a4a7935bd1e995;
  const uint64_t both = ((first ^ kFactor) ^ (fold(second * kFactor) * kFactor)) * kFactor;
  return fold(fold(both) * kFactor);
}

}  // namespace trainyard
