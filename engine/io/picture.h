// PNG and JPEG files into pixels.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/tensor.h"

namespace trainyard {

/// The first bytes are those of a PNG or JPEG file.
bool is_picture(std::span<const uint8_t> bytes);

/// The file's name ends as a picture's does: .png, .jpg, .jpeg, in any case.
bool is_picture_name(std::string_view name);

/// Pixels as u8 [height, width, channels]; `channels` is 1 (grey), 3 (RGB), 4 (RGBA) or 0 for the file's own number.
/// Throws UserError picture.* for anything else than a whole PNG or JPEG of at most 16384 pixels a side and 2^27
/// values.
Tensor decode_picture(std::span<const uint8_t> bytes, int channels, const std::string& path_for_messages);

}  // namespace trainyard
