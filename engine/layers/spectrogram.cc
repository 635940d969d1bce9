// keras.layers: STFTSpectrogram, MelSpectrogram.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/layers/data_format.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/stft_initializer.h"
#include "engine/layers/window_geometry.h"

namespace trainyard {
namespace {

constexpr double kSpectrumEpsilon = 1e-7;  // keras.config.epsilon()

enum class SpectrumMode : uint8_t { log, magnitude, psd, real, imag, angle, stft };
constexpr std::array<std::string_view, 7> choice_names(SpectrumMode) {
  return {"log", "magnitude", "psd", "real", "imag", "angle", "stft"};
}

/// The angle of the point (x, y), in (-pi, pi], from elementary ops. The tangent is brought below tan(pi / 16) by
/// atan(t) = 2 atan(t / (1 + sqrt(1 + t t))), where seven terms of the series leave less than 1e-11.
Value arc_tangent(Value y, Value x) {
  const Value high = maximum(abs(x), abs(y));
  const Value low = minimum(abs(x), abs(y));
  Value t = low / select(equal(high, 0.0), 1.0, high);
  for (int i = 0; i < 2; ++i) t = t / (1.0 + sqrt(1.0 + square(t)));
  const Value t2 = square(t);
  Value series = t2 * (1.0 / 13) - 1.0 / 11;
  for (const double term : {1.0 / 9, -1.0 / 7, 1.0 / 5, -1.0 / 3, 1.0}) series = series * t2 + term;
  Value angle = 4.0 * t * series;
  angle = select(binary(op::BinaryKind::greater, abs(y), abs(x)), std::numbers::pi / 2 - angle, angle);
  angle = select(less(x, 0.0), std::numbers::pi - angle, angle);
  return select(less(y, 0.0), -angle, angle);
}

struct StftSpectrogram final : LayerOf<StftSpectrogram> {
  SpectrumMode mode = SpectrumMode::log;
  int64_t frame_length = 256;
  std::optional<int64_t> frame_step;
  std::optional<int64_t> fft_length;
  WindowArgument window;
  bool periodic = false;
  std::optional<initializers::StftScale> scaling = initializers::StftScale::density;
  Padding padding = Padding::valid;
  bool expand_dims = false;
  DataFormat data_format = DataFormat::channels_last;

  static const ClassInfo& declaration() {
    using T = StftSpectrogram;
    static const ClassInfo kInfo =
        layer_declaration<T>("STFTSpectrogram", "preprocessing", "Shows which frequencies a signal has at each time.")
            .arg("mode", &T::mode, "What is given of each frequency: its strength, its parts, its angle.")
            .arg("frame_length", &T::frame_length, "Samples that are looked at together.", {.min = 2})
            .arg("frame_step", &T::frame_step, "How far to the next ones; None: half of them.", kPositive)
            .arg("fft_length", &T::fft_length, "Size of the transform; None: the next power of two.", kPositive)
            .arg("window", &T::window, "How each frame fades in and out: a name, numbers, or None.")
            .arg("periodic", &T::periodic, "Use a periodic window instead of a symmetric one.", kAdvanced)
            .arg("scaling", &T::scaling, "What the result is scaled to: a density, a spectrum, or None.")
            .arg("padding", &T::padding, "valid: only whole frames. same: zeros around.")
            .arg("expand_dims", &T::expand_dims, "Give pictures, with the channels apart.")
            .arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions)
            .rule([](const T& layer, const ParseContext& context) {
              if (layer.frame_step.value_or(1) > layer.frame_length)
                context.child("frame_step").error("spectrogram.frame_step");
              if (layer.fft_length.value_or(layer.frame_length) < layer.frame_length)
                context.child("fft_length").error("spectrogram.fft_length");
            })
            .summary({"mode", "frame_length"})
            .build();
    return kInfo;
  }
  void build(BuildContext& context) const override {
    if (!context.expect_rank(3) || !context.expect_known(channel_axis(data_format, 3))) return;
    if (const std::string problem = window.problem(frame_length); !problem.empty())
      return context.error("window", "layer.activation", {{"problem", problem}});
    const Shape x = to_channels_last(context.shape(), data_format);
    Shape frames;
    if (!window_output_shape(context, frame_window(), x, bins(), "frame_length", frames)) return;
    const auto add_kernel = [&](const char* name, initializers::StftSide side) {
      context.add_weight({name, {frame_length, 1, bins()}, initializers::stft({side, window, scaling, periodic})});
    };
    if (mode != SpectrumMode::imag) add_kernel("real_kernel", initializers::StftSide::real);
    if (mode != SpectrumMode::real) add_kernel("imag_kernel", initializers::StftSide::imag);
    if (context.failed()) return;
    const int64_t rows = bins() * (mode == SpectrumMode::stft ? 2 : 1);
    const bool last = data_format == DataFormat::channels_last;
    if (expand_dims)
      context.add_output(last ? Shape{x[0], frames[1], rows, x[2]} : Shape{x[0], x[2], frames[1], rows});
    else
      context.add_output(last ? Shape{x[0], frames[1], rows * x[2]} : Shape{x[0], rows * x[2], frames[1]});
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    const bool last = data_format == DataFormat::channels_last;
    const Value signals = last ? transpose(x, {0, 2, 1}) : x;  // [n, c, t]
    const Shape& shape = signals.shape();
    const Value y = spectrum(context, reshape(signals, {shape[0] * shape[1], shape[2], 1}));
    context.add_output(arranged(y, shape[0], shape[1]));
  }

