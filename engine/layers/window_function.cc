#include "engine/layers/window_function.h"

#include <cmath>
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

}  // namespace trainyard
