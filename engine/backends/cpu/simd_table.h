// What one instruction set offers: plain functions over plain memory. The sources in isa/ are compiled once an
// instruction set and fill one such table each; everything that knows ops, shapes and threads is compiled once, above.
#pragma once

#include <cstddef>
#include <cstdint>

namespace trainyard::cpu {

inline constexpr int kUnaryKinds = 23;
inline constexpr int kBinaryKinds = 19;

/// y[i] = f(x[i]), i in [0, n). y may be x.
using UnaryLoop = void (*)(const float* x, float* y, int64_t n);
/// y[i] = f(a[i], b[i]); in the other two forms one operand is a single number. y may be a or b. Predicates give 0 and 1.
using BinaryLoop = void (*)(const float* a, const float* b, float* y, int64_t n);

struct BinaryLoops {
  BinaryLoop both = nullptr;
  BinaryLoop number_b = nullptr;  // b is one number
  BinaryLoop number_a = nullptr;  // a is one number
};

enum class RowActivation : uint8_t { none, relu, sigmoid, tanh };

/// A piece of the k dimension of a product: `length` neighbours in memory, `offset` floats from a row's start.
struct Segment {
  int32_t offset = 0;
  int32_t length = 0;
};

/// C[i][j] = sum over k of A[i][k] B[k][j] for i in [0, m), j in [0, n): the rows of A and C lie anywhere, each row of A is
/// the same segments from its start. MatMul's rows have one segment; a convolution's row is an output
/// pixel, its segments the window's rows in the (padded) picture, so that no im2col is ever written down.
/// With `add` the sum is added to C row after row, and rows of C may overlap: an input gradient's windows do.
struct RowProduct {
  const float* a = nullptr;
  const int32_t* a_rows = nullptr;  // [m], offsets in floats
  float* c = nullptr;
  const int32_t* c_rows = nullptr;  // [m], offsets in floats
  int64_t m = 0, n = 0;
  const Segment* segments = nullptr;
  int segment_count = 0;
  const float* packed_b = nullptr;  // by pack_b, all segments one after the other
  const float* bias = nullptr;      // [n] or null
  RowActivation activation = RowActivation::none;
  bool add = false;  // then no bias and no activation
};

/// C[i][j] = sum over k of A[k][i] B[k][j]: A with i contiguous.
struct ColumnProduct {
  const float* a = nullptr;
  int64_t a_stride = 0;  // floats between k and k + 1
  float* c = nullptr;
  int64_t c_stride = 0;
  int64_t m = 0, n = 0, k = 0;
  const float* packed_b = nullptr;
  const float* bias = nullptr;
  RowActivation activation = RowActivation::none;
};

/// C[i][j] (+)= sum over k of A[i][k] B[k][j], both packed: the inner part of a large product, whose k comes in slabs.
struct PackedProduct {
  const float* packed_a = nullptr;   // by pack_a, of these m rows
  const float* packed_b = nullptr;   // by pack_b, of these n columns
  int64_t b_first = 0, b_steps = 0;  // where the k steps begin in it and how many it has in all
  float* c = nullptr;
  int64_t c_stride = 0;
  int64_t m = 0, n = 0, k = 0;
  bool add = false;             // to what C holds
  const float* bias = nullptr;  // [n] or null: with the last slab, as the activation
  RowActivation activation = RowActivation::none;
};

/// dw[i][j] += sum over pixels p of x[p.offset + taps[i]] dy[p][j], i in [0, taps), j in [0, n).
/// Pixels go in lines of equal step: a picture's output row.
struct FilterProduct {
  const float* x = nullptr;
  const int32_t* taps = nullptr;  // [m] offsets in floats
  const float* dy = nullptr;
  int64_t dy_step = 0;  // floats between pixels of a line
  int64_t dy_line = 0;  // floats between lines
  int64_t x_step = 0, x_line = 0;
  int64_t pixels = 0;  // of a line
  int64_t lines = 0;
  /// Further level: pictures (or planes), each `lines` lines.
  int64_t planes = 1, x_plane = 0, dy_plane = 0;
  /// Floats of dy that may be read from dy[0] on: vectors may run over a pixel's end, but never over this.
  int64_t dy_readable = 0;
  float* dw = nullptr;
  int64_t dw_stride = 0;
  int64_t m = 0, n = 0;
};

/// Pooling over three spatial dimensions (fewer have ones in front).
/// x: [pictures, in0, in1, in2, channels]  y: [pictures, out0, out1, out2, channels]
struct PoolPlan {
  bool max = true;
  int64_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1};
  int64_t window[3] = {1, 1, 1}, stride[3] = {1, 1, 1}, pad[3] = {};
  int64_t channels = 0;
};

