// Windows over one to three spatial dimensions, seen as three: missing ones have size 1.
#pragma once

#include <array>
#include <cstdint>

#include "engine/core/shape.h"

namespace trainyard::ref {

using Triple = std::array<int64_t, 3>;

/// `values` moved to the last of three entries.
inline Triple triple(const std::vector<int64_t>& values, int64_t missing) {
  Triple result{missing, missing, missing};
  for (size_t i = 0; i < values.size(); ++i) result[3 - values.size() + i] = values[i];
  return result;
}

/// `count` dimensions of `shape` from `first` on, moved to the last of three entries.
inline Triple triple(const Shape& shape, int first, int count) {
  Triple result{1, 1, 1};
  for (int i = 0; i < count; ++i) result[3 - static_cast<size_t>(count - i)] = shape[first + i];
  return result;
}

inline int64_t elements(const Triple& sizes) { return sizes[0] * sizes[1] * sizes[2]; }

/// The position of element `index` in row-major order.
inline Triple unravel(int64_t index, const Triple& sizes) {
  return {index / (sizes[1] * sizes[2]), index / sizes[2] % sizes[1], index % sizes[2]};
}

/// Where windows lie on their input.
struct Windows {
  Triple input;   // sizes
  Triple output;  // sizes
  Triple window;  // sizes
  Triple strides;
  Triple dilation;
  Triple pad_low;

  /// Index of the input element under element `tap` of the window of output `out`; -1 in the padding.
  int64_t input_index(const Triple& out, const Triple& tap) const {
    int64_t index = 0;
    for (size_t d = 0; d < 3; ++d) {
      const int64_t position = out[d] * strides[d] + tap[d] * dilation[d] - pad_low[d];
      if (position < 0 || position >= input[d]) return -1;
      index = index * input[d] + position;
    }
    return index;
  }
  /// The other way: index of the output whose window has `tap` over input element `in`; -1 when there is none.
  int64_t output_index(const Triple& in, const Triple& tap) const {
    int64_t index = 0;
    for (size_t d = 0; d < 3; ++d) {
      const int64_t distance = in[d] + pad_low[d] - tap[d] * dilation[d];
      if (distance < 0 || distance % strides[d] != 0 || distance / strides[d] >= output[d]) return -1;
      index = index * output[d] + distance / strides[d];
    }
    return index;
  }
};

}  // namespace trainyard::ref
