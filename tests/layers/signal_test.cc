// Spectrograms against sums written out: the Fourier transform of every frame in complex numbers, windows by scipy's
// definitions, triangles on the mel scale by the formula 2595 log10(1 + f / 700).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

using Row = std::vector<double>;
using Spectrum = std::vector<std::complex<double>>;

/// scipy.signal.windows.hann and hamming; numbers are a window of their own, null is none.
Row window_of(const Json& window, int64_t length, bool periodic) {
  if (window.is_array()) return window.get<Row>();
  Row values(static_cast<size_t>(length), 1);
  if (window.is_null() || length == 1) return values;
  for (int64_t t = 0; t < length; ++t) {
    const double turn = static_cast<double>(t) / static_cast<double>(periodic ? length : length - 1);
    const double bow = std::pow(std::sin(std::numbers::pi * turn), 2);
    values[static_cast<size_t>(t)] = window == "hann" ? bow : 0.08 + 0.92 * bow;
  }
  return values;
}

/// sum over t of frame[t] exp(-2 pi i k t / length), for k up to length / 2.
Spectrum transform_of(const Row& frame, int64_t length) {
  Spectrum bins(static_cast<size_t>(length / 2 + 1));
  for (size_t k = 0; k < bins.size(); ++k)
    for (size_t t = 0; t < frame.size(); ++t)
      bins[k] += std::polar(frame[t], -2 * std::numbers::pi * static_cast<double>(k * t) / static_cast<double>(length));
  return bins;
}

Row part_of(const Spectrum& bins, const std::string& mode) {
  Row values;
  for (size_t k = 0; k < bins.size(); ++k) {
    const double power = std::norm(bins[k]);
    const double magnitude = std::sqrt(std::max(power, 1e-7));
    if (mode == "real" || mode == "stft") values.push_back(bins[k].real());
    if (mode == "imag") values.push_back(bins[k].imag());
    if (mode == "angle") values.push_back(std::arg(bins[k]));
    if (mode == "psd") values.push_back(k == 0 || k + 1 == bins.size() ? power : 2 * power);
    if (mode == "magnitude") values.push_back(magnitude);
    if (mode == "log") values.push_back(std::log(magnitude));
  }
  if (mode == "stft")
    for (const std::complex<double>& bin : bins) values.push_back(bin.imag());
  return values;
}

/// The arguments of keras.layers.STFTSpectrogram, with its defaults.
struct StftFormula {
  explicit StftFormula(const Json& config)
      : mode(config.value("mode", "log")),
        frame(config.value("frame_length", 256)),
        step(config.value("frame_step", frame / 2)),
        window(window_of(config.value("window", Json("hann")), frame, config.value("periodic", false))),
        same(config.value("padding", "valid") == "same") {
    fft = 1;
    while (fft < frame) fft *= 2;
    if (config.contains("fft_length")) fft = config["fft_length"].get<int64_t>() / 2 * 2;
    const Json scaling = config.value("scaling", Json("density"));
    if (config.contains("window") && config["window"].is_null()) return;  // there is no window to scale
    double total = 0;
    for (const double w : window) total += scaling == "density" ? w * w : std::abs(w);
    if (scaling == "density") total = std::sqrt(total);
    if (!scaling.is_null())
      for (double& w : window) w /= total;
  }

  int64_t frames(int64_t samples) const { return same ? (samples + step - 1) / step : (samples - frame) / step + 1; }

  Row at(const Row& signal, int64_t index) const {
    const auto samples = static_cast<int64_t>(signal.size());
    const int64_t missing = same ? std::max<int64_t>((frames(samples) - 1) * step + frame - samples, 0) : 0;
    Row seen;
    for (int64_t t = 0; t < frame; ++t) {
      const int64_t place = index * step + t - missing / 2;
      const double x = place < 0 || place >= samples ? 0 : signal[static_cast<size_t>(place)];
      seen.push_back(x * window[static_cast<size_t>(t)]);
    }
    return part_of(transform_of(seen, fft), mode);
  }

