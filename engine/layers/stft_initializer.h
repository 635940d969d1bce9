// keras.initializers.STFT: weights that make a convolution a short-time Fourier transform.
#pragma once

#include "engine/layers/initializer.h"
#include "engine/layers/window_function.h"

namespace trainyard::initializers {

enum class StftSide : uint8_t { real, imag };
constexpr std::array<std::string_view, 2> choice_names(StftSide) { return {"real", "imag"}; }

enum class StftScale : uint8_t { density, spectrum };
constexpr std::array<std::string_view, 2> choice_names(StftScale) { return {"density", "spectrum"}; }

/// The arguments of keras.initializers.STFT.
struct StftArguments {
  StftSide side = StftSide::real;
  WindowArgument window;
  std::optional<StftScale> scaling = StftScale::density;
  bool periodic = false;
};

const ClassInfo& stft_declaration();
Ref<Initializer> stft(const StftArguments& arguments);

}  // namespace trainyard::initializers
