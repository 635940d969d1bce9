// keras.layers: RandomFlip, RandomTranslation, RandomRotation, RandomZoom, RandomShear, RandomPerspective,
// RandomElasticTransform.
#include "engine/layers/augmentation_geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/layers/layer_families.h"

namespace trainyard::layers {
namespace {

/// The arguments that all of them have.
template <typename T>
ClassInfo with_sampling_arguments(Declaration<T> declaration) {
  declaration.arg("fill_mode", &T::fill_mode, "What is seen outside a picture.")
      .arg("interpolation", &T::interpolation, "bilinear blends pixels, nearest takes the closest.")
      .arg("seed", &T::seed, kSeedDoc, kSeedRange)
      .arg("fill_value", &T::fill_value, "What constant fills with.",
           {.visible_arg = "fill_mode", .visible_value = "\"constant\""})
      .arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions)
      .arg("bounding_box_format", &T::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions);
  return declaration.build();
}

template <typename T>
Declaration<T> geometry_declaration(const char* class_name, const char* doc) {
  return layer_declaration<T>(class_name, "preprocessing", doc);
}

/// [1, 1, 1, 1]
Value number_like(Value x, double value) { return fill(x.graph(), x.dtype(), {1, 1, 1, 1}, value); }

enum class FlipMode : uint8_t { horizontal, vertical, horizontal_and_vertical };
constexpr std::array<std::string_view, 3> choice_names(FlipMode) {
  return {"horizontal", "vertical", "horizontal_and_vertical"};
}

/// With both modes a picture is flipped both ways or not at all, as in Keras.
struct RandomFlip final : Augmentation<RandomFlip> {
  FlipMode mode = FlipMode::horizontal_and_vertical;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        geometry_declaration<RandomFlip>("RandomFlip", "Mirrors half of the pictures while training.")
            .arg("mode", &RandomFlip::mode, "Left and right, top and bottom, or both together.")
            .arg("seed", &RandomFlip::seed, kSeedDoc, kSeedRange)
            .arg("data_format", &RandomFlip::data_format, kDataFormatDoc, kDataFormatOptions)
            .arg("bounding_box_format", &RandomFlip::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
            .summary({"mode"})
            .build();
    return kInfo;
  }
  void change(Pictures& pictures, Draws& draws) const override {
    const Value x = pictures.images;
    const Value flips = less_equal(draws.uniform(0, 1), 0.5);
    const Value zero = number_like(x, 0);
    const Value one = number_like(x, 1);
    const Value turned = select(flips, -1.0, one);
    const auto offset = [&](int64_t size) { return select(flips, number_like(x, static_cast<double>(size - 1)), 0.0); };
    AffineMap map{one, zero, zero, zero, one, zero};
    if (mode != FlipMode::vertical) map.a0 = turned, map.a2 = offset(x.shape()[2]);
    if (mode != FlipMode::horizontal) map.b1 = turned, map.b2 = offset(x.shape()[1]);
    const op::SampleRule rule{.fill = op::SampleFill::nearest, .bilinear = false};
    pictures.move_boxes(
        [&](const Corners& corners) {
          return mirrored(corners, reshape(flips, {draws.images(), 1}), pictures.size());
        },
        pictures.size());
    pictures.images = affine_transform(x, map, rule);
    if (pictures.masks) pictures.masks = affine_transform(pictures.masks, map, rule);
  }

 protected:
  PictureEffects effects() const override { return {BoxEffect::move, true, false}; }

