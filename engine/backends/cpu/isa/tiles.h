// Sizes of the register tiles and the tables that pick a tile function by its height and width.
#pragma once

#include "engine/backends/cpu/isa/simd.h"

namespace trainyard::cpu::TRAINYARD_ISA {

// Registers: rows * vectors sums, `vectors` of B, one of A. 32 registers with AVX-512 and NEON, 16 elsewhere (for
// WebAssembly too: browsers mostly run it on x86). TRAINYARD_LOW_TILES: the same code with fewer instances of it, for sanitizers, which take
// a minute to compile each file with fourteen heights.
#if defined(TRAINYARD_LOW_TILES)
inline constexpr int kTileRows = 4;
#elif defined(__AVX512F__)
inline constexpr int kTileRows = 14;
#elif defined(__aarch64__)
inline constexpr int kTileRows = 12;
#else
inline constexpr int kTileRows = 6;
#endif
inline constexpr int kTileVectors = 2;
inline constexpr int kTileColumns = kTileVectors * kLanes;

template <typename Kind, int Rows>
struct TileTable {
  using Function = typename Kind::Function;
  Function functions[Rows][kTileVectors];
  constexpr TileTable() : functions{} { fill<1>(); }

 private:
  template <int Row>
  constexpr void fill() {
    functions[Row - 1][0] = Kind::template kFunction<Row, 1>;
    functions[Row - 1][1] = Kind::template kFunction<Row, 2>;
    if constexpr (Row < Rows) fill<Row + 1>();
  }
};

template <typename Kind>
TRAINYARD_INLINE auto tile_function(int rows, int vectors) {
  static constexpr TileTable<Kind, kTileRows> kTable;
  return kTable.functions[rows - 1][vectors - 1];
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
