#include "engine/data/ink.h"

#include <algorithm>
#include <cmath>

#include "engine/data/image.h"

namespace trainyard {
namespace {

/// Fainter is paper: the soft rim of a pen must not decide about the size.
constexpr float kInkThreshold = 0.2f;

struct Box {
  int64_t left, top, right, bottom;  // right and bottom exclusive
  bool empty() const { return left >= right; }
};

Box bounding_box(int64_t width, int64_t height, std::span<const float> values) {
  Box box{width, height, 0, 0};
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      if (values[static_cast<size_t>(y * width + x)] > kInkThreshold) {
        box.left = std::min(box.left, x);
        box.right = std::max(box.right, x + 1);
        box.top = std::min(box.top, y);
        box.bottom = y + 1;
      }
  return box;
}

Tensor crop(const Box& box, int64_t width, std::span<const float> values) {
  Tensor part(DType::f32, {box.bottom - box.top, box.right - box.left, 1});
  auto to = part.span<float>().begin();
  for (int64_t y = box.top; y < box.bottom; ++y)
    for (int64_t x = box.left; x < box.right; ++x)
      *to++ = std::clamp(values[static_cast<size_t>(y * width + x)], 0.0f, 1.0f);
  return part;
}

}  // namespace

InkPicture centre_ink(const InkPicture& ink) {
  float mass = 0;
  float sum_x = 0;
  float sum_y = 0;
  for (int64_t y = 0; y < kInkSize; ++y)
    for (int64_t x = 0; x < kInkSize; ++x) {
      const float value = ink[static_cast<size_t>(y * kInkSize + x)];
      mass += value;
      sum_x += value * static_cast<float>(x);
      sum_y += value * static_cast<float>(y);
    }
  if (!(mass > 0)) return ink;
  constexpr float kMiddle = static_cast<float>(kInkSize) / 2.0f;
  const auto shift_x = static_cast<int64_t>(std::floor(kMiddle - sum_x / mass + 0.5f));
  const auto shift_y = static_cast<int64_t>(std::floor(kMiddle - sum_y / mass + 0.5f));

  InkPicture moved{};
  for (int64_t y = std::max<int64_t>(0, shift_y); y < std::min(kInkSize, kInkSize + shift_y); ++y)
    for (int64_t x = std::max<int64_t>(0, shift_x); x < std::min(kInkSize, kInkSize + shift_x); ++x)
      moved[static_cast<size_t>(y * kInkSize + x)] = ink[static_cast<size_t>((y - shift_y) * kInkSize + x - shift_x)];
  return moved;
}

Tensor normalise_ink(int64_t width, int64_t height, std::span<const float> values) {
  check(width >= 0 && height >= 0 && values.size() == static_cast<size_t>(width * height), "a value for every pixel");
  Tensor result(DType::u8, {kInkSize, kInkSize, 1});
  const Box box = bounding_box(width, height, values);
  if (box.empty()) return result;

  const Tensor part = crop(box, width, values);
  const int64_t longer = std::max(part.shape()[0], part.shape()[1]);
  const auto scaled = [&](int64_t side) { return std::max<int64_t>(1, (side * kInkBox + longer / 2) / longer); };
  const Tensor small = resize_area(part, scaled(part.shape()[0]), scaled(part.shape()[1]));

  InkPicture picture{};
  const int64_t rows = small.shape()[0];
  const int64_t columns = small.shape()[1];
  for (int64_t y = 0; y < rows; ++y)
    for (int64_t x = 0; x < columns; ++x)
      picture[static_cast<size_t>((y + (kInkSize - rows) / 2) * kInkSize + x + (kInkSize - columns) / 2)] =
          small.span<float>()[static_cast<size_t>(y * columns + x)];
  const InkPicture centred = centre_ink(picture);
  std::transform(centred.begin(), centred.end(), result.span<uint8_t>().begin(), ink_byte);
  return result;
}

}  // namespace trainyard
