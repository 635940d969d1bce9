// keras.layers: AugMix, RandAugment. Both choose among the same kinds of change.
#include <algorithm>

#include "engine/layers/augmentation_color.h"
#include "engine/layers/augmentation_geometry.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

using layers::SampleKind;

/// The kinds of change, set up for one strength as Keras sets up its inner layers.
struct Changes {
  layers::RandomShear shear;
  layers::RandomTranslation translation;
  layers::RandomRotation rotation;
  layers::RandomBrightness brightness;
  layers::RandomColorDegeneration degeneration;
  layers::RandomContrast contrast;
  layers::RandomSharpness sharpness;
  layers::RandomPosterization posterization;
  layers::Solarization solarization;
  layers::AutoContrast auto_contrast;
  layers::Equalization equalization;

  Changes(const FactorRange& factor, const ValueRange& range, SampleKind interpolation) {
    static_cast<FactorRange&>(shear.x_factor) = factor;
    static_cast<FactorRange&>(shear.y_factor) = factor;
    static_cast<FactorRange&>(translation.height_factor) = factor;
    static_cast<FactorRange&>(translation.width_factor) = factor;
    rotation.factor = brightness.factor = degeneration.factor = contrast.factor = sharpness.factor = factor;
    posterization.factor = {1, static_cast<double>(std::max<int64_t>(1, static_cast<int64_t>(8 * factor.upper)))};
    solarization.addition_factor = solarization.threshold_factor = factor;
    shear.interpolation = translation.interpolation = rotation.interpolation = interpolation;
    brightness.value_range = degeneration.value_range = contrast.value_range = sharpness.value_range =
        posterization.value_range = solarization.value_range = auto_contrast.value_range = equalization.value_range =
            range;
  }
};

/// Applies to the whole batch the one change whose number is `choice` (a whole number as a float, [1, 1, 1, 1]); a number that
/// is none's changes nothing. All changes are computed, since a graph has no branches; the moves of pixels, which cost most, are
/// one: their maps are chosen among, not their results. Masks and boxes move with the pixels; changes of colours leave
/// them.
class Chooser {
 public:
  Chooser(Pictures& pictures, Value choice, Draws& draws)
      : pictures_(pictures), x_(pictures.images), result_(pictures.images), choice_(choice), draws_(draws) {}

  /// The next number is this change of colours.
  template <typename Change>
  void color(const Change& change) {
    const Value changed = change(x_);
    result_ = select(is_next(), changed, result_);
  }
  /// The next number is this move of pixels.
  template <typename T>
  void move(const layers::AffineAugmentation<T>& layer) {
    const AffineMap map = layer.map(x_, draws_);
    const Value chosen = is_next();
    const auto part = [&](Value AffineMap::*member) { map_.*member = select(chosen, map.*member, map_.*member); };
    if (!moves_) map_ = identity();
    moves_ = true;
    for (const auto member :
         {&AffineMap::a0, &AffineMap::a1, &AffineMap::a2, &AffineMap::b0, &AffineMap::b1, &AffineMap::b2})
      part(member);
    is_move_ = is_move_ ? binary(op::BinaryKind::logical_or, is_move_, chosen) : chosen;
  }
  void finish(SampleKind interpolation) {
    if (moves_) {
      op::SampleRule rule{.fill = op::SampleFill::reflect, .bilinear = interpolation == SampleKind::bilinear};
      move_boxes();
      result_ = select(is_move_, affine_transform(x_, map_, rule), result_);
      rule.bilinear = false;
      if (pictures_.masks)
        pictures_.masks = select(is_move_, affine_transform(pictures_.masks, map_, rule), pictures_.masks);
    }
    pictures_.images = result_;
  }

 private:
  Value is_next() { return equal(choice_, static_cast<double>(next_++)); }
  AffineMap identity() const {
    const Value zero = fill(x_.graph(), x_.dtype(), {1, 1, 1, 1}, 0);
    const Value one = fill(x_.graph(), x_.dtype(), {1, 1, 1, 1}, 1);
    return {one, zero, zero, zero, one, zero};
  }
  /// Where no pixels move boxes stay as they are, beyond the picture's edges too.
  void move_boxes() {
    if (!pictures_.boxes) return;
    const Value boxes = pictures_.boxes;
    const Value labels = pictures_.box_labels;
    const auto kept = [&](Value before, Value after) {
      return select(reshape(is_move_, Shape(std::vector<int64_t>(static_cast<size_t>(before.rank()), 1))), after,
                    before);
    };
    pictures_.move_boxes([&](const Corners& corners) { return moved(corners, map_); }, pictures_.size());
    pictures_.boxes = kept(boxes, pictures_.boxes);
    pictures_.box_labels = kept(labels, pictures_.box_labels);
  }

  Pictures& pictures_;
  Value x_;
  Value result_;
  Value choice_;
  Draws& draws_;
  AffineMap map_;
  Value is_move_;
  bool moves_ = false;
  int next_ = 0;
};

void change_as_chosen(const Changes& changes, Pictures& pictures, Value choice, Draws& draws, bool all,
                      SampleKind interpolation) {
  Chooser chooser(pictures, choice, draws);
  const auto augmented = [&draws](const auto& layer) {
    return [&](Value value) { return layer.augment(value, draws); };
  };
  chooser.move(changes.shear);
  chooser.move(changes.translation);
  chooser.move(changes.rotation);
  chooser.color(augmented(changes.posterization));
  chooser.color(augmented(changes.solarization));
  chooser.color([&](Value value) { return changes.auto_contrast.stretched(value); });
  chooser.color([&](Value value) { return changes.equalization.equalized(value); });
  if (all) {
    chooser.color(augmented(changes.brightness));
    chooser.color(augmented(changes.degeneration));
    chooser.color(augmented(changes.contrast));
    chooser.color(augmented(changes.sharpness));
  }
  chooser.finish(interpolation);
}

