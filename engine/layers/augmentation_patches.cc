// keras.layers: RandomErasing, CutMix, MixUp, RandomGaussianBlur.
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/layers/image_functions.h"
#include "engine/layers/layer_families.h"

namespace trainyard {

/// A number for all channels, or one for each of three.
struct FillColor {
  std::vector<double> values{0};
  bool is_list = false;
};

template <>
struct ArgTraits<FillColor> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::number; }
  static bool parse(const Json& value, FillColor& result, const ArgSpec& spec, const ParseContext& context) {
    result.is_list = value.is_array();
    if (!result.is_list) return parse_number(value, result.values[0], spec, context);
    if (value.size() != 3) return context.expected("a number or a list of three", value), false;
    result.values.assign(3, 0);
    bool good = true;
    for (size_t i = 0; i < 3; ++i) good &= parse_number(value[i], result.values[i], spec, context.item(i));
    return good;
  }
  static Json print(const FillColor& value) { return value.is_list ? Json(value.values) : Json(value.values.front()); }
};

/// Rows and columns of a filter, each odd; one number stands for both.
struct OddPair {
  IntTuple<2> size{3, 3};
};

template <>
struct ArgTraits<OddPair> {
  static void describe(ArgSpec& spec) { ArgTraits<IntTuple<2>>::describe(spec); }
  static bool parse(const Json& value, OddPair& result, const ArgSpec& spec, const ParseContext& context) {
    IntTuple<2> size{};
    if (!ArgTraits<IntTuple<2>>::parse(value, size, spec, context)) return false;
    if (size[0] % 2 == 0 || size[1] % 2 == 0) return context.expected("odd", value), false;
    result.size = size;
    return true;
  }
  static Json print(const OddPair& value) { return ArgTraits<IntTuple<2>>::print(value.size); }
};

namespace {

template <typename T>
Declaration<T> patch_declaration(const char* class_name, const char* doc) {
  return layer_declaration<T>(class_name, "preprocessing", doc);
}

template <typename T>
ClassInfo with_seed_and_format(Declaration<T> declaration) {
  declaration.arg("seed", &T::seed, kSeedDoc, kSeedRange)
      .arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions)
      .arg("bounding_box_format", &T::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions);
  return declaration.build();
}

/// A stretch at a random place of a line of `size` pixels. share, start, end: [n, 1, 1, 1]
struct Stretch {
  Value start;
  Value end;
};

Stretch random_stretch(Value share, int64_t size, Draws& draws) {
  const auto whole = static_cast<double>(size);
  const Value length = share * whole;
  const Value start = draws.uniform(0, 1) * (whole - length);
  return {start, start + length};
}

/// Which pixels lie in a rectangle: [n, h, w, 1].
Value inside(const PixelGrid& grid, const Stretch& columns, const Stretch& rows) {
  const auto within = [](Value place, const Stretch& stretch) {
    return binary(op::BinaryKind::logical_and, binary(op::BinaryKind::greater_equal, place, stretch.start),
                  binary(op::BinaryKind::less, place, stretch.end));
  };
  return binary(op::BinaryKind::logical_and, within(grid.columns, columns), within(grid.rows, rows));
}

/// share of x and the rest of other pictures' x; nothing of nothing. x: [n, ...]  others: i32 [n]  share: [n, 1, 1, 1]
Value blended(Value x, Value others, Value share) {
  if (!x) return x;
  const Value kept = x.rank() == 4 ? share : reshape(share, {share.shape()[0], 1});
  return kept * x + (1.0 - kept) * gather(x, others);
}

