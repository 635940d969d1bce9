// The vector of the instruction set that this file is compiled for. Sources in this folder are compiled once an
// instruction set, each time into a namespace of its own (TRAINYARD_ISA), and use nothing inline from outside:
// a shared inline function compiled for AVX-512 might be the copy that the linker keeps for everybody.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#define TRAINYARD_INLINE [[gnu::always_inline]] static inline

namespace trainyard::cpu::TRAINYARD_ISA {

#if defined(__AVX512F__)
inline constexpr int kLanes = 16;
#elif defined(__AVX2__)
inline constexpr int kLanes = 8;
#else
inline constexpr int kLanes = 4;
#endif

/// Partial sums of a reduction; the same for every instruction set, so that the order of summation is.
inline constexpr int kPartials = 16;
inline constexpr int kPartialVectors = kPartials / kLanes;

typedef float Floats __attribute__((vector_size(4 * kLanes)));
typedef int32_t Ints __attribute__((vector_size(4 * kLanes)));
typedef float UnalignedFloats __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));
typedef int32_t UnalignedInts __attribute__((vector_size(4 * kLanes), aligned(4), may_alias));

TRAINYARD_INLINE Floats load(const float* from) { return *reinterpret_cast<const UnalignedFloats*>(from); }
TRAINYARD_INLINE void store(float* to, Floats value) { *reinterpret_cast<UnalignedFloats*>(to) = value; }
TRAINYARD_INLINE Floats zero() { return Floats{}; }
TRAINYARD_INLINE Floats splat(float value) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_set1_ps(value));
#elif defined(__AVX2__)
  return reinterpret_cast<Floats>(_mm256_set1_ps(value));
#elif defined(__x86_64__)
  return reinterpret_cast<Floats>(_mm_set1_ps(value));
#elif defined(__aarch64__)
  return reinterpret_cast<Floats>(vdupq_n_f32(value));
#elif defined(__wasm_simd128__)
  return reinterpret_cast<Floats>(wasm_f32x4_splat(value));
#else
  return Floats{value, value, value, value};
#endif
}
TRAINYARD_INLINE Ints splat_int(int32_t value) { return Ints{} + value; }

TRAINYARD_INLINE Ints bits(Floats value) { return reinterpret_cast<Ints>(value); }
TRAINYARD_INLINE Floats from_bits(Ints value) { return reinterpret_cast<Floats>(value); }

/// a * b + c, rounded once where the hardware can.
TRAINYARD_INLINE Floats fma(Floats a, Floats b, Floats c) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(
      _mm512_fmadd_ps(reinterpret_cast<__m512>(a), reinterpret_cast<__m512>(b), reinterpret_cast<__m512>(c)));
#elif defined(__FMA__)
  return reinterpret_cast<Floats>(
      _mm256_fmadd_ps(reinterpret_cast<__m256>(a), reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(c)));
#elif defined(__aarch64__)
  return reinterpret_cast<Floats>(
      vfmaq_f32(reinterpret_cast<float32x4_t>(c), reinterpret_cast<float32x4_t>(a), reinterpret_cast<float32x4_t>(b)));
#elif defined(__wasm_relaxed_simd__)
  return reinterpret_cast<Floats>(
      wasm_f32x4_relaxed_madd(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b), reinterpret_cast<v128_t>(c)));
#else
  return a * b + c;
#endif
}

/// Lane by lane mask ? a : b; a mask lane is 0 or -1, as comparisons give it.
TRAINYARD_INLINE Floats select(Ints mask, Floats a, Floats b) {
#if defined(__wasm_simd128__)
  return reinterpret_cast<Floats>(
      wasm_v128_bitselect(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b), reinterpret_cast<v128_t>(mask)));
#else
  return mask ? a : b;
#endif
}

/// a < b ? b : a, which is one instruction on x86; a NaN in `a` stays.
TRAINYARD_INLINE Floats max_keep_a(Floats a, Floats b) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_max_ps(reinterpret_cast<__m512>(b), reinterpret_cast<__m512>(a)));
#elif defined(__AVX2__)
  return reinterpret_cast<Floats>(_mm256_max_ps(reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(a)));
#elif defined(__x86_64__)
  return reinterpret_cast<Floats>(_mm_max_ps(reinterpret_cast<__m128>(b), reinterpret_cast<__m128>(a)));
#elif defined(__wasm_simd128__)
  return reinterpret_cast<Floats>(wasm_f32x4_pmax(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#else
  return select(a < b, b, a);
#endif
}
/// b < a ? b : a; a NaN in `a` stays.
TRAINYARD_INLINE Floats min_keep_a(Floats a, Floats b) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_min_ps(reinterpret_cast<__m512>(b), reinterpret_cast<__m512>(a)));
#elif defined(__AVX2__)
  return reinterpret_cast<Floats>(_mm256_min_ps(reinterpret_cast<__m256>(b), reinterpret_cast<__m256>(a)));