 private:
  /// flips: [n, 1]
  Corners mirrored(const Corners& at, Value flips, const PictureSize& size) const {
    const auto width = static_cast<double>(size.width);
    const auto height = static_cast<double>(size.height);
    Corners turned = at;
    if (mode != FlipMode::vertical) {
      turned.left = select(flips, width - at.right, at.left);
      turned.right = select(flips, width - at.left, at.right);
    }
    if (mode != FlipMode::horizontal) {
      turned.top = select(flips, height - at.bottom, at.top);
      turned.bottom = select(flips, height - at.top, at.bottom);
    }
    return turned;
  }
};

/// keras.ops.image.perspective_transform: the corners move, and the plane with them.
struct RandomPerspective final : Augmentation<RandomPerspective> {
  FactorRange factor{0, 1};
  double scale = 1;
  SampleKind interpolation = SampleKind::bilinear;
  double fill_value = 0;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        geometry_declaration<RandomPerspective>("RandomPerspective", "Tilts random pictures while training.")
            .arg("factor", &RandomPerspective::factor, "What the share of tilted pictures is drawn from.", kFraction)
            .arg("scale", &RandomPerspective::scale, "How far corners move: at 1 up to half a side.", kFraction)
            .arg("interpolation", &RandomPerspective::interpolation,
                 "bilinear blends pixels, nearest takes the closest.")
            .arg("fill_value", &RandomPerspective::fill_value, "What is seen outside a picture.")
            .arg("seed", &RandomPerspective::seed, kSeedDoc, kSeedRange)
            .arg("data_format", &RandomPerspective::data_format, kDataFormatDoc, kDataFormatOptions)
            .arg("bounding_box_format", &RandomPerspective::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
            .summary({"factor", "scale"})
            .build();
    return kInfo;
  }
  void change(Pictures& pictures, Draws& draws) const override {
    const Value x = pictures.images;
    const Value apply = draws.chance(factor);
    const Tilt tilt = drawn(x, draws);
    const Value at = coordinates(x, tilt);
    op::SampleRule rule{
        .fill = op::SampleFill::constant, .bilinear = interpolation == SampleKind::bilinear, .value = fill_value};
    const Value tilted = reshape(apply, {draws.images(), 1});
    pictures.move_boxes([&](const Corners& corners) { return moved_if(tilted, corners, tilt); }, pictures.size());
    pictures.images = select(apply, image_sample(x, at, rule), x);
    rule.bilinear = false;
    if (pictures.masks) pictures.masks = select(apply, image_sample(pictures.masks, at, rule), pictures.masks);
  }

 protected:
  PictureEffects effects() const override { return {BoxEffect::move, true, false}; }

 private:
  /// Where the rectangle goes, its sides 1: ((a, 0, 0), (0, e, 0), (g, h, 1)); the first corner stays. Each [n, 1, 1, 1]; and the
  /// sides in pixels.
  struct Tilt {
    Value a, e, g, h;
    double width = 1;
    double height = 1;
  };

  /// The map of the unit square to a quadrilateral. P. Heckbert, "Fundamentals of texture mapping and image warping", 1989,
  /// section 2.2.3. Each corner moves by a share of its own coordinates, so that the first one stays at 0, 0.
  Tilt drawn(Value x, Draws& draws) const {
    const auto height = static_cast<double>(std::max<int64_t>(x.shape()[1] - 1, 1));
    const auto width = static_cast<double>(std::max<int64_t>(x.shape()[2] - 1, 1));
    const auto moved = [&](double size) { return (1.0 + draws.uniform(-0.5 * scale, 0.5 * scale)) * size; };
    // right top, right bottom, left bottom; zeros are left out below
    const Value x1 = moved(width);
    const Value x2 = moved(width);
    const Value y2 = moved(height);
    const Value y3 = moved(height);
    const Value sum_x = x2 - x1;  // the corners' signed sums: left top - right top + right bottom - left bottom
    const Value sum_y = y2 - y3;
    const Value dx1 = x1 - x2;
    const Value dx2 = -x2;
    const Value dy1 = -y2;
    const Value dy2 = y3 - y2;
    const Value determinant = dx1 * dy2 - dx2 * dy1;
    const Value g = (sum_x * dy2 - dx2 * sum_y) / determinant;
    const Value h = (dx1 * sum_y - sum_x * dy1) / determinant;
    return {x1 + g * x1, y3 + h * y3, g, h, width, height};
  }

  /// The map from the moved corners back to the rectangle: the inverse times a e, ((e, 0, 0), (0, a, 0), (-g e, -h a, a e)).
  static Value coordinates(Value x, const Tilt& tilt) {
    const PixelGrid grid = pixel_grid(x.graph(), x.shape()[1], x.shape()[2], x.dtype());
    const Value& a = tilt.a;
    const Value& e = tilt.e;
    const Value depth = (a * e - tilt.g * e * grid.columns) - tilt.h * a * grid.rows;
    return concat({a * grid.rows * tilt.height / depth, e * grid.columns * tilt.width / depth}, 3);
  }

