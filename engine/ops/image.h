// Sampling of images at any coordinates: what rotating, zooming, shearing, translating and bending an image comes to.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/ops/op_types.h"

namespace trainyard::op {

/// What is seen outside an image, for a row a b c d, as scipy.ndimage and keras.ops.image name it.
enum class SampleFill : uint8_t {
  constant,  // k k k | a b c d | k k k
  nearest,   // a a a | a b c d | d d d
  reflect,   // c b a | a b c d | d c b
  wrap,      // b c d | a b c d | a b c
  mirror,    // d c b | a b c d | c b a
};

std::string_view name_of(SampleFill fill);

struct SampleRule {
  SampleFill fill = SampleFill::constant;
  /// Blends the four pixels around a coordinate; else the nearest one is taken, and of two as near the even one.
  bool bilinear = true;
  /// What constant fills with.
  double value = 0;

  friend bool operator==(const SampleRule&, const SampleRule&) = default;
};

/// y[n, i, j] = x[n] at row at[n, i, j, 0] and column at[n, i, j, 1], counted in pixels from the centre of the first.
/// x: [n, h, w, c]  at: [n, h', w', 2] or [1, h', w', 2] for all images alike  y: [n, h', w', c]
/// A coordinate that is no number lies outside.
struct ImageSample {
  static constexpr std::string_view kName = "ImageSample";
  SampleRule rule;

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;  // none by `at`: a check fails
  Cost cost(InputTypes in, OutputTypes out) const;
};

/// The gradient of ImageSample by x: (at, dy) -> dx: input_shape = [n, h, w, c]. Fixed order.
struct ImageSampleGrad {
  static constexpr std::string_view kName = "ImageSampleGrad";
  SampleRule rule;
  Shape input_shape = {};

  Types infer(InputTypes in) const;
  void gradient(GradientContext& context) const;  // none by `at`: a check fails
  Cost cost(InputTypes in, OutputTypes out) const;
};

}  // namespace trainyard::op
