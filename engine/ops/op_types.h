// What every op says of itself: the types it takes and gives, its gradient, its cost.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/check.h"
#include "engine/core/dtype.h"
#include "engine/core/shape.h"

namespace trainyard {

class GradientContext;

/// Dtype and shape of a value. Shapes in an op graph are always known.
struct ValueType {
  DType dtype = DType::f32;
  Shape shape;
  size_t bytes() const { return static_cast<size_t>(shape.elements()) * size_of(dtype); }
  friend bool operator==(const ValueType&, const ValueType&) = default;
};

using Types = std::vector<ValueType>;
using InputTypes = std::span<const ValueType>;
using OutputTypes = std::span<const ValueType>;

/// Arithmetic of one execution. Bytes are those of the operands, each counted once.
struct Cost {
  int64_t macs = 0;   // multiply-accumulates of products and convolutions
  int64_t flops = 0;  // other arithmetic, one an element and operation
  int64_t bytes = 0;
};

/// The NumPy broadcast of two shapes. A clash is a mistake of ours: layers have checked.
Shape broadcast_shapes(const Shape& a, const Shape& b);

}  // namespace trainyard
