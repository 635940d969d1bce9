// Functions of pictures that append ops; the layers over images are written in them. x: [n, h, w, c] throughout.
#pragma once

#include "engine/layers/image_layer.h"

namespace trainyard {

/// Stretches values from one range to another.
Value rescale(Value x, const ValueRange& from, const ValueRange& to);
inline constexpr ValueRange kBytes{0, 255};

/// One channel: [n, h, w, 1].
Value channel(Value x, int64_t i);
/// The brightness of three channels by the weights of ITU-R BT.601, as keras.ops.image.rgb_to_grayscale rounds them; one
/// channel stays. Gives [n, h, w, 1].
Value grayscale(Value x);

/// Hue in [0, 1), saturation, value; each [n, h, w, 1].
struct HsvPlanes {
  Value hue;
  Value saturation;
  Value value;
};
HsvPlanes hsv_from_rgb(Value x);
Value rgb_from_hsv(const HsvPlanes& planes);

/// Row and column numbers of pictures of this size: [1, h, 1, 1] and [1, 1, w, 1].
struct PixelGrid {
  Value rows;
  Value columns;
};
PixelGrid pixel_grid(Graph& graph, int64_t height, int64_t width, DType dtype);

/// Where each pixel of a result comes from: column = a0 x + a1 y + a2, row = b0 x + b1 y + b2, x the result's column and y
/// its row. Each [n, 1, 1, 1] or [1, 1, 1, 1]; as the first six numbers of Keras's affine_transform.
struct AffineMap {
  Value a0, a1, a2;
  Value b0, b1, b2;
};
/// Coordinates for image_sample: [n, h, w, 2].
Value affine_coordinates(const AffineMap& map, int64_t height, int64_t width);
Value affine_transform(Value x, const AffineMap& map, const op::SampleRule& rule);

/// Slides one filter over each channel, with zeros around. taps: [kh, kw], sizes odd; a constant or computed.
Value filter_channels(Value x, Value taps);

/// Spreads the values of each channel so that its histogram over the batch becomes flat (keras.layers.Equalization).
/// Values in [0, 255].
Value equalize(Value x, int64_t bins);

/// Sums from the first to each element along the last of two dimensions. x: [r, k]
Value cumulative_sum(Value x);
/// How often each number in [0, count) occurs. numbers: i32. Gives [count] of `dtype`.
Value count_numbers(Value numbers, int64_t count, DType dtype);

}  // namespace trainyard