/// Z. Zhong et al., "Random erasing data augmentation", 2017, arXiv:1708.04896, with Keras's choice of rectangles.
struct RandomErasing final : ColorAugmentation<RandomErasing> {
  FactorRange factor{0, 1};
  FactorRange scale{0.02, 0.33};
  std::optional<FillColor> fill_value;
  ValueRange value_range;
  static const ClassInfo& declaration() {
    using T = RandomErasing;
    static const ClassInfo kInfo = with_seed_and_format(
        patch_declaration<T>("RandomErasing", "Covers a rectangle of random pictures while training.")
            .arg("factor", &T::factor, "What the share of covered pictures is drawn from.", kFraction)
            .arg("scale", &T::scale, "What the rectangle's share of the picture is drawn from.", kFraction)
            .arg("fill_value", &T::fill_value, "A colour; None covers with noise.")
            .arg("value_range", &T::value_range, kValueRangeDoc)
            .summary({"factor"}));
    return kInfo;
  }
  void build(BuildContext& context) const override {
    const PictureInputs inputs(context.arguments());
    const Shape shape = inputs.images < 0 ? Shape{} : context.shape(inputs.images);
    if (fill_value && fill_value->is_list && shape.rank() == 4 && shape[channel_axis(data_format, 4)] != 3)
      return context.error("fill_value", "image.channels", {{"wanted", "3"}, {"shape", shape.text()}});
    ColorAugmentation::build(context);
  }
  Value augment(Value x, Draws& draws) const override {
    const Value wide = sqrt(draws.uniform(scale));
    const Value tall = sqrt(draws.uniform(scale));
    const Stretch columns = random_stretch(wide, x.shape()[2], draws);
    const Stretch rows = random_stretch(tall, x.shape()[1], draws);
    const Value apply = draws.chance(factor);
    const Value covered = inside(pixel_grid(x.graph(), x.shape()[1], x.shape()[2], x.dtype()), columns, rows);
    return select(binary(op::BinaryKind::logical_and, apply, covered), cover(x, draws), x);
  }

 private:
  Value cover(Value x, Draws& draws) const {
    const Value color = fill_value
                            ? x.graph().constant(Tensor::of<double>({static_cast<int64_t>(fill_value->values.size())},
                                                                    fill_value->values)
                                                     .cast(x.dtype()))
                            : draws.normal(x.shape()) * value_range.high;
    return clip(color, value_range.low, value_range.high);
  }
};

/// S. Yun et al., "CutMix", 2019, arXiv:1905.04899. Labels, and masks pixel by pixel, are mixed as the
/// pictures are; by the rectangle's exact area, as in Keras (keras/.../cut_mix.py), not by whole pixels.
struct CutMix final : Augmentation<CutMix> {
  FactorRange factor{0, 1};
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = with_seed_and_format(
        patch_declaration<CutMix>("CutMix", "Pastes a rectangle of another picture of the batch while training.")
            .arg("factor", &CutMix::factor, "What decides on sizes: the beta distribution's number is drawn from it.",
                 kFraction)
            .summary({"factor"}));
    return kInfo;
  }
  void change(Pictures& pictures, Draws& draws) const override {
    const Value x = pictures.images;
    const Value alpha = draws.common_uniform(factor.lower, factor.upper) + 1e-6;
    const Value shape = broadcast_to(alpha, {draws.images(), 1, 1, 1});
    const Value one = draws.log_gamma(shape);
    const Value two = draws.log_gamma(shape);
    const Value side = sqrt(sigmoid(two - one));  // 1 - a beta variate is the pasted share
    const Stretch columns = random_stretch(side, x.shape()[2], draws);
    const Stretch rows = random_stretch(side, x.shape()[1], draws);
    const Value pasted = inside(pixel_grid(x.graph(), x.shape()[1], x.shape()[2], x.dtype()), columns, rows);
    const Value others = draws.permutation();
    pictures.images = select(pasted, gather(x, others), x);
    if (pictures.masks) pictures.masks = select(pasted, gather(pictures.masks, others), pictures.masks);
    const auto area = static_cast<double>(x.shape()[1] * x.shape()[2]);
    const Value share = (columns.end - columns.start) * (rows.end - rows.start) / area;
    pictures.labels = blended(pictures.labels, others, 1.0 - share);
  }

 protected:
  PictureEffects effects() const override { return {BoxEffect::refused, true, true}; }
};

