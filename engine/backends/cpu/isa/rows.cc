// Softmax, reductions and standardizing. Every sum has kPartials partial sums, folded in one order, whatever the lane count.
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

/// Four rows to one, then to the sum: shorter chains of additions, and smaller errors. at(row): the strip's numbers there.
template <ReduceKind Kind, typename At>
TRAINYARD_INLINE void add_strip(float* y, int64_t rows, int count, const At& at) {
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

/// Narrow rows: so many of them side by side fill whole vectors.
constexpr int64_t rows_side_by_side(int64_t columns) {
  return columns < kNarrow ? kPartials / greatest_divisor(columns, kPartials) : 1;
}

/// at(position, column, lanes): the numbers from that position of [rows, columns] on. Of rows side by side, columns are counted through.
template <ReduceKind Kind, typename At>
TRAINYARD_INLINE void reduce_columns_of(float* y, int64_t rows, int64_t columns, const At& at) {
  const int64_t group = rows_side_by_side(columns);
  const int64_t width = columns * group;
  const int64_t long_rows = rows / group;
  alignas(64) float sums[kNarrow * kPartials];
  if (group == 1) {
    for (int64_t i = 0; i < columns; i += kLanes) {
      const int count = columns - i < kLanes ? static_cast<int>(columns - i) : kLanes;
      add_strip<Kind>(y + i, rows, count, [&](int64_t row) { return at(row * columns + i, i, count); });
    }
    return;
  }
  for (int64_t i = 0; i < width; i += kLanes)
    add_strip<Kind>(sums + i, long_rows, kLanes, [&](int64_t row) { return at(row * width + i, i, kLanes); });
  for (int64_t j = 0; j < columns; ++j) {
    float total = sums[j];
    for (int64_t g = 1; g < group; ++g) total = combine<Kind>(splat(total), splat(sums[g * columns + j]))[0];
    for (int64_t row = long_rows * group; row < rows; ++row)
      total = combine<Kind>(splat(total), at(row * columns + j, j, 1))[0];
    y[j] = total;
  }
}

template <ReduceKind Kind>
void reduce_columns_as(const float* x, float* y, int64_t rows, int64_t columns) {
  reduce_columns_of<Kind>(y, rows, columns, [&](int64_t i, int64_t, int count) { return load_some(x + i, count); });
}

void reduce_columns(int kind, const float* x, float* y, int64_t rows, int64_t columns) {
  switch (static_cast<ReduceKind>(kind)) {
    case ReduceKind::sum:
    case ReduceKind::mean: return reduce_columns_as<ReduceKind::sum>(x, y, rows, columns);
    case ReduceKind::max: return reduce_columns_as<ReduceKind::max>(x, y, rows, columns);
    case ReduceKind::min: return reduce_columns_as<ReduceKind::min>(x, y, rows, columns);
    case ReduceKind::prod: return reduce_columns_as<ReduceKind::prod>(x, y, rows, columns);
  }
}

/// A number for each column, repeated for the rows that lie side by side.
class Repeated {
 public:
  Repeated(const float* of, int64_t columns) : from_(of) {
    const int64_t width = columns * rows_side_by_side(columns);
    if (width == columns) return;
    for (int64_t i = 0; i < width; ++i) copies_[i] = of[i % columns];
    from_ = copies_;
  }
  Floats at(int64_t column, int count) const { return load_some(from_ + column, count); }

 private:
  alignas(64) float copies_[kNarrow * kPartials];
  const float* from_;
};

void column_squares(const float* x, const float* mean, float* sum, int64_t rows, int64_t columns) {
  const Repeated means(mean, columns);
  reduce_columns_of<ReduceKind::sum>(sum, rows, columns, [&](int64_t i, int64_t column, int count) {
    const Floats off = load_some(x + i, count) - means.at(column, count);
    return off * off;
  });
}

void column_products(const float* a, const float* b, float* sum, int64_t rows, int64_t columns) {
  reduce_columns_of<ReduceKind::sum>(sum, rows, columns, [&](int64_t i, int64_t, int count) {
    return load_some(a + i, count) * load_some(b + i, count);
  });
}

/// visit(position, column, lanes) over [rows, columns], columns counted through as in reduce_columns_of.
template <typename Visit>
TRAINYARD_INLINE void for_columns(int64_t rows, int64_t columns, const Visit& visit) {
  const int64_t width = columns * rows_side_by_side(columns);
  const int64_t all = rows * columns;
  for (int64_t row = 0; row < all; row += width) {
    const int64_t n = all - row < width ? all - row : width;
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) visit(row + i, i, kLanes);
    if (i < n) visit(row + i, i, static_cast<int>(n - i));
  }
}

