// Row-major walks over a shape that keep the offsets of several operands.
#pragma once

#include <array>
#include <cstdint>

#include "engine/runtime/strides.h"

namespace trainyard::ref {

/// Visits every position of `sizes` in row-major order: `for (Walk w(...); w.more(); w.next()) use(w.offset(0))`.
template <size_t N>
class Walk {
 public:
  Walk(const Shape& sizes, const std::array<Strides, N>& strides) : rank_(sizes.rank()), strides_(strides) {
    check(rank_ <= kMaxAxes, "a rank that kernels take");
    for (int axis = 0; axis < rank_; ++axis) {
      sizes_[static_cast<size_t>(axis)] = sizes[axis];
      if (sizes[axis] == 0) more_ = false;
    }
  }
  /// Leaves out the axes where `keep` is false (their size counts as 1).
  Walk(const Shape& sizes, const std::array<Strides, N>& strides, const std::array<bool, kMaxAxes>& keep)
      : rank_(sizes.rank()), strides_(strides) {
    check(rank_ <= kMaxAxes, "a rank that kernels take");
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
  std::array<int64_t, kMaxAxes> sizes_{};
  std::array<int64_t, kMaxAxes> position_{};
  std::array<Strides, N> strides_;
  std::array<int64_t, N> offsets_{};
};

}  // namespace trainyard::ref