  /// apply: [n, 1]
  static Corners moved_if(Value apply, const Corners& corners, const Tilt& tilt) {
    const auto number = [&](Value value) { return reshape(value, {value.shape()[0], 1}); };
    std::array<Point, 4> points = points_of(corners);
    for (Point& point : points) {
      const Value right = point.x / tilt.width;
      const Value down = point.y / tilt.height;
      const Value depth = number(tilt.g) * right + number(tilt.h) * down + 1.0;
      point = {number(tilt.a) * right / depth, number(tilt.e) * down / depth};
    }
    const Corners around = enclosing(points);
    return {select(apply, around.left, corners.left), select(apply, around.top, corners.top),
            select(apply, around.right, corners.right), select(apply, around.bottom, corners.bottom)};
  }
};

enum class ElasticFill : uint8_t { constant, nearest, reflect, wrap, mirror };
constexpr std::array<std::string_view, 5> choice_names(ElasticFill) {
  return {"constant", "nearest", "reflect", "wrap", "mirror"};
}

/// keras.ops.image.elastic_transform: pixels come from places shifted by smooth noise. Masks are bent by the same noise, the
/// nearest pixel, and not cut to value_range (Keras draws anew for them, and cuts). Boxes have no answer in Keras.
struct RandomElasticTransform final : Augmentation<RandomElasticTransform> {
  FactorRange factor{0, 1};
  FactorRange scale{0, 1};
  SampleKind interpolation = SampleKind::bilinear;
  ElasticFill fill_mode = ElasticFill::reflect;
  double fill_value = 0;
  ValueRange value_range;
  static const ClassInfo& declaration() {
    using T = RandomElasticTransform;
    static const ClassInfo kInfo = with_sampling_arguments(
        geometry_declaration<T>("RandomElasticTransform", "Bends random pictures like rubber while training.")
            .arg("factor", &T::factor, "What the share of bent pictures is drawn from.", kFraction)
            .arg("scale", &T::scale, "How strongly: drawn anew for each batch.", kFraction)
            .arg("value_range", &T::value_range, kValueRangeDoc)
            .summary({"factor", "scale"}));
    return kInfo;
  }
  void change(Pictures& pictures, Draws& draws) const override {
    if (scale.upper == 0 || factor.upper == 0) return;
    const Value x = pictures.images;
    const int64_t h = x.shape()[1];
    const int64_t w = x.shape()[2];
    const Value apply = draws.chance(factor);
    const Value strength = draws.common_uniform(scale.lower, scale.upper);
    const Value alpha = strength * (0.1 * static_cast<double>(std::max(h, w)));
    const double widest = 0.05 * static_cast<double>(std::min(h, w));
    const Value sigma = strength * widest;
    const auto shift = [&] {
      const Value noise = draws.normal({draws.images(), h, w, 1}) * sigma;
      return smoothed(noise, sigma, widest * scale.upper) * alpha;
    };
    const Value right = shift();
    const Value down = shift();
    const PixelGrid grid = pixel_grid(x.graph(), h, w, x.dtype());
    const Value at = concat({grid.rows + down, grid.columns + right}, 3);
    op::SampleRule rule{.fill = static_cast<op::SampleFill>(fill_mode),
                        .bilinear = interpolation == SampleKind::bilinear,
                        .value = fill_value};
    pictures.images = clip(select(apply, image_sample(x, at, rule), x), value_range.low, value_range.high);
    rule.bilinear = false;
    if (pictures.masks) pictures.masks = select(apply, image_sample(pictures.masks, at, rule), pictures.masks);
  }

 protected:
  PictureEffects effects() const override { return {BoxEffect::refused, true, false}; }

 private:
  /// A Gaussian of standard deviation sigma, cut off where Keras's kernel of int(6 sigma) | 1 taps ends: beyond
  /// floor(3 sigma). The window is as wide as `widest` asks for, since sigma is drawn. sigma: [1, 1, 1, 1]
  static Value smoothed(Value noise, Value sigma, double widest) {
    const auto reach = static_cast<int64_t>(std::floor(3 * widest));
    std::vector<double> places;
    for (int64_t i = -reach; i <= reach; ++i) places.push_back(static_cast<double>(i));
    const auto count = static_cast<int64_t>(places.size());
    const Value place = noise.graph().constant(Tensor::of<double>({count, 1}, places).cast(noise.dtype()));
    const Value width = maximum(reshape(sigma, {1, 1}), 1e-6);
    const Value inside = binary(op::BinaryKind::less_equal, abs(place), unary(op::UnaryKind::floor, width * 3.0));
    const Value bell = select(inside, exp(square(place / width) * -0.5), 0.0);
    const Value taps = bell / sum(bell);
    return filter_channels(filter_channels(noise, taps), reshape(taps, {1, count}));
  }
};

}  // namespace

