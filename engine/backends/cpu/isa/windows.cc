// Pooling. Vectors run over channels; a window is cut to the part that lies in the picture.
#include "engine/backends/cpu/isa/math.h"
#include "engine/backends/cpu/isa/parts.h"

namespace trainyard::cpu::TRAINYARD_ISA {
namespace {

/// The part of a window inside the picture, in input coordinates.
struct Range {
  int64_t begin = 0, end = 0;
};
Range window_range(const PoolPlan& plan, int axis, int64_t at) {
  const int64_t begin = at * plan.stride[axis] - plan.pad[axis];
  const int64_t end = begin + plan.window[axis];
  return {begin < 0 ? 0 : begin, end > plan.in[axis] ? plan.in[axis] : end};
}

struct Window {
  Range range[3];
  int64_t size() const {
    int64_t product = 1;
    for (const Range& r : range) product *= r.end > r.begin ? r.end - r.begin : 0;
    return product;
  }
};

/// visit(offset in floats) for each pixel of the window, in row-major order.
template <typename Visit>
TRAINYARD_INLINE void for_window(const PoolPlan& plan, const Window& window, const Visit& visit) {
  for (int64_t i = window.range[0].begin; i < window.range[0].end; ++i)
    for (int64_t j = window.range[1].begin; j < window.range[1].end; ++j) {
      const int64_t line = (i * plan.in[1] + j) * plan.in[2];
      for (int64_t k = window.range[2].begin; k < window.range[2].end; ++k) visit((line + k) * plan.channels);
    }
}

TRAINYARD_INLINE Floats load_count(const float* from, int count) {
  return count == kLanes ? load(from) : load_partial(from, count);
}
TRAINYARD_INLINE void store_count(float* to, Floats value, int count) {
  if (count == kLanes)
    store(to, value);
  else
    store_partial(to, value, count);
}

/// visit(first channel, lanes) over all channels.
template <typename Visit>
TRAINYARD_INLINE void for_channels(int64_t channels, const Visit& visit) {
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) visit(c, kLanes);
  if (c < channels) visit(c, static_cast<int>(channels - c));
}

void pool_pixel(const PoolPlan& plan, const Window& window, const float* x, float* y) {
  const Floats share = splat(1.0f / static_cast<float>(window.size()));
  for_channels(plan.channels, [&](int64_t c, int count) {
    if (plan.max) {
      Floats best = splat(-kInfinity);
      for_window(plan, window, [&](int64_t at) { best = max_nan(load_count(x + at + c, count), best); });
      store_count(y + c, best, count);
    } else {
      Floats sum = zero();
      for_window(plan, window, [&](int64_t at) { sum += load_count(x + at + c, count); });
      store_count(y + c, sum * share, count);
    }
  });
}

void pool_line(const PoolPlan& plan, const float* x, float* y, int64_t line) {
  const int64_t picture = line / (plan.out[0] * plan.out[1]);
  const int64_t rest = line % (plan.out[0] * plan.out[1]);
  Window window{{window_range(plan, 0, rest / plan.out[1]), window_range(plan, 1, rest % plan.out[1]), {}}};
  x += picture * plan.in[0] * plan.in[1] * plan.in[2] * plan.channels;
  y += line * plan.out[2] * plan.channels;
  for (int64_t k = 0; k < plan.out[2]; ++k) {
    window.range[2] = window_range(plan, 2, k);
    pool_pixel(plan, window, x, y + k * plan.channels);
  }
}

/// Adds dy to the first of the largest, and shares it out in an average.
void grad_pixel(const PoolPlan& plan, const Window& window, const float* x, const float* y, const float* dy,
                float* dx) {
  const Floats share = splat(1.0f / static_cast<float>(window.size()));
  for_channels(plan.channels, [&](int64_t c, int count) {
    Floats left = load_count(dy + c, count);
    if (plan.max) {
      const Floats best = load_count(y + c, count);
      for_window(plan, window, [&](int64_t at) {
        const Ints here = load_count(x + at + c, count) == best;
        store_count(dx + at + c, load_count(dx + at + c, count) + select(here, left, zero()), count);
        left = select(here, zero(), left);
      });
    } else {
      left *= share;
      for_window(plan, window,
                 [&](int64_t at) { store_count(dx + at + c, load_count(dx + at + c, count) + left, count); });
    }
  });
}

void pool_grad(const PoolPlan& plan, const float* x, const float* y, const float* dy, float* dx) {
  const int64_t floats = plan.in[0] * plan.in[1] * plan.in[2] * plan.channels;
  for (int64_t i = 0; i < floats; ++i) dx[i] = 0.0f;
  int64_t at = 0;
  for (int64_t i = 0; i < plan.out[0]; ++i)
    for (int64_t j = 0; j < plan.out[1]; ++j)
      for (int64_t k = 0; k < plan.out[2]; ++k) {
        const Window window{{window_range(plan, 0, i), window_range(plan, 1, j), window_range(plan, 2, k)}};
        grad_pixel(plan, window, x, y != nullptr ? y + at : nullptr, dy + at, dx);
        at += plan.channels;
      }
}

}  // namespace

void fill_windows(SimdTable& table) {
  table.pool_line = pool_line;
  table.pool_grad = pool_grad;
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
