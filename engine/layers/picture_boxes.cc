#include "engine/layers/picture_boxes.h"

#include "engine/layers/image_functions.h"

namespace trainyard {
namespace {

Value plane(Value boxes, int64_t i) {
  const Shape& shape = boxes.shape();
  return reshape(slice(boxes, {0, 0, i}, {shape[0], shape[1], 1}), {shape[0], shape[1]});
}

bool is_relative(BoxFormat format) { return format >= BoxFormat::rel_xyxy; }

/// [n, 1, 1, 1] or [1, 1, 1, 1] -> [n, 1] or [1, 1]
Value by_picture(Value x) { return reshape(x, {x.shape()[0], 1}); }

Corners from_center(Value x, Value y, Value width, Value height) {
  return {x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0};
}

Corners scaled(const Corners& corners, double x, double y) {
  return {corners.left * x, corners.top * y, corners.right * x, corners.bottom * y};
}

/// The numbers are of pixels, or of shares on both sides.
Corners plain_corners(Value boxes, BoxFormat format) {
  const Value a = plane(boxes, 0), b = plane(boxes, 1), c = plane(boxes, 2), d = plane(boxes, 3);
  switch (format) {
    case BoxFormat::xyxy:
    case BoxFormat::rel_xyxy: return {a, b, c, d};
    case BoxFormat::yxyx:
    case BoxFormat::rel_yxyx: return {b, a, d, c};
    case BoxFormat::xywh:
    case BoxFormat::rel_xywh: return {a, b, a + c, b + d};
    case BoxFormat::center_xywh:
    case BoxFormat::rel_center_xywh: return from_center(a, b, c, d);
    case BoxFormat::center_yxhw: return from_center(b, a, d, c);
  }
  return {};
}

std::array<Value, 4> plain_numbers(const Corners& at, BoxFormat format) {
  const Value width = at.right - at.left;
  const Value height = at.bottom - at.top;
  switch (format) {
    case BoxFormat::xyxy:
    case BoxFormat::rel_xyxy: return {at.left, at.top, at.right, at.bottom};
    case BoxFormat::yxyx:
    case BoxFormat::rel_yxyx: return {at.top, at.left, at.bottom, at.right};
    case BoxFormat::xywh:
    case BoxFormat::rel_xywh: return {at.left, at.top, width, height};
    case BoxFormat::center_xywh:
    case BoxFormat::rel_center_xywh: return {at.left + width / 2.0, at.top + height / 2.0, width, height};
    case BoxFormat::center_yxhw: return {at.top + height / 2.0, at.left + width / 2.0, height, width};
  }
  return {};
}

}  // namespace

Corners corners_of(Value boxes, BoxFormat format, const PictureSize& size) {
  const Corners corners = plain_corners(boxes, format);
  if (!is_relative(format)) return corners;
  return scaled(corners, static_cast<double>(size.width), static_cast<double>(size.height));
}

Value boxes_of(const Corners& corners, BoxFormat format, const PictureSize& size) {
  const auto width = static_cast<double>(size.width);
  const auto height = static_cast<double>(size.height);
  const Corners at = is_relative(format) ? Corners{corners.left / width, corners.top / height, corners.right / width,
                                                   corners.bottom / height}
                                         : corners;
  std::vector<Value> planes;
  for (const Value& numbers : plain_numbers(at, format))
    planes.push_back(reshape(numbers, {numbers.shape()[0], numbers.shape()[1], 1}));
  return concat(planes, 2);
}

Corners cut_to(const Corners& corners, const PictureSize& size) {
  const auto width = static_cast<double>(size.width);
  const auto height = static_cast<double>(size.height);
  return {clip(corners.left, 0, width), clip(corners.top, 0, height), clip(corners.right, 0, width),
          clip(corners.bottom, 0, height)};
}

Value without_empty(Value labels, const Corners& corners) {
  Value there = greater((corners.right - corners.left) * (corners.bottom - corners.top), 0.0);
  if (labels.rank() == 3) there = reshape(there, {there.shape()[0], there.shape()[1], 1});
  return select(there, labels, -1.0);
}

std::array<Point, 4> points_of(const Corners& at) {
  return {{{at.left, at.top}, {at.right, at.top}, {at.right, at.bottom}, {at.left, at.bottom}}};
}

Corners enclosing(const std::array<Point, 4>& points) {
  Corners around{points[0].x, points[0].y, points[0].x, points[0].y};
  for (size_t i = 1; i < points.size(); ++i) {
    around.left = minimum(around.left, points[i].x);
    around.top = minimum(around.top, points[i].y);
    around.right = maximum(around.right, points[i].x);
    around.bottom = maximum(around.bottom, points[i].y);
  }
  return around;
}

Corners moved(const Corners& corners, const AffineMap& map) {
  const Value a0 = by_picture(map.a0), a1 = by_picture(map.a1), a2 = by_picture(map.a2);
  const Value b0 = by_picture(map.b0), b1 = by_picture(map.b1), b2 = by_picture(map.b2);
  const Value determinant = a0 * b1 - a1 * b0;
  std::array<Point, 4> points = points_of(corners);
  for (Point& point : points) {
    const Value right = point.x - a2;
    const Value down = point.y - b2;
    point = {(b1 * right - a1 * down) / determinant, (a0 * down - b0 * right) / determinant};
  }
  return enclosing(points);
}

}  // namespace trainyard