 private:
  int64_t transform_length() const {
    if (fft_length) return *fft_length;
    int64_t power = 1;
    while (power < frame_length) power *= 2;
    return power;
  }
  int64_t bins() const { return transform_length() / 2 + 1; }
  Window frame_window() const {
    return {{frame_length},
            {frame_step.value_or(frame_length / 2)},
            {1},
            padding == Padding::same ? CausalPadding::same : CausalPadding::valid};
  }

  /// signals: [r, t, 1] -> [r, frames, rows]
  Value spectrum(CallContext& context, Value signals) const {
    const Window frames = frame_window();
    const WindowPadding around = window_padding(frames, signals.shape());
    const auto transformed = [&](int weight) {
      return conv(signals, context.weight(weight), {frames.strides, frames.dilation, around.low, around.high});
    };
    const Value first = transformed(0);
    if (mode == SpectrumMode::real || mode == SpectrumMode::imag) return first;
    const Value second = transformed(1);
    if (mode == SpectrumMode::stft) return concat({first, second}, 2);
    if (mode == SpectrumMode::angle) return arc_tangent(second, first);
    const Value power = square(first) + square(second);
    if (mode == SpectrumMode::psd) return power * both_sides(power);
    const Value magnitude = sqrt(maximum(power, kSpectrumEpsilon));
    return mode == SpectrumMode::magnitude ? magnitude : log(maximum(magnitude, kSpectrumEpsilon));
  }

  /// Frequencies inside count twice, for their negative twins.
  static Value both_sides(Value power) {
    const int64_t count = power.shape()[2];
    std::vector<double> times(static_cast<size_t>(count), 2.0);
    times.front() = times.back() = 1;
    return power.graph().constant(Tensor::of<double>({count}, times).cast(power.dtype()));
  }

  /// y: [n * c, frames, rows]
  Value arranged(Value y, int64_t n, int64_t c) const {
    const int64_t frames = y.shape()[1];
    const int64_t rows = y.shape()[2];
    const Value apart = reshape(y, {n, c, frames, rows});
    if (data_format == DataFormat::channels_last)
      return expand_dims ? transpose(apart, {0, 2, 3, 1})
                         : reshape(transpose(apart, {0, 2, 1, 3}), {n, frames, c * rows});
    return expand_dims ? apart : reshape(transpose(apart, {0, 1, 3, 2}), {n, c * rows, frames});
  }
};

double mel_from_hertz(double hertz) { return 1127.0 * std::log(1 + hertz / 700.0); }

struct MelSpectrogram final : LayerOf<MelSpectrogram> {
  int64_t fft_length = 2048;
  int64_t sequence_stride = 512;
  std::optional<int64_t> sequence_length;
  WindowArgument window;
  int64_t sampling_rate = 16000;
  int64_t num_mel_bins = 128;
  double min_freq = 20;
  std::optional<double> max_freq;
  bool power_to_db = true;
  double top_db = 80;
  double mag_exp = 2;
  double min_power = 1e-10;
  double ref_power = 1;

