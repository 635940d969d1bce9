// Distances between the elements of tensors, as kernels of all backends walk over them.
#pragma once

#include <array>
#include <cstdint>

#include "engine/core/check.h"
#include "engine/core/shape.h"

namespace trainyard {

/// The highest rank that kernels take; strides are held in place, so that a walk allocates nothing.
inline constexpr int kMaxAxes = 12;

/// Distance in elements between neighbours along each axis.
using Strides = std::array<int64_t, kMaxAxes>;

inline Strides row_major(const Shape& shape) {
  check(shape.rank() <= kMaxAxes, "a rank that kernels take");
  Strides strides{};
  int64_t stride = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    strides[static_cast<size_t>(axis)] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/// Strides that read `operand` as if it had been broadcast to `full`: 0 along stretched axes.
inline Strides broadcast_strides(const Shape& operand, const Shape& full) {
  const Strides own = row_major(operand);
  Strides strides{};
  const int shift = full.rank() - operand.rank();
  for (int axis = shift; axis < full.rank(); ++axis)
    if (operand[axis - shift] != 1) strides[static_cast<size_t>(axis)] = own[static_cast<size_t>(axis - shift)];
  return strides;
}

}  // namespace trainyard
