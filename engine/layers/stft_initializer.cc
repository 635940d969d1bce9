#include "engine/layers/stft_initializer.h"

#include <cmath>
#include <numbers>

#include "engine/layers/window_function.h"

namespace trainyard::initializers {
namespace {

struct Stft final : Initializer, StftArguments {
  const ClassInfo& info() const override { return stft_declaration(); }

  /// weight: [frame_length, 1, fft_length / 2 + 1]. An odd fft_length has the bins of the even one below, as in Keras, and
  /// frames may be as long as the odd one.
  std::string problem(const Shape& shape) const override {
    const bool fits =
        shape.rank() == 3 && shape[1] == 1 && shape[2] >= 2 && shape[0] >= 2 && shape[0] <= 2 * shape[2] - 1;
    if (fits) return window.problem(shape[0]);
    return "STFT needs a weight of (frame_length, 1, fft_length / 2 + 1), this one is " + shape.text();
  }

  Tensor make(const Shape& shape, DType dtype, Philox) const override {
    const int64_t frame = shape[0];
    const int64_t bins = shape[2];
    const double fft = static_cast<double>(2 * (bins - 1));
    const std::vector<double> values = window.values(frame, periodic);
    const double factor = scale_of(values);
    Tensor wide(DType::f64, shape);
    const auto out = wide.span<double>();
    for (int64_t t = 0; t < frame; ++t)
      for (int64_t k = 0; k < bins; ++k) {
        const double angle = -2 * std::numbers::pi * static_cast<double>(t * k) / fft;
        const double wave = side == StftSide::real ? std::cos(angle) : std::sin(angle);
        out[static_cast<size_t>(t * bins + k)] = wave * values[static_cast<size_t>(t)] * factor;
      }
    return wide.cast(dtype);
  }

 private:
  /// Brings the window's L2 norm (density) or L1 norm (spectrum) to 1. Where there is no window, nothing is scaled.
  double scale_of(const std::vector<double>& values) const {
    if (!scaling || (!window.named && window.numbers.empty())) return 1;
    double total = 0;
    for (const double value : values) total += scaling == StftScale::density ? value * value : std::abs(value);
    return 1 / (scaling == StftScale::density ? std::sqrt(total) : total);
  }
};

}  // namespace

Ref<Initializer> stft(const StftArguments& arguments) {
  auto made = std::make_shared<Stft>();
  static_cast<StftArguments&>(*made) = arguments;
  return Ref<Initializer>(std::move(made));
}

const ClassInfo& stft_declaration() {
  static const ClassInfo kInfo =
      Declaration<Stft>("STFT", "initializers", "Waves: makes a convolution a short-time Fourier transform.")
          .aliases({"STFTInitializer", "stft"})
          .arg("side", &Stft::side, "Which part of the transform: real (cosines) or imag (sines).")
          .arg("window", &Stft::window, "The window that fades each frame in and out; None for none.")
          .arg("scaling", &Stft::scaling, "What the result is scaled to: a density, a spectrum, or None.")
          .arg("periodic", &Stft::periodic, "Use a periodic window instead of a symmetric one.")
          .build();
  return kInfo;
}

}  // namespace trainyard::initializers
