// Pooling over windows.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/ops/op_types.h"

namespace trainyard::op {

enum class PoolKind : uint8_t { max, average };

std::string_view name_of(PoolKind kind);

/// One entry per spatial dimension. Padding is never the largest and never counted in an average, as in Keras.
struct PoolGeometry {
  PoolKind kind = PoolKind::max;
  std::vector<int64_t> window = {};
  std::vector<int64_t> strides = {};
  std::vector<int64_t> pad_low = {};
  std::vector<int64_t> pad_high = {};

  int spatial_rank() const { return static_cast<int>(window.size()); }
  friend bool operator==(const PoolGeometry&, const PoolGeometry&) = default;
};

/// x: [n, d1.., c]  y: [n, e1.., c], 1 to 3 spatial dimensions.
struct Pool {
  static constexpr std::string_view kName = "Pool";
  PoolGeometry geometry;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// max: (x, y, dy) -> dx, all of dy goes to the first largest element of its window in row-major order.
/// average: (dy) -> dx: input_shape.
struct PoolGrad {
  static constexpr std::string_view kName = "PoolGrad";
  PoolGeometry geometry;
  Shape input_shape = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;
  Cost cost(InputTypes in, OutputTypes out) const;
};

}  // namespace trainyard::op
