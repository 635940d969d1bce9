#include "engine/layers/window_geometry.h"

#include <algorithm>

namespace trainyard {
namespace {

int64_t reach(const Window& window, size_t i) { return (window.size[i] - 1) * window.dilation[i] + 1; }

}  // namespace

WindowPadding window_padding(const Window& window, const Shape& x) {
  const auto rank = static_cast<size_t>(window.rank());
  WindowPadding padding{std::vector<int64_t>(rank, 0), std::vector<int64_t>(rank, 0)};
  for (size_t i = 0; i < rank; ++i) {
    if (window.padding == CausalPadding::causal) padding.low[i] = reach(window, i) - 1;
    if (window.padding != CausalPadding::same) continue;
    const int64_t size = x[static_cast<int>(i) + 1];
    const int64_t outputs = (size + window.strides[i] - 1) / window.strides[i];
    const int64_t total = std::max<int64_t>(0, (outputs - 1) * window.strides[i] + reach(window, i) - size);
    padding.low[i] = total / 2;
    padding.high[i] = total - total / 2;
  }
  return padding;
}

bool window_output_shape(BuildContext& context, const Window& window, const Shape& x, int64_t channels,
                         const std::string& arg, Shape& result) {
  result = Shape{x[0]};
  for (size_t i = 0; i < static_cast<size_t>(window.rank()); ++i) {
    const int64_t size = x[static_cast<int>(i) + 1];
    if (size == kUnknown) {
      result.push_back(kUnknown);
      continue;
    }
    int64_t outputs = (size + window.strides[i] - 1) / window.strides[i];
    if (window.padding == CausalPadding::valid)
      outputs = size < reach(window, i) ? 0 : (size - reach(window, i)) / window.strides[i] + 1;
    if (outputs < 1) {
      context.error(
          arg, "layer.window",
          {{"window", std::to_string(reach(window, i))}, {"size", std::to_string(size)}, {"shape", x.text()}});
      return false;
    }
    result.push_back(outputs);
  }
  result.push_back(channels);
  return true;
}

}  // namespace trainyard