constexpr int64_t kAllChanges = 11;
constexpr int64_t kFewerChanges = 7;
/// A graph holds every change of every step.
inline constexpr ArgOptions kSteps{.min = 1, .max = 16};

/// E. Cubuk et al., "RandAugment", 2019, arXiv:1909.13719, as Keras has it: one choice a step for the whole batch.
/// Boxes and masks take each step with the pixels (Keras moves boxes by the chosen layers in the order of its list, once each, and
/// recolours masks).
struct RandAugment final : Augmentation<RandAugment> {
  ValueRange value_range;
  int64_t num_ops = 2;
  FactorRange factor{0, 0.5};
  SampleKind interpolation = SampleKind::bilinear;

  static const ClassInfo& declaration() {
    using T = RandAugment;
    static const ClassInfo kInfo =
        layer_declaration<T>("RandAugment", "preprocessing", "Applies changes chosen at random while training.")
            .arg("value_range", &T::value_range, kValueRangeDoc)
            .arg("num_ops", &T::num_ops, "How many changes, one after the other.", kSteps)
            .arg("factor", &T::factor, "How strong they are.", kFraction)
            .arg("interpolation", &T::interpolation, "bilinear blends pixels, nearest takes the closest.")
            .arg("seed", &T::seed, kSeedDoc, kSeedRange)
            .arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions)
            .arg("bounding_box_format", &T::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
            .summary({"num_ops", "factor"})
            .build();
    return kInfo;
  }
  void change(Pictures& pictures, Draws& draws) const override {
    const Changes changes(factor, value_range, interpolation);
    for (int64_t i = 0; i < num_ops; ++i) {
      const Value choice = draws.whole(0, kAllChanges, true);
      change_as_chosen(changes, pictures, choice, draws, true, interpolation);
    }
  }

 protected:
  PictureEffects effects() const override { return {BoxEffect::move, true, false}; }
  std::vector<int64_t> channels_taken() const override { return {1, 3}; }
};

/// D. Hendrycks et al., "AugMix", 2019, arXiv:1912.02781, as Keras has it: the chains are those of the whole batch.
/// A blend of several moves has no boxes or masks of its own: they are given on as they are (Keras does so with boxes, and blends
/// masks as if they were pictures).
struct AugMix final : ColorAugmentation<AugMix> {
  ValueRange value_range;
  int64_t num_chains = 3;
  int64_t chain_depth = 3;
  FactorRange factor{0, 0.3};
  double alpha = 1;
  bool all_ops = true;
  SampleKind interpolation = SampleKind::bilinear;

  static const ClassInfo& declaration() {
    using T = AugMix;
    static const ClassInfo kInfo =
        layer_declaration<T>("AugMix", "preprocessing", "Blends several chains of random changes while training.")
            .arg("value_range", &T::value_range, kValueRangeDoc)
            .arg("num_chains", &T::num_chains, "How many chains are blended.", kSteps)
            .arg("chain_depth", &T::chain_depth, "The most changes in a chain.", kSteps)
            .arg("factor", &T::factor, "How strong they are.", kFraction)
            .arg("alpha", &T::alpha, "How even the blend is.", {.min = 0, .above_min = true})
            .arg("all_ops", &T::all_ops, "With changes of brightness, colour, contrast and sharpness.")
            .arg("interpolation", &T::interpolation, "bilinear blends pixels, nearest takes the closest.")
            .arg("seed", &T::seed, kSeedDoc, kSeedRange)
            .arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions)
            .arg("bounding_box_format", &T::bounding_box_format, kBoxFormatDoc, kBoxFormatOptions)
            .summary({"num_chains", "factor"})
            .build();
    return kInfo;
  }
  Value augment(Value x, Draws& draws) const override {
    const Changes changes(factor, value_range, interpolation);
    const Value shares = softmax(draws.log_gamma(fill(x.graph(), x.dtype(), {1, num_chains}, alpha)));
    const Value shape = fill(x.graph(), x.dtype(), {1, 1, 1, 1}, alpha);
    const Value one = draws.log_gamma(shape);
    const Value two = draws.log_gamma(shape);
    const Value kept = sigmoid(one - two);
    const int64_t count = all_ops ? kAllChanges : kFewerChanges;
    Value blend;
    for (int64_t chain = 0; chain < num_chains; ++chain) {
      Pictures chained{.images = x};
      for (int64_t step = 0; step < chain_depth; ++step) {
        const Value choice = draws.whole(0, count + 1, true);  // the last is no change
        change_as_chosen(changes, chained, choice, draws, all_ops, interpolation);
      }
      const Value part = chained.images * reshape(slice(shares, {0, chain}, {1, 1}), {1, 1, 1, 1});
      blend = blend ? blend + part : part;
    }
    return clip(kept * x + (1.0 - kept) * blend, value_range.low, value_range.high);
  }

 protected:
  std::vector<int64_t> channels_taken() const override {
    return all_ops ? std::vector<int64_t>{1, 3} : std::vector<int64_t>{};
  }
};

}  // namespace

LayerClasses augmentation_mixed_layers() { return {&RandAugment::declaration(), &AugMix::declaration()}; }

}  // namespace trainyard
