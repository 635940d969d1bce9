// Row-major walks over a shape that keep the offsets of several operands.
#pragma once

#include <array>
#include <cstdint>

#include "engine/core/check.h"
#include "engine/core/shape.h"

namespace trainyard::ref {

/// The highest rank that kernels take; held in place, so that a walk allocates nothing.
inline constexpr int kMaxRank = 12;

/// Distance in elements between neighbours along each axis.
using Strides = std::array<int64_t, kMaxRank>;

inline Strides row_major(const Shape& shape) {
  check(shape.rank() <= kMaxRank, "a rank that kernels take");
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

/// Visits every position of `sizes` in row-major order: `for (Walk w(...); w.more(); w.next()) use(w.offset(0))`.
template <size_t N>
class Walk {
 public:
  Walk(const Shape& sizes, const std::array<Strides, N>& strides) : rank_(sizes.rank()), strides_(strides) {
    check(rank_ <= kMaxRank, "a rank that kernels take");
    for (int axis = 0; axis < rank_; ++axis) {
      sizes_[static_cast<size_t>(axis)] = sizes[axis];
      if (sizes[axis] == 0) more_ = false;
    }
  }
  /// Leaves out the axes where `keep` is false (their size counts as 1).
  Walk(const Shape& sizes, const std::array<Strides, N>& strides, const std::array<bool, kMaxRank>& keep)
      : rank_(sizes.rank()), strides_(strides) {
    check(rank_ <= kMaxRank, "a rank that kernels take");
    for (int axis = 0; axis < rank_; ++axis) {
      const auto d = static_cast<size_t>(axis);
      sizes_[d] = keep[d] ? sizes[axis] : 1;
      if (sizes_[d] == 0) more_ = false;
    }
  }

  bool more() const { return more_; }
  int64_t offset(size_t operand) const { return offsets_[operand]; }

  void next() {
    for (int axis = rank_ - 1; axis >= 0; --axis) {
      const auto d = static_cast<size_t>(axis);
      for (size_t n = 0; n < N; ++n) offsets_[n] += strides_[n][d];
      if (++position_[d] < sizes_[d]) return;
      for (size_t n = 0; n < N; ++n) offsets_[n] -= strides_[n][d] * sizes_[d];
      position_[d] = 0;
    }
    more_ = false;
  }

 private:
  int rank_;
  bool more_ = true;
  std::array<int64_t, kMaxRank> sizes_{};
  std::array<int64_t, kMaxRank> position_{};
  std::array<Strides, N> strides_;
  std::array<int64_t, N> offsets_{};
};

}  // namespace trainyard::ref
