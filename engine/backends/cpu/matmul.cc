// MatMul: C is cut into pieces by shape alone. Each piece packs its panels of B and runs register tiles over them; of a
// large product all of A and B is packed once, a slab of k at a time, and the pieces share it.
#include "engine/backends/cpu/kernels.h"

namespace trainyard::cpu {
namespace {

/// Sizes of one product; a: [batch, m, k] (or transposed)  b: [batch or 1, k, n]  c: [batch, m, n].
struct Sizes {
  int64_t batch = 1, m = 0, n = 0, k = 0;
  bool shared_b = false;
};

Sizes sizes_of(const op::MatMul& op, const Shape& a, const Shape& b) {
  const int rank = a.rank();
  Sizes s;
  s.m = a[rank - (op.transpose_a ? 1 : 2)];
  s.k = a[rank - (op.transpose_a ? 2 : 1)];
  s.n = b[b.rank() - (op.transpose_b ? 2 : 1)];
  s.batch = a.elements_in(0, rank - 2);
  s.shared_b = b.rank() == 2;
  if (s.shared_b && !op.transpose_a) {  // the batch only makes more rows
    s.m *= s.batch;
    s.batch = 1;
  }
  return s;
}

/// How C is cut: pieces of `rows` x `columns`.
struct Cut {
  int64_t rows = 0, columns = 0;
  int64_t down = 0, across = 0;  // their numbers
};

/// A piece's multiply-adds that are worth a thread's while.
constexpr int64_t kPieceWork = 1 << 18;
/// Floats of B that a thread packs at a time: its second-level cache.
constexpr int64_t kMaxPacked = 1 << 18;
/// Panels of B that a thread packs at a time for keeping.
constexpr int64_t kPanelsPacked = 8;
/// Rows of A whose block of k stays in the second-level cache while all panels of B go by.
constexpr int64_t kMaxRows = 512;
/// Rows are addressed by 32-bit offsets.
constexpr int64_t kMaxOffset = 1 << 30;

Cut cut_of(const SimdTable& simd, const Sizes& s) {
  Cut cut{s.m, s.n, 1, 1};
  const int64_t wanted = std::clamp<int64_t>(s.batch * s.m * s.n * std::max<int64_t>(1, s.k) / kPieceWork, 1, 16);
  const int64_t pieces = divide_up(wanted, std::max<int64_t>(1, s.batch));
  const int64_t tiles_down = divide_up(s.m, simd.tile_rows);
  const int64_t tiles_across = divide_up(s.n, simd.tile_columns);
  // Across first: a piece's panels of B are packed by nobody else.
  const int64_t least = std::max(divide_up(s.n, 512), divide_up(s.n * s.k, kMaxPacked));
  const int64_t across = std::clamp<int64_t>(std::max(pieces, least), 1, std::max<int64_t>(1, tiles_across));
  cut.columns = divide_up(tiles_across, across) * simd.tile_columns;
  cut.across = divide_up(s.n, cut.columns);
  const int64_t fewest = std::max(divide_up(s.m * std::max(s.k, s.n), kMaxOffset), divide_up(s.m, kMaxRows));
  const int64_t down =
      std::clamp<int64_t>(std::max(divide_up(pieces, cut.across), fewest), 1, std::max<int64_t>(1, tiles_down));
  cut.rows = divide_up(tiles_down, down) * simd.tile_rows;
  cut.down = divide_up(s.m, cut.rows);
  return cut;
}

/// k is cut into segments of at most this, so that the product can block it.
constexpr int64_t kSegment = 128;

struct Scratch {
  int64_t packed = 0, rows = 0, segments = 0;  // in floats
  int64_t total() const { return packed + rows + segments; }
};

Scratch scratch_of(const SimdTable& simd, const Sizes& s, const Cut& cut, bool kept) {
  return {.packed = kept ? 0 : round_to_line(simd.packed_floats(s.k, std::min(s.n, cut.columns))),
          .rows = round_to_line(2 * cut.rows),
          .segments = round_to_line(2 * (s.k / kSegment + 1))};
}

struct Strides {
  int64_t row = 0, column = 0;
};
Strides strides_of_b(const op::MatMul& op, const Sizes& s) {
  return op.transpose_b ? Strides{1, s.k} : Strides{s.n, 1};
}

// ---------------------------------------------------------------- large products

/// A slab of k: what is packed at a time, and all of it that one piece of C adds at a time.
struct Slabs {
  int64_t number = 1, depth = 0;
  Cut cut;
};

/// Below this, packing A costs more than reading it where it lies.
constexpr int64_t kLargeSide = 128;
/// Floats of packed A that stay in the second-level cache while all panels of B go by; more of them where B was packed long
/// ago and comes from farther away, so that it comes less often.
constexpr int64_t kPackedRows = 1 << 16;
constexpr int64_t kPackedRowsBesideKept = 1 << 17;
/// Floats of A and B that are packed at a time. The more, the seldomer C is read and written.
constexpr int64_t kSlab = 1 << 22;

bool is_large(const Sizes& s) { return s.batch == 1 && std::min({s.m, s.n, s.k}) >= kLargeSide; }

Slabs slabs_of(const SimdTable& simd, const Sizes& s, bool kept) {
  Slabs slabs;
  const int64_t blocks = std::max<int64_t>(1, kSlab / (s.m + s.n) / simd.block_depth);
  slabs.number = divide_up(s.k, blocks * simd.block_depth);
  slabs.depth = divide_up(s.k, slabs.number);
  const int64_t wanted = std::clamp<int64_t>(s.m * s.n * slabs.depth / kPieceWork, 1, 16);
  const int64_t tiles_down = divide_up(s.m, simd.tile_rows);
  const int64_t tiles_across = divide_up(s.n, simd.tile_columns);
  const int64_t most = kept ? kPackedRowsBesideKept : kPackedRows;
  int64_t down = std::min(tiles_down, divide_up(s.m * std::min(slabs.depth, simd.block_depth), most));
  int64_t across = 1;
  while (down * across < wanted && (down < tiles_down || across < tiles_across)) {
    const bool wider = s.n * down >= s.m * across;
    (across < tiles_across && (wider || down >= tiles_down) ? across : down) *= 2;
  }
  slabs.cut.rows = divide_up(tiles_down, std::min(down, tiles_down)) * simd.tile_rows;
  slabs.cut.columns = divide_up(tiles_across, std::min(across, tiles_across)) * simd.tile_columns;
  slabs.cut.down = divide_up(s.m, slabs.cut.rows);
  slabs.cut.across = divide_up(s.n, slabs.cut.columns);
  return slabs;
}

/// Floats of a packed slab of A, and of A and, unless it is kept, B.
int64_t packed_a_floats(const Sizes& s, const Slabs& slabs) { return round_to_line(s.m * slabs.depth); }
int64_t packed_slab_floats(const SimdTable& simd, const Sizes& s, const Slabs& slabs, bool kept) {
  return packed_a_floats(s, slabs) + (kept ? 0 : round_to_line(simd.packed_floats(slabs.depth, s.n)));
}

void large_matmul(const SimdTable& simd, const op::MatMul& op, const Sizes& s, const KernelCall& call) {
  const bool kept = call.kept != nullptr;
  const Slabs slabs = slabs_of(simd, s, kept);
  const Cut& cut = slabs.cut;
  const auto* a = call.inputs[0].as<const float>();
  const auto* b = call.inputs[1].as<const float>();
  const float* bias = op.epilogue.bias ? call.inputs[2].as<const float>() : nullptr;
  const int64_t a_row = op.transpose_a ? 1 : s.k;
  const int64_t a_step = op.transpose_a ? s.m : 1;
  const Strides b_strides = strides_of_b(op, s);
  auto* packed_a = static_cast<float*>(call.workspace);
  float* packed_b = kept ? static_cast<float*>(call.kept) : packed_a + packed_a_floats(s, slabs);
  for (int64_t first = 0; first < s.k; first += slabs.depth) {
    const int64_t depth = std::min(slabs.depth, s.k - first);
    const bool last = first + depth == s.k;
    const int64_t held = kept ? s.k : depth;  // steps of k in a panel of packed B
    for_blocks(call, cut.down + (kept ? 0 : cut.across), [&](int64_t, int64_t block) {
      if (block < cut.down) {
        const int64_t row = block * cut.rows;
        simd.pack_a(a + row * a_row + first * a_step, a_row, a_step, std::min(cut.rows, s.m - row), depth,
                    packed_a + row * depth);
      } else {
        const int64_t column = (block - cut.down) * cut.columns;
        simd.pack_b(b + first * b_strides.row + column * b_strides.column, b_strides.row, b_strides.column, depth,
                    std::min(cut.columns, s.n - column), packed_b + column * depth);
      }
    });
    for_blocks(call, cut.down * cut.across, [&](int64_t, int64_t block) {
      // Down first: the panels of a run of blocks stay in one thread's cache, for the next call too where they are kept.
      const int64_t row = block % cut.down * cut.rows;
      const int64_t column = block / cut.down * cut.columns;
      simd.packed_product({.packed_a = packed_a + row * depth,
                           .packed_b = packed_b + column * held,
                           .b_first = kept ? first : 0,
                           .b_steps = held,
                           .c = call.outputs[0].as<float>() + row * s.n + column,
                           .c_stride = s.n,
                           .m = std::min(cut.rows, s.m - row),
                           .n = std::min(cut.columns, s.n - column),
                           .k = depth,
                           .add = first != 0,
                           .bias = last && bias != nullptr ? bias + column : nullptr,
                           .activation = last ? row_activation(op.epilogue.activation) : RowActivation::none});
    });
  }
}

// ---------------------------------------------------------------- any product

size_t workspace_of(const SimdTable& simd, const Sizes& s, int threads, bool kept) {
  if (is_large(s))
    return static_cast<size_t>(packed_slab_floats(simd, s, slabs_of(simd, s, kept), kept)) * sizeof(float);
  return static_cast<size_t>(scratch_of(simd, s, cut_of(simd, s), kept).total() * threads) * sizeof(float);
}
size_t matmul_workspace(const SimdTable& simd, const op::MatMul& op, InputTypes in, OutputTypes, int threads) {
  return workspace_of(simd, sizes_of(op, in[0].shape, in[1].shape), threads, false);
}
size_t workspace_beside_kept(const SimdTable& simd, const op::MatMul& op, InputTypes in, OutputTypes, int threads) {
  return workspace_of(simd, sizes_of(op, in[0].shape, in[1].shape), threads, true);
}

/// All of B, packed; of which the batch has one.
KeptForm packed_form(const SimdTable& simd, const op::MatMul& op, InputTypes in) {
  const Sizes s = sizes_of(op, in[0].shape, in[1].shape);
  if (!s.shared_b) return {};
  return {.bytes = static_cast<size_t>(simd.packed_floats(s.k, s.n)) * sizeof(float), .layout = op.transpose_b ? 1 : 0};
}

void pack_kept(const SimdTable& simd, const op::MatMul& op, const KernelCall& call) {
  const Sizes s = sizes_of(op, call.inputs[0].shape, call.inputs[1].shape);
  const Strides b = strides_of_b(op, s);
  for_ranges(call, divide_up(s.n, simd.tile_columns), kPanelsPacked, [&](int64_t begin, int64_t end) {
    const int64_t column = begin * simd.tile_columns;
    simd.pack_b(call.inputs[1].as<const float>() + column * b.column, b.row, b.column, s.k,
                std::min(end * simd.tile_columns, s.n) - column, static_cast<float*>(call.kept) + column * s.k);
  });
}

/// One piece of C.
struct Piece {
  const float* a;  // of the batch
  const float* b;
  float* c;
  int64_t row, column, rows, columns;
  const float* bias;
  const float* packed_b;  // what is kept of its columns, or null
};

void run_rows(const SimdTable& simd, const op::MatMul& op, const Sizes& s, const Cut& cut, const Piece& piece,
              float* scratch) {
  const Scratch parts = scratch_of(simd, s, cut, piece.packed_b != nullptr);
  auto* a_rows = reinterpret_cast<int32_t*>(scratch + parts.packed);
  auto* c_rows = a_rows + cut.rows;
  auto* segments = reinterpret_cast<Segment*>(scratch + parts.packed + parts.rows);
  for (int64_t i = 0; i < piece.rows; ++i) {
    a_rows[i] = static_cast<int32_t>(i * s.k);
    c_rows[i] = static_cast<int32_t>(i * s.n);
  }
  int count = 0;
  for (int64_t k = 0; k < s.k; k += kSegment)
    segments[count++] = {static_cast<int32_t>(k), static_cast<int32_t>(std::min(kSegment, s.k - k))};
  simd.row_product({.a = piece.a + piece.row * s.k,
                    .a_rows = a_rows,
                    .c = piece.c + piece.row * s.n + piece.column,
                    .c_rows = c_rows,
                    .m = piece.rows,
                    .n = piece.columns,
                    .segments = segments,
                    .segment_count = count,
                    .packed_b = piece.packed_b == nullptr ? scratch : piece.packed_b,
                    .bias = piece.bias,
                    .activation = row_activation(op.epilogue.activation)});
}

void run_piece(const SimdTable& simd, const op::MatMul& op, const Sizes& s, const Cut& cut, const Piece& piece,
               float* scratch) {
  const Strides b = strides_of_b(op, s);
  if (piece.packed_b == nullptr)
    simd.pack_b(piece.b + piece.column * b.column, b.row, b.column, s.k, piece.columns, scratch);
  if (!op.transpose_a) return run_rows(simd, op, s, cut, piece, scratch);
  simd.column_product({.a = piece.a + piece.row,
                       .a_stride = s.m,
                       .c = piece.c + piece.row * s.n + piece.column,
                       .c_stride = s.n,
                       .m = piece.rows,
                       .n = piece.columns,
                       .k = s.k,
                       .packed_b = piece.packed_b == nullptr ? scratch : piece.packed_b,
                       .bias = piece.bias,
                       .activation = row_activation(op.epilogue.activation)});
}

void matmul(const SimdTable& simd, const op::MatMul& op, const KernelCall& call) {
  const Sizes s = sizes_of(op, call.inputs[0].shape, call.inputs[1].shape);
  if (s.batch * s.m * s.n == 0) return;
  if (is_large(s)) return large_matmul(simd, op, s, call);
  const Cut cut = cut_of(simd, s);
  const auto* kept = static_cast<const float*>(call.kept);
  const int64_t scratch = scratch_of(simd, s, cut, kept != nullptr).total();
  const float* bias = op.epilogue.bias ? call.inputs[2].as<const float>() : nullptr;
  for_blocks(call, s.batch * cut.down * cut.across, [&](int64_t slot, int64_t block) {
    const int64_t batch = block / (cut.down * cut.across);
    const int64_t column = block % cut.across * cut.columns;
    const int64_t row = block / cut.across % cut.down * cut.rows;
    const Piece piece{.a = call.inputs[0].as<const float>() + batch * s.m * s.k,
                      .b = call.inputs[1].as<const float>() + (s.shared_b ? 0 : batch * s.k * s.n),
                      .c = call.outputs[0].as<float>() + batch * s.m * s.n,
                      .row = row,
                      .column = column,
                      .rows = std::min(cut.rows, s.m - row),
                      .columns = std::min(cut.columns, s.n - column),
                      .bias = bias == nullptr ? nullptr : bias + column,
                      .packed_b = kept == nullptr ? nullptr : kept + column * s.k};
    run_piece(simd, op, s, cut, piece, static_cast<float*>(call.workspace) + slot * scratch);
  });
}

}  // namespace

void add_matmul(KernelTable& table, int isa) {
  table.add<op::MatMul>({.run = kernel_for<op::MatMul, matmul>(isa),
                         .accepts = all_f32,
                         .workspace = workspace_for<op::MatMul, matmul_workspace>(isa),
                         .kept = {.operand = 1,
                                  .form = form_for<op::MatMul, packed_form>(isa),
                                  .prepare = kernel_for<op::MatMul, pack_kept>(isa),
                                  .workspace = workspace_for<op::MatMul, workspace_beside_kept>(isa)}});
}

}  // namespace trainyard::cpu
