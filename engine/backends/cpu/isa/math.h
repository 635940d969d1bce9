// Our own elementary functions, so that a build gives the same bits whatever the C library. Errors are about 2 ulp
// (tests/backends/cpu_math_test.cc measures them); NaN stays NaN, infinities and subnormals are handled.
// Polynomials are Chebyshev fits on the stated intervals, computed for this file.
#pragma once

#include "engine/backends/cpu/isa/simd.h"

namespace trainyard::cpu::TRAINYARD_ISA {

inline constexpr float kInfinity = __builtin_inff();

/// Nearest integer, half to even, for |x| < 2^22.
TRAINYARD_INLINE Floats nearest_small(Floats x) {
  const Floats magic = splat(12582912.0f);  // 1.5 * 2^23: the sum's last bit has the value 1
  return (x + magic) - magic;
}
TRAINYARD_INLINE Floats round_even(Floats x) {
  const Floats magnitude = abs(x);
  const Floats rounded = copy_sign((magnitude + 8388608.0f) - 8388608.0f, x);
  return select(magnitude < 8388608.0f, rounded, x);
}
TRAINYARD_INLINE Floats floor(Floats x) {
  const Floats rounded = round_even(x);
  return select(rounded > x, rounded - 1.0f, rounded);
}
TRAINYARD_INLINE Floats ceil(Floats x) {
  const Floats rounded = round_even(x);
  return select(rounded < x, copy_sign(rounded + 1.0f, x), rounded);
}

/// x = n ln 2 + r, |r| <= ln(2) / 2.
struct ReducedExponent {
  Ints n;
  Floats r;
};
TRAINYARD_INLINE ReducedExponent reduce_exponent(Floats x) {
  const Floats magic = splat(12582912.0f);
  const Floats shifted = fma(x, splat(1.44269504f), magic);
  const Floats n = shifted - magic;
  Floats r = fma(n, splat(-0.693359375f), x);  // exact: nine bits times at most eight
  r = fma(n, splat(2.12194440e-4f), r);
  return {bits(shifted) - 0x4b400000, r};
}
/// exp(r) - 1 for |r| <= ln(2) / 2.
TRAINYARD_INLINE Floats expm1_reduced(Floats r) {
  Floats p = splat(1.98912685e-4f);
  p = fma(p, r, splat(1.393390005e-3f));
  p = fma(p, r, splat(8.3333106746e-3f));
  p = fma(p, r, splat(4.16664626662e-2f));
  p = fma(p, r, splat(1.66666666819e-1f));
  p = fma(p, r, splat(5.00000001369e-1f));
  return fma(r * r, p, r);
}
/// 2^n for -126 <= n <= 127.
TRAINYARD_INLINE Floats power_of_two(Ints n) { return from_bits((n + 127) << 23); }

TRAINYARD_INLINE Floats exp(Floats x) {
  // Beyond these limits the result is 0 and infinity; NaN goes through.
  const Floats clamped = min_keep_a(max_keep_a(x, splat(-105.0f)), splat(89.0f));
  const ReducedExponent reduced = reduce_exponent(clamped);
  const Ints half = reduced.n >> 1;  // in two steps, for results that are subnormal or close to the largest
  const Floats mantissa = expm1_reduced(reduced.r) + 1.0f;
  return mantissa * power_of_two(half) * power_of_two(reduced.n - half);
}

TRAINYARD_INLINE Floats expm1(Floats x) {
  const Floats clamped = min_keep_a(max_keep_a(x, splat(-18.0f)), splat(89.0f));
  const ReducedExponent reduced = reduce_exponent(clamped);
  const Ints half = reduced.n >> 1;
  const Floats low = power_of_two(half);
  const Floats high = power_of_two(reduced.n - half);
  // 2^n (expm1(r) + 1) - 1, in an order that loses nothing where n is 0 and overflows only where the result does
  const Floats result = fma(expm1_reduced(reduced.r), low, low - power_of_two(half - reduced.n)) * high;
  return select(reduced.n == 0, select(x == 0.0f, x, expm1_reduced(reduced.r)), result);
}

/// log of a positive normal number, given as f = m - 1 (m in [sqrt(1/2), sqrt(2))) and the exponent of two.
TRAINYARD_INLINE Floats log_parts(Floats f, Floats exponent) {
  // log(1 + f) = f - (f^2 / 2 - s (f^2 / 2 + R(s^2))), s = f / (2 + f)
  const Floats s = f / (f + 2.0f);
  const Floats z = s * s;
  Floats p = splat(0.233419433887f);
  p = fma(p, z, splat(0.285503969596f));
  p = fma(p, z, splat(0.400001255946f));
  p = fma(p, z, splat(0.666666665499f));
  const Floats half_square = f * f * 0.5f;
  const Floats tail = fma(s, fma(p, z, half_square), exponent * 9.05800061e-6f);
  return fma(exponent, splat(0.693138123f), f - (half_square - tail));
}

TRAINYARD_INLINE Floats log(Floats x) {
  const Ints subnormal = x < 1.17549435e-38f;
  const Floats scaled = select(subnormal, x * 8388608.0f, x);
  // Subtracting the bits of sqrt(1/2) puts the mantissa into [sqrt(1/2), sqrt(2)).
  const Ints shifted = bits(scaled) - 0x3f3504f3;
  const Ints exponent = (shifted >> 23) - (subnormal & 23);
  const Floats f = from_bits((shifted & 0x007fffff) + 0x3f3504f3) - 1.0f;
  const Floats result = log_parts(f, to_floats(exponent));
  const Floats special = select(x == 0.0f, splat(-kInfinity), select(x == kInfinity, x, (x - x) / zero()));
  return select((x > 0.0f) & (x < kInfinity), result, special);
}

TRAINYARD_INLINE Floats log1p(Floats x) {
  const Floats u = x + 1.0f;
  const Floats lost = x - (u - 1.0f);  // what rounding took from u, given back to first order
  const Floats result = log(u) + lost / u;
  const Floats finite = select((x > -1.0f) & (x < kInfinity), result, log(u));
  return select(abs(x) < 1e-8f, x, finite);
}

TRAINYARD_INLINE Floats sigmoid(Floats x) {
  const Floats z = exp(-abs(x));
  const Floats upper = 1.0f / (z + 1.0f);
  return select(x < 0.0f, z * upper, upper);
}

TRAINYARD_INLINE Floats tanh(Floats x) {
  const Floats magnitude = min_keep_a(abs(x), splat(10.0f));  // tanh(10) rounds to 1
  const Floats e = expm1(magnitude + magnitude);
  return copy_sign(e / (e + 2.0f), x);
}

TRAINYARD_INLINE Floats softplus(Floats x) { return max_keep_a(x, zero()) + log1p(exp(-abs(x))); }

TRAINYARD_INLINE Floats erf(Floats x) {
  const Floats magnitude = abs(x);
  const Floats z = x * x;
  Floats small = splat(7.87587506269e-5f);
  small = fma(small, z, splat(-8.01686428717e-4f));
  small = fma(small, z, splat(5.18908742343e-3f));
  small = fma(small, z, splat(-2.68542120106e-2f));
  small = fma(small, z, splat(1.12835947152e-1f));
  small = fma(small, z, splat(-3.76126266667e-1f));
  small = fma(small, z, splat(1.12837916585f));
  // erf = 1 - exp(-P(x)) on [1, 4]; beyond 4 it is 1.
  const Floats t = min_keep_a(magnitude, splat(4.0f));
  Floats p = splat(-1.63863732488e-6f);
  p = fma(p, t, splat(4.60874472898e-5f));
  p = fma(p, t, splat(-5.97052946131e-4f));
  p = fma(p, t, splat(4.76074771083e-3f));
  p = fma(p, t, splat(-2.64243709273e-2f));
  p = fma(p, t, splat(1.10085680292e-1f));
  p = fma(p, t, splat(6.31820246782e-1f));
  p = fma(p, t, splat(1.13023672263f));
  p = fma(p, t, splat(-3.2091438299e-4f));
  const Floats large = copy_sign(1.0f - exp(-p), x);
  return select(magnitude < 1.0f, x * small, large);
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
