// ImageSample by lines of samples, its gradient by images. RandomLogGamma stays with ref: a few numbers a batch.
#include "engine/backends/cpu/kernels.h"
#include "engine/ops/image_taps.h"

namespace trainyard::cpu {
namespace {

/// The pixels that meet in one sample, at most four; offset -1 is the fill value.
struct Blend {
  int count = 0;
  int64_t offset[4];
  float weight[4];
};

/// Offsets are those of the pixel's first channel in its image. image: [h, w, c]  where: row, column
Blend blend_at(const op::SampleRule& rule, const Shape& image, const float* where) {
  const PixelTaps<float> rows = pixel_taps(where[0], image[1], rule);
  const PixelTaps<float> columns = pixel_taps(where[1], image[2], rule);
  Blend blend;
  for (int i = 0; i < rows.count; ++i)
    for (int j = 0; j < columns.count; ++j) {
      const bool outside = rows.pixel[i] < 0 || columns.pixel[j] < 0;
      blend.offset[blend.count] = outside ? -1 : (rows.pixel[i] * image[2] + columns.pixel[j]) * image[3];
      blend.weight[blend.count++] = rows.weight[i] * columns.weight[j];
    }
  return blend;
}

// x: [n, h, w, c]  at: [n or 1, h', w', 2]  y: [n, h', w', c]
void image_sample(const op::ImageSample& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& at = call.inputs[1];
  const TensorView& y = call.outputs[0];
  const int64_t channels = y.shape[3];
  const int64_t each = y.shape[1] * y.shape[2];
  const int64_t image = x.shape[1] * x.shape[2] * channels;
  const auto fill = static_cast<float>(op.rule.value);
  for_ranges(call, y.shape[0] * each, divide_up(4096, channels), [&](int64_t begin, int64_t end) {
    for (int64_t sample = begin; sample < end; ++sample) {
      const float* where = at.as<const float>() + (at.shape[0] == 1 ? sample % each : sample) * 2;
      const Blend blend = blend_at(op.rule, x.shape, where);
      const float* from = x.as<const float>() + sample / each * image;
      float* to = y.as<float>() + sample * channels;
      for (int64_t c = 0; c < channels; ++c) {
        float sum = 0;
        for (int i = 0; i < blend.count; ++i)
          sum += blend.weight[i] * (blend.offset[i] < 0 ? fill : from[blend.offset[i] + c]);
        to[c] = sum;
      }
    }
  });
}

// at: [n or 1, h', w', 2]  dy: [n, h', w', c]  dx: [n, h, w, c]
void image_sample_grad(const op::ImageSampleGrad& op, const KernelCall& call) {
  const TensorView& at = call.inputs[0];
  const TensorView& dy = call.inputs[1];
  const TensorView& dx = call.outputs[0];
  const int64_t channels = dx.shape[3];
  const int64_t each = dy.shape[1] * dy.shape[2];
  const int64_t image = dx.shape[1] * dx.shape[2] * channels;
  for_ranges(call, dx.shape[0], divide_up(4096, image + 1), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      float* to = dx.as<float>() + n * image;
      std::fill_n(to, image, 0.0f);
      for (int64_t sample = 0; sample < each; ++sample) {
        const float* where = at.as<const float>() + ((at.shape[0] == 1 ? 0 : n * each) + sample) * 2;
        const Blend blend = blend_at(op.rule, dx.shape, where);
        const float* from = dy.as<const float>() + (n * each + sample) * channels;
        for (int i = 0; i < blend.count; ++i)
          for (int64_t c = 0; blend.offset[i] >= 0 && c < channels; ++c)
            to[blend.offset[i] + c] += blend.weight[i] * from[c];
      }
    }
  });
}

}  // namespace

void add_image(KernelTable& table) {
  table.add<op::ImageSample>({.run = run_typed<op::ImageSample, image_sample>, .accepts = all_f32});
  table.add<op::ImageSampleGrad>({.run = run_typed<op::ImageSampleGrad, image_sample_grad>, .accepts = all_f32});
}

}  // namespace trainyard::cpu
