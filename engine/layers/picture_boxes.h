// Rectangles in pictures: the forms in which Keras writes them, and how they move with the pixels.
#pragma once

#include <array>
#include <string_view>

#include "engine/core/declare.h"
#include "engine/ops/builder.h"

namespace trainyard {

struct AffineMap;

/// What the four numbers of a box are (keras/src/layers/preprocessing/image_preprocessing/bounding_boxes/formats.py): x is a
/// column, y a row, in pixels from the left top; "rel" ones are shares of the picture's width and height.
enum class BoxFormat : uint8_t {
  xyxy,
  yxyx,
  xywh,
  center_xywh,
  center_yxhw,
  rel_xyxy,
  rel_yxyx,
  rel_xywh,
  rel_center_xywh
};
constexpr std::array<std::string_view, 9> choice_names(BoxFormat) {
  return {"xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh"};
}

inline constexpr const char* kBoxFormatDoc = "How boxes are written that come with the pictures; None: none come.";
/// Keras writes it where it is set.
inline constexpr ArgOptions kBoxFormatOptions{.advanced = true, .omit_null = true};

/// Rows and columns.
struct PictureSize {
  int64_t height = 0;
  int64_t width = 0;
};

/// The edges of boxes in pixels, each [n, k].
struct Corners {
  Value left, top, right, bottom;
};

/// boxes: [n, k, 4] of pictures of this size.
Corners corners_of(Value boxes, BoxFormat format, const PictureSize& size);
/// The inverse: [n, k, 4].
Value boxes_of(const Corners& corners, BoxFormat format, const PictureSize& size);

/// What lies inside the picture of each box; one outside ends at the nearest edge, without an area.
Corners cut_to(const Corners& corners, const PictureSize& size);
/// labels: [n, k] or [n, k, c]; -1 for boxes without an area, as Keras's clip_to_image_size has it.
Value without_empty(Value labels, const Corners& corners);

/// The smallest boxes around four points each; points: pairs of columns and rows, [n, k].
struct Point {
  Value x, y;
};
Corners enclosing(const std::array<Point, 4>& points);
std::array<Point, 4> points_of(const Corners& corners);

/// Boxes around where pixels go whose pictures are taken by `map`: its inverse for each corner. As in Keras's layers (and
/// its bounding_boxes.affine_transform) the map, which speaks of pixels' numbers, is taken for edges too.
Corners moved(const Corners& corners, const AffineMap& map);

}  // namespace trainyard
