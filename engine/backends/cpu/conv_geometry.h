// Convolutions as products of rows: three spatial axes, padding by copying, taps and phases.
#pragma once

#include <array>

#include "engine/backends/cpu/kernels.h"

namespace trainyard::cpu {

using Triple = std::array<int64_t, 3>;

inline int64_t volume(const Triple& t) { return t[0] * t[1] * t[2]; }

/// Sizes of a convolution, with one, two or three spatial axes laid onto three. Two lie on the outer and the inner one.
/// x: [batch, in.., channels]  w: [kernel.., channels / groups, filters]  y: [batch, out.., filters].
struct ConvSizes {
  Triple in{1, 1, 1}, out{1, 1, 1}, kernel{1, 1, 1};
  Triple stride{1, 1, 1}, dilation{1, 1, 1}, pad{0, 0, 0};
  int64_t batch = 0, channels = 0, filters = 0, groups = 1;

  int64_t group_channels() const { return channels / groups; }
  int64_t group_filters() const { return filters / groups; }
};

inline ConvSizes conv_sizes(const op::ConvGeometry& geometry, const Shape& x, const Shape& w, const Shape& y) {
  ConvSizes s{.batch = x.front(), .channels = x.back(), .filters = w.back(), .groups = geometry.groups};
  const int rank = geometry.spatial_rank();
  for (int axis = 0; axis < rank; ++axis) {
    const size_t to = rank == 2 && axis == 0 ? 0 : static_cast<size_t>(3 - rank + axis);
    const auto from = static_cast<size_t>(axis);
    s.in[to] = x[axis + 1];
    s.out[to] = y[axis + 1];
    s.kernel[to] = w[axis];
    s.stride[to] = geometry.strides[from];
    s.dilation[to] = geometry.dilation[from];
    s.pad[to] = geometry.pad_low[from];
  }
  return s;
}

/// How pixels of a source picture (x, or dy in the input's gradient) make pixels of a target: pixel t of the target's
/// grid lies at begin + t * step of the target, and reads source pixel t * source_step + (tap's offset) - before.
struct Gathering {
  Triple source{}, target{};  // sizes
  int64_t source_channels = 0, target_channels = 0;
  Triple before{};  // padding
  Triple padded{};  // padded source
  Triple source_step{1, 1, 1};
  Triple target_step{1, 1, 1};

  bool is_padded() const { return padded != source; }
  int64_t padded_floats() const { return volume(padded) * source_channels; }
};

/// One tap along one axis: which of the kernel's and its offset in the padded source.
struct AxisTap {
  int64_t kernel = 0;
  int64_t offset = 0;
};

/// A set of target pixels that see the same taps: all of them in a forward convolution; in an input gradient those that are
/// equal modulo the strides.
struct Phase {
  Triple begin{};  // in the target
  Triple grid{};   // pixels along each axis
};

/// Source lines [first, first + lines) of the padded picture, zeros where there is padding.
void copy_padded(const Gathering& gathering, const float* picture, int64_t first, int64_t lines, float* to);

}  // namespace trainyard::cpu
