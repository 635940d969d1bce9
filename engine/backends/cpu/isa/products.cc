// Matrix products in register tiles: the row product (MatMul, Conv and its input gradient), the column product (MatMul
// with a transposed first operand). A tile's accumulators stay in registers over a block of k; B is packed
// so that one step of k reads its next vectors; A is read where it lies, a number at a time.
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
  bool accumulate = false;
  bool relu = false;
};

template <int Rows, int Vectors>
struct Accumulators {
  Floats value[Rows][Vectors];
};

template <int Rows, int Vectors, typename RowOfC>
TRAINYARD_INLINE void load_c(Accumulators<Rows, Vectors>& sums, const Tile& tile, const RowOfC& row_of_c) {
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
    const float* row = row_of_c(i);
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j)
      sums.value[i][j] = j + 1 < Vectors ? load(row + j * kLanes) : load_partial(row + j * kLanes, tile.last_lanes);
  }
}

template <int Rows, int Vectors, typename RowOfC>
TRAINYARD_INLINE void store_c(Accumulators<Rows, Vectors>& sums, const Tile& tile, const RowOfC& row_of_c) {
  if (tile.bias != nullptr) {
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j) {
      const float* from = tile.bias + j * kLanes;
      const Floats bias = j + 1 < Vectors ? load(from) : load_partial(from, tile.last_lanes);
#pragma GCC unroll 16
      for (int i = 0; i < Rows; ++i) sums.value[i][j] += bias;
    }
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
    if (tile.last_lanes == kLanes) store(last, sums.value[i][Vectors - 1]);
    else store_partial(last, sums.value[i][Vectors - 1], tile.last_lanes);
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
  if (tile.accumulate) load_c(sums, tile, row_of_c);
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
  if (tile.accumulate) load_c(sums, tile, row_of_c);
  const float* a = tile.a;
  const float* b = tile.b;
  for (int64_t k = 0; k < tile.depth; ++k) {
    step(sums, b, [&](int i) { return a[i]; });
    a += tile.a_stride;
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

int64_t padded_columns(int64_t n) { return (n + kLanes - 1) / kLanes * kLanes; }

int64_t packed_floats(int64_t k, int64_t n) { return k * padded_columns(n); }

void pack_panel(const float* b, int64_t row_stride, int64_t column_stride, int64_t k, int count, int width,
                float* packed) {
  for (int64_t row = 0; row < k; ++row) {
    const float* from = b + row * row_stride;
    float* to = packed + row * width;
    if (column_stride == 1) {
      int j = 0;
      for (; j + kLanes <= count; j += kLanes) store(to + j, load(from + j));
      if (j < count) store(to + j, load_partial(from + j, count - j));
    } else {
      for (int j = 0; j < count; ++j) to[j] = from[j * column_stride];
      for (int j = count; j < width; ++j) to[j] = 0.0f;
    }
  }
}

void pack_b(const float* b, int64_t row_stride, int64_t column_stride, int64_t k, int64_t n, float* packed) {
  for (int64_t j = 0; j < n; j += kTileColumns) {
    const int count = n - j < kTileColumns ? static_cast<int>(n - j) : kTileColumns;
    const int width = static_cast<int>(padded_columns(count));
    pack_panel(b + j * column_stride, row_stride, column_stride, k, count, width, packed);
    packed += k * width;
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

void activate(RowActivation activation, float* row, int64_t n) {
  for (int64_t j = 0; j < n; j += kLanes) {
    const int count = n - j < kLanes ? static_cast<int>(n - j) : kLanes;
    const Floats value = load_partial(row + j, count);
    store_partial(row + j, activation == RowActivation::tanh ? tanh(value) : sigmoid(value), count);
  }
}
bool is_late(RowActivation activation) {
  return activation == RowActivation::sigmoid || activation == RowActivation::tanh;
}

/// The tiles of one block of k. `done` numbers of k came before it, `k` is their whole number.
void row_block(const RowProduct& product, Tile tile, int64_t done, int64_t k, bool last) {
  for (int64_t column = 0; column < product.n; column += kTileColumns) {
    const Panel panel = panel_at(column, product.n);
    tile.b = product.packed_b + k * column + done * panel.vectors * kLanes;
    tile.c = product.c + column;
    tile.bias = last && product.bias != nullptr ? product.bias + column : nullptr;
    tile.relu = last && product.activation == RowActivation::relu;
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
  int64_t done = 0;
  int first = 0;
  while (first < product.segment_count || k == 0) {
    int64_t depth = 0;
    int end = first;
    while (end < product.segment_count && (depth == 0 || depth + product.segments[end].length <= kBlockDepth))
      depth += product.segments[end++].length;
    const Tile tile{.a = product.a, .segments = product.segments + first, .segment_count = end - first,
                    .accumulate = first != 0};
    row_block(product, tile, done, k, end == product.segment_count);
    done += depth;
    first = end;
    if (k == 0) break;
  }
  if (is_late(product.activation))
    for (int64_t row = 0; row < product.m; ++row)
      activate(product.activation, product.c + product.c_rows[row], product.n);
}

void column_block(const ColumnProduct& product, Tile tile, int64_t done, bool last) {
  for (int64_t column = 0; column < product.n; column += kTileColumns) {
    const Panel panel = panel_at(column, product.n);
    tile.b = product.packed_b + product.k * column + done * panel.vectors * kLanes;
    tile.bias = last && product.bias != nullptr ? product.bias + column : nullptr;
    tile.relu = last && product.activation == RowActivation::relu;
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
  int64_t done = 0;
  do {
    const int64_t left = product.k - done;
    const int64_t blocks = (left + kBlockDepth - 1) / kBlockDepth;
    const int64_t depth = blocks == 0 ? 0 : (left + blocks - 1) / blocks;
    const Tile tile{.a_stride = product.a_stride, .c_stride = product.c_stride, .depth = depth,
                    .accumulate = done != 0};
    column_block(product, tile, done, done + depth == product.k);
    done += depth;
  } while (done < product.k);
  if (is_late(product.activation))
    for (int64_t row = 0; row < product.m; ++row)
      activate(product.activation, product.c + row * product.c_stride, product.n);
}

}  // namespace

void fill_products(SimdTable& table) {
  table.tile_rows = kTileRows;
  table.tile_columns = kTileColumns;
  table.packed_floats = packed_floats;
  table.pack_b = pack_b;
  table.row_product = row_product;
  table.column_product = column_product;
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
