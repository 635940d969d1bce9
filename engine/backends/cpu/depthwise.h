// What the three depthwise kernels share: which convolutions they take, offsets of taps and pixels.
#pragma once

#include "engine/backends/cpu/conv_geometry.h"

namespace trainyard::cpu {

/// One filter a channel.
inline bool is_depthwise(const ConvSizes& s) {
  return s.groups > 1 && s.group_channels() == 1 && s.group_filters() == 1;
}

/// Offsets in memory of the caller's: taps from a window's first pixel, windows and pixels of one picture.
struct DepthwiseOffsets {
  int32_t* taps = nullptr;
  int32_t* windows = nullptr;
  int32_t* pixels = nullptr;

  static int64_t floats(const ConvSizes& s) { return round_to_line(volume(s.kernel) + 2 * volume(s.out)); }
  /// Written into `memory`, which has floats(s).
  static DepthwiseOffsets make(const ConvSizes& s, const Padded& padded, float* memory);
};

}  // namespace trainyard::cpu
