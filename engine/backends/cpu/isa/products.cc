// Matrix products in register tiles: the row product (MatMul, Conv and its input gradient), the column product (MatMul
// with a transposed first operand) and the packed product (large MatMul). A tile's accumulators stay in registers over a
// block of k; B is packed so that one step of k reads its next vectors; A is read a number at a time, where it lies or packed.
#include "engine/backends/cpu/isa/math.h"
#include "engine/backends/cpu/isa/parts.h"
#include "engine/backends/cpu/isa/tiles.h"

namespace trainyard::cpu::TRAINYARD_ISA {
namespace {

/// Floats of a panel of B that stay in the first-level cache: 32 KiB.
constexpr int64_t kPanelFloats = 8192;
constexpr int64_t kBlockDepth = kPanelFloats / kTileColumns;

/// Steps of k in one turn of the innermost loops.
constexpr int kUnroll = 4;

struct Tile {
  const float* a = nullptr;
  const int32_t* a_rows = nullptr;
  float* c = nullptr;
  const int32_t* c_rows = nullptr;
  const Segment* segments = nullptr;
  int segment_count = 0;
  int64_t a_stride = 0, c_stride = 0, depth = 0;  // of the column product
  const float* b = nullptr;
  const float* bias = nullptr;
  int last_lanes = kLanes;  // of the last vector of a row of C
  bool add = false;
  bool relu = false;
};

template <int Rows, int Vectors>
struct Accumulators {
  Floats value[Rows][Vectors];
};

/// What C holds is added row after row, each written before the next is read: rows of C may overlap.
template <int Rows, int Vectors, typename RowOfC>
TRAINYARD_INLINE void add_to_c(const Accumulators<Rows, Vectors>& sums, const Tile& tile, const RowOfC& row_of_c) {
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
    float* row = row_of_c(i);
#pragma GCC unroll 4
    for (int j = 0; j + 1 < Vectors; ++j) store(row + j * kLanes, load(row + j * kLanes) + sums.value[i][j]);
    float* last = row + (Vectors - 1) * kLanes;
    if (tile.last_lanes == kLanes)
      store(last, load(last) + sums.value[i][Vectors - 1]);
    else
      store_partial(last, load_partial(last, tile.last_lanes) + sums.value[i][Vectors - 1], tile.last_lanes);
  }
}

template <int Rows, int Vectors, typename RowOfC>
TRAINYARD_INLINE void store_c(Accumulators<Rows, Vectors>& sums, const Tile& tile, const RowOfC& row_of_c) {
  if (tile.add) return add_to_c(sums, tile, row_of_c);
#pragma GCC unroll 4
  for (int j = 0; j < Vectors; ++j) {
    if (tile.bias == nullptr) break;
    const float* from = tile.bias + j * kLanes;
    const Floats bias = j + 1 < Vectors ? load(from) : load_partial(from, tile.last_lanes);
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) sums.value[i][j] += bias;
  }
  if (tile.relu) {
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) sums.value[i][j] = max_keep_a(sums.value[i][j], zero());
  }
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
    float* row = row_of_c(i);
#pragma GCC unroll 4
    for (int j = 0; j + 1 < Vectors; ++j) store(row + j * kLanes, sums.value[i][j]);
    float* last = row + (Vectors - 1) * kLanes;
    if (tile.last_lanes == kLanes)
      store(last, sums.value[i][Vectors - 1]);
    else
      store_partial(last, sums.value[i][Vectors - 1], tile.last_lanes);
  }
}

/// One step of k: a(i) is A's number of row i.
template <int Rows, int Vectors, typename A>
TRAINYARD_INLINE void step(Accumulators<Rows, Vectors>& sums, const float* b, const A& a) {
  Floats bs[Vectors];
#pragma GCC unroll 4
  for (int j = 0; j < Vectors; ++j) bs[j] = load(b + j * kLanes);
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
    const Floats value = splat(a(i));
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) sums.value[i][j] = fma(value, bs[j], sums.value[i][j]);
  }
}

