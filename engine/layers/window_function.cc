#include "engine/layers/window_function.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

namespace trainyard {

std::vector<double> window_values(WindowFunction window, int64_t length, bool periodic) {
  std::vector<double> values(static_cast<size_t>(length), 1.0);
  if (length == 1) return values;
  const double period = static_cast<double>(periodic ? length : length - 1);
  for (int64_t i = 0; i < length; ++i) {
    const double wave = std::cos(2 * std::numbers::pi * static_cast<double>(i) / period);
    values[static_cast<size_t>(i)] = window == WindowFunction::hann ? 0.5 - 0.5 * wave : 0.54 - 0.46 * wave;
  }
  return values;
}

std::string WindowArgument::problem(int64_t length) const {
  if (numbers.empty() || static_cast<int64_t>(numbers.size()) == length) return "";
  return "the window has " + std::to_string(numbers.size()) + " numbers for frames of " + std::to_string(length);
}

std::vector<double> WindowArgument::values(int64_t length, bool periodic) const {
  if (!numbers.empty()) return numbers;
  return named ? window_values(*named, length, periodic) : std::vector<double>(static_cast<size_t>(length), 1.0);
}

void ArgTraits<WindowArgument>::describe(ArgSpec& spec) { ArgTraits<std::optional<WindowFunction>>::describe(spec); }

bool ArgTraits<WindowArgument>::parse(const Json& value, WindowArgument& result, const ArgSpec& spec,
                                      const ParseContext& context) {
  result.numbers.clear();
  if (!value.is_array()) return ArgTraits<std::optional<WindowFunction>>::parse(value, result.named, spec, context);
  if (value.empty()) return context.expected("a name or a list of numbers", value), false;
  result.named.reset();
  result.numbers.assign(value.size(), 0);
  bool good = true;
  for (size_t i = 0; i < value.size(); ++i) good &= parse_number(value[i], result.numbers[i], spec, context.item(i));
  return good;
}

Json ArgTraits<WindowArgument>::print(const WindowArgument& value) {
  if (!value.numbers.empty()) return value.numbers;
  return ArgTraits<std::optional<WindowFunction>>::print(value.named);
}

}  // namespace trainyard
