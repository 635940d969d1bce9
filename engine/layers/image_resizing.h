// Other sizes of pictures: each axis by a matrix of weights.
#pragma once

#include "engine/layers/layer_declaration.h"
#include "engine/ops/builder.h"

namespace trainyard {

enum class ResizeKernel : uint8_t { bilinear, nearest, bicubic, lanczos3, lanczos5 };
constexpr std::array<std::string_view, 5> choice_names(ResizeKernel) {
  return {"bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"};
}

/// Weights of `from` pixels in each of `to` pixels, pixels being areas with their centres at halves: f64 [to, from].
/// The kernels are PyTorch's (bilinear and bicubic with their edges repeated, A = -0.75; with antialias a kernel that grows
/// as pictures shrink, A = -0.5), lanczos JAX's and TensorFlow's, which PyTorch has not.
Tensor resize_weights(int64_t from, int64_t to, ResizeKernel kernel, bool antialias);

/// One axis of x taken to `size` elements.
Value resize_axis(Value x, int axis, int64_t size, ResizeKernel kernel, bool antialias = false);

/// A part of each axis: start and size.
struct Crop {
  int64_t row = 0;
  int64_t column = 0;
  int64_t height = 0;
  int64_t width = 0;
};
/// The largest part in the middle of pictures of height x width that has the sides' ratio of target_height x target_width.
Crop aspect_crop(int64_t height, int64_t width, int64_t target_height, int64_t target_width);
/// x: [n, h, w, c] -> [n, crop.height, crop.width, c]
Value cropped(Value x, const Crop& crop);
/// x: [n, h, w, c] -> [n, height, width, c]
Value resized(Value x, int64_t height, int64_t width, ResizeKernel kernel, bool antialias = false);

}  // namespace trainyard
