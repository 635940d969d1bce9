// Sizes of convolutions on three spatial axes, and padding by copying.
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
    const int last = 3 - rank + axis;
    const auto to = static_cast<size_t>(rank == 2 && axis == 0 ? 0 : last);
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

/// A picture with all that windows reach, on three axes: the inner part is the source, the rest zeros.
struct Padded {
  Triple source{};
  Triple before{};  // zeros
  Triple padded{};  // sizes with the zeros
  int64_t channels = 0;

  bool is_padded() const { return padded != source; }
  int64_t padded_floats() const { return volume(padded) * channels; }
};

/// x (or dx) of a convolution, padded.
inline Padded padded_input(const ConvSizes& s) {
  Padded p{.source = s.in, .before = s.pad, .channels = s.channels};
  for (size_t axis = 0; axis < 3; ++axis)
    p.padded[axis] = std::max(s.in[axis] + s.pad[axis],
                              (s.out[axis] - 1) * s.stride[axis] + (s.kernel[axis] - 1) * s.dilation[axis] + 1);
  return p;
}

/// Source lines [first, first + lines) of the padded picture, zeros where there is padding.
void copy_padded(const Padded& p, const float* picture, int64_t first, int64_t lines, float* to);
/// The inner part of a padded picture.
void copy_inner(const Padded& p, const float* padded, float* to);

}  // namespace trainyard::cpu
