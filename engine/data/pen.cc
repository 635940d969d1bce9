#include "engine/data/pen.h"

#include <algorithm>
#include <cmath>

namespace trainyard {
namespace {

/// Pixels [first, last) of one axis within `reach` of the interval.
struct Range {
  int first;
  int last;
};
Range pixels_near(float a, float b, float reach) {
  const auto clamped = [](float value) { return static_cast<int>(std::clamp(value, 0.0f, float{kInkSize})); };
  return {clamped(std::ceil(std::min(a, b) - reach)), clamped(std::floor(std::max(a, b) + reach) + 1)};
}

}  // namespace

void PenCanvas::draw(const PenSegment& segment) {
  const float dx = segment.x1 - segment.x0;
  const float dy = segment.y1 - segment.y0;
  const float squared = dx * dx + dy * dy;
  const float inverse = squared > 1e-12f ? 1.0f / squared : 0.0f;
  const float reach = segment.radius + kReach;
  const Range rows = pixels_near(segment.y0, segment.y1, reach);
  const Range columns = pixels_near(segment.x0, segment.x1, reach);
  for (int row = rows.first; row < rows.last; ++row) {
    const float py = static_cast<float>(row) - segment.y0;
    float* line = &rim_[static_cast<size_t>(row) * kInkSize];
    for (int column = columns.first; column < columns.last; ++column) {
      const float px = static_cast<float>(column) - segment.x0;
      const float along = std::min(std::max((px * dx + py * dy) * inverse, 0.0f), 1.0f);
      const float ex = px - along * dx;
      const float ey = py - along * dy;
      line[column] = std::min(line[column], std::sqrt(ex * ex + ey * ey) - segment.radius);
    }
  }
}

}  // namespace trainyard