  std::string mode;
  int64_t frame, step, fft = 1;
  Row window;
  bool same;
};

/// Channel c of picture n. x: [n, t, c] or [n, c, t]
Row signal_of(const Tensor& x, int64_t n, int64_t c, bool channels_first) {
  const int64_t samples = x.shape()[channels_first ? 2 : 1];
  const int64_t channels = x.shape()[channels_first ? 1 : 2];
  Row signal;
  for (int64_t t = 0; t < samples; ++t)
    signal.push_back(x.span<double>()[static_cast<size_t>(channels_first ? (n * channels + c) * samples + t
                                                                         : (n * samples + t) * channels + c)]);
  return signal;
}

void expect_stft(const LayerSample& sample, const Shape& shape) {
  const Json& config = sample.config;
  LayerTrial trial(sample, {shape}, DType::f64);
  ASSERT_FALSE(trial.diagnostics().has_errors()) << config.dump() << trial.diagnostics().text();
  const auto& weights = trial.plan().weights;
  for (size_t i = 0; i < weights.size(); ++i)
    trial.operands()[1 + i] = weights[i].spec.initializer->make(weights[i].spec.shape, DType::f64, Philox{});
  const Tensor y = trial.run(false, false).outputs[0];
  const StftFormula formula(config);
  const bool first = config.value("data_format", "") == "channels_first";
  const bool apart = config.value("expand_dims", false);
  const int64_t channels = shape[first ? 1 : 2];
  const int64_t frames = formula.frames(shape[first ? 2 : 1]);
  const int64_t rows = (formula.fft / 2 + 1) * (formula.mode == "stft" ? 2 : 1);
  Shape wanted = first ? Shape{shape[0], channels * rows, frames} : Shape{shape[0], frames, channels * rows};
  if (apart) wanted = first ? Shape{shape[0], channels, frames, rows} : Shape{shape[0], frames, rows, channels};
  ASSERT_EQ(y.shape(), wanted) << config.dump();
  const auto place = [&](int64_t n, int64_t c, int64_t f, int64_t r) {
    if (apart)
      return first ? ((n * channels + c) * frames + f) * rows + r : ((n * frames + f) * rows + r) * channels + c;
    return first ? ((n * channels + c) * rows + r) * frames + f : ((n * frames + f) * channels + c) * rows + r;
  };
  for (int64_t n = 0; n < shape[0]; ++n)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t f = 0; f < frames; ++f) {
        const Row values = formula.at(signal_of(trial.operands()[0], n, c, first), f);
        for (int64_t r = 0; r < rows; ++r) {
          const double got = y.span<double>()[static_cast<size_t>(place(n, c, f, r))];
          // of the angle, a full turn is none
          const double turn = formula.mode == "angle" && std::abs(got - values[static_cast<size_t>(r)]) > 6
                                  ? std::copysign(2 * std::numbers::pi, got)
                                  : 0;
          ASSERT_NEAR(got - turn, values[static_cast<size_t>(r)], 1e-7)
              << config.dump() << " at " << n << " " << c << " " << f << " " << r;
        }
      }
}

