// Windows for spectra, as scipy.signal.get_window names them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace trainyard {

enum class WindowFunction : uint8_t { hann, hamming };
constexpr std::array<std::string_view, 2> choice_names(WindowFunction) { return {"hann", "hamming"}; }

/// `periodic`: one period of the window without its last point, which repeats the first; else symmetric.
std::vector<double> window_values(WindowFunction window, int64_t length, bool periodic);

}  // namespace trainyard