/// A depthwise convolution of one picture: pixel p of y (at pixel_rows[p]) sees the window whose first pixel lies at
/// window_rows[p] of x, and its taps at `offsets` from there. All offsets in floats.
struct DepthwiseWork {
  const int32_t* window_rows = nullptr;
  const int32_t* pixel_rows = nullptr;
  const int32_t* offsets = nullptr;
  int64_t pixels = 0, channels = 0;
  int taps = 0;
  const float* bias = nullptr;  // [channels] or null
  RowActivation activation = RowActivation::none;
};

struct SimdTable {
  const char* name = nullptr;
  int lanes = 0;
  UnaryLoop unary[kUnaryKinds] = {};
  BinaryLoops binary[kBinaryKinds] = {};
  /// y[i] = condition[i] != 0 ? a[i] : b[i]
  void (*select)(const float* condition, const float* a, const float* b, float* y, int64_t n) = nullptr;
  void (*u8_to_f32)(const uint8_t* x, float* y, int64_t n) = nullptr;

  // Rows of `columns` floats. y may be x.
  void (*softmax)(const float* x, float* y, int64_t rows, int64_t columns, bool log) = nullptr;
  void (*softmax_grad)(const float* y, const float* dy, float* dx, int64_t rows, int64_t columns, bool log) = nullptr;

  /// Reductions of x: [rows, columns]; `kind` is op::ReduceKind's number (mean is sum here).
  void (*reduce_rows)(int kind, const float* x, float* y, int64_t rows, int64_t columns) = nullptr;     // y: [rows]
  void (*reduce_columns)(int kind, const float* x, float* y, int64_t rows, int64_t columns) = nullptr;  // y: [columns]

  // Parts of op::Standardize over the rows of x: [rows, columns]; what is named in the singular is [columns]. y may be x.
  /// sum = sum((x - mean)^2)
  void (*column_squares)(const float* x, const float* mean, float* sum, int64_t rows, int64_t columns) = nullptr;
  /// sum = sum(a b)
  void (*column_products)(const float* a, const float* b, float* sum, int64_t rows, int64_t columns) = nullptr;
  /// y = (x - mean) factor
  void (*standardize_columns)(const float* x, const float* mean, const float* factor, float* y, int64_t rows,
                              int64_t columns) = nullptr;
  /// dx = (dy - mean - y product) factor; dx may be y or dy
  void (*standardize_columns_grad)(const float* y, const float* dy, const float* mean, const float* product,
                                   const float* factor, float* dx, int64_t rows, int64_t columns) = nullptr;
  // All of it along each row. mean, variance: [rows]. y may be x, dx may be y or dy.
  void (*standardize_rows)(const float* x, float* y, float* mean, float* variance, int64_t rows, int64_t columns,
                           float epsilon) = nullptr;
  void (*standardize_rows_grad)(const float* y, const float* variance, const float* dy, float* dx, int64_t rows,
                                int64_t columns, float epsilon) = nullptr;

  /// Tile sizes of the products.
  int tile_rows = 0, tile_columns = 0;
  /// Floats that pack_b writes for k rows and n columns.
  int64_t (*packed_floats)(int64_t k, int64_t n) = nullptr;
  /// Packs op(B): b[k * row_stride + j * column_stride]. A column_stride other than 1 needs a row_stride of 1.
  void (*pack_b)(const float* b, int64_t row_stride, int64_t column_stride, int64_t k, int64_t n,
                 float* packed) = nullptr;
  /// Steps of k over which a panel of B stays in the first-level cache.
  int64_t block_depth = 0;
  /// Packs A: a[i * row_stride + k * k_stride], one of the strides 1, into m * k floats.
  void (*pack_a)(const float* a, int64_t row_stride, int64_t k_stride, int64_t m, int64_t k, float* packed) = nullptr;
  void (*row_product)(const RowProduct& product) = nullptr;
  void (*column_product)(const ColumnProduct& product) = nullptr;
  void (*packed_product)(const PackedProduct& product) = nullptr;
  void (*filter_product)(const FilterProduct& product) = nullptr;

  void (*depthwise)(const DepthwiseWork& work, const float* x, const float* w, float* y) = nullptr;
  /// dx and dw are added to.
  void (*depthwise_input)(const DepthwiseWork& work, const float* dy, const float* w, float* dx) = nullptr;
  void (*depthwise_filter)(const DepthwiseWork& work, const float* x, const float* dy, float* dw) = nullptr;

  /// One line of pixels: `line` counts pictures * out0 * out1.
  void (*pool_line)(const PoolPlan& plan, const float* x, float* y, int64_t line) = nullptr;
  /// One picture; x and y only for max.
  void (*pool_grad)(const PoolPlan& plan, const float* x, const float* y, const float* dy, float* dx) = nullptr;
};

}  // namespace trainyard::cpu