void standardize_columns(const float* x, const float* mean, const float* factor, float* y, int64_t rows,
                         int64_t columns) {
  const Repeated means(mean, columns);
  const Repeated factors(factor, columns);
  for_columns(rows, columns, [&](int64_t i, int64_t column, int count) {
    store_partial(y + i, (load_some(x + i, count) - means.at(column, count)) * factors.at(column, count), count);
  });
}

void standardize_columns_grad(const float* y, const float* dy, const float* mean, const float* product,
                              const float* factor, float* dx, int64_t rows, int64_t columns) {
  const Repeated means(mean, columns);
  const Repeated products(product, columns);
  const Repeated factors(factor, columns);
  for_columns(rows, columns, [&](int64_t i, int64_t column, int count) {
    const Floats off = load_some(y + i, count) * products.at(column, count);
    const Floats centred = load_some(dy + i, count) - means.at(column, count) - off;
    store_partial(dx + i, centred * factors.at(column, count), count);
  });
}

/// The sum of what value(position, lanes) gives over n floats; lanes beyond the end may hold anything.
template <typename Value>
TRAINYARD_INLINE float sum_of(int64_t n, const Value& value) {
  Partials sums = partials_of(0.0f);
  for_partials(n, [&](int v, int64_t i, int count) {
    const Floats some = value(i, count);
    sums.part[v] += count == kLanes ? some : select(lane_numbers() < count, some, zero());
  });
  return fold<ReduceKind::sum>(sums);
}

TRAINYARD_INLINE float reciprocal_root(float x) { return 1.0f / __builtin_sqrtf(x); }

void standardize_rows(const float* x, float* y, float* mean, float* variance, int64_t rows, int64_t columns,
                      float epsilon) {
  const auto n = static_cast<float>(columns);
  for (int64_t row = 0; row < rows; ++row, x += columns, y += columns) {
    mean[row] = reduce_row<ReduceKind::sum>(x, columns) / n;
    const Floats middle = splat(mean[row]);
    variance[row] = sum_of(columns,
                           [&](int64_t i, int count) {
                             const Floats off = load_some(x + i, count) - middle;
                             return off * off;
                           }) /
                    n;
    const Floats factor = splat(reciprocal_root(variance[row] + epsilon));
    for_partials(columns, [&](int, int64_t i, int count) {
      store_partial(y + i, (load_some(x + i, count) - middle) * factor, count);
    });
  }
}

void standardize_rows_grad(const float* y, const float* variance, const float* dy, float* dx, int64_t rows,
                           int64_t columns, float epsilon) {
  const auto n = static_cast<float>(columns);
  for (int64_t row = 0; row < rows; ++row, y += columns, dy += columns, dx += columns) {
    const Floats mean = splat(reduce_row<ReduceKind::sum>(dy, columns) / n);
    const Floats product = splat(
        sum_of(columns, [&](int64_t i, int count) { return load_some(y + i, count) * load_some(dy + i, count); }) / n);
    const Floats factor = splat(reciprocal_root(variance[row] + epsilon));
    for_partials(columns, [&](int, int64_t i, int count) {
      const Floats off = load_some(y + i, count) * product;
      store_partial(dx + i, (load_some(dy + i, count) - mean - off) * factor, count);
    });
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
  table.column_squares = column_squares;
  table.column_products = column_products;
  table.standardize_columns = standardize_columns;
  table.standardize_columns_grad = standardize_columns_grad;
  table.standardize_rows = standardize_rows;
  table.standardize_rows_grad = standardize_rows_grad;
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
