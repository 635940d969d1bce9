// PNG files for tests.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace trainyard {

/// A PNG whose value at (x, y, channel) is `value`'s.
std::vector<uint8_t> png_of(int width, int height, int channels, const std::function<int(int x, int y, int c)>& value);

}  // namespace trainyard
