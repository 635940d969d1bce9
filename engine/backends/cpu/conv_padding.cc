#include <cstring>

#include "engine/backends/cpu/conv_geometry.h"

namespace trainyard::cpu {

void copy_padded(const Padded& p, const float* picture, int64_t first, int64_t lines, float* to) {
  const int64_t row = p.padded[2] * p.channels;
  const int64_t left = p.before[2] * p.channels;
  const int64_t middle = p.source[2] * p.channels;
  const auto zero = [](float* begin, int64_t n) { std::memset(begin, 0, static_cast<size_t>(n) * sizeof(float)); };
  for (int64_t i = first; i < first + lines; ++i)
    for (int64_t j = 0; j < p.padded[1]; ++j, to += row) {
      const int64_t line = i - p.before[0];
      const int64_t column = j - p.before[1];
      if (line < 0 || line >= p.source[0] || column < 0 || column >= p.source[1]) {
        zero(to, row);
        continue;
      }
      zero(to, left);
      std::memcpy(to + left, picture + (line * p.source[1] + column) * middle,
                  static_cast<size_t>(middle) * sizeof(float));
      zero(to + left + middle, row - left - middle);
    }
}

void copy_inner(const Padded& p, const float* padded, float* to) {
  const int64_t row = p.source[2] * p.channels;
  for (int64_t i = 0; i < p.source[0]; ++i)
    for (int64_t j = 0; j < p.source[1]; ++j, to += row) {
      const int64_t pixel = ((i + p.before[0]) * p.padded[1] + j + p.before[1]) * p.padded[2] + p.before[2];
      std::copy_n(padded + pixel * p.channels, row, to);
    }
}

}  // namespace trainyard::cpu