template <int Rows, int Vectors>
void row_tile(const Tile& tile) {
  const auto row_of_c = [&](int i) { return tile.c + tile.c_rows[i]; };
  Accumulators<Rows, Vectors> sums{};
  const float* b = tile.b;
  for (int s = 0; s < tile.segment_count; ++s) {
    const float* rows[Rows];
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) rows[i] = tile.a + tile.a_rows[i] + tile.segments[s].offset;
    // Four steps a turn: the rows' pointers move (and, where there are too many, are fetched) once for all four.
    int32_t left = tile.segments[s].length;
    for (; left >= kUnroll; left -= kUnroll) {
#pragma GCC unroll 4
      for (int k = 0; k < kUnroll; ++k) step(sums, b + k * Vectors * kLanes, [&](int i) { return rows[i][k]; });
      b += kUnroll * Vectors * kLanes;
#pragma GCC unroll 16
      for (int i = 0; i < Rows; ++i) rows[i] += kUnroll;
    }
    for (int32_t k = 0; k < left; ++k) {
      step(sums, b, [&](int i) { return rows[i][k]; });
      b += Vectors * kLanes;
    }
  }
  store_c(sums, tile, row_of_c);
}

template <int Rows, int Vectors>
void column_tile(const Tile& tile) {
  const auto row_of_c = [&](int i) { return tile.c + i * tile.c_stride; };
  Accumulators<Rows, Vectors> sums{};
  const float* a = tile.a;
  const float* b = tile.b;
  for (int64_t k = 0; k < tile.depth; ++k) {
    step(sums, b, [&](int i) { return a[i]; });
    a += tile.a_stride;
    b += Vectors * kLanes;
  }
  store_c(sums, tile, row_of_c);
}

/// A is packed: the numbers of one step of k lie side by side, step after step.
template <int Rows, int Vectors>
void packed_tile(const Tile& tile) {
  const auto row_of_c = [&](int i) { return tile.c + i * tile.c_stride; };
  // C comes from far away, once for every block of k: let it come while the sums are made.
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) __builtin_prefetch(row_of_c(i) + j * kLanes, 1, 2);
  Accumulators<Rows, Vectors> sums{};
  const float* a = tile.a;
  const float* b = tile.b;
  int64_t left = tile.depth;
  for (; left >= kUnroll; left -= kUnroll) {
#pragma GCC unroll 4
    for (int k = 0; k < kUnroll; ++k) step(sums, b + k * Vectors * kLanes, [&](int i) { return a[k * Rows + i]; });
    a += kUnroll * Rows;
    b += kUnroll * Vectors * kLanes;
  }
  for (; left > 0; --left) {
    step(sums, b, [&](int i) { return a[i]; });
    a += Rows;
    b += Vectors * kLanes;
  }
  store_c(sums, tile, row_of_c);
}

using TileFunction = void (*)(const Tile&);
struct RowTile {
  using Function = TileFunction;
  template <int Rows, int Vectors>
  static constexpr TileFunction kFunction = row_tile<Rows, Vectors>;
};
struct ColumnTile {
  using Function = TileFunction;
  template <int Rows, int Vectors>
  static constexpr TileFunction kFunction = column_tile<Rows, Vectors>;
};

struct PackedTile {
  using Function = TileFunction;
  template <int Rows, int Vectors>
  static constexpr TileFunction kFunction = packed_tile<Rows, Vectors>;
};

int64_t padded_columns(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

int64_t packed_floats(int64_t k, int64_t n) { return k * padded_columns(n); }

typedef float Four __attribute__((vector_size(16)));
typedef float UnalignedFour __attribute__((vector_size(16), aligned(4), may_alias));

/// Four numbers of four columns, turned. from: columns `column_stride` apart  to: rows `width` apart.
TRAINYARD_INLINE void pack_square(const float* from, int64_t column_stride, int width, float* to) {
  const auto column = [&](int j) -> Four { return *reinterpret_cast<const UnalignedFour*>(from + j * column_stride); };
  const Four a = column(0);
  const Four b = column(1);
  const Four c = column(2);
  const Four d = column(3);
  const Four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Four ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Four cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  const auto put = [&](int row, Four value) { *reinterpret_cast<UnalignedFour*>(to + row * width) = value; };
  put(0, __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5));
  put(1, __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7));
  put(2, __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5));
  put(3, __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7));
}

