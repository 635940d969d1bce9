#include "engine/data/image.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/io/picture.h"

namespace trainyard {
namespace {

/// The old pixels [first, first + weights.size()) that one new pixel covers, and by how much; weights sum to 1.
struct Cover {
  int64_t first = 0;
  std::vector<double> weights;
};

/// Along one axis.
std::vector<Cover> covers(int64_t from, int64_t to) {
  std::vector<Cover> result;
  const double step = static_cast<double>(from) / static_cast<double>(to);
  for (int64_t i = 0; i < to; ++i) {
    const double begin = static_cast<double>(i) * step;
    const double end = begin + step;
    Cover cover{std::min(static_cast<int64_t>(begin), from - 1), {}};
    double sum = 0;
    for (int64_t pixel = cover.first; pixel < from; ++pixel) {
      const double part = std::min(end, static_cast<double>(pixel) + 1) - std::max(begin, static_cast<double>(pixel));
      if (part <= 0 && !cover.weights.empty()) break;
      cover.weights.push_back(std::max(part, 0.0));
      sum += cover.weights.back();
    }
    for (double& weight : cover.weights) weight /= sum;
    result.push_back(std::move(cover));
  }
  return result;
}

void store(const TensorView& view, int64_t index, double value) {
  if (view.dtype == DType::u8)
    view.as<uint8_t>()[index] = static_cast<uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
  else
    view.as<float>()[index] = static_cast<float>(value);
}

}  // namespace

Tensor resize_area(const Tensor& picture, int64_t height, int64_t width) {
  check(picture.shape().rank() == 3 && picture.elements() > 0, "a picture of height, width, channels");
  check(picture.dtype() == DType::u8 || picture.dtype() == DType::f32, "a picture of u8 or f32");
  check(height > 0 && width > 0, "a size to resize to");
  const int64_t channels = picture.shape()[2];
  const int64_t old_width = picture.shape()[1];
  const std::vector<Cover> columns = covers(old_width, width);
  const std::vector<Cover> rows = covers(picture.shape()[0], height);

  // Rows first: sums [old_width, channels] of one new row, then columns of that.
  const TensorView from = picture.view();
  Tensor result(picture.dtype(), {height, width, channels});
  const TensorView to = result.view();
  std::vector<double> line(static_cast<size_t>(old_width * channels));
  for (int64_t y = 0; y < height; ++y) {
    const Cover& row = rows[static_cast<size_t>(y)];
    std::fill(line.begin(), line.end(), 0.0);
    for (size_t k = 0; k < row.weights.size(); ++k) {
      const int64_t offset = (row.first + static_cast<int64_t>(k)) * old_width * channels;
      for (size_t i = 0; i < line.size(); ++i)
        line[i] += row.weights[k] * element_as_double(from, offset + static_cast<int64_t>(i));
    }
    for (int64_t x = 0; x < width; ++x) {
      const Cover& column = columns[static_cast<size_t>(x)];
      for (int64_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (size_t k = 0; k < column.weights.size(); ++k)
          sum += column.weights[k] *
                 line[(static_cast<size_t>(column.first) + k) * static_cast<size_t>(channels) + static_cast<size_t>(c)];
        store(to, (y * width + x) * channels + c, sum);
      }
    }
  }
  return result;
}

Tensor read_picture(std::span<const uint8_t> bytes, int64_t height, int64_t width, int channels,
                    const std::string& path_for_messages) {
  Tensor picture = decode_picture(bytes, channels, path_for_messages);
  const int64_t new_height = height > 0 ? height : picture.shape()[0];
  const int64_t new_width = width > 0 ? width : picture.shape()[1];
  if (new_height == picture.shape()[0] && new_width == picture.shape()[1]) return picture;
  return resize_area(picture, new_height, new_width);
}

}  // namespace trainyard
