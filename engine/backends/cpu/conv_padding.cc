#include <cstring>

#include "engine/backends/cpu/conv_geometry.h"

namespace trainyard::cpu {

void copy_padded(const Gathering& gathering, const float* picture, int64_t first, int64_t lines, float* to) {
  const Gathering& g = gathering;
  const int64_t row = g.padded[2] * g.source_channels;
  const int64_t left = g.before[2] * g.source_channels;
  const int64_t middle = g.source[2] * g.source_channels;
  const auto zero = [](float* begin, int64_t n) { std::memset(begin, 0, static_cast<size_t>(n) * sizeof(float)); };
  for (int64_t i = first; i < first + lines; ++i)
    for (int64_t j = 0; j < g.padded[1]; ++j, to += row) {
      const int64_t line = i - g.before[0];
      const int64_t column = j - g.before[1];
      if (line < 0 || line >= g.source[0] || column < 0 || column >= g.source[1]) {
        zero(to, row);
        continue;
      }
      zero(to, left);
      std::memcpy(to + left, picture + (line * g.source[1] + column) * middle,
                  static_cast<size_t>(middle) * sizeof(float));
      zero(to + left + middle, row - left - middle);
    }
}

}  // namespace trainyard::cpu
