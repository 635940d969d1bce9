#include "engine/layers/image_resizing.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace trainyard {
namespace {

/// R. Keys, "Cubic convolution interpolation for digital image processing", 1981, doi:10.1109/TASSP.1981.1163711.
double cubic(double t, double a) {
  t = std::abs(t);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

double lanczos(double t, double radius) {
  if (t == 0) return 1;
  if (std::abs(t) >= radius) return 0;
  const double turn = std::numbers::pi * t;
  return radius * std::sin(turn) * std::sin(turn / radius) / (turn * turn);
}

struct Shaped {
  double radius;
  double (*weight)(double);
};

Shaped shape_of(ResizeKernel kernel) {
  switch (kernel) {
    case ResizeKernel::nearest:
    case ResizeKernel::bilinear: return {1, [](double t) { return std::max(0.0, 1 - std::abs(t)); }};
    case ResizeKernel::bicubic: return {2, [](double t) { return cubic(t, -0.5); }};
    case ResizeKernel::lanczos3: return {3, [](double t) { return lanczos(t, 3); }};
    case ResizeKernel::lanczos5: return {5, [](double t) { return lanczos(t, 5); }};
  }
  return {};
}

/// Pixels inside the picture alone, weights that sum to 1.
void fill_normalised(std::span<double> row, double centre, double stretch, const Shaped& shape) {
  double total = 0;
  for (size_t j = 0; j < row.size(); ++j) {
    row[j] = shape.weight((static_cast<double>(j) - centre) / stretch);
    total += row[j];
  }
  for (double& weight : row) weight = total == 0 ? 0 : weight / total;
}

/// Pixels outside are those at the edge.
void fill_clamped(std::span<double> row, double centre, ResizeKernel kernel) {
  const auto last = static_cast<int64_t>(row.size()) - 1;
  if (kernel == ResizeKernel::bilinear) centre = std::clamp(centre, 0.0, static_cast<double>(last));
  const auto low = static_cast<int64_t>(std::floor(centre));
  const int64_t reach = kernel == ResizeKernel::bilinear ? 1 : 2;
  for (int64_t j = low - reach + 1; j <= low + reach; ++j) {
    const double t = static_cast<double>(j) - centre;
    row[static_cast<size_t>(std::clamp<int64_t>(j, 0, last))] +=
        kernel == ResizeKernel::bilinear ? std::max(0.0, 1 - std::abs(t)) : cubic(t, -0.75);
  }
}

}  // namespace

Tensor resize_weights(int64_t from, int64_t to, ResizeKernel kernel, bool antialias) {
  Tensor weights(DType::f64, {to, from});
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const bool is_lanczos = kernel == ResizeKernel::lanczos3 || kernel == ResizeKernel::lanczos5;
  for (int64_t i = 0; i < to; ++i) {
    const auto row = weights.span<double>().subspan(static_cast<size_t>(i * from), static_cast<size_t>(from));
    const double middle = (static_cast<double>(i) + 0.5) * scale;
    if (kernel == ResizeKernel::nearest)
      row[static_cast<size_t>(std::min(static_cast<int64_t>(middle), from - 1))] = 1;
    else if (antialias || is_lanczos)
      fill_normalised(row, middle - 0.5, antialias ? std::max(1.0, scale) : 1.0, shape_of(kernel));
    else
      fill_clamped(row, middle - 0.5, kernel);
  }
  return weights;
}

Value resize_axis(Value x, int axis, int64_t size, ResizeKernel kernel, bool antialias) {
  if (x.shape()[axis] == size) return x;
  const Value weights = x.graph().constant(resize_weights(x.shape()[axis], size, kernel, antialias).cast(x.dtype()));
  std::vector<int> order(static_cast<size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<size_t>(axis)], order.back());
  return transpose(matmul(transpose(x, order), weights, false, true), order);
}

Crop aspect_crop(int64_t height, int64_t width, int64_t target_height, int64_t target_width) {
  Crop crop;
  crop.height = std::max<int64_t>(std::min(height, width * target_height / target_width), 1);
  crop.width = std::max<int64_t>(std::min(width, height * target_width / target_height), 1);
  crop.row = (height - crop.height) / 2;
  crop.column = (width - crop.width) / 2;
  return crop;
}

Value cropped(Value x, const Crop& crop) {
  return slice(x, {0, crop.row, crop.column, 0}, {x.shape()[0], crop.height, crop.width, x.shape()[3]});
}

Value resized(Value x, int64_t height, int64_t width, ResizeKernel kernel, bool antialias) {
  return resize_axis(resize_axis(x, 1, height, kernel, antialias), 2, width, kernel, antialias);
}

}  // namespace trainyard