/// Columns of k contiguous numbers, column_stride apart, become rows of `width`, filled up with zeros.
void pack_turned(const float* b, int64_t column_stride, int64_t k, int count, int width, float* packed) {
  int64_t row = 0;
  if (count >= 4) {
    for (; row + 4 <= k; row += 4) {
      for (int j = 0; j + 4 < count; j += 4)
        pack_square(b + row + j * column_stride, column_stride, width, packed + row * width + j);
      // The last square may overlap the one before: it writes the same numbers again.
      const int j = count - 4;
      pack_square(b + row + j * column_stride, column_stride, width, packed + row * width + j);
    }
  }
  for (; row < k; ++row)
    for (int j = 0; j < count; ++j) packed[row * width + j] = b[row + j * column_stride];
  for (int j = count; j < width; ++j)
    for (row = 0; row < k; ++row) packed[row * width + j] = 0.0f;
}

/// Rows of `count` neighbours, row_stride apart, become rows of `width`, filled up with zeros.
void pack_rows(const float* b, int64_t row_stride, int64_t k, int count, int width, float* packed) {
  for (int64_t row = 0; row < k; ++row) {
    const float* from = b + row * row_stride;
    float* to = packed + row * width;
    if (count == kTileColumns) {
      for (int j = 0; j < kTileColumns; j += kLanes) store(to + j, load(from + j));
      continue;
    }
    int j = 0;
    for (; j + kLanes <= count; j += kLanes) store(to + j, load(from + j));
    if (j < count) store(to + j, load_partial(from + j, count - j));
  }
}

/// Steps of k that are packed for all tiles or panels in turn, so that their lines and pages are still near for the next one.
constexpr int64_t kPackSteps = 64;

void pack_b(const float* b, int64_t row_stride, int64_t column_stride, int64_t k, int64_t n, float* packed) {
  const int64_t most = column_stride == 1 ? kPackSteps : k;
  for (int64_t step = 0; step < k; step += most) {
    const int64_t steps = k - step < most ? k - step : most;
    for (int64_t j = 0; j < n; j += kTileColumns) {
      const int count = n - j < kTileColumns ? static_cast<int>(n - j) : kTileColumns;
      const int width = static_cast<int>(padded_columns(count));
      const float* from = b + step * row_stride + j * column_stride;
      float* to = packed + k * j + step * width;
      if (column_stride == 1)
        pack_rows(from, row_stride, steps, count, width, to);
      else
        pack_turned(from, column_stride, steps, count, width, to);
    }
  }
}

/// What a row or a panel needs besides its place.
struct Panel {
  int64_t column = 0;
  int vectors = 0;
  int last_lanes = 0;
};
Panel panel_at(int64_t column, int64_t n) {
  const int64_t count = n - column < kTileColumns ? n - column : kTileColumns;
  const int vectors = static_cast<int>((count + kLanes - 1) / kLanes);
  return {column, vectors, static_cast<int>(count - int64_t{vectors - 1} * kLanes)};
}

/// Rows [at, at + result) of m: tiles of even height rather than full ones and a thin last one.
int64_t tile_height(int64_t at, int64_t m) {
  const int64_t left = m - at;
  const int64_t tiles = (left + kTileRows - 1) / kTileRows;
  return (left + tiles - 1) / tiles;
}

/// A is stored by columns: the numbers of one step of k are neighbours.
void pack_side_by_side(const float* a, int64_t k_stride, int64_t k, int count, float* packed) {
  for (int64_t step = 0; step < k; ++step) {
    const float* from = a + step * k_stride;
    float* to = packed + step * count;
    int i = 0;
    for (; i + kLanes <= count; i += kLanes) store(to + i, load(from + i));
    if (i < count) store_partial(to + i, load_partial(from + i, count - i), count - i);
  }
}

void pack_a(const float* a, int64_t row_stride, int64_t k_stride, int64_t m, int64_t k, float* packed) {
  const int64_t most = k_stride == 1 ? k : kPackSteps;
  for (int64_t step = 0; step < k; step += most) {
    const int64_t steps = k - step < most ? k - step : most;
    int64_t height = 0;
    for (int64_t row = 0; row < m; row += height) {
      height = tile_height(row, m);
      const int count = static_cast<int>(height);
      const float* from = a + row * row_stride + step * k_stride;
      float* to = packed + row * k + step * height;
      if (k_stride == 1)
        pack_turned(from, row_stride, steps, count, count, to);
      else
        pack_side_by_side(from, k_stride, steps, count, to);
    }
  }
}

