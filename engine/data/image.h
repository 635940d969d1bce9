// Pictures as samples: sizes and channels brought to what a network expects.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/core/tensor.h"

namespace trainyard {

/// Resizes [h, w, c] of u8 or f32 to [height, width, c] of the same dtype; every new pixel is the mean of the area that
/// it covers, which for enlarging repeats pixels. u8 is rounded to nearest.
Tensor resize_area(const Tensor& picture, int64_t height, int64_t width);

/// A PNG or JPEG file as u8 [height, width, channels], channels 1 or 3; height and width 0 keep the picture's own.
/// Throws UserError picture.*.
Tensor read_picture(std::span<const uint8_t> bytes, int64_t height, int64_t width, int channels,
                    const std::string& path_for_messages);

}  // namespace trainyard