  static const ClassInfo& declaration() {
    using T = MelSpectrogram;
    static const ClassInfo kInfo =
        layer_declaration<T>("MelSpectrogram", "preprocessing",
                             "Shows which pitches a signal has at each time, as ears tell them apart.")
            .arg("fft_length", &T::fft_length, "Size of the transform.", {.min = 2, .max = 65536})
            .arg("sequence_stride", &T::sequence_stride, "Samples from one column to the next.", kPositive)
            .arg("sequence_length", &T::sequence_length, "Samples that are looked at together; None: fft_length.",
                 kPositive)
            .arg("window", &T::window, "How each frame fades in and out: a name, numbers, or None.")
            .arg("sampling_rate", &T::sampling_rate, "Samples a second.", kPositive)
            .arg("num_mel_bins", &T::num_mel_bins, "How many pitches.", kPositive)
            .arg("min_freq", &T::min_freq, "The lowest, in hertz.", {.min = 0})
            .arg("max_freq", &T::max_freq, "The highest, in hertz; None: half the sampling rate.", {.min = 0})
            .arg("power_to_db", &T::power_to_db, "Give decibels.")
            .arg("top_db", &T::top_db, "Decibels below the loudest at which all is cut off.")
            .arg("mag_exp", &T::mag_exp, "Power of the magnitude: 1 is itself, 2 its power.", {.min = 0})
            .arg("min_power", &T::min_power, "What counts as silence.", {.min = 0, .above_min = true})
            .arg("ref_power", &T::ref_power, "The power of 0 decibels.")
            .settle([](T& layer) {
              if (!layer.sequence_length) layer.sequence_length = layer.fft_length;
              const int64_t half = layer.sampling_rate / 2;
              if (layer.max_freq.value_or(0) == 0) layer.max_freq = static_cast<double>(half);
            })
            .rule([](const T& layer, const ParseContext& context) {
              if (layer.sequence_length.value_or(0) > layer.fft_length)
                context.child("fft_length").error("spectrogram.fft_length");
              if (layer.max_freq.value_or(0) <= layer.min_freq)
                context.child("max_freq").error("spectrogram.frequencies");
            })
            .summary({"num_mel_bins", "fft_length"})
            .build();
    return kInfo;
  }
  void build(BuildContext& context) const override {
    if (!context.expect_rank(2)) return;
    if (const std::string problem = window.problem(*sequence_length); !problem.empty())
      return context.error("window", "layer.activation", {{"problem", problem}});
    const int64_t samples = context.shape()[1];
    if (samples != kUnknown && samples <= fft_length / 2)
      return context.error("fft_length", "layer.window",
                           {{"window", std::to_string(fft_length / 2 + 1)},
                            {"size", std::to_string(samples)},
                            {"shape", context.shape().text()}});
    const int64_t frames =
        samples == kUnknown ? kUnknown : (samples + fft_length / 2 * 2 - fft_length) / sequence_stride + 1;
    context.add_output({context.shape()[0], num_mel_bins, frames});
  }
  void call(CallContext& context) const override {
    const Value signals = mirrored(context.input());
    Graph& graph = signals.graph();
    const DType dtype = signals.dtype();
    const Value parts =
        conv(reshape(signals, {signals.shape()[0], signals.shape()[1], 1}), graph.constant(waves().cast(dtype)),
             {.strides = {sequence_stride}, .dilation = {1}, .pad_low = {0}, .pad_high = {0}});
    const int64_t bins = fft_length / 2 + 1;
    std::vector<int64_t> sizes = parts.shape().dims();
    sizes[2] = bins;
    Value power = square(slice(parts, {0, 0, 0}, sizes)) + square(slice(parts, {0, 0, bins}, sizes));
    if (mag_exp != 2) power = pow(power, mag_exp / 2);
    const Value mel = matmul(power, graph.constant(mel_weights().cast(dtype)));  // [n, frames, mel]
    context.add_output(transpose(power_to_db ? decibels(mel) : mel, {0, 2, 1}));
  }

