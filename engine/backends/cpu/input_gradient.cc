// ConvInputGrad, which is also the transposed convolution: each pixel of dy times the filters makes a window of dx, and
// windows are added where they overlap. Unlike gathering, this multiplies no padding and no holes between strides.
#include "engine/backends/cpu/conv_geometry.h"

namespace trainyard::cpu {
namespace {

/// Rows of the product: enough pixels to fill tiles, few enough to stay in cache over all taps.
constexpr int64_t kBandFloats = 1 << 13;
constexpr int64_t kPiecePixels = 128;
constexpr int64_t kMostSegment = 256;

/// Taps whose windows lie side by side in dx: a line of the kernel, or one tap where dilation or groups part them.
struct Line {
  int64_t taps = 1;
  int64_t number = 0;
};

Line line_of(const ConvSizes& s) {
  const bool whole = s.groups == 1 && s.dilation[2] == 1;
  const int64_t taps = whole ? s.kernel[2] : 1;
  return {taps, volume(s.kernel) / taps};
}

struct Parts {
  int64_t pictures = 1;  // a piece
  int64_t packed = 0;    // of one line of one group
  int64_t rows = 0, segments = 0, shared = 0, slot = 0;
};

Parts parts_of(const SimdTable& simd, const ConvSizes& s) {
  Parts parts;
  const Line line = line_of(s);
  const Padded g = padded_input(s);
  parts.pictures = std::clamp<int64_t>(kPiecePixels / volume(s.out), 1, std::max<int64_t>(1, s.batch));
  parts.packed = simd.packed_floats(s.group_filters(), line.taps * s.group_channels());
  parts.rows = round_to_line(parts.packed * line.number * s.groups);
  parts.segments = parts.rows + round_to_line(2 * parts.pictures * volume(s.out));
  parts.shared = parts.segments + round_to_line(2 * (s.group_filters() / kMostSegment + 1));
  parts.slot = g.is_padded() ? round_to_line(parts.pictures * g.padded_floats()) : 0;
  return parts;
}

/// Offset of a line's first tap in the window space.
int64_t line_offset(const ConvSizes& s, const Padded& g, const Line& line, int64_t number) {
  const int64_t tap = number * line.taps;
  const int64_t i = tap / (s.kernel[1] * s.kernel[2]);
  const int64_t j = tap / s.kernel[2] % s.kernel[1];
  const int64_t k = tap % s.kernel[2];
  return ((i * s.dilation[0] * g.padded[1] + j * s.dilation[1]) * g.padded[2] + k * s.dilation[2]) * s.channels;
}

/// What all pieces share.
struct Work {
  const SimdTable& simd;
  const ConvSizes& s;
  Padded g;
  Line line;
  Parts parts;
  const int32_t* dy_rows;
  const int32_t* dx_rows;
  const Segment* segments;
  int segment_count;
  const float* packed;
};

// w: [kernel.., channels / groups, filters]
void pack_filters(const SimdTable& simd, const ConvSizes& s, const Line& line, const Parts& parts, const float* w,
                  float* packed) {
  const int64_t columns = line.taps * s.group_channels();
  for (int64_t number = 0; number < line.number; ++number)
    for (int64_t group = 0; group < s.groups; ++group) {
      simd.pack_b(w + number * columns * s.filters + group * s.group_filters(), 1, s.filters, s.group_filters(),
                  columns, packed);
      packed += parts.packed;
    }
}

void make_rows(const ConvSizes& s, const Padded& g, int64_t pictures, int32_t* dy_rows, int32_t* dx_rows) {
  int64_t pixel = 0;
  for (int64_t picture = 0; picture < pictures; ++picture)
    for (int64_t i = 0; i < s.out[0]; ++i)
      for (int64_t j = 0; j < s.out[1]; ++j)
        for (int64_t k = 0; k < s.out[2]; ++k) {
          const int64_t at = ((picture * g.padded[0] + i * s.stride[0]) * g.padded[1] + j * s.stride[1]) * g.padded[2] +
                             k * s.stride[2];
          *dy_rows++ = static_cast<int32_t>(pixel++ * s.filters);
          *dx_rows++ = static_cast<int32_t>(at * s.channels);
        }
}

/// The windows of pixels [first, first + pixels) of dy, added to dx.
void add_windows(const Work& work, const float* dy, float* dx, int64_t first, int64_t pixels) {
  const ConvSizes& s = work.s;
  for (int64_t number = 0; number < work.line.number; ++number) {
    const int64_t offset = line_offset(s, work.g, work.line, number);
    for (int64_t group = 0; group < s.groups; ++group)
      work.simd.row_product({.a = dy + group * s.group_filters(),
                             .a_rows = work.dy_rows + first,
                             .c = dx + offset + group * s.group_channels(),
                             .c_rows = work.dx_rows + first,
                             .m = pixels,
                             .n = work.line.taps * s.group_channels(),
                             .segments = work.segments,
                             .segment_count = work.segment_count,
                             .packed_b = work.packed + (number * s.groups + group) * work.parts.packed,
                             .add = true});
  }
}

void run_piece(const Work& work, const float* dy, float* dx, int64_t pictures, float* scratch) {
  const ConvSizes& s = work.s;
  const int64_t pixels = pictures * volume(s.out);
  const int64_t dx_floats = volume(s.in) * s.channels;
  float* windows = work.g.is_padded() ? scratch : dx;
  std::fill_n(windows, pictures * work.g.padded_floats(), 0.0f);
  const int64_t band = std::max<int64_t>(kPiecePixels, kBandFloats / s.filters);
  for (int64_t first = 0; first < pixels; first += band)
    add_windows(work, dy, windows, first, std::min(band, pixels - first));
  if (!work.g.is_padded()) return;
  for (int64_t i = 0; i < pictures; ++i) copy_inner(work.g, scratch + i * work.g.padded_floats(), dx + i * dx_floats);
}

// dy: [n, e1.., f]  w: [k1.., c / groups, f]  dx: [n, d1.., c]
void input_gradient(const SimdTable& simd, const op::ConvInputGrad& op, const KernelCall& call) {
  const ConvSizes s = conv_sizes(op.geometry, call.outputs[0].shape, call.inputs[1].shape, call.inputs[0].shape);
  const Parts parts = parts_of(simd, s);
  auto* floats = static_cast<float*>(call.workspace);
  auto* dy_rows = reinterpret_cast<int32_t*>(floats + parts.rows);
  int32_t* dx_rows = dy_rows + parts.pictures * volume(s.out);
  auto* segments = reinterpret_cast<Segment*>(floats + parts.segments);
  const Work work{.simd = simd,
                  .s = s,
                  .g = padded_input(s),
                  .line = line_of(s),
                  .parts = parts,
                  .dy_rows = dy_rows,
                  .dx_rows = dx_rows,
                  .segments = segments,
                  .segment_count = static_cast<int>(divide_up(s.group_filters(), kMostSegment)),
                  .packed = floats};
  pack_filters(simd, s, work.line, parts, call.inputs[1].as<const float>(), floats);
  make_rows(s, work.g, parts.pictures, dy_rows, dx_rows);
  for (int i = 0; i < work.segment_count; ++i)
    segments[i] = {static_cast<int32_t>(i * kMostSegment),
                   static_cast<int32_t>(std::min(kMostSegment, s.group_filters() - i * kMostSegment))};
  const auto* dy = call.inputs[0].as<const float>();
  auto* dx = call.outputs[0].as<float>();
  for_blocks(call, divide_up(s.batch, parts.pictures), [&](int64_t slot, int64_t piece) {
    const int64_t picture = piece * parts.pictures;
    run_piece(work, dy + picture * volume(s.out) * s.filters, dx + picture * volume(s.in) * s.channels,
              std::min(parts.pictures, s.batch - picture), floats + parts.shared + slot * parts.slot);
  });
}

size_t input_gradient_workspace(const SimdTable& simd, const op::ConvInputGrad& op, InputTypes in, OutputTypes out,
                                int threads) {
  const Parts parts = parts_of(simd, conv_sizes(op.geometry, out[0].shape, in[1].shape, in[0].shape));
  return static_cast<size_t>(parts.shared + parts.slot * threads) * sizeof(float);
}

}  // namespace

void add_input_gradient(KernelTable& table, int isa) {
  table.add<op::ConvInputGrad>({.run = kernel_for<op::ConvInputGrad, input_gradient>(isa),
                                .accepts = all_f32,
                                .workspace = workspace_for<op::ConvInputGrad, input_gradient_workspace>(isa)});
}

}  // namespace trainyard::cpu
