// Conv and ConvInputGrad. Both gather: a pixel of the target is a sum over taps of source pixels times a matrix. Rows of
// the product are pixels of the (padded) source, read where they lie, so that no im2col is written.
#include <cstring>

#include "engine/backends/cpu/conv_geometry.h"

namespace trainyard::cpu {
namespace {

/// Floats of padded source that a piece of work keeps: half of a second-level cache.
constexpr int64_t kBandFloats = 1 << 16;
/// Target pixels that a piece of work has at least, if the batch allows.
constexpr int64_t kPiecePixels = 128;

/// Longest segment: a block of the product's k.
constexpr int32_t kMaxSegment = 256;

/// The gather of a forward convolution or, with `backward`, of its input gradient.
class GatherConvolution {
 public:
  GatherConvolution(const ConvSizes& sizes, bool backward) : s_(sizes), backward_(backward) {
    gathering_.source = backward ? s_.out : s_.in;
    gathering_.target = backward ? s_.in : s_.out;
    gathering_.source_channels = backward ? s_.filters : s_.channels;
    gathering_.target_channels = backward ? s_.channels : s_.filters;
    gathering_.source_step = backward ? Triple{1, 1, 1} : s_.stride;
    gathering_.target_step = backward ? s_.stride : Triple{1, 1, 1};
    for (size_t axis = 0; axis < 3; ++axis) pad_axis(axis);
  }

  const Gathering& gathering() const { return gathering_; }
  int64_t inner() const { return gathering_.source_channels / s_.groups; }
  int64_t columns() const { return gathering_.target_channels / s_.groups; }
  int64_t phases() const { return backward_ ? volume(s_.stride) : 1; }

  Phase phase(int64_t number) const {
    Phase phase{{}, gathering_.target};
    if (!backward_) return phase;
    const Triple at{number / (s_.stride[1] * s_.stride[2]), number / s_.stride[2] % s_.stride[1],
                    number % s_.stride[2]};
    for (size_t axis = 0; axis < 3; ++axis) {
      phase.begin[axis] = at[axis];
      phase.grid[axis] = at[axis] < s_.in[axis] ? divide_up(s_.in[axis] - at[axis], s_.stride[axis]) : 0;
    }
    return phase;
  }

  /// Calls use(tap) for the taps along an axis in the order of their offsets.
  template <typename Use>
  void for_taps(const Phase& phase, size_t axis, const Use& use) const {
    for (int64_t i = 0; i < s_.kernel[axis]; ++i) {
      const int64_t kernel = backward_ ? s_.kernel[axis] - 1 - i : i;
      int64_t offset = kernel * s_.dilation[axis] - s_.pad[axis];
      if (backward_) {
        const int64_t distance = phase.begin[axis] - offset;
        if (distance % s_.stride[axis] != 0) continue;
        offset = distance / s_.stride[axis];
      }
      use(AxisTap{kernel, offset + gathering_.before[axis]});
    }
  }

  /// visit(tap number in w, offset in floats of the padded source) over all taps.
  template <typename Visit>
  void for_all_taps(const Phase& phase, const Visit& visit) const {
    const Triple& p = gathering_.padded;
    for_taps(phase, 0, [&](AxisTap a) {
      for_taps(phase, 1, [&](AxisTap b) {
        for_taps(phase, 2, [&](AxisTap c) {
          visit((a.kernel * s_.kernel[1] + b.kernel) * s_.kernel[2] + c.kernel,
                ((a.offset * p[1] + b.offset) * p[2] + c.offset) * gathering_.source_channels);
        });
      });
    });
  }

 private:
  /// Padding that the taps of all phases need.
  void pad_axis(size_t axis) {
    int64_t low = 0;
    int64_t high = gathering_.source[axis];
    for (int64_t number = 0; number < (backward_ ? s_.stride[axis] : 1); ++number) {
      Phase one{{}, gathering_.target};
      if (backward_) {
        one.begin[axis] = number;
        one.grid[axis] = number < s_.in[axis] ? divide_up(s_.in[axis] - number, s_.stride[axis]) : 0;
      }
      if (one.grid[axis] == 0) continue;
      for_taps(one, axis, [&](AxisTap tap) {
        low = std::min(low, tap.offset);
        high = std::max(high, (one.grid[axis] - 1) * gathering_.source_step[axis] + tap.offset + 1);
      });
    }
    gathering_.before[axis] = -low;
    gathering_.padded[axis] = high - low;
  }