 private:
  /// Half a transform more at both ends, mirrored about the last sample. x: [n, t]
  Value mirrored(Value x) const {
    const int64_t more = fft_length / 2;
    const int64_t samples = x.shape()[1];
    std::vector<int32_t> places;
    for (int64_t i = -more; i < samples + more; ++i) {
      const int64_t inside = i < 0 ? -i : (i >= samples ? 2 * samples - 2 - i : i);
      places.push_back(static_cast<int32_t>(inside));
    }
    const auto count = static_cast<int64_t>(places.size());
    return transpose(gather(transpose(x, {1, 0}), x.graph().constant(Tensor::of<int32_t>({count}, places))), {1, 0});
  }

  /// Cosines and sines times the window, which stands in the middle of the frame: [fft_length, 1, 2 bins].
  Tensor waves() const {
    const int64_t bins = fft_length / 2 + 1;
    const std::vector<double> values = window.values(*sequence_length, true);
    const int64_t before = (fft_length - *sequence_length) / 2;
    Tensor waves(DType::f64, {fft_length, 1, 2 * bins});
    const auto to = waves.span<double>();
    for (int64_t t = 0; t < *sequence_length; ++t)
      for (int64_t k = 0; k < bins; ++k) {
        // the angle's multiple of the turn is taken off in whole numbers
        const double angle =
            2 * std::numbers::pi * static_cast<double>((t + before) * k % fft_length) / static_cast<double>(fft_length);
        const auto at = static_cast<size_t>((t + before) * 2 * bins + k);
        to[at] = std::cos(angle) * values[static_cast<size_t>(t)];
        to[at + static_cast<size_t>(bins)] = -std::sin(angle) * values[static_cast<size_t>(t)];
      }
    return waves;
  }

  /// Triangles on the mel scale of the Hidden Markov Model Toolkit, each 1 at its peak; the lowest frequency counts in none.
  /// [bins, num_mel_bins]
  Tensor mel_weights() const {
    const int64_t bins = fft_length / 2 + 1;
    const double lowest = mel_from_hertz(min_freq);
    const double step = (mel_from_hertz(*max_freq) - lowest) / static_cast<double>(num_mel_bins + 1);
    Tensor weights(DType::f64, {bins, num_mel_bins});
    const auto to = weights.span<double>();
    for (int64_t k = 1; k < bins; ++k) {
      const double mel = mel_from_hertz(static_cast<double>(sampling_rate) / 2 * static_cast<double>(k) /
                                        static_cast<double>(bins - 1));
      for (int64_t m = 0; m < num_mel_bins; ++m) {
        const double peak = lowest + step * static_cast<double>(m + 1);
        to[static_cast<size_t>(k * num_mel_bins + m)] = std::max(0.0, 1 - std::abs(mel - peak) / step);
      }
    }
    return weights;
  }

  /// The cut is below the loudest of the whole batch, as in Keras.
  Value decibels(Value power) const {
    const double unit = 10 / std::numbers::ln10;
    const double reference = unit * std::log(std::max(std::abs(ref_power), min_power));
    const Value levels = log(maximum(power, min_power)) * unit - reference;
    return maximum(levels, reduce(op::ReduceKind::max, levels) - top_db);
  }
};

}  // namespace

LayerClasses spectrogram_layers() { return {&StftSpectrogram::declaration(), &MelSpectrogram::declaration()}; }

}  // namespace trainyard