const ClassInfo& RandomTranslation::declaration() {
  using T = RandomTranslation;
  static const ClassInfo kInfo = with_sampling_arguments(
      geometry_declaration<T>("RandomTranslation", "Shifts pictures while training.")
          .arg("height_factor", &T::height_factor, "How far down, as a share; a pair, or one number for up and down.",
               kRequiredSignedFraction)
          .arg("width_factor", &T::width_factor,
               "How far to the right, as a share; a pair, or one number for left and right.", kRequiredSignedFraction)
          .summary({"height_factor", "width_factor"}));
  return kInfo;
}

AffineMap RandomTranslation::map(Value x, Draws& draws) const {
  const Value down = draws.uniform(height_factor) * static_cast<double>(x.shape()[1]);
  const Value right = draws.uniform(width_factor) * static_cast<double>(x.shape()[2]);
  const Value zero = number_like(x, 0);
  const Value one = number_like(x, 1);
  return {one, zero, -right, zero, one, -down};
}

const ClassInfo& RandomRotation::declaration() {
  using T = RandomRotation;
  static const ClassInfo kInfo = with_sampling_arguments(
      geometry_declaration<T>("RandomRotation", "Turns pictures while training.")
          .arg("factor", &T::factor, "How far, as a share of a full turn; a pair, or one number for both ways.",
               kRequiredSignedFraction)
          .summary({"factor"}));
  return kInfo;
}

/// About the middle of the picture.
AffineMap RandomRotation::map(Value x, Draws& draws) const {
  const Value angle = draws.uniform(factor) * (2 * std::numbers::pi);
  const Value cosine = unary(op::UnaryKind::cos, angle);
  const Value sine = unary(op::UnaryKind::sin, angle);
  const double right = static_cast<double>(x.shape()[2] - 1) / 2;
  const double down = static_cast<double>(x.shape()[1] - 1) / 2;
  return {cosine, -sine, right - (cosine * right - sine * down), sine, cosine, down - (sine * right + cosine * down)};
}

const ClassInfo& RandomZoom::declaration() {
  using T = RandomZoom;
  static const ClassInfo kInfo = with_sampling_arguments(
      geometry_declaration<T>("RandomZoom", "Zooms in or out while training.")
          .arg("height_factor", &T::height_factor,
               "How far out (negative: in), as a share; a pair, or one number for both ways.", kRequiredSignedFraction)
          .arg("width_factor", &T::width_factor, "The same for the width; None goes by the height's.", kSignedFraction)
          .summary({"height_factor"}));
  return kInfo;
}

AffineMap RandomZoom::map(Value x, Draws& draws) const {
  const Value tall = draws.uniform(1 + height_factor.lower, 1 + height_factor.upper);
  const Value wide = width_factor ? draws.uniform(1 + width_factor->lower, 1 + width_factor->upper) : tall;
  const Value zero = number_like(x, 0);
  const double right = static_cast<double>(x.shape()[2] - 1) / 2;
  const double down = static_cast<double>(x.shape()[1] - 1) / 2;
  return {wide, zero, (1.0 - wide) * right, zero, tall, (1.0 - tall) * down};
}

const ClassInfo& RandomShear::declaration() {
  using T = RandomShear;
  static const ClassInfo kInfo = with_sampling_arguments(
      geometry_declaration<T>("RandomShear", "Slants pictures while training.")
          .arg("x_factor", &T::x_factor, "How far columns shift with each row; a pair, or one number for both ways.",
               kSignedFraction)
          .arg("y_factor", &T::y_factor, "How far rows shift with each column; a pair, or one number for both ways.",
               kSignedFraction)
          .summary({"x_factor", "y_factor"}));
  return kInfo;
}

/// About the first pixel, as in Keras. Keras shears boxes as shares of the picture's sides, first one way and then the other, which
/// is where the pixels go in squares sheared one way alone; here boxes follow the pixels.
AffineMap RandomShear::map(Value x, Draws& draws) const {
  const Value one = number_like(x, 1);
  const Value zero = number_like(x, 0);
  const Value direction = select(greater(draws.uniform(0, 1), 0.5), -1.0, one);
  const Value down = draws.uniform(y_factor) * direction;
  const Value right = draws.uniform(x_factor) * direction;
  return {one, right, zero, down, one, zero};
}

}  // namespace trainyard::layers

namespace trainyard {

LayerClasses augmentation_geometry_layers() {
  using namespace layers;
  return {&RandomFlip::declaration(),
          &RandomTranslation::declaration(),
          &RandomRotation::declaration(),
          &RandomZoom::declaration(),
          &RandomShear::declaration(),
          &RandomPerspective::declaration(),
          &RandomElasticTransform::declaration()};
}

}  // namespace trainyard
