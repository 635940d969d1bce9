// Layers that change the colours of pictures. In a header because AugMix and RandAugment are made of some of them.
#pragma once

#include "engine/layers/image_functions.h"

namespace trainyard::layers {

/// Stretches each channel of each picture over the whole range, in inference too.
struct AutoContrast final : ImageLayer<AutoContrast> {
  ValueRange value_range;
  static const ClassInfo& declaration();
  void call(CallContext& context) const override;
  /// x: [n, d1, d2, d3]; the extremes are taken over d1 and d2 whatever the data format, as in Keras.
  Value stretched(Value x) const;
};

struct Equalization final : ImageLayer<Equalization> {
  ValueRange value_range;
  int64_t bins = 256;
  static const ClassInfo& declaration();
  void call(CallContext& context) const override;
  Value equalized(Value x) const;
};

struct Solarization final : ColorAugmentation<Solarization> {
  FactorRange addition_factor;
  FactorRange threshold_factor;
  ValueRange value_range;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;
};

struct RandomGrayscale final : ColorAugmentation<RandomGrayscale> {
  double factor = 0.5;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;

 protected:
  std::vector<int64_t> channels_taken() const override { return {1, 3}; }
};

struct RandomBrightness final : ColorAugmentation<RandomBrightness> {
  FactorRange factor;
  ValueRange value_range;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;
};

struct RandomContrast final : ColorAugmentation<RandomContrast> {
  FactorRange factor;
  ValueRange value_range;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;
};

struct RandomHue final : ColorAugmentation<RandomHue> {
  FactorRange factor;
  ValueRange value_range;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;

 protected:
  std::vector<int64_t> channels_taken() const override { return {3}; }
};

struct RandomSaturation final : ColorAugmentation<RandomSaturation> {
  FactorRange factor;
  ValueRange value_range;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;

 protected:
  std::vector<int64_t> channels_taken() const override { return {3}; }
};

struct RandomSharpness final : ColorAugmentation<RandomSharpness> {
  FactorRange factor;
  ValueRange value_range;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;
};

struct RandomColorDegeneration final : ColorAugmentation<RandomColorDegeneration> {
  FactorRange factor;
  ValueRange value_range;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;

 protected:
  std::vector<int64_t> channels_taken() const override { return {1, 3}; }
};

struct RandomPosterization final : ColorAugmentation<RandomPosterization> {
  FactorRange factor{1, 8};
  ValueRange value_range;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;
};

struct RandomInvert final : ColorAugmentation<RandomInvert> {
  FactorRange factor{0, 1};
  ValueRange value_range;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;
};

/// Each part that has a factor, one after the other.
struct RandomColorJitter final : ColorAugmentation<RandomColorJitter> {
  ValueRange value_range;
  std::optional<GivenFactor> brightness_factor;
  std::optional<GivenFactor> contrast_factor;
  std::optional<GivenFactor> saturation_factor;
  std::optional<GivenFactor> hue_factor;
  static const ClassInfo& declaration();
  Value augment(Value x, Draws& draws) const override;

 protected:
  std::vector<int64_t> channels_taken() const override {
    return saturation_factor || hue_factor ? std::vector<int64_t>{3} : std::vector<int64_t>{};
  }
};

}  // namespace trainyard::layers
