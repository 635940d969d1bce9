#include "engine/layers/augmentation_color.h"

#include "engine/layers/layer_families.h"

namespace trainyard::layers {
namespace {

template <typename T>
Declaration<T> color_declaration(const char* class_name, const char* doc) {
  return layer_declaration<T>(class_name, "preprocessing", doc);
}

/// The arguments that all have.
template <typename T>
ClassInfo with_common_arguments(Declaration<T> declaration, const ArgOptions& seed_options = kSeedRange) {
  declaration.arg("value_range", &T::value_range, kValueRangeDoc)
      .arg("seed", &T::seed, kSeedDoc, seed_options)
      .arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions)
      .arg("bounding_box_format", &T::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions);
  return declaration.build();
}

template <typename T>
ClassInfo factor_declaration(const char* class_name, const char* doc, const char* factor_doc,
                             const ArgOptions& factor_options) {
  return with_common_arguments(
      color_declaration<T>(class_name, doc).arg("factor", &T::factor, factor_doc, factor_options).summary({"factor"}));
}

}  // namespace

const ClassInfo& AutoContrast::declaration() {
  static const ClassInfo kInfo =
      color_declaration<AutoContrast>("AutoContrast", "Stretches the colours of each picture over the whole range.")
          .arg("value_range", &AutoContrast::value_range, kValueRangeDoc)
          .arg("data_format", &AutoContrast::data_format, kDataFormatDoc, kDataFormatOptions)
          .arg("bounding_box_format", &AutoContrast::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
          .build();
  return kInfo;
}

void AutoContrast::call(CallContext& context) const {
  const PictureInputs inputs(context.arguments());
  hand_on_pictures(context, stretched(context.input(inputs.images)));
}

Value AutoContrast::stretched(Value x) const {
  const Value bytes = rescale(x, value_range, kBytes);
  const Value low = reduce(op::ReduceKind::min, bytes, {1, 2}, true);
  const Value high = reduce(op::ReduceKind::max, bytes, {1, 2}, true);
  const Value flat = equal(low, high);
  const Value scale = 255.0 / select(flat, 1.0, high - low);
  return select(flat, x, rescale(clip(bytes * scale - low * scale, 0, 255), kBytes, value_range));
}

const ClassInfo& Equalization::declaration() {
  static const ClassInfo kInfo =
      color_declaration<Equalization>("Equalization",
                                      "Spreads the colours so that each is as frequent, while training.")
          .arg("value_range", &Equalization::value_range, kValueRangeDoc)
          .arg("bins", &Equalization::bins, "How many shades are told apart.", {.min = 2, .max = 65536})
          .arg("data_format", &Equalization::data_format, kDataFormatDoc, kDataFormatOptions)
          .arg("bounding_box_format", &Equalization::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
          .summary({"bins"})
          .build();
  return kInfo;
}

void Equalization::call(CallContext& context) const {
  if (!context.training()) return hand_on_pictures(context);
  change_pictures(context, [&](Pictures& pictures) { pictures.images = equalized(pictures.images); });
}

Value Equalization::equalized(Value x) const {
  return rescale(equalize(rescale(x, value_range, kBytes), bins), kBytes, value_range);
}

const ClassInfo& Solarization::declaration() {
  static const ClassInfo kInfo = with_common_arguments(
      color_declaration<Solarization>("Solarization", "Turns bright colours into their opposites while training.")
          .arg("addition_factor", &Solarization::addition_factor, "Share of the range that is added first.", kFraction)
          .arg("threshold_factor", &Solarization::threshold_factor,
               "Share of the range from which on colours are turned.", kFraction)
          .summary({"threshold_factor"}));
  return kInfo;
}

/// Keras takes the lower ends of the factors as values of bytes, the upper ends as shares of 255.
Value Solarization::augment(Value x, Draws& draws) const {
  const Value additions = draws.uniform(addition_factor.lower, addition_factor.upper * 255);
  const Value thresholds = draws.uniform(threshold_factor.lower, threshold_factor.upper * 255);
  const Value bytes = clip(rescale(x, value_range, kBytes) + additions, 0, 255);
  return rescale(select(binary(op::BinaryKind::less, bytes, thresholds), bytes, 255.0 - bytes), kBytes, value_range);
}

const ClassInfo& RandomGrayscale::declaration() {
  static const ClassInfo kInfo =
      color_declaration<RandomGrayscale>("RandomGrayscale", "Takes the colour out of random pictures while training.")
          .arg("factor", &RandomGrayscale::factor, "Share of the pictures.", kFraction)
          .arg("seed", &RandomGrayscale::seed, kSeedDoc, kQuietSeed)
          .arg("data_format", &RandomGrayscale::data_format, kDataFormatDoc, kDataFormatOptions)
          .arg("bounding_box_format", &RandomGrayscale::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
          .summary({"factor"})
          .build();
  return kInfo;
}

Value RandomGrayscale::augment(Value x, Draws& draws) const {
  return select(less(draws.uniform(0, 1), factor), grayscale(x), x);
}

const ClassInfo& RandomBrightness::declaration() {
  static const ClassInfo kInfo = factor_declaration<RandomBrightness>(
      "RandomBrightness", "Makes pictures brighter or darker while training.",
      "Share of the range that is added; a pair, or one number for minus to plus.", kRequiredSignedFraction);
  return kInfo;
}

Value RandomBrightness::augment(Value x, Draws& draws) const {
  return clip(x + draws.uniform(factor) * value_range.width(), value_range.low, value_range.high);
}

const ClassInfo& RandomContrast::declaration() {
  static const ClassInfo kInfo = factor_declaration<RandomContrast>(
      "RandomContrast", "Strengthens or weakens contrasts while training.",
      "How much: 1 - lower to 1 + upper times; one number is the upper, with a lower of 0.", kRequiredFraction);
  return kInfo;
}

Value RandomContrast::augment(Value x, Draws& draws) const {
  const Value middle = mean(x, {1, 2}, true);
  const Value times = draws.uniform(1 - factor.lower, 1 + factor.upper);
  return clip((x - middle) * times + middle, value_range.low, value_range.high);
}

const ClassInfo& RandomHue::declaration() {
  static const ClassInfo kInfo =
      factor_declaration<RandomHue>("RandomHue", "Turns the colour wheel while training.",
                                    "How far: at 1 up to half a turn either way.", kRequiredFraction);
  return kInfo;
}

Value RandomHue::augment(Value x, Draws& draws) const {
  HsvPlanes planes = hsv_from_rgb(rescale(x, value_range, {0, 1}));
  const Value direction = select(greater(draws.uniform(0, 1), 0.5), -1.0, fill(x.graph(), x.dtype(), {1, 1, 1, 1}, 1));
  planes.hue = planes.hue + direction * draws.uniform(factor) * 0.5;
  return rescale(clip(rgb_from_hsv(planes), 0, 1), {0, 1}, value_range);
}

const ClassInfo& RandomSaturation::declaration() {
  static const ClassInfo kInfo = factor_declaration<RandomSaturation>(
      "RandomSaturation", "Makes colours stronger or paler while training.",
      "0 takes all colour out, 0.5 changes nothing, 1 is as strong as can be.", kRequiredFraction);
  return kInfo;
}

/// As Keras has it, the saturation (a share) is cut to value_range.
Value RandomSaturation::augment(Value x, Draws& draws) const {
  constexpr double kEpsilon = 1e-7;  // keras.config.epsilon()
  const Value drawn = draws.uniform(factor);
  HsvPlanes planes = hsv_from_rgb(x);
  planes.saturation = clip(planes.saturation * (drawn / (1.0 - drawn + kEpsilon)), value_range.low, value_range.high);
  return rgb_from_hsv(planes);
}

const ClassInfo& RandomSharpness::declaration() {
  static const ClassInfo kInfo =
      factor_declaration<RandomSharpness>("RandomSharpness", "Blurs or sharpens pictures while training.",
                                          "0 blurs, 0.5 changes nothing, 1 sharpens.", kRequiredFraction);
  return kInfo;
}

Value RandomSharpness::augment(Value x, Draws& draws) const {
  std::vector<double> taps(9, 1.0 / 13);
  taps[4] = 5.0 / 13;
  const Value smooth = filter_channels(x, x.graph().constant(Tensor::of<double>({3, 3}, taps).cast(x.dtype())));
  const Value blurred = 1.0 - draws.uniform(factor) * 2.0;
  return clip(x + blurred * (smooth - x), value_range.low, value_range.high);
}

const ClassInfo& RandomColorDegeneration::declaration() {
  static const ClassInfo kInfo =
      factor_declaration<RandomColorDegeneration>("RandomColorDegeneration", "Makes colours duller while training.",
                                                  "0 changes nothing, 1 leaves grey.", kRequiredFraction);
  return kInfo;
}

Value RandomColorDegeneration::augment(Value x, Draws& draws) const {
  return clip(x + draws.uniform(factor) * (grayscale(x) - x), value_range.low, value_range.high);
}

const ClassInfo& RandomPosterization::declaration() {
  static const ClassInfo kInfo = factor_declaration<RandomPosterization>(
      "RandomPosterization", "Leaves fewer shades of each colour while training.",
      "Bits that are kept, drawn below the upper of the pair; one number has a lower of 1.",
      {.min = 1, .max = 8, .required = true});
  return kInfo;
}

/// Bytes lose their low bits. Keras draws from [lower, upper), and takes the number itself where both are the same.
Value RandomPosterization::augment(Value x, Draws& draws) const {
  const auto least = static_cast<int64_t>(factor.lower);
  const auto most = static_cast<int64_t>(factor.upper);
  const Value steps =
      x.graph().constant(Tensor::of<double>({9}, {256, 128, 64, 32, 16, 8, 4, 2, 1}).cast(x.dtype()));  // by bits kept
  const Value bits =
      least < most ? draws.whole(least, most) : fill(x.graph(), x.dtype(), {1, 1, 1, 1}, static_cast<double>(least));
  const Value step = gather(steps, cast(bits, DType::i32));
  const auto floor = [](Value value) { return unary(op::UnaryKind::floor, value); };
  return rescale(floor(floor(rescale(x, value_range, kBytes)) / step) * step, kBytes, value_range);
}

const ClassInfo& RandomInvert::declaration() {
  static const ClassInfo kInfo =
      factor_declaration<RandomInvert>("RandomInvert", "Makes negatives of random pictures while training.",
                                       "What their share is drawn from, for each picture.", kFraction);
  return kInfo;
}

Value RandomInvert::augment(Value x, Draws& draws) const {
  return select(draws.chance(factor), value_range.high - x, x);
}

const ClassInfo& RandomColorJitter::declaration() {
  static const ClassInfo kInfo = with_common_arguments(
      color_declaration<RandomColorJitter>("RandomColorJitter",
                                           "Changes brightness, contrast, saturation and hue while training.")
          .arg("brightness_factor", &RandomColorJitter::brightness_factor, "As RandomBrightness's; None leaves it.",
               kSignedFraction)
          .arg("contrast_factor", &RandomColorJitter::contrast_factor, "As RandomContrast's; None leaves it.",
               kFraction)
          .arg("saturation_factor", &RandomColorJitter::saturation_factor, "As RandomSaturation's; None leaves it.",
               kFraction)
          .arg("hue_factor", &RandomColorJitter::hue_factor, "As RandomHue's; None leaves it.", kFraction));
  return kInfo;
}

Value RandomColorJitter::augment(Value x, Draws& draws) const {
  const auto apply = [&](auto part, const std::optional<GivenFactor>& factor) {
    if (!factor) return;
    part.factor = *factor;
    part.value_range = value_range;
    x = part.augment(x, draws);
  };
  apply(RandomBrightness(), brightness_factor);
  apply(RandomContrast(), contrast_factor);
  apply(RandomSaturation(), saturation_factor);
  apply(RandomHue(), hue_factor);
  return x;
}

}  // namespace trainyard::layers

namespace trainyard {

LayerClasses augmentation_color_layers() {
  using namespace layers;
  return {&AutoContrast::declaration(),        &Equalization::declaration(),
          &Solarization::declaration(),        &RandomGrayscale::declaration(),
          &RandomBrightness::declaration(),    &RandomContrast::declaration(),
          &RandomHue::declaration(),           &RandomSaturation::declaration(),
          &RandomSharpness::declaration(),     &RandomColorDegeneration::declaration(),
          &RandomPosterization::declaration(), &RandomInvert::declaration(),
          &RandomColorJitter::declaration()};
}

}  // namespace trainyard
