#include "engine/backends/cpu/isa/math.h"
#include "engine/backends/cpu/isa/parts.h"
#include "engine/ops/elementwise.h"  // for the kinds alone

namespace trainyard::cpu::TRAINYARD_ISA {
namespace {

using op::BinaryKind;

float scalar_pow(float a, float b) {
  if (b == 2.0f) return a * a;
  if (b == 0.5f && a >= 0.0f) return __builtin_sqrtf(a);
  return __builtin_powf(a, b);
}
/// Python's %: the sign is the divisor's.
float scalar_mod(float a, float b) {
  const float rest = __builtin_fmodf(a, b);
  return rest != 0.0f && (rest < 0.0f) != (b < 0.0f) ? rest + b : rest;
}
template <float (*F)(float, float)>
TRAINYARD_INLINE Floats by_lane(Floats a, Floats b) {
  for (int i = 0; i < kLanes; ++i) a[i] = F(a[i], b[i]);
  return a;
}

TRAINYARD_INLINE Floats truth(Ints mask) { return select(mask, splat(1.0f), zero()); }

template <BinaryKind Kind>
TRAINYARD_INLINE Floats apply(Floats a, Floats b) {
  if constexpr (Kind == BinaryKind::add) return a + b;
  if constexpr (Kind == BinaryKind::sub) return a - b;
  if constexpr (Kind == BinaryKind::mul) return a * b;
  if constexpr (Kind == BinaryKind::div) return a / b;
  if constexpr (Kind == BinaryKind::pow) return by_lane<scalar_pow>(a, b);
  if constexpr (Kind == BinaryKind::max) return max_nan(a, b);
  if constexpr (Kind == BinaryKind::min) return min_nan(a, b);
  if constexpr (Kind == BinaryKind::mod) return by_lane<scalar_mod>(a, b);
  if constexpr (Kind == BinaryKind::less) return truth(a < b);
  if constexpr (Kind == BinaryKind::less_equal) return truth(a <= b);
  if constexpr (Kind == BinaryKind::greater) return truth(a > b);
  if constexpr (Kind == BinaryKind::greater_equal) return truth(a >= b);
  if constexpr (Kind == BinaryKind::equal) return truth(a == b);
  if constexpr (Kind == BinaryKind::not_equal) return truth(a != b);
  if constexpr (Kind == BinaryKind::logical_and) return truth((a != 0.0f) & (b != 0.0f));
  if constexpr (Kind == BinaryKind::logical_or) return truth((a != 0.0f) | (b != 0.0f));
  if constexpr (Kind == BinaryKind::relu_grad) return select(a > 0.0f, b, zero());
  if constexpr (Kind == BinaryKind::sigmoid_grad) return b * a * (1.0f - a);
  if constexpr (Kind == BinaryKind::tanh_grad) return b * (1.0f - a * a);
}

/// One operand may be a single number, wrapped so that both are read alike.
struct Many {
  const float* from;
  [[gnu::always_inline]] static Floats at(const Many& self, int64_t i) { return load(self.from + i); }
  [[gnu::always_inline]] static Floats rest(const Many& self, int64_t i, int count) {
    return load_partial(self.from + i, count);
  }
};
struct Number {
  Floats value;
  [[gnu::always_inline]] static Floats at(const Number& self, int64_t) { return self.value; }
  [[gnu::always_inline]] static Floats rest(const Number& self, int64_t, int) { return self.value; }
};

template <BinaryKind Kind, typename A, typename B>
TRAINYARD_INLINE void loop(const A& a, const B& b, float* y, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, apply<Kind>(A::at(a, i), B::at(b, i)));
  if (i < n) {
    const int count = static_cast<int>(n - i);
    store_partial(y + i, apply<Kind>(A::rest(a, i, count), B::rest(b, i, count)), count);
  }
}

template <BinaryKind Kind>
void both(const float* a, const float* b, float* y, int64_t n) {
  loop<Kind>(Many{a}, Many{b}, y, n);
}
template <BinaryKind Kind>
void number_b(const float* a, const float* b, float* y, int64_t n) {
  loop<Kind>(Many{a}, Number{splat(*b)}, y, n);
}
template <BinaryKind Kind>
void number_a(const float* a, const float* b, float* y, int64_t n) {
  loop<Kind>(Number{splat(*a)}, Many{b}, y, n);
}

template <int Kind>
void fill_from(SimdTable& table) {
  if constexpr (Kind < kBinaryKinds) {
    constexpr auto kKind = static_cast<BinaryKind>(Kind);
    table.binary[Kind] = {both<kKind>, number_b<kKind>, number_a<kKind>};
    fill_from<Kind + 1>(table);
  }
}
static_assert(static_cast<int>(BinaryKind::tanh_grad) + 1 == kBinaryKinds);

void select_loop(const float* condition, const float* a, const float* b, float* y, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, select(load(condition + i) != 0.0f, load(a + i), load(b + i)));
  if (i < n) {
    const int rest = static_cast<int>(n - i);
    const Ints mask = load_partial(condition + i, rest) != 0.0f;
    store_partial(y + i, select(mask, load_partial(a + i, rest), load_partial(b + i, rest)), rest);
  }
}

/// Left to the compiler: a plain widening loop, which all of them vectorise.
void u8_to_f32(const uint8_t* x, float* y, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = static_cast<float>(x[i]);
}

}  // namespace

void fill_binary(SimdTable& table) {
  fill_from<0>(table);
  table.select = select_loop;
  table.u8_to_f32 = u8_to_f32;
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
