#include <algorithm>
#include <cmath>

#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/kernels.h"
#include "engine/backends/ref/spatial.h"

namespace trainyard::ref {
namespace {

/// Sizes of x: [batch, input.., channels]  y: [batch, output.., channels].
struct PoolSizes {
  Windows windows;
  int64_t batch, channels;

  PoolSizes(const op::PoolGeometry& geometry, const Shape& x, const Shape& y)
      : windows{.input = triple(x, 1, geometry.spatial_rank()),
                .output = triple(y, 1, geometry.spatial_rank()),
                .window = triple(geometry.window, 1),
                .strides = triple(geometry.strides, 1),
                .dilation = {1, 1, 1},
                .pad_low = triple(geometry.pad_low, 0)},
        batch(x.front()),
        channels(x.back()) {}

  int64_t inputs() const { return elements(windows.input); }
  int64_t outputs() const { return elements(windows.output); }
  int64_t taps() const { return elements(windows.window); }
};

/// Calls use(input index) for every element of the window of output `out` that is not padding, in row-major order.
template <typename Use>
void each_under_window(const PoolSizes& s, int64_t out, const Use& use) {
  const Triple position = unravel(out, s.windows.output);
  for (int64_t tap = 0; tap < s.taps(); ++tap) {
    const int64_t at = s.windows.input_index(position, unravel(tap, s.windows.window));
    if (at >= 0) use(at);
  }
}

/// Index of the first largest element of channel c under the window; NaN counts as largest. x: [input.., channels]
template <typename T>
int64_t winner(const PoolSizes& s, const T* x, int64_t out, int64_t c) {
  int64_t best = -1;
  each_under_window(s, out, [&](int64_t at) {
    const T value = x[at * s.channels + c];
    if (best < 0 || value > x[best * s.channels + c] || std::isnan(value)) best = at;
  });
  return best;
}

int64_t count_under_window(const PoolSizes& s, int64_t out) {
  int64_t count = 0;
  each_under_window(s, out, [&](int64_t) { ++count; });
  return count;
}

template <typename T>
T pooled(op::PoolKind kind, const PoolSizes& s, const T* x, int64_t out, int64_t c) {
  double sum = 0;
  switch (kind) {
    case op::PoolKind::max: return x[winner(s, x, out, c) * s.channels + c];
    case op::PoolKind::average:
      each_under_window(s, out, [&](int64_t at) { sum += static_cast<double>(x[at * s.channels + c]); });
      return static_cast<T>(sum / static_cast<double>(count_under_window(s, out)));
  }
  return T{};
}

void pool(const op::Pool& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const PoolSizes s(op.geometry, x.shape, y.shape);
  with_float(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    T* to = y.as<T>();
    for (int64_t n = 0; n < s.batch; ++n)
      for (int64_t o = 0; o < s.outputs(); ++o)
        for (int64_t c = 0; c < s.channels; ++c)
          *to++ = pooled(op.geometry.kind, s, x.as<T>() + n * s.inputs() * s.channels, o, c);
  });
}

/// Adds the gradient of one output element to the sums of one sample. x, sums: [input.., channels]
template <typename T>
void spread(op::PoolKind kind, const PoolSizes& s, const T* x, double dy, int64_t out, int64_t c, double* sums) {
  switch (kind) {
    case op::PoolKind::max: sums[winner(s, x, out, c) * s.channels + c] += dy; return;
    case op::PoolKind::average: {
      const double share = dy / static_cast<double>(count_under_window(s, out));
      each_under_window(s, out, [&](int64_t at) { sums[at * s.channels + c] += share; });
      return;
    }
  }
}

template <typename T>
void pool_grad_loop(const op::PoolGrad& op, const KernelCall& call) {
  const TensorView& x = call.inputs.front();  // of the maximum only; an average has just dy
  const TensorView& dy = call.inputs.back();
  const TensorView& dx = call.outputs[0];
  const PoolSizes s(op.geometry, dx.shape, dy.shape);
  auto* sums = static_cast<double*>(call.workspace);
  std::fill_n(sums, dx.elements(), 0.0);
  for (int64_t n = 0; n < s.batch; ++n) {
    const int64_t sample = n * s.inputs() * s.channels;
    const T* x_n = op.geometry.kind == op::PoolKind::max ? x.as<T>() + sample : nullptr;
    for (int64_t o = 0; o < s.outputs(); ++o)
      for (int64_t c = 0; c < s.channels; ++c)
        spread(op.geometry.kind, s, x_n, static_cast<double>(dy.as<T>()[(n * s.outputs() + o) * s.channels + c]), o, c,
               sums + sample);
  }
  for (int64_t i = 0; i < dx.elements(); ++i) dx.as<T>()[i] = static_cast<T>(sums[i]);
}

void pool_grad(const op::PoolGrad& op, const KernelCall& call) {
  with_float(call.outputs[0].dtype, [&](auto tag) { pool_grad_loop<typename decltype(tag)::type>(op, call); });
}

}  // namespace

void add_window(KernelTable& table) {
  table.add<op::Pool>({.run = run_typed<op::Pool, pool>, .accepts = full_width});
  table.add<op::PoolGrad>(
      {.run = run_typed<op::PoolGrad, pool_grad>, .accepts = full_width, .workspace = double_per_output});
}

}  // namespace trainyard::ref
