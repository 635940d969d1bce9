// Pooling. Vectors run over channels. A window that lies in the picture is a list of offsets; one at an edge is cut to the
// part that lies in the picture.
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

/// Offsets of a whole window's pixels from its first, in row-major order; none when there are too many.
struct Taps {
  static constexpr int kMost = 64;
  int64_t offset[kMost];
  int count = 0;
};
Taps taps_of(const PoolPlan& plan) {
  Taps taps;
  if (plan.window[0] * plan.window[1] * plan.window[2] > Taps::kMost) return taps;
  for (int64_t i = 0; i < plan.window[0]; ++i)
    for (int64_t j = 0; j < plan.window[1]; ++j)
      for (int64_t k = 0; k < plan.window[2]; ++k)
        taps.offset[taps.count++] = ((i * plan.in[1] + j) * plan.in[2] + k) * plan.channels;
  return taps;
}
bool is_whole(const PoolPlan& plan, const Window& window, int axes) {
  for (int axis = 0; axis < axes; ++axis)
    if (window.range[axis].end - window.range[axis].begin != plan.window[axis]) return false;
  return true;
}
int64_t first_pixel(const PoolPlan& plan, const Window& window) {
  return ((window.range[0].begin * plan.in[1] + window.range[1].begin) * plan.in[2] + window.range[2].begin) *
         plan.channels;
}

/// y of a whole window at x. Count: the number of taps, or 0 when only known now.
template <int Count>
TRAINYARD_INLINE void pool_whole(const PoolPlan& plan, const Taps& taps, const float* x, float* y) {
  const int taps_count = Count != 0 ? Count : taps.count;
  const Floats share = splat(1.0f / static_cast<float>(taps_count));
  for_lanes(plan.channels, [&](int64_t c, int count) {
    Floats result = load_some(x + taps.offset[0] + c, count);
#pragma GCC unroll 4
    for (int t = 1; t < taps_count; ++t) {
      const Floats value = load_some(x + taps.offset[t] + c, count);
      result = plan.max ? max_nan(value, result) : result + value;
    }
    store_some(y + c, plan.max ? result : result * share, count);
  });
}

/// The same for the gradient, where windows do not overlap: every element of dx is written once.
template <int Count>
TRAINYARD_INLINE void grad_whole(const PoolPlan& plan, const Taps& taps, const float* x, const float* y,
                                 const float* dy, float* dx) {
  const int taps_count = Count != 0 ? Count : taps.count;
  const Floats share = splat(1.0f / static_cast<float>(taps_count));
  for_lanes(plan.channels, [&](int64_t c, int count) {
    Floats left = load_some(dy + c, count);
    const Floats best = plan.max ? load_some(y + c, count) : zero();
    if (!plan.max) left *= share;
#pragma GCC unroll 4
    for (int t = 0; t < taps_count; ++t) {
      const int64_t at = taps.offset[t] + c;
      if (!plan.max) {
        store_some(dx + at, left, count);
        continue;
      }
      const Ints here = load_some(x + at, count) == best;
      store_some(dx + at, select(here, left, zero()), count);
      left = select(here, zero(), left);
    }
  });
}

void pool_pixel(const PoolPlan& plan, const Window& window, const float* x, float* y) {
  const Floats share = splat(1.0f / static_cast<float>(window.size()));
  for_lanes(plan.channels, [&](int64_t c, int count) {
    if (plan.max) {
      Floats best = splat(-kInfinity);
      for_window(plan, window, [&](int64_t at) { best = max_nan(load_some(x + at + c, count), best); });
      store_some(y + c, best, count);
    } else {
      Floats sum = zero();
      for_window(plan, window, [&](int64_t at) { sum += load_some(x + at + c, count); });
      store_some(y + c, sum * share, count);
    }
  });
}

