// Ink on paper, brought to size and place as the pictures of MNIST were: the longer side of its bounding box becomes 20
// pixels, and its centre of mass the middle of a picture of 28x28. After http://yann.lecun.com/exdb/mnist/.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <span>

#include "engine/core/tensor.h"

namespace trainyard {

inline constexpr int64_t kInkSize = 28;
inline constexpr int64_t kInkBox = 20;
/// [row, column], 0 paper, 1 ink.
using InkPicture = std::array<float, kInkSize * kInkSize>;

/// 0 paper to 255 ink, rounded to nearest; ink within [0, 1].
inline uint8_t ink_byte(float ink) { return static_cast<uint8_t>(std::floor(ink * 255.0f + 0.5f)); }

/// Moves the ink by whole pixels so that its centre of mass comes to the middle; what leaves the picture is lost.
InkPicture centre_ink(const InkPicture& ink);

/// A drawing of any size as the network expects it: u8 [28, 28, 1]. values: [height, width], 0 paper, 1 ink, clamped.
/// No ink at all gives an empty picture. Requires width * height values.
Tensor normalise_ink(int64_t width, int64_t height, std::span<const float> values);

}  // namespace trainyard