#elif defined(__x86_64__)
  return reinterpret_cast<Floats>(_mm_min_ps(reinterpret_cast<__m128>(b), reinterpret_cast<__m128>(a)));
#elif defined(__wasm_simd128__)
  return reinterpret_cast<Floats>(wasm_f32x4_pmin(reinterpret_cast<v128_t>(a), reinterpret_cast<v128_t>(b)));
#else
  return select(b < a, b, a);
#endif
}
/// The larger; NaN where either is NaN.
TRAINYARD_INLINE Floats max_nan(Floats a, Floats b) { return select(b != b, b, max_keep_a(a, b)); }
TRAINYARD_INLINE Floats min_nan(Floats a, Floats b) { return select(b != b, b, min_keep_a(a, b)); }

TRAINYARD_INLINE Floats abs(Floats x) { return from_bits(bits(x) & 0x7fffffff); }
/// The magnitude of x with the sign of y.
TRAINYARD_INLINE Floats copy_sign(Floats x, Floats y) {
  return from_bits((bits(x) & 0x7fffffff) | (bits(y) & INT32_MIN));
}

TRAINYARD_INLINE Floats sqrt(Floats x) {
#if defined(__AVX512F__)
  // The masked form: GCC 12 warns of an uninitialised operand inside the plain one.
  return reinterpret_cast<Floats>(_mm512_maskz_sqrt_ps(0xffff, reinterpret_cast<__m512>(x)));
#elif defined(__AVX2__)
  return reinterpret_cast<Floats>(_mm256_sqrt_ps(reinterpret_cast<__m256>(x)));
#elif defined(__x86_64__)
  return reinterpret_cast<Floats>(_mm_sqrt_ps(reinterpret_cast<__m128>(x)));
#elif defined(__aarch64__)
  return reinterpret_cast<Floats>(vsqrtq_f32(reinterpret_cast<float32x4_t>(x)));
#elif defined(__wasm_simd128__)
  return reinterpret_cast<Floats>(wasm_f32x4_sqrt(reinterpret_cast<v128_t>(x)));
#else
  for (int i = 0; i < kLanes; ++i) x[i] = __builtin_sqrtf(x[i]);
  return x;
#endif
}

/// Integers to floats, lane by lane.
TRAINYARD_INLINE Floats to_floats(Ints x) { return __builtin_convertvector(x, Floats); }

/// The first `count` (1 to kLanes) floats, the rest 0; reads nothing beyond them.
TRAINYARD_INLINE Floats load_partial(const float* from, int count) {
#if defined(__AVX512F__)
  return reinterpret_cast<Floats>(_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1u), from));
#elif defined(__AVX2__)
  const Ints lane = {0, 1, 2, 3, 4, 5, 6, 7};
  return reinterpret_cast<Floats>(_mm256_maskload_ps(from, reinterpret_cast<__m256i>(lane < count)));
#else
  if (count == kLanes) return load(from);
  Floats value{};
  value[0] = from[0];
  if (count > 1) value[1] = from[1];
  if (count > 2) value[2] = from[2];
  return value;
#endif
}

/// Writes the first `count` (1 to kLanes) lanes and nothing beyond them.
TRAINYARD_INLINE void store_partial(float* to, Floats value, int count) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1u), reinterpret_cast<__m512>(value));
#elif defined(__AVX2__)
  const Ints lane = {0, 1, 2, 3, 4, 5, 6, 7};
  _mm256_maskstore_ps(to, reinterpret_cast<__m256i>(lane < count), reinterpret_cast<__m256>(value));
#else
  if (count == kLanes) return store(to, value);
  to[0] = value[0];
  if (count > 1) to[1] = value[1];
  if (count > 2) to[2] = value[2];
#endif
}

/// The same where all lanes are the usual case.
TRAINYARD_INLINE Floats load_some(const float* from, int count) {
  return count == kLanes ? load(from) : load_partial(from, count);
}
TRAINYARD_INLINE void store_some(float* to, Floats value, int count) {
  if (count == kLanes)
    store(to, value);
  else
    store_partial(to, value, count);
}

/// visit(first number, lanes) over all of `count` numbers.
template <typename Visit>
TRAINYARD_INLINE void for_lanes(int64_t count, const Visit& visit) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) visit(i, kLanes);
  if (i < count) visit(i, static_cast<int>(count - i));
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
