// What is looked at before a picture's bytes reach stb_image, which (2.27, as Debian has it) believes some of them.
#pragma once

#include <cstdint>
#include <span>

namespace trainyard {

/// What is wrong with the frame of a PNG or JPEG file, or null. Sees to it that every chunk and segment lies within
/// the file, since stb takes memory for a length first and looks later, and that no Huffman table of a JPEG holds more
/// than the 256 values that stb has room for. `bytes` begin as a PNG or JPEG file does.
const char* find_picture_damage(std::span<const uint8_t> bytes);

}  // namespace trainyard
