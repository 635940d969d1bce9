// Depthwise convolution with one filter a channel, and its gradients: every channel for itself, so vectors run over
// channels and there is no product to tile.
#include "engine/backends/cpu/isa/math.h"
#include "engine/backends/cpu/isa/parts.h"

namespace trainyard::cpu::TRAINYARD_ISA {
namespace {

Floats activated(RowActivation activation, Floats value) {
  if (activation == RowActivation::relu) return max_keep_a(value, zero());
  if (activation == RowActivation::sigmoid) return sigmoid(value);
  if (activation == RowActivation::tanh) return tanh(value);
  return value;
}

// x, y: [pixels at any place, channels]  w: [taps, channels]
void depthwise(const DepthwiseWork& work, const float* x, const float* w, float* y) {
  for (int64_t pixel = 0; pixel < work.pixels; ++pixel) {
    const float* from = x + work.window_rows[pixel];
    float* to = y + work.pixel_rows[pixel];
    for_lanes(work.channels, [&](int64_t c, int count) {
      Floats sum = zero();
      for (int tap = 0; tap < work.taps; ++tap)
        sum = fma(load_some(from + work.offsets[tap] + c, count), load_some(w + tap * work.channels + c, count), sum);
      if (work.bias != nullptr) sum += load_some(work.bias + c, count);
      store_partial(to + c, activated(work.activation, sum), count);
    });
  }
}

// dx += the windows of dy. Windows may overlap.
void depthwise_input(const DepthwiseWork& work, const float* dy, const float* w, float* dx) {
  for (int64_t pixel = 0; pixel < work.pixels; ++pixel) {
    const float* from = dy + work.pixel_rows[pixel];
    float* to = dx + work.window_rows[pixel];
    for_lanes(work.channels, [&](int64_t c, int count) {
      const Floats d = load_some(from + c, count);
      for (int tap = 0; tap < work.taps; ++tap) {
        float* at = to + work.offsets[tap] + c;
        store_partial(at, fma(d, load_some(w + tap * work.channels + c, count), load_some(at, count)), count);
      }
    });
  }
}

// dw: [taps, channels] += sum over pixels of x dy
void depthwise_filter(const DepthwiseWork& work, const float* x, const float* dy, float* dw) {
  for (int tap = 0; tap < work.taps; ++tap)
    for_lanes(work.channels, [&](int64_t c, int count) {
      float* to = dw + tap * work.channels + c;
      Floats sum = zero();
      for (int64_t pixel = 0; pixel < work.pixels; ++pixel)
        sum = fma(load_some(x + work.window_rows[pixel] + work.offsets[tap] + c, count),
                  load_some(dy + work.pixel_rows[pixel] + c, count), sum);
      store_partial(to, load_some(to, count) + sum, count);
    });
}

}  // namespace

void fill_depthwise(SimdTable& table) {
  table.depthwise = depthwise;
  table.depthwise_input = depthwise_input;
  table.depthwise_filter = depthwise_filter;
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