/// Bias and relu are for a product that is stored in one go; else they come in a pass of their own.
bool in_one_block(int64_t k) { return k <= kBlockDepth + kBlockDepth / 2; }

/// Bias and activation of a finished row.
void finish_row(const float* bias, RowActivation activation, float* row, int64_t n) {
  for (int64_t j = 0; j < n; j += kLanes) {
    const int count = n - j < kLanes ? static_cast<int>(n - j) : kLanes;
    Floats value = load_partial(row + j, count);
    if (bias != nullptr) value += load_partial(bias + j, count);
    if (activation == RowActivation::relu) value = max_keep_a(value, zero());
    if (activation == RowActivation::sigmoid) value = sigmoid(value);
    if (activation == RowActivation::tanh) value = tanh(value);
    store_partial(row + j, value, count);
  }
}

/// Calls finish(bias or null) if anything is left to do with the rows of C.
template <typename Product, typename Finish>
TRAINYARD_INLINE void finish_rows(const Product& product, int64_t k, const Finish& finish) {
  const bool late = product.activation == RowActivation::sigmoid || product.activation == RowActivation::tanh;
  if (in_one_block(k)) {
    if (late) finish(nullptr);
  } else if (product.bias != nullptr || product.activation != RowActivation::none) {
    finish(product.bias);
  }
}

/// The tiles of one block of k. `done` numbers of k came before it, `k` is their whole number.
void row_block(const RowProduct& product, Tile tile, int64_t done, int64_t k) {
  for (int64_t column = 0; column < product.n; column += kTileColumns) {
    const Panel panel = panel_at(column, product.n);
    tile.b = product.packed_b + k * column + done * panel.vectors * kLanes;
    tile.c = product.c + column;
    const bool one = in_one_block(k);
    tile.bias = one && product.bias != nullptr ? product.bias + column : nullptr;
    tile.relu = one && product.activation == RowActivation::relu;
    tile.last_lanes = panel.last_lanes;
    int64_t height = 0;
    for (int64_t row = 0; row < product.m; row += height) {
      height = tile_height(row, product.m);
      tile.a_rows = product.a_rows + row;
      tile.c_rows = product.c_rows + row;
      tile_function<RowTile>(static_cast<int>(height), panel.vectors)(tile);
    }
  }
}

void row_product(const RowProduct& product) {
  int64_t k = 0;
  for (int s = 0; s < product.segment_count; ++s) k += product.segments[s].length;
  const int64_t most = in_one_block(k) ? k : kBlockDepth;
  int64_t done = 0;
  int first = 0;
  do {
    int64_t depth = 0;
    int end = first;
    while (end < product.segment_count && (depth == 0 || depth + product.segments[end].length <= most))
      depth += product.segments[end++].length;
    const Tile tile{.a = product.a,
                    .segments = product.segments + first,
                    .segment_count = end - first,
                    .add = product.add || first != 0};
    row_block(product, tile, done, k);
    done += depth;
    first = end;
  } while (first < product.segment_count);
  finish_rows(product, k, [&](const float* bias) {
    for (int64_t row = 0; row < product.m; ++row)
      finish_row(bias, product.activation, product.c + product.c_rows[row], product.n);
  });
}

void column_block(const ColumnProduct& product, Tile tile, int64_t done) {
  for (int64_t column = 0; column < product.n; column += kTileColumns) {
    const Panel panel = panel_at(column, product.n);
    tile.b = product.packed_b + product.k * column + done * panel.vectors * kLanes;
    const bool one = in_one_block(product.k);
    tile.bias = one && product.bias != nullptr ? product.bias + column : nullptr;
    tile.relu = one && product.activation == RowActivation::relu;
    tile.last_lanes = panel.last_lanes;
    int64_t height = 0;
    for (int64_t row = 0; row < product.m; row += height) {
      height = tile_height(row, product.m);
      tile.a = product.a + done * product.a_stride + row;
      tile.c = product.c + row * product.c_stride + column;
      tile_function<ColumnTile>(static_cast<int>(height), panel.vectors)(tile);
    }
  }
}

