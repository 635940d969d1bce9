// Layers that move the pixels of pictures. In a header because AugMix and RandAugment are made of some of them.
#pragma once

#include "engine/layers/image_functions.h"

namespace trainyard {

/// Keras writes the pair of lower and upper, and refuses to read a pair that goes below 0: a number other than 0 stays one.
struct ShearFactor : GivenFactor {};

template <>
struct ArgTraits<ShearFactor> {
  static void describe(ArgSpec& spec) { ArgTraits<GivenFactor>::describe(spec); }
  static bool parse(const Json& value, ShearFactor& result, const ArgSpec& spec, const ParseContext& context) {
    return ArgTraits<GivenFactor>::parse(value, result, spec, context);
  }
  static Json print(const ShearFactor& value) {
    return value.is_pair || value.upper == 0 ? ArgTraits<FactorRange>::print(value)
                                             : ArgTraits<GivenFactor>::print(value);
  }
};

}  // namespace trainyard

namespace trainyard::layers {

enum class SampleKind : uint8_t { nearest, bilinear };
constexpr std::array<std::string_view, 2> choice_names(SampleKind) { return {"nearest", "bilinear"}; }

/// In the order of op::SampleFill.
enum class FillMode : uint8_t { constant, nearest, reflect, wrap };
constexpr std::array<std::string_view, 4> choice_names(FillMode) { return {"constant", "nearest", "reflect", "wrap"}; }

/// Takes each pixel of the result from where a map of the plane says. Masks are taken from the same places, the nearest pixel
/// whatever the interpolation is for pictures (so that classes stay classes; Keras blends some and rounds). Boxes become those
/// around their moved corners, cut off at the picture's edges.
template <typename T>
struct AffineAugmentation : Augmentation<T> {
  FillMode fill_mode = FillMode::reflect;
  SampleKind interpolation = SampleKind::bilinear;
  double fill_value = 0;

  void change(Pictures& pictures, Draws& draws) const override {
    const AffineMap moves = map(pictures.images, draws);
    op::SampleRule rule{.fill = static_cast<op::SampleFill>(fill_mode),
                        .bilinear = interpolation == SampleKind::bilinear,
                        .value = fill_value};
    pictures.move_boxes([&](const Corners& corners) { return moved(corners, moves); }, pictures.size());
    pictures.images = affine_transform(pictures.images, moves, rule);
    rule.bilinear = false;
    if (pictures.masks) pictures.masks = affine_transform(pictures.masks, moves, rule);
  }
  /// x: [n, h, w, c]
  virtual AffineMap map(Value x, Draws& draws) const = 0;

 protected:
  PictureEffects effects() const override { return {BoxEffect::move, true, false}; }
};

struct RandomTranslation final : AffineAugmentation<RandomTranslation> {
  GivenFactor height_factor;
  GivenFactor width_factor;
  static const ClassInfo& declaration();
  AffineMap map(Value x, Draws& draws) const override;
};

struct RandomRotation final : AffineAugmentation<RandomRotation> {
  FactorRange factor;
  static const ClassInfo& declaration();
  AffineMap map(Value x, Draws& draws) const override;
};

struct RandomZoom final : AffineAugmentation<RandomZoom> {
  GivenFactor height_factor;
  std::optional<GivenFactor> width_factor;
  static const ClassInfo& declaration();
  AffineMap map(Value x, Draws& draws) const override;
};

struct RandomShear final : AffineAugmentation<RandomShear> {
  ShearFactor x_factor;
  ShearFactor y_factor;
  static const ClassInfo& declaration();
  AffineMap map(Value x, Draws& draws) const override;
};

}  // namespace trainyard::layers
