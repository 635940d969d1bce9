// Sizes and padding of sliding windows, as Keras works them out.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "engine/layers/layer.h"

namespace trainyard {

enum class Padding : uint8_t { valid, same };
constexpr std::array<std::string_view, 2> choice_names(Padding) { return {"valid", "same"}; }

enum class CausalPadding : uint8_t { valid, same, causal };
constexpr std::array<std::string_view, 3> choice_names(CausalPadding) { return {"valid", "same", "causal"}; }

/// A window along each spatial dimension.
struct Window {
  std::vector<int64_t> size;
  std::vector<int64_t> strides;
  std::vector<int64_t> dilation;
  CausalPadding padding = CausalPadding::valid;

  int rank() const { return static_cast<int>(size.size()); }
};

struct WindowPadding {
  std::vector<int64_t> low;
  std::vector<int64_t> high;
};

/// Zeros before and after each spatial dimension of x: [n, d1.., c]. `same`: as many as give ceil(d / stride) outputs, the
/// odd one after. `causal`: all before.
WindowPadding window_padding(const Window& window, const Shape& x);

/// [n, d1.., c] -> [n, e1.., channels]; unknown sizes stay unknown. Complains about argument `arg` where the window does
/// not fit; false then.
bool window_output_shape(BuildContext& context, const Window& window, const Shape& x, int64_t channels,
                         const std::string& arg, Shape& result);

}  // namespace trainyard
