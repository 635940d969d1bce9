// ConvFilterGrad: dw = sum over pixels of (a pixel's window) x (its dy). The batch is cut into blocks by shape alone; each has
// a dw of its own, and they are added in order.
#include <cstring>

#include "engine/backends/cpu/conv_geometry.h"

namespace trainyard::cpu {
namespace {

constexpr int64_t kMostBlocks = 16;
/// Floats of all the blocks' partial sums together.
constexpr int64_t kMostPartials = int64_t{1} << 20;

struct Cut {
  int64_t pictures = 0;  // a block
  int64_t blocks = 0;    // of pictures
  int64_t rows = 0;      // of dw, a piece
  int64_t row_pieces = 0;
};

int64_t dw_rows(const ConvSizes& s) { return volume(s.kernel) * s.group_channels(); }

Cut cut_of(const SimdTable& simd, const ConvSizes& s) {
  Cut cut;
  const int64_t floats = std::max<int64_t>(1, dw_rows(s) * s.filters);
  const int64_t blocks =
      std::clamp<int64_t>(kMostPartials / floats, 1, std::min(kMostBlocks, std::max<int64_t>(1, s.batch)));
  cut.pictures = divide_up(s.batch, blocks);
  cut.blocks = divide_up(s.batch, cut.pictures);
  const int64_t wanted = divide_up(kMostBlocks, std::max<int64_t>(1, cut.blocks));
  const int64_t least = 4 * simd.tile_rows;
  cut.rows = std::max(least, divide_up(dw_rows(s), wanted));
  if (cut.blocks >= kMostBlocks / 2) cut.rows = dw_rows(s);
  cut.row_pieces = divide_up(dw_rows(s), cut.rows);
  return cut;
}

struct Parts {
  int64_t taps = 0, partials = 0, shared = 0, slot = 0;
};

Parts parts_of(const ConvSizes& s, const Cut& cut) {
  Parts parts;
  parts.partials = round_to_line(dw_rows(s));  // after the offsets of the taps
  const int64_t own = cut.blocks > 1 ? cut.blocks * round_to_line(dw_rows(s) * s.filters) : 0;
  parts.shared = parts.partials + own;
  const Padded g = padded_input(s);
  parts.slot = g.is_padded() ? round_to_line(g.padded_floats()) : 0;
  return parts;
}

void make_taps(const ConvSizes& s, const Padded& g, int32_t* taps) {
  for (int64_t i = 0; i < s.kernel[0]; ++i)
    for (int64_t j = 0; j < s.kernel[1]; ++j)
      for (int64_t k = 0; k < s.kernel[2]; ++k) {
        const int64_t pixel = (i * s.dilation[0] * g.padded[1] + j * s.dilation[1]) * g.padded[2] + k * s.dilation[2];
        for (int64_t c = 0; c < s.group_channels(); ++c) *taps++ = static_cast<int32_t>(pixel * g.channels + c);
      }
}

/// One picture's part of rows [row, row + rows) of dw. x: padded picture  dy: its gradient.
void add_picture(const SimdTable& simd, const ConvSizes& s, const Padded& g, const int32_t* taps, int64_t row,
                 int64_t rows, const float* x, const float* dy, int64_t dy_readable, float* dw) {
  const int64_t line = g.padded[2] * s.channels;
  // Two axes lie on the outer and the inner one: then the outer one has the lines.
  const bool flat = s.out[1] == 1;
  for (int64_t group = 0; group < s.groups; ++group)
    simd.filter_product({.x = x + group * s.group_channels(),
                         .taps = taps + row,
                         .dy = dy + group * s.group_filters(),
                         .dy_step = s.filters,
                         .dy_line = s.out[2] * s.filters,
                         .x_step = s.stride[2] * s.channels,
                         .x_line = (flat ? s.stride[0] * g.padded[1] : s.stride[1]) * line,
                         .pixels = s.out[2],
                         .lines = flat ? s.out[0] : s.out[1],
                         .planes = flat ? 1 : s.out[0],
                         .x_plane = s.stride[0] * g.padded[1] * line,
                         .dy_plane = s.out[1] * s.out[2] * s.filters,
                         .dy_readable = dy_readable - group * s.group_filters(),
                         .dw = dw + row * s.filters + group * s.group_filters(),
                         .dw_stride = s.filters,
                         .m = rows,
                         .n = s.group_filters()});
}

// x: [n, d1.., c]  dy: [n, e1.., f]  dw: [k1.., c / groups, f]
void filter_gradient(const SimdTable& simd, const op::ConvFilterGrad& op, const KernelCall& call) {
  const ConvSizes s = conv_sizes(op.geometry, call.inputs[0].shape, op.filter_shape, call.inputs[1].shape);
  const Padded g = padded_input(s);
  const Cut cut = cut_of(simd, s);
  const Parts parts = parts_of(s, cut);
  auto* floats = static_cast<float*>(call.workspace);
  auto* taps = reinterpret_cast<int32_t*>(floats);
  make_taps(s, g, taps);
  const auto* x = call.inputs[0].as<const float>();
  const auto* dy = call.inputs[1].as<const float>();
  auto* dw = call.outputs[0].as<float>();
  const int64_t x_floats = volume(s.in) * s.channels;
  const int64_t dy_floats = volume(s.out) * s.filters;
  const int64_t dw_floats = dw_rows(s) * s.filters;
  const int64_t stride = round_to_line(dw_floats);
  float* partials = cut.blocks > 1 ? floats + parts.partials : dw;
  for_blocks(call, cut.blocks * cut.row_pieces, [&](int64_t slot, int64_t piece) {
    const int64_t block = piece / cut.row_pieces;
    const int64_t row = piece % cut.row_pieces * cut.rows;
    const int64_t rows = std::min(cut.rows, dw_rows(s) - row);
    float* scratch = floats + parts.shared + slot * parts.slot;
    float* sum = partials + block * stride;
    std::fill_n(sum + row * s.filters, rows * s.filters, 0.0f);
    const int64_t end = std::min(s.batch, (block + 1) * cut.pictures);
    for (int64_t n = block * cut.pictures; n < end; ++n) {
      const float* source = x + n * x_floats;
      if (g.is_padded()) {
        copy_padded(g, source, 0, g.padded[0], scratch);
        source = scratch;
      }
      add_picture(simd, s, g, taps, row, rows, source, dy + n * dy_floats, (s.batch - n) * dy_floats, sum);
    }
  });
  if (cut.blocks <= 1) return;
  const BinaryLoop add = simd.binary[static_cast<int>(op::BinaryKind::add)].both;
  for_ranges(call, dw_floats, 4096, [&](int64_t begin, int64_t end) {
    for (int64_t block = 1; block < cut.blocks; ++block)
      add(partials + begin, partials + block * stride + begin, partials + begin, end - begin);
    std::copy(partials + begin, partials + end, dw + begin);
  });
}

size_t filter_gradient_workspace(const SimdTable& simd, const op::ConvFilterGrad& op, InputTypes in, OutputTypes,
                                 int threads) {
  const ConvSizes s = conv_sizes(op.geometry, in[0].shape, op.filter_shape, in[1].shape);
  const Parts parts = parts_of(s, cut_of(simd, s));
  return static_cast<size_t>(parts.shared + parts.slot * threads) * sizeof(float);
}

}  // namespace

void add_filter_gradient(KernelTable& table, int isa) {
  table.add<op::ConvFilterGrad>({.run = kernel_for<op::ConvFilterGrad, filter_gradient>(isa),
                                 .accepts = all_f32,
                                 .workspace = workspace_for<op::ConvFilterGrad, filter_gradient_workspace>(isa)});
}

}  // namespace trainyard::cpu