TEST(StftSpectrogram, IsAFourierTransformOfEachFrame) {
  const std::vector<std::pair<Json, Shape>> cases{
      {{{"frame_length", 6}, {"padding", "same"}, {"expand_dims", true}}, {2, 19, 2}},
      {{{"frame_length", 6}, {"padding", "same"}}, {1, 20, 2}},
      {{{"frame_length", 5},
        {"frame_step", 2},
        {"fft_length", 16},
        {"window", "hamming"},
        {"periodic", true},
        {"scaling", "spectrum"},
        {"data_format", "channels_first"}},
       {2, 2, 17}},
      {{{"frame_length", 7},
        {"frame_step", 7},
        {"window", "hamming"},
        {"data_format", "channels_first"},
        {"expand_dims", true}},
       {1, 3, 30}},
      {{{"frame_length", 8}, {"periodic", true}, {"scaling", nullptr}}, {1, 24, 1}},
      // L1 and L2 of a window of both signs
      {{{"frame_length", 4}, {"window", {0.5, -1, 2, 0.25}}, {"scaling", "spectrum"}}, {1, 12, 1}},
      {{{"frame_length", 4}, {"window", {0.5, -1, 2, 0.25}}}, {1, 12, 1}},
      // no window, nothing that scaling could act on
      {{{"frame_length", 4}, {"window", nullptr}}, {1, 12, 1}},
      {{{"frame_length", 4}, {"window", nullptr}, {"scaling", "spectrum"}}, {1, 12, 1}},
      // an odd length has the bins of the even one below
      {{{"frame_length", 5}, {"fft_length", 9}}, {1, 12, 1}},
      {{{"frame_length", 9}, {"fft_length", 9}}, {1, 22, 1}},
      {{{"frame_length", 3}}, {1, 6, 1}}};
  for (const char* mode : {"log", "magnitude", "psd", "real", "imag", "angle", "stft"})
    for (const auto& [config, shape] : cases) {
      Json with_mode = config;
      with_mode["mode"] = mode;
      expect_stft({"STFTSpectrogram", with_mode, {}}, shape);
    }
}

TEST(StftSpectrogram, HasTheSizesOfItsDefaults) {
  const LayerTrial trial({"STFTSpectrogram", Json::object(), {}}, {{1, 700, 1}}, DType::f32);
  ASSERT_EQ(trial.plan().weights.size(), 2u);
  EXPECT_EQ(trial.plan().weights[0].spec.shape, (Shape{256, 1, 129}));
  EXPECT_EQ(trial.planned_outputs()[0].shape, (Shape{1, (700 - 256) / 128 + 1, 129}));
}

/// The arguments of keras.layers.MelSpectrogram, with its defaults.
struct MelFormula {
  explicit MelFormula(const Json& config)
      : fft(config.value("fft_length", 2048)),
        stride(config.value("sequence_stride", 512)),
        length(config.value("sequence_length", fft)),
        window(window_of(config.value("window", Json("hann")), length, true)),
        rate(config.value("sampling_rate", 16000)),
        mels(config.value("num_mel_bins", 128)),
        low(config.value("min_freq", 20.0)),
        high(config.value("max_freq", std::floor(rate / 2))),
        exponent(config.value("mag_exp", 2.0)) {}

  static double mel(double hertz) { return 2595 * std::log10(1 + hertz / 700); }

  /// Powers of one signal: rows of `mels`, one a frame.
  std::vector<Row> powers(const Row& signal) const {
    const auto samples = static_cast<int64_t>(signal.size());
    const int64_t frames = (samples + fft / 2 * 2 - fft) / stride + 1;
    std::vector<Row> result;
    for (int64_t f = 0; f < frames; ++f) {
      Row seen(static_cast<size_t>(fft), 0);
      for (int64_t t = 0; t < length; ++t) {
        const int64_t inside = (fft - length) / 2 + t;
        int64_t place = std::abs(f * stride + inside - fft / 2);  // mirrored about the first sample, and the last
        if (place >= samples) place = 2 * (samples - 1) - place;
        seen[static_cast<size_t>(inside)] = signal[static_cast<size_t>(place)] * window[static_cast<size_t>(t)];
      }
      result.push_back(filtered(transform_of(seen, fft)));
    }
    return result;
  }

  Row filtered(const Spectrum& bins) const {
    Row sums(static_cast<size_t>(mels), 0);
    const double width = (mel(high) - mel(low)) / (mels + 1);
    for (size_t k = 1; k < bins.size(); ++k) {
      const double hertz = rate / 2 * static_cast<double>(k) / static_cast<double>(bins.size() - 1);
      const double strength = std::pow(std::abs(bins[k]), exponent);
      for (size_t m = 0; m < sums.size(); ++m) {
        const double left = mel(low) + width * static_cast<double>(m);
        const double rise = (mel(hertz) - left) / width;
        sums[m] += strength * std::max(0.0, std::min(rise, 2 - rise));
      }
    }
    return sums;
  }

