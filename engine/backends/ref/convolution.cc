#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/epilogue.h"
#include "engine/backends/ref/kernels.h"
#include "engine/backends/ref/spatial.h"

namespace trainyard::ref {
namespace {

/// Sizes of x: [batch, input.., channels]  w: [window.., group_channels, filters]  y: [batch, output.., filters].
struct ConvSizes {
  Windows windows;
  int64_t batch, channels, filters, group_channels, group_filters;

  ConvSizes(const op::ConvGeometry& geometry, const Shape& x, const Shape& w, const Shape& y)
      : windows{.input = triple(x, 1, geometry.spatial_rank()),
                .output = triple(y, 1, geometry.spatial_rank()),
                .window = triple(w, 0, geometry.spatial_rank()),
                .strides = triple(geometry.strides, 1),
                .dilation = triple(geometry.dilation, 1),
                .pad_low = triple(geometry.pad_low, 0)},
        batch(x.front()),
        channels(x.back()),
        filters(w.back()),
        group_channels(w[w.rank() - 2]),
        group_filters(w.back() / geometry.groups) {}

  int64_t inputs() const { return elements(windows.input); }
  int64_t outputs() const { return elements(windows.output); }
  int64_t taps() const { return elements(windows.window); }
  /// The first channel that filter f sees.
  int64_t first_channel(int64_t f) const { return f / group_filters * group_channels; }
};

/// y[n, o, f] = sum over taps and channels of x[n, o + tap, c] w[tap, c, f]
template <typename T>
double conv_at(const ConvSizes& s, const T* x, const T* w, const Triple& out, int64_t f) {
  double sum = 0;
  for (int64_t tap = 0; tap < s.taps(); ++tap) {
    const int64_t at = s.windows.input_index(out, unravel(tap, s.windows.window));
    if (at < 0) continue;
    const T* pixel = x + at * s.channels + s.first_channel(f);
    for (int64_t c = 0; c < s.group_channels; ++c)
      sum += static_cast<double>(pixel[c]) * static_cast<double>(w[(tap * s.group_channels + c) * s.filters + f]);
  }
  return sum;
}

template <typename T>
void conv_loop(const op::Conv& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& w = call.inputs[1];
  const TensorView& y = call.outputs[0];
  const ConvSizes s(op.geometry, x.shape, w.shape, y.shape);
  const T* bias = op.epilogue.bias ? call.inputs[2].as<T>() : nullptr;
  T* to = y.as<T>();
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t o = 0; o < s.outputs(); ++o)
      for (int64_t f = 0; f < s.filters; ++f)
        *to++ = finish(op.epilogue,
                       conv_at(s, x.as<T>() + n * s.inputs() * s.channels, w.as<T>(), unravel(o, s.windows.output), f),
                       bias, f);
}

/// dx[n, i, c] = sum over taps and filters of dy[n, the output that has the tap over i, f] w[tap, c, f]
template <typename T>
double input_grad_at(const ConvSizes& s, const T* dy, const T* w, const Triple& in, int64_t channel) {
  const int64_t group = channel / s.group_channels;
  const int64_t c = channel % s.group_channels;
  double sum = 0;
  for (int64_t tap = 0; tap < s.taps(); ++tap) {
    const int64_t at = s.windows.output_index(in, unravel(tap, s.windows.window));
    if (at < 0) continue;
    for (int64_t f = group * s.group_filters; f < (group + 1) * s.group_filters; ++f)
      sum += static_cast<double>(dy[at * s.filters + f]) *
             static_cast<double>(w[(tap * s.group_channels + c) * s.filters + f]);
  }
  return sum;
}

template <typename T>
void input_grad_loop(const op::ConvInputGrad& op, const KernelCall& call) {
  const TensorView& dy = call.inputs[0];
  const TensorView& w = call.inputs[1];
  const TensorView& dx = call.outputs[0];
  const ConvSizes s(op.geometry, dx.shape, w.shape, dy.shape);
  T* to = dx.as<T>();
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t i = 0; i < s.inputs(); ++i)
      for (int64_t c = 0; c < s.channels; ++c)
        *to++ = static_cast<T>(
            input_grad_at(s, dy.as<T>() + n * s.outputs() * s.filters, w.as<T>(), unravel(i, s.windows.input), c));
}

/// dw[tap, c, f] = sum over batch and outputs of x[n, o + tap, c] dy[n, o, f]
template <typename T>
double filter_grad_at(const ConvSizes& s, const T* x, const T* dy, int64_t tap, int64_t channel, int64_t f) {
  double sum = 0;
  const Triple at_tap = unravel(tap, s.windows.window);
  for (int64_t n = 0; n < s.batch; ++n) {
    for (int64_t o = 0; o < s.outputs(); ++o) {
      const int64_t at = s.windows.input_index(unravel(o, s.windows.output), at_tap);
      if (at < 0) continue;
      sum += static_cast<double>(x[(n * s.inputs() + at) * s.channels + channel]) *
             static_cast<double>(dy[(n * s.outputs() + o) * s.filters + f]);
    }
  }
  return sum;
}

template <typename T>
void filter_grad_loop(const op::ConvFilterGrad& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& dy = call.inputs[1];
  const TensorView& dw = call.outputs[0];
  const ConvSizes s(op.geometry, x.shape, dw.shape, dy.shape);
  T* to = dw.as<T>();
  for (int64_t tap = 0; tap < s.taps(); ++tap)
    for (int64_t c = 0; c < s.group_channels; ++c)
      for (int64_t f = 0; f < s.filters; ++f)
        *to++ = static_cast<T>(filter_grad_at(s, x.as<T>(), dy.as<T>(), tap, s.first_channel(f) + c, f));
}

void conv(const op::Conv& op, const KernelCall& call) {
  with_float(call.outputs[0].dtype, [&](auto tag) { conv_loop<typename decltype(tag)::type>(op, call); });
}

void input_grad(const op::ConvInputGrad& op, const KernelCall& call) {
  with_float(call.outputs[0].dtype, [&](auto tag) { input_grad_loop<typename decltype(tag)::type>(op, call); });
}

void filter_grad(const op::ConvFilterGrad& op, const KernelCall& call) {
  with_float(call.outputs[0].dtype, [&](auto tag) { filter_grad_loop<typename decltype(tag)::type>(op, call); });
}

}  // namespace

void add_convolution(KernelTable& table) {
  table.add<op::Conv>({.run = run_typed<op::Conv, conv>, .accepts = full_width});
  table.add<op::ConvInputGrad>({.run = run_typed<op::ConvInputGrad, input_grad>, .accepts = full_width});
  table.add<op::ConvFilterGrad>({.run = run_typed<op::ConvFilterGrad, filter_grad>, .accepts = full_width});
}

}  // namespace trainyard::ref