/// H. Zhang et al., "mixup", 2017, arXiv:1710.09412. Labels and masks are blended by the same shares;
/// boxes are joined by those of the other picture (Z. Zhang et al., "Bag of freebies", 2019, arXiv:1902.04103), so that there
/// are twice as many in training. Keras (keras/.../mix_up.py) joins the boxes' labels along the batch, which fits no boxes;
/// here they stay beside them.
struct MixUp final : Augmentation<MixUp> {
  double alpha = 0.2;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = with_seed_and_format(
        patch_declaration<MixUp>("MixUp", "Blends pictures with others of the batch while training.")
            .arg("alpha", &MixUp::alpha, "How even the blend is: the beta distribution's number.",
                 {.min = 0, .above_min = true})
            .summary({"alpha"}));
    return kInfo;
  }
  void change(Pictures& pictures, Draws& draws) const override {
    const Value x = pictures.images;
    const Value shape = fill(x.graph(), x.dtype(), {draws.images(), 1, 1, 1}, alpha);
    const Value others = draws.permutation();
    const Value one = draws.log_gamma(shape);
    const Value two = draws.log_gamma(shape);
    const Value share = sigmoid(one - two);
    pictures.images = blended(x, others, share);
    pictures.masks = blended(pictures.masks, others, share);
    pictures.labels = blended(pictures.labels, others, share);
    if (!pictures.boxes) return;
    pictures.boxes = concat({pictures.boxes, gather(pictures.boxes, others)}, 1);
    pictures.box_labels = concat({pictures.box_labels, gather(pictures.box_labels, others)}, 1);
  }

 protected:
  PictureEffects effects() const override { return {BoxEffect::join, true, true}; }
};

/// One standard deviation a direction for the whole batch, as in Keras.
struct RandomGaussianBlur final : ColorAugmentation<RandomGaussianBlur> {
  FactorRange factor{0, 1};
  OddPair kernel_size;
  FactorRange sigma{0, 1};
  ValueRange value_range;
  static const ClassInfo& declaration() {
    using T = RandomGaussianBlur;
    static const ClassInfo kInfo = with_seed_and_format(
        patch_declaration<T>("RandomGaussianBlur", "Blurs random pictures while training.")
            .arg("factor", &T::factor, "What the share of blurred pictures is drawn from.", kFraction)
            .arg("kernel_size", &T::kernel_size, "Rows and columns of the filter, odd.", kPositive)
            .arg("sigma", &T::sigma, "What the standard deviation, in pixels, is drawn from.", kFraction)
            .arg("value_range", &T::value_range, kValueRangeDoc)
            .summary({"factor", "kernel_size"}));
    return kInfo;
  }
  Value augment(Value x, Draws& draws) const override {
    const Value apply = draws.chance(factor);
    const Value down = draws.common_uniform(sigma.lower, sigma.upper) + 1e-6;
    const Value right = draws.common_uniform(sigma.lower, sigma.upper) + 1e-6;
    const Value rows = filter_channels(x, bell(down, {kernel_size.size[0], 1}));
    const Value blurred = filter_channels(rows, bell(right, {1, kernel_size.size[1]}));
    return clip(select(apply, blurred, x), value_range.low, value_range.high);
  }

 private:
  /// deviation: [1, 1, 1, 1]
  static Value bell(Value deviation, const Shape& shape) {
    std::vector<double> places(static_cast<size_t>(shape.elements()));
    const size_t middle = places.size() / 2;
    for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<double>(i) - static_cast<double>(middle);
    const Value place = deviation.graph().constant(Tensor::of<double>(shape, places).cast(deviation.dtype()));
    const Value heights = exp(square(place / reshape(deviation, {1, 1})) * -0.5);
    return heights / sum(heights);
  }
};

}  // namespace

LayerClasses augmentation_patch_layers() {
  return {&RandomErasing::declaration(), &CutMix::declaration(), &MixUp::declaration(),
          &RandomGaussianBlur::declaration()};
}

}  // namespace trainyard