  int64_t fft, stride, length;
  Row window;
  double rate;
  int mels;
  double low, high, exponent;
};

void expect_mel(const LayerSample& sample, const Shape& shape) {
  const Json& config = sample.config;
  LayerTrial trial(sample, {shape}, DType::f64);
  ASSERT_FALSE(trial.diagnostics().has_errors()) << config.dump() << trial.diagnostics().text();
  // the second sample is quiet, so that what is cut off shows where the loudest of the batch is
  const auto x = trial.operands()[0].span<double>();
  for (size_t i = static_cast<size_t>(shape[1]); i < x.size(); ++i) x[i] *= 0.02;
  const Tensor y = trial.run(false, false).outputs[0];
  const MelFormula formula(config);
  std::vector<std::vector<Row>> wanted;
  double loudest = -1e300;
  for (int64_t n = 0; n < shape[0]; ++n) {
    const auto first = x.begin() + n * shape[1];
    wanted.push_back(formula.powers(Row(first, first + shape[1])));
    if (!config.value("power_to_db", true)) continue;
    const double least = config.value("min_power", 1e-10);
    const double reference = std::max(std::abs(config.value("ref_power", 1.0)), least);
    for (Row& frame : wanted.back())
      for (double& power : frame) {
        power = 10 * std::log10(std::max(power, least)) - 10 * std::log10(reference);
        loudest = std::max(loudest, power);
      }
  }
  ASSERT_EQ(y.shape(), (Shape{shape[0], formula.mels, static_cast<int64_t>(wanted[0].size())})) << config.dump();
  size_t at = 0;
  for (const auto& sample : wanted)
    for (size_t m = 0; m < static_cast<size_t>(formula.mels); ++m)
      for (const Row& frame : sample)
        ASSERT_NEAR(y.span<double>()[at++], std::max(frame[m], loudest - config.value("top_db", 80.0)), 1e-6)
            << config.dump() << " mel " << m;
}

TEST(MelSpectrogram, FollowsItsFormula) {
  const Json small{{"fft_length", 32}, {"sequence_stride", 10}, {"num_mel_bins", 6}, {"sampling_rate", 800}};
  const std::vector<Json> changes{Json::object(),
                                  {{"power_to_db", false}},
                                  {{"power_to_db", false}, {"mag_exp", 1.0}, {"num_mel_bins", 9}},
                                  {{"mag_exp", 3.0}, {"sequence_stride", 7}},
                                  {{"min_freq", 60.0}, {"max_freq", 290.0}, {"sampling_rate", 1000}},
                                  {{"min_freq", 0.0}, {"sampling_rate", 801}},
                                  {{"top_db", 15.0}},
                                  {{"min_power", 0.5}, {"ref_power", 2.5}},
                                  {{"min_power", 0.01}, {"ref_power", 1e-5}},
                                  {{"ref_power", -4.0}},
                                  {{"sequence_length", 20}, {"window", "hamming"}},
                                  {{"sequence_length", 11}},
                                  {{"sequence_length", 5}, {"window", {1, -0.5, 2, 0.25, 1}}},
                                  {{"sequence_length", 12}, {"window", nullptr}},
                                  {{"fft_length", 21}, {"sequence_length", 16}}};
  for (const Json& change : changes) {
    Json config = small;
    config.update(change);
    expect_mel({"MelSpectrogram", config, {}}, {2, 70});
  }
}

TEST(MelSpectrogram, HasTheSizesOfItsDefaults) {
  const LayerTrial trial({"MelSpectrogram", Json::object(), {}}, {{1, 16000}}, DType::f32);
  EXPECT_EQ(trial.planned_outputs()[0].shape, (Shape{1, 128, 16000 / 512 + 1}));
}

}  // namespace
}  // namespace trainyard::testing
