// A shape with the strides of several operands, with dimensions merged wherever all operands allow it.
#pragma once

#include <array>
#include <cstdint>

#include "engine/runtime/strides.h"

namespace trainyard::cpu {

/// Rows of `inner` elements at `outer` positions. Operand o's elements lie stride(o) apart within a row.
template <size_t N>
class Strided {
 public:
  Strided(const Shape& shape, const std::array<Strides, N>& strides) {
    for (int axis = 0; axis < shape.rank(); ++axis) add(shape[axis], strides, static_cast<size_t>(axis));
    if (rank_ == 0) add_dimension(1, {});
  }

  int64_t inner() const { return sizes_[rank_ - 1]; }
  int64_t outer() const {
    int64_t product = 1;
    for (size_t axis = 0; axis + 1 < rank_; ++axis) product *= sizes_[axis];
    return product;
  }
  size_t rank() const { return rank_; }
  int64_t stride(size_t operand) const { return strides_[rank_ - 1][operand]; }
  int64_t stride(size_t operand, size_t axis) const { return strides_[axis][operand]; }

  /// Offsets of the operands at the start of row `row`.
  std::array<int64_t, N> offsets(int64_t row) const {
    std::array<int64_t, N> result{};
    for (size_t axis = rank_ - 1; axis-- > 0;) {
      const int64_t at = row % sizes_[axis];
      row /= sizes_[axis];
      for (size_t o = 0; o < N; ++o) result[o] += at * strides_[axis][o];
    }
    return result;
  }

 private:
  void add(int64_t size, const std::array<Strides, N>& strides, size_t axis) {
    if (size == 1) return;
    std::array<int64_t, N> own{};
    for (size_t o = 0; o < N; ++o) own[o] = strides[o][axis];
    bool merges = rank_ > 0;
    for (size_t o = 0; o < N && merges; ++o) merges = strides_[rank_ - 1][o] == own[o] * size;
    if (!merges) return add_dimension(size, own);
    sizes_[rank_ - 1] *= size;
    strides_[rank_ - 1] = own;
  }
  void add_dimension(int64_t size, const std::array<int64_t, N>& strides) {
    sizes_[rank_] = size;
    strides_[rank_++] = strides;
  }

  size_t rank_ = 0;
  std::array<int64_t, kMaxAxes> sizes_{};
  std::array<std::array<int64_t, N>, kMaxAxes> strides_{};
};

}  // namespace trainyard::cpu
