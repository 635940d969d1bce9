// ImageSample, its gradient, RandomLogGamma.
#include <algorithm>

#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/kernels.h"
#include "engine/ops/image_taps.h"
#include "engine/ops/random.h"

namespace trainyard::ref {
namespace {

/// Calls body(sample, n, row, column, weight) for each pixel that meets in a sample: `sample` counts pixels of the samples,
/// row and column are -1 where the fill value stands.
template <typename T, typename Body>
void for_taps(const op::SampleRule& rule, const Shape& x, const Shape& samples, const TensorView& at,
              const Body& body) {
  const int64_t each = samples[1] * samples[2];
  for (int64_t sample = 0; sample < samples[0] * each; ++sample) {
    const int64_t n = sample / each;
    const T* where = at.as<T>() + (at.shape[0] == 1 ? sample % each : sample) * 2;
    const PixelTaps<T> rows = pixel_taps(where[0], x[1], rule);
    const PixelTaps<T> columns = pixel_taps(where[1], x[2], rule);
    for (int i = 0; i < rows.count; ++i)
      for (int j = 0; j < columns.count; ++j)
        body(sample, n, rows.pixel[i], columns.pixel[j], rows.weight[i] * columns.weight[j]);
  }
}

// x: [n, h, w, c]  at: [n or 1, h', w', 2]  y: [n, h', w', c]
void image_sample(const op::ImageSample& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const int64_t channels = y.shape[3];
  with_float(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    std::fill_n(y.as<T>(), y.elements(), T{0});
    for_taps<T>(op.rule, x.shape, y.shape, call.inputs[1],
                [&](int64_t sample, int64_t n, int64_t row, int64_t column, T weight) {
                  T* to = y.as<T>() + sample * channels;
                  const bool outside = row < 0 || column < 0;
                  const T* from =
                      outside ? nullptr : x.as<T>() + ((n * x.shape[1] + row) * x.shape[2] + column) * channels;
                  for (int64_t c = 0; c < channels; ++c)
                    to[c] += weight * (outside ? static_cast<T>(op.rule.value) : from[c]);
                });
  });
}

// at: [n or 1, h', w', 2]  dy: [n, h', w', c]  dx: [n, h, w, c]
void image_sample_grad(const op::ImageSampleGrad& op, const KernelCall& call) {
  const TensorView& dy = call.inputs[1];
  const TensorView& dx = call.outputs[0];
  const int64_t channels = dx.shape[3];
  with_float(dx.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    std::fill_n(dx.as<T>(), dx.elements(), T{0});
    for_taps<T>(op.rule, dx.shape, dy.shape, call.inputs[0],
                [&](int64_t sample, int64_t n, int64_t row, int64_t column, T weight) {
                  if (row < 0 || column < 0) return;
                  T* to = dx.as<T>() + ((n * dx.shape[1] + row) * dx.shape[2] + column) * channels;
                  const T* from = dy.as<T>() + sample * channels;
                  for (int64_t c = 0; c < channels; ++c) to[c] += weight * from[c];
                });
  });
}

void random_log_gamma(const op::RandomLogGamma& op, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  const Philox words{.seed = combined_seed(call.step->seed, op.seed), .stream = op.stream, .step = call.step->step};
  with_float(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t i = 0; i < y.elements(); ++i)
      y.as<T>()[i] = static_cast<T>(
          trainyard::random_log_gamma(static_cast<double>(call.inputs[0].as<T>()[i]), words, static_cast<uint64_t>(i)));
  });
}

}  // namespace

void add_image(KernelTable& table) {
  table.add<op::ImageSample>({.run = run_typed<op::ImageSample, image_sample>, .accepts = full_width});
  table.add<op::ImageSampleGrad>({.run = run_typed<op::ImageSampleGrad, image_sample_grad>, .accepts = full_width});
  table.add<op::RandomLogGamma>({.run = run_typed<op::RandomLogGamma, random_log_gamma>, .accepts = full_width});
}

}  // namespace trainyard::ref