  const ConvSizes& s_;
  bool backward_;
  Gathering gathering_;
};

/// How a phase is cut into pieces of work: bands of outer lines of one picture, or several small pictures.
struct Bands {
  int64_t lines = 0;     // of the grid's outer axis, a piece
  int64_t number = 0;    // a picture
  int64_t pictures = 1;  // a piece
  int64_t source_lines = 0;
};

Bands bands_of(const Gathering& g, const Phase& phase, int64_t batch, int64_t tap_lines) {
  Bands bands;
  const int64_t line_floats = g.padded[1] * g.padded[2] * g.source_channels;
  const int64_t fit = (kBandFloats / std::max<int64_t>(1, line_floats) - tap_lines) / g.source_step[0] + 1;
  bands.number = divide_up(phase.grid[0], std::clamp<int64_t>(fit, 1, phase.grid[0]));
  bands.lines = divide_up(phase.grid[0], bands.number);
  bands.number = divide_up(phase.grid[0], bands.lines);
  bands.source_lines = (bands.lines - 1) * g.source_step[0] + tap_lines;
  if (bands.number == 1) {
    bands.pictures = std::clamp<int64_t>(kPiecePixels / volume(phase.grid), 1, batch);
    bands.source_lines = g.padded[0];
  }
  return bands;
}

/// Source lines between the first and the last that one target line reads.
int64_t tap_lines(const GatherConvolution& conv, const Phase& phase) {
  int64_t last = 0;
  conv.for_taps(phase, 0, [&](AxisTap tap) { last = std::max(last, tap.offset); });
  return last + 1;
}

/// Where the parts of the workspace begin, in floats.
struct Parts {
  int64_t arranged = 0, packed = 0, rows = 0, segments = 0, shared = 0, slot = 0;
};

Parts parts_of(const SimdTable& simd, const ConvSizes& s, const GatherConvolution& conv) {
  const int64_t taps = volume(s.kernel);
  const Gathering& g = conv.gathering();
  int64_t pixels = 0;
  Parts parts;
  for (int64_t p = 0; p < conv.phases(); ++p) {
    const Phase phase = conv.phase(p);
    if (volume(phase.grid) == 0) continue;
    const Bands bands = bands_of(g, phase, s.batch, tap_lines(conv, phase));
    pixels = std::max(pixels, bands.pictures * bands.lines * phase.grid[1] * phase.grid[2]);
    const int64_t floats = bands.pictures * bands.source_lines * g.padded[1] * g.padded[2] * g.source_channels;
    if (g.is_padded()) parts.slot = std::max(parts.slot, round_to_line(floats));
  }
  parts.packed = round_to_line(taps * conv.inner() * conv.columns());
  parts.rows = parts.packed + round_to_line(s.groups * simd.packed_floats(taps * conv.inner(), conv.columns()));
  parts.segments = parts.rows + round_to_line(2 * pixels);
  parts.shared = parts.segments + round_to_line(2 * taps);
  return parts;
}

size_t workspace(const SimdTable& simd, const ConvSizes& s, bool backward, int threads) {
  const GatherConvolution conv(s, backward);
  const Parts parts = parts_of(simd, s, conv);
  return static_cast<size_t>(parts.shared + parts.slot * threads) * sizeof(float);
}

/// Everything that the pieces of one phase share.
struct PhaseWork {
  const GatherConvolution& conv;
  const ConvSizes& s;
  Phase phase;
  Bands bands;
  int64_t taps = 0;  // of this phase
  const int32_t* a_rows;
  const int32_t* c_rows;
  const Segment* segments;
  int segment_count;
  const float* packed;
  const float* source;
  float* target;
  const float* bias;
  RowActivation activation;
};

/// Matrix of the phase's taps, [taps * inner, columns], of one group.
/// w: [kernel.., channels / groups, filters]
void arrange_weights(const GatherConvolution& conv, const ConvSizes& s, const Phase& phase, const float* w,
                     bool backward, int64_t group, float* to) {
  const int64_t rows = s.group_channels();
  const int64_t columns = s.group_filters();
  conv.for_all_taps(phase, [&](int64_t tap, int64_t) {
    const float* from = w + tap * rows * s.filters + group * columns;
    if (!backward) {
      for (int64_t c = 0; c < rows; ++c) to = std::copy_n(from + c * s.filters, columns, to);
      return;
    }
    for (int64_t f = 0; f < columns; ++f)
      for (int64_t c = 0; c < rows; ++c) *to++ = from[c * s.filters + f];
  });
}

int make_segments(const GatherConvolution& conv, const ConvSizes& s, const Phase& phase, Segment* segments) {
  int count = 0;
  const auto inner = static_cast<int32_t>(conv.inner());
  conv.for_all_taps(phase, [&](int64_t, int64_t offset) {
    const auto at = static_cast<int32_t>(offset);
    // neighbouring pixels follow each other in memory
    const bool joins = s.groups == 1 && count > 0 && segments[count - 1].offset + segments[count - 1].length == at &&
                       segments[count - 1].length + inner <= kMaxSegment;
    if (joins)
      segments[count - 1].length += inner;
    else
      segments[count++] = {at, inner};
  });
  return count;
}

/// Offsets of the rows of one piece: pictures, then the grid.
void make_rows(const Gathering& g, const Phase& phase, const Bands& bands, int32_t* a_rows, int32_t* c_rows) {
  const int64_t source_picture = g.is_padded() ? bands.source_lines * g.padded[1] * g.padded[2] : volume(g.source);
  for (int64_t picture = 0; picture < bands.pictures; ++picture)
    for (int64_t i = 0; i < bands.lines; ++i)
      for (int64_t j = 0; j < phase.grid[1]; ++j)
        for (int64_t k = 0; k < phase.grid[2]; ++k) {
          const int64_t a = source_picture * picture +
                            (i * g.source_step[0] * g.padded[1] + j * g.source_step[1]) * g.padded[2] +
                            k * g.source_step[2];
          const int64_t c = volume(g.target) * picture +
                            (i * g.target_step[0] * g.target[1] + j * g.target_step[1]) * g.target[2] +
                            k * g.target_step[2];
          *a_rows++ = static_cast<int32_t>(a * g.source_channels);
          *c_rows++ = static_cast<int32_t>(c * g.target_channels);
        }
}

void run_piece(const SimdTable& simd, const PhaseWork& work, int64_t piece, float* scratch) {
  const Gathering& g = work.conv.gathering();
  const Bands& bands = work.bands;
  const int64_t picture = piece / bands.number * bands.pictures;
  const int64_t pictures = std::min(bands.pictures, work.s.batch - picture);
  const int64_t line = piece % bands.number * bands.lines;
  const int64_t lines = std::min(bands.lines, work.phase.grid[0] - line);
  const int64_t source_floats = volume(g.source) * g.source_channels;
  const int64_t first = line * g.source_step[0];
  const float* source = work.source + picture * source_floats;
  if (g.is_padded()) {
    const int64_t floats = bands.source_lines * g.padded[1] * g.padded[2] * g.source_channels;
    const int64_t needed = std::min(bands.source_lines, g.padded[0] - first);
    for (int64_t i = 0; i < pictures; ++i)
      copy_padded(g, source + i * source_floats, first, needed, scratch + i * floats);
    source = scratch;
  } else {
    source += first * g.source[1] * g.source[2] * g.source_channels;
  }
  const Triple& begin = work.phase.begin;
  const int64_t target =
      (((picture * g.target[0] + begin[0] + line * g.target_step[0]) * g.target[1] + begin[1]) * g.target[2] +
       begin[2]) *
      g.target_channels;
  const int64_t inner = work.conv.inner();
  const int64_t columns = work.conv.columns();
  for (int64_t group = 0; group < work.s.groups; ++group)
    simd.row_product({.a = source + group * inner,
                      .a_rows = work.a_rows,
                      .c = work.target + target + group * columns,
                      .c_rows = work.c_rows,
                      .m = pictures * lines * work.phase.grid[1] * work.phase.grid[2],
                      .n = columns,
                      .segments = work.segments,
                      .segment_count = work.segment_count,
                      .packed_b = work.packed + group * simd.packed_floats(work.taps * inner, columns),
                      .bias = work.bias == nullptr ? nullptr : work.bias + group * columns,
                      .activation = work.activation});
}

/// Operands of either direction: source is x or dy, target y or dx.
struct GatherCall {
  const float* source;
  const float* weights;
  float* target;
  const float* bias = nullptr;
  RowActivation activation = RowActivation::none;
};

void run_phase(const SimdTable& simd, const GatherConvolution& conv, const ConvSizes& s, bool backward, int64_t number,
               const GatherCall& operands, const KernelCall& call) {
  const Phase phase = conv.phase(number);
  if (volume(phase.grid) == 0) return;
  const Parts parts = parts_of(simd, s, conv);
  auto* floats = static_cast<float*>(call.workspace);
  const Bands bands = bands_of(conv.gathering(), phase, s.batch, tap_lines(conv, phase));
  auto* a_rows = reinterpret_cast<int32_t*>(floats + parts.rows);
  int32_t* c_rows = a_rows + bands.pictures * bands.lines * phase.grid[1] * phase.grid[2];
  auto* segments = reinterpret_cast<Segment*>(floats + parts.segments);
  make_rows(conv.gathering(), phase, bands, a_rows, c_rows);
  int64_t taps = 0;
  conv.for_all_taps(phase, [&](int64_t, int64_t) { ++taps; });
  const int64_t k = taps * conv.inner();
  for (int64_t group = 0; group < s.groups; ++group) {
    arrange_weights(conv, s, phase, operands.weights, backward, group, floats);
    simd.pack_b(floats, conv.columns(), 1, k, conv.columns(),
                floats + parts.packed + group * simd.packed_floats(k, conv.columns()));
  }
  const PhaseWork work{.conv = conv,
                       .s = s,
                       .phase = phase,
                       .bands = bands,
                       .taps = taps,
                       .a_rows = a_rows,
                       .c_rows = c_rows,
                       .segments = segments,
                       .segment_count = make_segments(conv, s, phase, segments),
                       .packed = floats + parts.packed,
                       .source = operands.source,
                       .target = operands.target,
                       .bias = operands.bias,
                       .activation = operands.activation};
  for_blocks(call, divide_up(s.batch, bands.pictures) * bands.number, [&](int64_t slot, int64_t piece) {
    run_piece(simd, work, piece, floats + parts.shared + slot * parts.slot);
  });
}

void conv(const SimdTable& simd, const op::Conv& op, const KernelCall& call) {
  const ConvSizes s = conv_sizes(op.geometry, call.inputs[0].shape, call.inputs[1].shape, call.outputs[0].shape);
  const GatherConvolution gather(s, false);
  run_phase(simd, gather, s, false, 0,
            {.source = call.inputs[0].as<const float>(),
             .weights = call.inputs[1].as<const float>(),
             .target = call.outputs[0].as<float>(),
             .bias = op.epilogue.bias ? call.inputs[2].as<const float>() : nullptr,
             .activation = row_activation(op.epilogue.activation)},
            call);
}

size_t conv_workspace(const SimdTable& simd, const op::Conv& op, InputTypes in, OutputTypes out, int threads) {
  return workspace(simd, conv_sizes(op.geometry, in[0].shape, in[1].shape, out[0].shape), false, threads);
}

void conv_input_grad(const SimdTable& simd, const op::ConvInputGrad& op, const KernelCall& call) {
  const ConvSizes s = conv_sizes(op.geometry, call.outputs[0].shape, call.inputs[1].shape, call.inputs[0].shape);
  const GatherConvolution gather(s, true);
  for (int64_t phase = 0; phase < gather.phases(); ++phase)
    run_phase(simd, gather, s, true, phase,
              {.source = call.inputs[0].as<const float>(),
               .weights = call.inputs[1].as<const float>(),
               .target = call.outputs[0].as<float>()},
              call);
}

size_t conv_input_grad_workspace(const SimdTable& simd, const op::ConvInputGrad& op, InputTypes in, OutputTypes out,
                                 int threads) {
  return workspace(simd, conv_sizes(op.geometry, out[0].shape, in[1].shape, in[0].shape), true, threads);
}

}  // namespace

void add_convolution(KernelTable& table, int isa) {
  table.add<op::Conv>({.run = kernel_for<op::Conv, conv>(isa),
                       .accepts = all_f32,
                       .workspace = workspace_for<op::Conv, conv_workspace>(isa)});
  table.add<op::ConvInputGrad>({.run = kernel_for<op::ConvInputGrad, conv_input_grad>(isa),
                                .accepts = all_f32,
                                .workspace = workspace_for<op::ConvInputGrad, conv_input_grad_workspace>(isa)});
}

}  // namespace trainyard::cpu