void pool_line(const PoolPlan& plan, const float* x, float* y, int64_t line) {
  const int64_t picture = line / (plan.out[0] * plan.out[1]);
  const int64_t rest = line % (plan.out[0] * plan.out[1]);
  Window window{{window_range(plan, 0, rest / plan.out[1]), window_range(plan, 1, rest % plan.out[1]), {}}};
  const Taps taps = taps_of(plan);
  const bool inside = taps.count > 0 && is_whole(plan, window, 2);
  x += picture * plan.in[0] * plan.in[1] * plan.in[2] * plan.channels;
  y += line * plan.out[2] * plan.channels;
  for (int64_t k = 0; k < plan.out[2]; ++k, y += plan.channels) {
    window.range[2] = window_range(plan, 2, k);
    if (!inside || window.range[2].end - window.range[2].begin != plan.window[2])
      pool_pixel(plan, window, x, y);
    else if (taps.count == 4)
      pool_whole<4>(plan, taps, x + first_pixel(plan, window), y);
    else
      pool_whole<0>(plan, taps, x + first_pixel(plan, window), y);
  }
}

/// Adds dy to the first of the largest, and shares it out in an average.
void grad_pixel(const PoolPlan& plan, const Window& window, const float* x, const float* y, const float* dy,
                float* dx) {
  const Floats share = splat(1.0f / static_cast<float>(window.size()));
  for_lanes(plan.channels, [&](int64_t c, int count) {
    Floats left = load_some(dy + c, count);
    if (plan.max) {
      const Floats best = load_some(y + c, count);
      for_window(plan, window, [&](int64_t at) {
        const Ints here = load_some(x + at + c, count) == best;
        store_some(dx + at + c, load_some(dx + at + c, count) + select(here, left, zero()), count);
        left = select(here, zero(), left);
      });
    } else {
      left *= share;
      for_window(plan, window,
                 [&](int64_t at) { store_some(dx + at + c, load_some(dx + at + c, count) + left, count); });
    }
  });
}

void zero_floats(float* begin, int64_t n) {
  for (int64_t i = 0; i < n; ++i) begin[i] = 0.0f;
}

/// Windows side by side, none cut: dx is written once, and what they leave over at the far ends is zero.
void grad_of_tiling(const PoolPlan& plan, const Taps& taps, const float* x, const float* y, const float* dy,
                    float* dx) {
  const int64_t line = plan.in[2] * plan.channels;
  const int64_t covered = plan.out[2] * plan.window[2] * plan.channels;
  for (int64_t i = 0; i < plan.in[0]; ++i)
    for (int64_t j = 0; j < plan.in[1]; ++j) {
      const bool out = i >= plan.out[0] * plan.window[0] || j >= plan.out[1] * plan.window[1];
      float* to = dx + (i * plan.in[1] + j) * line;
      if (out)
        zero_floats(to, line);
      else
        zero_floats(to + covered, line - covered);
    }
  int64_t from = 0;
  for (int64_t i = 0; i < plan.out[0]; ++i)
    for (int64_t j = 0; j < plan.out[1]; ++j) {
      int64_t at = (i * plan.window[0] * plan.in[1] + j * plan.window[1]) * line;
      for (int64_t k = 0; k < plan.out[2]; ++k) {
        if (taps.count == 4)
          grad_whole<4>(plan, taps, x + at, y + from, dy + from, dx + at);
        else
          grad_whole<0>(plan, taps, x + at, y + from, dy + from, dx + at);
        at += plan.window[2] * plan.channels;
        from += plan.channels;
      }
    }
}

bool is_tiling(const PoolPlan& plan) {
  for (int axis = 0; axis < 3; ++axis)
    if (plan.stride[axis] != plan.window[axis] || plan.pad[axis] != 0 ||
        plan.out[axis] * plan.window[axis] > plan.in[axis])
      return false;
  return true;
}

void pool_grad(const PoolPlan& plan, const float* x, const float* y, const float* dy, float* dx) {
  const Taps taps = taps_of(plan);
  if (taps.count > 0 && is_tiling(plan)) {
    // an average reads neither x nor y
    grad_of_tiling(plan, taps, plan.max ? x : dx, plan.max ? y : dy, dy, dx);
    return;
  }
  zero_floats(dx, plan.in[0] * plan.in[1] * plan.in[2] * plan.channels);
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
