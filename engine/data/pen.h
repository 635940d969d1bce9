// A round pen on a small picture: how far each pixel is from the ink.
#pragma once

#include <array>

#include "engine/data/ink.h"

namespace trainyard {

/// A piece of a stroke, in pixels; pixel (i, j) of row i and column j has its middle at x = j, y = i.
struct PenSegment {
  float x0 = 0;
  float y0 = 0;
  float x1 = 0;
  float y1 = 0;
  /// Half of the stroke's width.
  float radius = 1;
};

/// Distances to the rim of the ink: below 0 inside. Starts far from any ink.
class PenCanvas {
 public:
  PenCanvas() { rim_.fill(kFar); }
  /// Exact within kReach of the segment's rim; pixels farther off keep what they had.
  void draw(const PenSegment& segment);
  const InkPicture& rim() const { return rim_; }

  static constexpr float kReach = 1.5f;

 private:
  static constexpr float kFar = 1e6f;
  InkPicture rim_;
};

}  // namespace trainyard