void column_product(const ColumnProduct& product) {
  const int64_t blocks = in_one_block(product.k) ? 1 : (product.k + kBlockDepth - 1) / kBlockDepth;
  const int64_t most = (product.k + blocks - 1) / blocks;
  int64_t done = 0;
  do {
    const int64_t depth = product.k - done < most ? product.k - done : most;
    const Tile tile{.a_stride = product.a_stride, .c_stride = product.c_stride, .depth = depth, .add = done != 0};
    column_block(product, tile, done);
    done += depth;
  } while (done < product.k);
  finish_rows(product, product.k, [&](const float* bias) {
    for (int64_t row = 0; row < product.m; ++row)
      finish_row(bias, product.activation, product.c + row * product.c_stride, product.n);
  });
}

/// Natively processors find the next panel themselves, and prefetching it made products of 2048 slower by a tenth.
#ifdef __wasm__
constexpr bool kFetchesAhead = true;
#else
constexpr bool kFetchesAhead = false;
#endif

/// The next panel of B, fetched a share at a time while the tiles of this one are made. WebAssembly has no instruction for that; a load
/// that nobody waits for does the same.
class NextPanel {
 public:
  NextPanel(const float* from, int64_t floats, int64_t shares)
      : at_(from), end_(from + floats), share_((floats / kLine + shares - 1) / shares * kLine) {}
  void fetch_share() {
    const float* stop = end_ - at_ < share_ ? end_ : at_ + share_;
    for (; at_ < stop; at_ += kLine) static_cast<void>(*static_cast<const volatile float*>(at_));
  }

 private:
  static constexpr int64_t kLine = 16;  // floats
  const float* at_;
  const float* end_;
  int64_t share_;
};

/// The tiles of one block of k; the panels and tiles of both operands hold all of k.
void packed_block(const PackedProduct& product, Tile tile, int64_t done) {
  const bool one = !tile.add && tile.depth == product.k;
  const int64_t tiles = (product.m + kTileRows - 1) / kTileRows;
  tile.relu = one && product.activation == RowActivation::relu;
  for (int64_t column = 0; column < product.n; column += kTileColumns) {
    const Panel panel = panel_at(column, product.n);
    tile.b = product.packed_b + product.b_steps * column + (product.b_first + done) * panel.vectors * kLanes;
    tile.bias = one && product.bias != nullptr ? product.bias + column : nullptr;
    tile.last_lanes = panel.last_lanes;
    const bool another = kFetchesAhead && column + 2 * kTileColumns <= product.n;
    NextPanel next(tile.b + (another ? product.b_steps * kTileColumns : 0), another ? tile.depth * kTileColumns : 0,
                   tiles);
    int64_t height = 0;
    for (int64_t row = 0; row < product.m; row += height) {
      next.fetch_share();
      height = tile_height(row, product.m);
      tile.a = product.packed_a + row * product.k + done * height;
      tile.c = product.c + row * product.c_stride + column;
      tile_function<PackedTile>(static_cast<int>(height), panel.vectors)(tile);
    }
  }
}

void packed_product(const PackedProduct& product) {
  const int64_t blocks = in_one_block(product.k) ? 1 : (product.k + kBlockDepth - 1) / kBlockDepth;
  const int64_t most = (product.k + blocks - 1) / blocks;
  for (int64_t done = 0; done < product.k; done += most) {
    const int64_t depth = product.k - done < most ? product.k - done : most;
    packed_block(product, {.c_stride = product.c_stride, .depth = depth, .add = product.add || done != 0}, done);
  }
  const bool stored_at_once = !product.add && blocks == 1;
  const bool late = product.activation == RowActivation::sigmoid || product.activation == RowActivation::tanh;
  const bool any = product.bias != nullptr || product.activation != RowActivation::none;
  if (stored_at_once ? !late : !any) return;
  for (int64_t row = 0; row < product.m; ++row)
    finish_row(stored_at_once ? nullptr : product.bias, product.activation, product.c + row * product.c_stride,
               product.n);
}

}  // namespace

void fill_products(SimdTable& table) {
  table.tile_rows = kTileRows;
  table.tile_columns = kTileColumns;
  table.packed_floats = packed_floats;
  table.pack_b = pack_b;
  table.block_depth = kBlockDepth;
  table.pack_a = pack_a;
  table.row_product = row_product;
  table.column_product = column_product;
  table.packed_product = packed_product;
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
