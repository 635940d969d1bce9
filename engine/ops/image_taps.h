// Which pixels op::ImageSample reads for a coordinate, and with what weights; the same in every backend.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/ops/image.h"

namespace trainyard {

/// Where a pixel number outside [0, size) is read; -1: nowhere, the fill value stands there.
inline int64_t pixel_read(int64_t index, int64_t size, op::SampleFill fill) {
  if (index >= 0 && index < size) return index;
  const auto modulo = [](int64_t a, int64_t b) { return ((a % b) + b) % b; };
  switch (fill) {
    case op::SampleFill::constant: return -1;
    case op::SampleFill::nearest: return index < 0 ? 0 : size - 1;
    case op::SampleFill::wrap: return modulo(index, size);
    case op::SampleFill::reflect: {
      const int64_t phase = modulo(index, 2 * size);
      return phase < size ? phase : 2 * size - 1 - phase;
    }
    case op::SampleFill::mirror: {
      if (size == 1) return 0;
      const int64_t phase = modulo(index, 2 * size - 2);
      return phase < size ? phase : 2 * size - 2 - phase;
    }
  }
  return -1;
}

/// The pixels along one axis that a coordinate falls between; `count` is 1 for the nearest. Pixel -1 is the fill value.
template <typename T>
struct PixelTaps {
  int count = 1;
  int64_t pixel[2] = {-1, -1};
  T weight[2] = {1, 0};
};

template <typename T>
PixelTaps<T> pixel_taps(T coordinate, int64_t size, const op::SampleRule& rule) {
  constexpr T kFarthest = 1e9;  // numbers beyond this are no pixels, and would not fit the arithmetic
  PixelTaps<T> taps;
  if (!(std::abs(coordinate) <= kFarthest)) {
    if (rule.fill != op::SampleFill::constant) taps.pixel[0] = 0;
    return taps;
  }
  if (!rule.bilinear) {
    taps.pixel[0] = pixel_read(static_cast<int64_t>(std::nearbyint(coordinate)), size, rule.fill);
    return taps;
  }
  const T low = std::floor(coordinate);
  const auto index = static_cast<int64_t>(low);
  taps.count = 2;
  taps.weight[1] = coordinate - low;
  taps.weight[0] = 1 - taps.weight[1];
  for (int i = 0; i < 2; ++i) taps.pixel[i] = pixel_read(index + i, size, rule.fill);
  return taps;
}

}  // namespace trainyard
