#include "engine/backends/cpu/isa/math.h"
#include "engine/backends/cpu/isa/parts.h"
#include "engine/ops/elementwise.h"  // for the kinds alone

namespace trainyard::cpu::TRAINYARD_ISA {
namespace {

using op::UnaryKind;

/// For what is rarely asked: the C library, lane by lane.
template <float (*F)(float)>
TRAINYARD_INLINE Floats by_lane(Floats x) {
  for (int i = 0; i < kLanes; ++i) x[i] = F(x[i]);
  return x;
}
float scalar_sin(float x) { return __builtin_sinf(x); }
float scalar_cos(float x) { return __builtin_cosf(x); }
float scalar_atan(float x) { return __builtin_atanf(x); }

template <UnaryKind Kind>
TRAINYARD_INLINE Floats apply(Floats x) {
  if constexpr (Kind == UnaryKind::neg) return -x;
  if constexpr (Kind == UnaryKind::abs) return abs(x);
  if constexpr (Kind == UnaryKind::sign) return select(x > 0.0f, splat(1.0f), select(x < 0.0f, splat(-1.0f), x));
  if constexpr (Kind == UnaryKind::exp) return exp(x);
  if constexpr (Kind == UnaryKind::expm1) return expm1(x);
  if constexpr (Kind == UnaryKind::log) return log(x);
  if constexpr (Kind == UnaryKind::log1p) return log1p(x);
  if constexpr (Kind == UnaryKind::sqrt) return sqrt(x);
  if constexpr (Kind == UnaryKind::rsqrt) return 1.0f / sqrt(x);
  if constexpr (Kind == UnaryKind::reciprocal) return 1.0f / x;
  if constexpr (Kind == UnaryKind::square) return x * x;
  if constexpr (Kind == UnaryKind::sin) return by_lane<scalar_sin>(x);
  if constexpr (Kind == UnaryKind::cos) return by_lane<scalar_cos>(x);
  if constexpr (Kind == UnaryKind::atan) return by_lane<scalar_atan>(x);
  if constexpr (Kind == UnaryKind::tanh) return tanh(x);
  if constexpr (Kind == UnaryKind::sigmoid) return sigmoid(x);
  if constexpr (Kind == UnaryKind::softplus) return softplus(x);
  if constexpr (Kind == UnaryKind::erf) return erf(x);
  if constexpr (Kind == UnaryKind::floor) return floor(x);
  if constexpr (Kind == UnaryKind::ceil) return ceil(x);
  if constexpr (Kind == UnaryKind::round) return round_even(x);
  if constexpr (Kind == UnaryKind::relu) return max_keep_a(x, zero());
  if constexpr (Kind == UnaryKind::logical_not) return select(x == 0.0f, splat(1.0f), zero());
}

template <UnaryKind Kind>
void loop(const float* x, float* y, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(y + i, apply<Kind>(load(x + i)));
  if (i < n) {
    const int rest = static_cast<int>(n - i);
    store_partial(y + i, apply<Kind>(load_partial(x + i, rest)), rest);
  }
}

template <int Kind>
void fill_from(SimdTable& table) {
  if constexpr (Kind < kUnaryKinds) {
    table.unary[Kind] = loop<static_cast<UnaryKind>(Kind)>;
    fill_from<Kind + 1>(table);
  }
}
static_assert(static_cast<int>(UnaryKind::logical_not) + 1 == kUnaryKinds);

}  // namespace

void fill_unary(SimdTable& table) { fill_from<0>(table); }

}  // namespace trainyard::cpu::TRAINYARD_ISA
