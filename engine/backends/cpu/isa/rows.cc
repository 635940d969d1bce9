// Softmax and reductions. Every sum has kPartials partial sums, folded in one order, whatever the lane count.
#include "engine/backends/cpu/isa/math.h"
#include "engine/backends/cpu/isa/parts.h"
#include "engine/ops/reduction.h"  // for the kinds alone

namespace trainyard::cpu::TRAINYARD_ISA {
namespace {

using op::ReduceKind;

template <ReduceKind Kind>
TRAINYARD_INLINE Floats combine(Floats a, Floats b) {
  if constexpr (Kind == ReduceKind::max) return max_nan(a, b);
  if constexpr (Kind == ReduceKind::min) return min_nan(a, b);
  if constexpr (Kind == ReduceKind::prod) return a * b;
  if constexpr (Kind == ReduceKind::sum || Kind == ReduceKind::mean) return a + b;
}
template <ReduceKind Kind>
constexpr float neutral() {
  if constexpr (Kind == ReduceKind::max) return -kInfinity;
  if constexpr (Kind == ReduceKind::min) return kInfinity;
  if constexpr (Kind == ReduceKind::prod) return 1.0f;
  return 0.0f;
}

TRAINYARD_INLINE Ints lane_numbers() {
  Ints result{};
  for (int i = 0; i < kLanes; ++i) result[i] = i;
  return result;
}
TRAINYARD_INLINE Floats load_filled(const float* from, int count, Floats filler) {
  return select(lane_numbers() < count, load_partial(from, count), filler);
}

struct Partials {
  Floats part[kPartialVectors];
};
TRAINYARD_INLINE Partials partials_of(float value) {
  Partials result;
  for (Floats& part : result.part) part = splat(value);
  return result;
}
/// The partials in a fixed tree.
template <ReduceKind Kind>
TRAINYARD_INLINE float fold(const Partials& partials) {
  alignas(64) float values[kPartials];
  for (int v = 0; v < kPartialVectors; ++v) store(values + v * kLanes, partials.part[v]);
  for (int half = kPartials / 2; half >= 4; half /= 2)
    for (int i = 0; i < half; i += 4)
      for (int j = i; j < i + 4; ++j) values[j] = combine<Kind>(splat(values[j]), splat(values[j + half]))[0];
  const float left = combine<Kind>(splat(values[0]), splat(values[2]))[0];
  const float right = combine<Kind>(splat(values[1]), splat(values[3]))[0];
  return combine<Kind>(splat(left), splat(right))[0];
}

/// visit(partial number, position, lanes to use) over n floats.
template <typename Visit>
TRAINYARD_INLINE void for_partials(int64_t n, const Visit& visit) {
  int64_t i = 0;
  for (; i + kPartials <= n; i += kPartials)
    for (int v = 0; v < kPartialVectors; ++v) visit(v, i + v * kLanes, kLanes);
  for (int v = 0; i < n; ++v, i += kLanes) visit(v, i, n - i < kLanes ? static_cast<int>(n - i) : kLanes);
}

template <ReduceKind Kind>
TRAINYARD_INLINE float reduce_row(const float* x, int64_t n) {
  Partials partials = partials_of(neutral<Kind>());
  for_partials(n, [&](int v, int64_t i, int count) {
    const Floats value = count == kLanes ? load(x + i) : load_filled(x + i, count, splat(neutral<Kind>()));
    partials.part[v] = combine<Kind>(partials.part[v], value);
  });
  return fold<Kind>(partials);
}

template <ReduceKind Kind>
void reduce_rows_of(const float* x, float* y, int64_t rows, int64_t columns) {
  for (int64_t row = 0; row < rows; ++row) y[row] = reduce_row<Kind>(x + row * columns, columns);
}

void reduce_rows(int kind, const float* x, float* y, int64_t rows, int64_t columns) {
  switch (static_cast<ReduceKind>(kind)) {
    case ReduceKind::sum:
    case ReduceKind::mean: return reduce_rows_of<ReduceKind::sum>(x, y, rows, columns);
    case ReduceKind::max: return reduce_rows_of<ReduceKind::max>(x, y, rows, columns);
    case ReduceKind::min: return reduce_rows_of<ReduceKind::min>(x, y, rows, columns);
    case ReduceKind::prod: return reduce_rows_of<ReduceKind::prod>(x, y, rows, columns);
  }
}

/// Four rows to one, then to the sum: shorter chains of additions, and smaller errors.
template <ReduceKind Kind>
TRAINYARD_INLINE void add_strip(const float* x, float* y, int64_t rows, int64_t stride, int count) {
  const auto at = [&](int64_t row) {
    return count == kLanes ? load(x + row * stride) : load_partial(x + row * stride, count);
  };
  Floats total = splat(neutral<Kind>());
  int64_t row = 0;
  for (; row + 4 <= rows; row += 4)
    total = combine<Kind>(total,
                          combine<Kind>(combine<Kind>(at(row), at(row + 1)), combine<Kind>(at(row + 2), at(row + 3))));
  for (; row < rows; ++row) total = combine<Kind>(total, at(row));
  store_partial(y, total, count);
}

/// Widest row that is repeated until it fills whole partials.
constexpr int64_t kNarrow = 64;

constexpr int64_t greatest_divisor(int64_t a, int64_t b) { return b == 0 ? a : greatest_divisor(b, a % b); }

template <ReduceKind Kind>
void reduce_columns_of(const float* x, float* y, int64_t rows, int64_t columns) {
  // Narrow rows: `group` of them side by side fill whole vectors; their sums are folded at the end.
  const int64_t group = columns < kNarrow ? kPartials / greatest_divisor(columns, kPartials) : 1;
  const int64_t width = columns * group;
  const int64_t long_rows = rows / group;
  alignas(64) float sums[kNarrow * kPartials];
  if (group == 1) {
    for (int64_t i = 0; i < columns; i += kLanes) {
      const int count = columns - i < kLanes ? static_cast<int>(columns - i) : kLanes;
      add_strip<Kind>(x + i, y + i, rows, columns, count);
    }
    return;
  }
  for (int64_t i = 0; i < width; i += kLanes) add_strip<Kind>(x + i, sums + i, long_rows, width, kLanes);
  for (int64_t j = 0; j < columns; ++j) {
    float total = sums[j];
    for (int64_t g = 1; g < group; ++g) total = combine<Kind>(splat(total), splat(sums[g * columns + j]))[0];
    for (int64_t row = long_rows * group; row < rows; ++row)
      total = combine<Kind>(splat(total), splat(x[row * columns + j]))[0];
    y[j] = total;
  }
}

void reduce_columns(int kind, const float* x, float* y, int64_t rows, int64_t columns) {
  switch (static_cast<ReduceKind>(kind)) {
    case ReduceKind::sum:
    case ReduceKind::mean: return reduce_columns_of<ReduceKind::sum>(x, y, rows, columns);
    case ReduceKind::max: return reduce_columns_of<ReduceKind::max>(x, y, rows, columns);
    case ReduceKind::min: return reduce_columns_of<ReduceKind::min>(x, y, rows, columns);
    case ReduceKind::prod: return reduce_columns_of<ReduceKind::prod>(x, y, rows, columns);
  }
}

float log_of(float x) { return log(splat(x))[0]; }

TRAINYARD_INLINE void softmax_row(const float* x, float* y, int64_t n, bool logarithm) {
  const Floats largest = splat(reduce_row<ReduceKind::max>(x, n));
  Partials sums = partials_of(0.0f);
  for_partials(n, [&](int v, int64_t i, int count) {
    const Floats shifted = load_partial(x + i, count) - largest;
    const Floats e = exp(shifted);
    store_partial(y + i, logarithm ? shifted : e, count);
    sums.part[v] += select(lane_numbers() < count, e, zero());
  });
  const float total = fold<ReduceKind::sum>(sums);
  const Floats factor = splat(1.0f / total);
  const Floats offset = splat(logarithm ? log_of(total) : 0.0f);
  for_partials(n, [&](int, int64_t i, int count) {
    const Floats value = load_partial(y + i, count);
    store_partial(y + i, logarithm ? value - offset : value * factor, count);
  });
}

void softmax(const float* x, float* y, int64_t rows, int64_t columns, bool logarithm) {
  for (int64_t row = 0; row < rows; ++row) softmax_row(x + row * columns, y + row * columns, columns, logarithm);
}

/// softmax: dx = y (dy - sum(y dy)); log softmax: dx = dy - exp(y) sum(dy).
TRAINYARD_INLINE void softmax_grad_row(const float* y, const float* dy, float* dx, int64_t n, bool logarithm) {
  Partials sums = partials_of(0.0f);
  for_partials(n, [&](int v, int64_t i, int count) {
    const Floats d = load_partial(dy + i, count);
    sums.part[v] += logarithm ? d : d * load_partial(y + i, count);
  });
  const Floats total = splat(fold<ReduceKind::sum>(sums));
  for_partials(n, [&](int, int64_t i, int count) {
    const Floats d = load_partial(dy + i, count);
    const Floats p = load_partial(y + i, count);
    store_partial(dx + i, logarithm ? d - exp(p) * total : p * (d - total), count);
  });
}

void softmax_grad(const float* y, const float* dy, float* dx, int64_t rows, int64_t columns, bool logarithm) {
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t at = row * columns;
    softmax_grad_row(y + at, dy + at, dx + at, columns, logarithm);
  }
}

}  // namespace

void fill_rows(SimdTable& table) {
  table.softmax = softmax;
  table.softmax_grad = softmax_grad;
  table.reduce_rows = reduce_rows;
  table.reduce_columns = reduce_columns;
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
