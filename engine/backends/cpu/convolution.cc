// Conv: a pixel of y is a sum over segments of a pixel's window in the (padded) picture. Rows of the product are read where
// they lie, so that no im2col is written.
#include "engine/backends/cpu/conv_geometry.h"

namespace trainyard::cpu {
namespace {

/// Floats of padded picture that a piece of work keeps: a part of a second-level cache.
constexpr int64_t kBandFloats = 1 << 16;
/// Pixels of y that a piece of work has at least, if the batch allows.
constexpr int64_t kPiecePixels = 128;
/// Longest segment: a block of the product's k.
constexpr int64_t kMostSegment = 256;

/// How y is cut into pieces of work: bands of outer lines of one picture, or several small pictures.
struct Bands {
  int64_t lines = 0;     // of y's outer axis, a piece
  int64_t number = 0;    // a picture
  int64_t pictures = 1;  // a piece
  int64_t source_lines = 0;
};

Bands bands_of(const ConvSizes& s, const Padded& g) {
  Bands bands;
  const int64_t reach = (s.kernel[0] - 1) * s.dilation[0] + 1;
  const int64_t line_floats = g.padded[1] * g.padded[2] * s.channels;
  const int64_t fit = (kBandFloats / line_floats - reach) / s.stride[0] + 1;
  bands.lines = divide_up(s.out[0], divide_up(s.out[0], std::clamp<int64_t>(fit, 1, s.out[0])));
  bands.number = divide_up(s.out[0], bands.lines);
  bands.source_lines = (bands.lines - 1) * s.stride[0] + reach;
  if (bands.number == 1) {
    bands.pictures = std::clamp<int64_t>(kPiecePixels / volume(s.out), 1, std::max<int64_t>(1, s.batch));
    bands.source_lines = g.padded[0];
  }
  return bands;
}

/// Segments that a window has at most, and floats of a piece's padded source.
int64_t most_segments(const ConvSizes& s) { return volume(s.kernel) * divide_up(s.group_channels(), kMostSegment); }
int64_t band_floats(const Padded& g, const Bands& bands) {
  return bands.source_lines * g.padded[1] * g.padded[2] * g.channels;
}

/// Where the parts of the workspace begin, in floats.
struct Parts {
  int64_t packed = 0;  // of one group
  int64_t rows = 0, segments = 0, shared = 0, slot = 0;
};

Parts parts_of(const SimdTable& simd, const ConvSizes& s, const Padded& g, const Bands& bands) {
  Parts parts;
  parts.packed = simd.packed_floats(volume(s.kernel) * s.group_channels(), s.group_filters());
  parts.rows = round_to_line(s.groups * parts.packed);
  parts.segments = parts.rows + round_to_line(2 * bands.pictures * bands.lines * s.out[1] * s.out[2]);
  parts.shared = parts.segments + round_to_line(2 * most_segments(s));
  parts.slot = g.is_padded() ? round_to_line(bands.pictures * band_floats(g, bands)) : 0;
  return parts;
}

/// The window in pieces that are contiguous in memory, in the order of the filters' rows.
int make_segments(const ConvSizes& s, const Padded& g, Segment* segments) {
  int count = 0;
  const auto add = [&](int64_t offset, int64_t length) {
    const bool joins = count > 0 && segments[count - 1].offset + segments[count - 1].length == offset &&
                       segments[count - 1].length + length <= kMostSegment;
    if (joins)
      segments[count - 1].length += static_cast<int32_t>(length);
    else
      segments[count++] = {static_cast<int32_t>(offset), static_cast<int32_t>(length)};
  };
  for (int64_t i = 0; i < s.kernel[0]; ++i)
    for (int64_t j = 0; j < s.kernel[1]; ++j)
      for (int64_t k = 0; k < s.kernel[2]; ++k) {
        const int64_t pixel = (i * s.dilation[0] * g.padded[1] + j * s.dilation[1]) * g.padded[2] + k * s.dilation[2];
        for (int64_t c = 0; c < s.group_channels(); c += kMostSegment)
          add(pixel * s.channels + c, std::min(kMostSegment, s.group_channels() - c));
      }
  return count;
}

/// Offsets of the rows of one piece: pictures, then pixels.
void make_rows(const ConvSizes& s, const Padded& g, const Bands& bands, int32_t* a_rows, int32_t* c_rows) {
  const int64_t source_picture = g.is_padded() ? band_floats(g, bands) : volume(s.in) * s.channels;
  for (int64_t picture = 0; picture < bands.pictures; ++picture)
    for (int64_t i = 0; i < bands.lines; ++i)
      for (int64_t j = 0; j < s.out[1]; ++j)
        for (int64_t k = 0; k < s.out[2]; ++k) {
          const int64_t pixel = (i * s.stride[0] * g.padded[1] + j * s.stride[1]) * g.padded[2] + k * s.stride[2];
          const int64_t target = ((picture * s.out[0] + i) * s.out[1] + j) * s.out[2] + k;
          *a_rows++ = static_cast<int32_t>(picture * source_picture + pixel * s.channels);
          *c_rows++ = static_cast<int32_t>(target * s.filters);
        }
}

/// What all pieces share.
struct Work {
  const SimdTable& simd;
  const ConvSizes& s;
  const Padded& g;
  const Bands& bands;
  const Parts& parts;
  RowProduct product;  // of the first group of the first piece
  const float* x;
  float* y;
};

void run_piece(const Work& work, int64_t piece, float* scratch) {
  const ConvSizes& s = work.s;
  const Padded& g = work.g;
  const Bands& bands = work.bands;
  const int64_t picture = piece / bands.number * bands.pictures;
  const int64_t pictures = std::min(bands.pictures, s.batch - picture);
  const int64_t line = piece % bands.number * bands.lines;
  const int64_t lines = std::min(bands.lines, s.out[0] - line);
  const int64_t first = line * s.stride[0];
  const int64_t x_floats = volume(s.in) * s.channels;
  const float* source = work.x + picture * x_floats;
  if (g.is_padded()) {
    const int64_t needed = std::min(bands.source_lines, g.padded[0] - first);
    for (int64_t i = 0; i < pictures; ++i)
      copy_padded(g, source + i * x_floats, first, needed, scratch + i * band_floats(g, bands));
    source = scratch;
  } else {
    source += first * s.in[1] * s.in[2] * s.channels;
  }
  RowProduct product = work.product;
  product.a = source;
  product.c = work.y + (picture * s.out[0] + line) * s.out[1] * s.out[2] * s.filters;
  product.m = pictures * lines * s.out[1] * s.out[2];
  for (int64_t group = 0; group < s.groups; ++group) {
    work.simd.row_product(product);
    product.a += s.group_channels();
    product.c += s.group_filters();
    product.packed_b += work.parts.packed;
    if (product.bias != nullptr) product.bias += s.group_filters();
  }
}

// x: [n, d1.., c]  w: [k1.., c / groups, f]  y: [n, e1.., f]
void conv(const SimdTable& simd, const op::Conv& op, const KernelCall& call) {
  const ConvSizes s = conv_sizes(op.geometry, call.inputs[0].shape, call.inputs[1].shape, call.outputs[0].shape);
  const Padded g = padded_input(s);
  const Bands bands = bands_of(s, g);
  const Parts parts = parts_of(simd, s, g, bands);
  auto* floats = static_cast<float*>(call.workspace);
  auto* a_rows = reinterpret_cast<int32_t*>(floats + parts.rows);
  int32_t* c_rows = a_rows + bands.pictures * bands.lines * s.out[1] * s.out[2];
  auto* segments = reinterpret_cast<Segment*>(floats + parts.segments);
  const auto* w = call.inputs[1].as<const float>();
  for (int64_t group = 0; group < s.groups; ++group)
    simd.pack_b(w + group * s.group_filters(), s.filters, 1, volume(s.kernel) * s.group_channels(), s.group_filters(),
                floats + group * parts.packed);
  make_rows(s, g, bands, a_rows, c_rows);
  const Work work{.simd = simd,
                  .s = s,
                  .g = g,
                  .bands = bands,
                  .parts = parts,
                  .product = {.a_rows = a_rows,
                              .c_rows = c_rows,
                              .n = s.group_filters(),
                              .segments = segments,
                              .segment_count = make_segments(s, g, segments),
                              .packed_b = floats,
                              .bias = op.epilogue.bias ? call.inputs[2].as<const float>() : nullptr,
                              .activation = row_activation(op.epilogue.activation)},
                  .x = call.inputs[0].as<const float>(),
                  .y = call.outputs[0].as<float>()};
  for_blocks(call, divide_up(s.batch, bands.pictures) * bands.number,
             [&](int64_t slot, int64_t piece) { run_piece(work, piece, floats + parts.shared + slot * parts.slot); });
}

size_t conv_workspace(const SimdTable& simd, const op::Conv& op, InputTypes in, OutputTypes out, int threads) {
  const ConvSizes s = conv_sizes(op.geometry, in[0].shape, in[1].shape, out[0].shape);
  const Padded g = padded_input(s);
  const Parts parts = parts_of(simd, s, g, bands_of(s, g));
  return static_cast<size_t>(parts.shared + parts.slot * threads) * sizeof(float);
}

}  // namespace

void add_convolution(KernelTable& table, int isa) {
  table.add<op::Conv>({.run = kernel_for<op::Conv, conv>(isa),
                       .accepts = all_f32,
                       .workspace = workspace_for<op::Conv, conv_workspace>(isa)});
}

}  // namespace trainyard::cpu
