// Depthwise convolution and its gradients, picture by picture; later entries in the kernel table, so that they win over
// the grouped ones where there is one filter a channel.
#include "engine/backends/cpu/depthwise.h"

namespace trainyard::cpu {

DepthwiseOffsets DepthwiseOffsets::make(const ConvSizes& s, const Padded& padded, float* memory) {
  DepthwiseOffsets o;
  o.taps = reinterpret_cast<int32_t*>(memory);
  o.windows = o.taps + volume(s.kernel);
  o.pixels = o.windows + volume(s.out);
  const auto at = [&](int64_t i, int64_t j, int64_t k) {
    return static_cast<int32_t>(((i * padded.padded[1] + j) * padded.padded[2] + k) * s.channels);
  };
  int64_t tap = 0;
  for (int64_t i = 0; i < s.kernel[0]; ++i)
    for (int64_t j = 0; j < s.kernel[1]; ++j)
      for (int64_t k = 0; k < s.kernel[2]; ++k)
        o.taps[tap++] = at(i * s.dilation[0], j * s.dilation[1], k * s.dilation[2]);
  int64_t pixel = 0;
  for (int64_t i = 0; i < s.out[0]; ++i)
    for (int64_t j = 0; j < s.out[1]; ++j)
      for (int64_t k = 0; k < s.out[2]; ++k, ++pixel) {
        o.windows[pixel] = at(i * s.stride[0], j * s.stride[1], k * s.stride[2]);
        o.pixels[pixel] = static_cast<int32_t>(pixel * s.channels);
      }
  return o;
}

namespace {

constexpr int64_t kMostBlocks = 16;

/// The three kernels have one layout of workspace: offsets, partial sums of dw, a padded picture a thread.
struct Parts {
  int64_t partials = 0, shared = 0, slot = 0;
};

Parts parts_of(const ConvSizes& s, int64_t blocks) {
  const Padded padded = padded_input(s);
  Parts parts;
  parts.partials = DepthwiseOffsets::floats(s);
  parts.shared = parts.partials + blocks * round_to_line(volume(s.kernel) * s.channels);
  parts.slot = padded.is_padded() ? round_to_line(padded.padded_floats()) : 0;
  return parts;
}

size_t bytes_of(const Parts& parts, int threads) {
  return static_cast<size_t>(parts.shared + parts.slot * threads) * sizeof(float);
}

DepthwiseWork work_of(const ConvSizes& s, const DepthwiseOffsets& offsets) {
  return {.window_rows = offsets.windows,
          .pixel_rows = offsets.pixels,
          .offsets = offsets.taps,
          .pixels = volume(s.out),
          .channels = s.channels,
          .taps = static_cast<int>(volume(s.kernel))};
}

/// A picture of x with its zeros; the picture itself where it needs none.
const float* padded_picture(const Padded& padded, const float* picture, float* scratch) {
  if (!padded.is_padded()) return picture;
  copy_padded(padded, picture, 0, padded.padded[0], scratch);
  return scratch;
}

void forward(const SimdTable& simd, const op::Conv& op, const KernelCall& call) {
  const ConvSizes s = conv_sizes(op.geometry, call.inputs[0].shape, call.inputs[1].shape, call.outputs[0].shape);
  const Padded padded = padded_input(s);
  const Parts parts = parts_of(s, 0);
  auto* floats = static_cast<float*>(call.workspace);
  DepthwiseWork work = work_of(s, DepthwiseOffsets::make(s, padded, floats));
  work.bias = op.epilogue.bias ? call.inputs[2].as<const float>() : nullptr;
  work.activation = row_activation(op.epilogue.activation);
  for_blocks(call, s.batch, [&](int64_t slot, int64_t n) {
    const float* x = call.inputs[0].as<const float>() + n * volume(s.in) * s.channels;
    simd.depthwise(work, padded_picture(padded, x, floats + parts.shared + slot * parts.slot),
                   call.inputs[1].as<const float>(), call.outputs[0].as<float>() + n * volume(s.out) * s.channels);
  });
}

void input_gradient(const SimdTable& simd, const op::ConvInputGrad& op, const KernelCall& call) {
  const ConvSizes s = conv_sizes(op.geometry, call.outputs[0].shape, call.inputs[1].shape, call.inputs[0].shape);
  const Padded padded = padded_input(s);
  const Parts parts = parts_of(s, 0);
  auto* floats = static_cast<float*>(call.workspace);
  const DepthwiseWork work = work_of(s, DepthwiseOffsets::make(s, padded, floats));
  for_blocks(call, s.batch, [&](int64_t slot, int64_t n) {
    float* dx = call.outputs[0].as<float>() + n * volume(s.in) * s.channels;
    float* windows = padded.is_padded() ? floats + parts.shared + slot * parts.slot : dx;
    std::fill_n(windows, padded.padded_floats(), 0.0f);
    simd.depthwise_input(work, call.inputs[0].as<const float>() + n * volume(s.out) * s.channels,
                         call.inputs[1].as<const float>(), windows);
    if (padded.is_padded()) copy_inner(padded, windows, dx);
  });
}

int64_t filter_blocks(const ConvSizes& s) { return divide_up(s.batch, divide_up(s.batch, kMostBlocks)); }

void filter_gradient(const SimdTable& simd, const op::ConvFilterGrad& op, const KernelCall& call) {
  const ConvSizes s = conv_sizes(op.geometry, call.inputs[0].shape, op.filter_shape, call.inputs[1].shape);
  const Padded padded = padded_input(s);
  const int64_t blocks = filter_blocks(s);
  const int64_t pictures = divide_up(s.batch, blocks);
  const Parts parts = parts_of(s, blocks);
  auto* floats = static_cast<float*>(call.workspace);
  const DepthwiseWork work = work_of(s, DepthwiseOffsets::make(s, padded, floats));
  const int64_t count = volume(s.kernel) * s.channels;
  const int64_t stride = round_to_line(count);
  for_blocks(call, blocks, [&](int64_t slot, int64_t block) {
    float* sums = floats + parts.partials + block * stride;
    std::fill_n(sums, count, 0.0f);
    for (int64_t n = block * pictures; n < std::min(s.batch, (block + 1) * pictures); ++n) {
      const float* x = call.inputs[0].as<const float>() + n * volume(s.in) * s.channels;
      simd.depthwise_filter(work, padded_picture(padded, x, floats + parts.shared + slot * parts.slot),
                            call.inputs[1].as<const float>() + n * volume(s.out) * s.channels, sums);
    }
  });
  auto* dw = call.outputs[0].as<float>();
  std::copy_n(floats + parts.partials, count, dw);
  for (int64_t block = 1; block < blocks; ++block)
    simd.binary[static_cast<int>(op::BinaryKind::add)].both(dw, floats + parts.partials + block * stride, dw, count);
}

size_t forward_workspace(const SimdTable&, const op::Conv& op, InputTypes in, OutputTypes out, int threads) {
  return bytes_of(parts_of(conv_sizes(op.geometry, in[0].shape, in[1].shape, out[0].shape), 0), threads);
}
size_t input_workspace(const SimdTable&, const op::ConvInputGrad& op, InputTypes in, OutputTypes out, int threads) {
  return bytes_of(parts_of(conv_sizes(op.geometry, out[0].shape, in[1].shape, in[0].shape), 0), threads);
}
size_t filter_workspace(const SimdTable&, const op::ConvFilterGrad& op, InputTypes in, OutputTypes, int threads) {
  const ConvSizes s = conv_sizes(op.geometry, in[0].shape, op.filter_shape, in[1].shape);
  return bytes_of(parts_of(s, filter_blocks(s)), threads);
}

bool takes_forward(const op::Conv& op, InputTypes in, OutputTypes out) {
  return in[0].dtype == DType::f32 && is_depthwise(conv_sizes(op.geometry, in[0].shape, in[1].shape, out[0].shape));
}
bool takes_input(const op::ConvInputGrad& op, InputTypes in, OutputTypes out) {
  return in[0].dtype == DType::f32 && is_depthwise(conv_sizes(op.geometry, out[0].shape, in[1].shape, in[0].shape));
}
bool takes_filter(const op::ConvFilterGrad& op, InputTypes in, OutputTypes) {
  return in[0].dtype == DType::f32 && is_depthwise(conv_sizes(op.geometry, in[0].shape, op.filter_shape, in[1].shape));
}

}  // namespace

void add_depthwise(KernelTable& table, int isa) {
  table.add<op::Conv>({.run = kernel_for<op::Conv, forward>(isa),
                       .accepts = accepts_typed<op::Conv, takes_forward>,
                       .workspace = workspace_for<op::Conv, forward_workspace>(isa)});
  table.add<op::ConvInputGrad>({.run = kernel_for<op::ConvInputGrad, input_gradient>(isa),
                                .accepts = accepts_typed<op::ConvInputGrad, takes_input>,
                                .workspace = workspace_for<op::ConvInputGrad, input_workspace>(isa)});
  table.add<op::ConvFilterGrad>({.run = kernel_for<op::ConvFilterGrad, filter_gradient>(isa),
                                 .accepts = accepts_typed<op::ConvFilterGrad, takes_filter>,
                                 .workspace = workspace_for<op::ConvFilterGrad, filter_workspace>(isa)});
}

}  // namespace trainyard::cpu
