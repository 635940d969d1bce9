// Windows for spectra, as scipy.signal.get_window names them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/core/declare.h"

namespace trainyard {

enum class WindowFunction : uint8_t { hann, hamming };
constexpr std::array<std::string_view, 2> choice_names(WindowFunction) { return {"hann", "hamming"}; }

/// `periodic`: one period of the window without its last point, which repeats the first; else symmetric.
std::vector<double> window_values(WindowFunction window, int64_t length, bool periodic);

/// A window as an argument: by name, as numbers of its own, or None for none.
struct WindowArgument {
  std::optional<WindowFunction> named = WindowFunction::hann;
  std::vector<double> numbers = {};

  /// Why it cannot serve frames of this length, or "".
  std::string problem(int64_t length) const;
  /// `length` numbers. Requires that problem(length) is "".
  std::vector<double> values(int64_t length, bool periodic) const;
};

template <>
struct ArgTraits<WindowArgument> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, WindowArgument& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const WindowArgument& value);
};

}  // namespace trainyard
