// The product of a convolution's filter gradient: both operands are read where they lie, a tile of dw stays in registers
// over all pixels.
#include "engine/backends/cpu/isa/parts.h"
#include "engine/backends/cpu/isa/tiles.h"

namespace trainyard::cpu::TRAINYARD_ISA {
namespace {

struct FilterTile {
  const FilterProduct* product = nullptr;
  const int32_t* taps = nullptr;
  int64_t column = 0;
  int last_lanes = kLanes;
  float* dw = nullptr;
};

/// Reads whole vectors of dy even at a pixel's end, but for `Careful` lines. With `Side` the taps are neighbours in memory, and
/// one pointer serves them all.
template <bool Careful, bool Side, int Rows, int Vectors, typename Sums>
TRAINYARD_INLINE void add_line(Sums& sums, const FilterTile& tile, const float* x, const float* dy) {
  const FilterProduct& product = *tile.product;
  const float* rows[Rows];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) rows[i] = x + tile.taps[i];
  const float* side = rows[0];
  int64_t at = 0;
  for (int64_t pixel = 0; pixel < product.pixels; ++pixel) {
    Floats bs[Vectors];
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j)
      bs[j] = Careful && j + 1 == Vectors ? load_partial(dy + j * kLanes, tile.last_lanes) : load(dy + j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
      const Floats value = splat(Side ? side[i] : rows[i][at]);
#pragma GCC unroll 4
      for (int j = 0; j < Vectors; ++j) sums[i][j] = fma(value, bs[j], sums[i][j]);
    }
    at += product.x_step;
    side += product.x_step;
    dy += product.dy_step;
  }
}

template <bool Side, int Rows, int Vectors>
void filter_tile(const FilterTile& tile) {
  const FilterProduct& product = *tile.product;
  Floats sums[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
    const float* row = tile.dw + i * product.dw_stride;
#pragma GCC unroll 4
    for (int j = 0; j < Vectors; ++j)
      sums[i][j] = j + 1 < Vectors ? load(row + j * kLanes) : load_partial(row + j * kLanes, tile.last_lanes);
  }
  for (int64_t plane = 0; plane < product.planes; ++plane) {
    for (int64_t line = 0; line < product.lines; ++line) {
      const float* x = product.x + plane * product.x_plane + line * product.x_line;
      const int64_t at = plane * product.dy_plane + line * product.dy_line + tile.column;
      const int64_t end = at + (product.pixels - 1) * product.dy_step + Vectors * kLanes;
      if (end <= product.dy_readable)
        add_line<false, Side, Rows, Vectors>(sums, tile, x, product.dy + at);
      else
        add_line<true, Side, Rows, Vectors>(sums, tile, x, product.dy + at);
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < Rows; ++i) {
    float* row = tile.dw + i * product.dw_stride;
#pragma GCC unroll 4
    for (int j = 0; j + 1 < Vectors; ++j) store(row + j * kLanes, sums[i][j]);
    store_partial(row + (Vectors - 1) * kLanes, sums[i][Vectors - 1], tile.last_lanes);
  }
}

using TileFunction = void (*)(const FilterTile&);
template <bool Side>
struct FilterTiles {
  using Function = TileFunction;
  template <int Rows, int Vectors>
  static constexpr TileFunction kFunction = filter_tile<Side, Rows, Vectors>;
};

/// Shortest run of neighbours that is worth tiles of its own: enough sums to hide the latency of one.
constexpr int64_t kShortestRun = kLanes == 4 ? 5 : 8;

/// Taps from `row` on that lie side by side.
int64_t run_at(const FilterProduct& product, int64_t row) {
  int64_t end = row + 1;
  while (end < product.m && product.taps[end] == product.taps[end - 1] + 1) ++end;
  return end - row;
}

/// Even heights over `left` rows.
int64_t tile_height(int64_t left) {
  const int64_t tiles = (left + kTileRows - 1) / kTileRows;
  return (left + tiles - 1) / tiles;
}

void filter_columns(const FilterProduct& product, int64_t column) {
  const int64_t count = product.n - column < kTileColumns ? product.n - column : kTileColumns;
  const int vectors = static_cast<int>((count + kLanes - 1) / kLanes);
  int64_t height = 0;
  int64_t run = 0;  // what is left of the current run of neighbours
  bool side = false;
  for (int64_t row = 0; row < product.m; row += height) {
    if (run == 0) {
      run = run_at(product, row);
      side = run >= kShortestRun;
    }
    height = tile_height(side ? run : product.m - row);
    const FilterTile tile{.product = &product,
                          .taps = product.taps + row,
                          .column = column,
                          .last_lanes = static_cast<int>(count - int64_t{vectors - 1} * kLanes),
                          .dw = product.dw + row * product.dw_stride + column};
    const auto rows = static_cast<int>(height);
    if (side)
      tile_function<FilterTiles<true>>(rows, vectors)(tile);
    else
      tile_function<FilterTiles<false>>(rows, vectors)(tile);
    run = side ? run - height : 0;
  }
}

void filter_product(const FilterProduct& product) {
  for (int64_t column = 0; column < product.n; column += kTileColumns) filter_columns(product, column);
}

}  // namespace

void fill_filter(SimdTable& table) { table.filter_product = filter_product; }

}  // namespace trainyard::cpu::TRAINYARD_ISA
