// What the layers over images share: arguments, data formats, random numbers.
#pragma once

#include "engine/layers/data_format.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/picture_batch.h"

namespace trainyard {

/// The values that images have, [low, high] in order.
struct ValueRange {
  double low = 0;
  double high = 255;
  double width() const { return high - low; }
};

template <>
struct ArgTraits<ValueRange> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::json; }
  static bool parse(const Json& value, ValueRange& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const ValueRange& value) { return Json::array({value.low, value.high}); }
};

/// What a random number is drawn from: [lower, upper], or a single f for [-f, f], where -f goes no lower than the
/// argument's least value. Keras writes it as a pair, however it was given.
struct FactorRange {
  double lower = 0;
  double upper = 0;
};

template <>
struct ArgTraits<FactorRange> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::number; }
  static bool parse(const Json& value, FactorRange& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const FactorRange& value) { return Json::array({value.lower, value.upper}); }
};

/// The same where Keras writes it as it was given.
struct GivenFactor : FactorRange {
  bool is_pair = false;
  std::array<double, 2> given{};
};

template <>
struct ArgTraits<GivenFactor> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::number; }
  static bool parse(const Json& value, GivenFactor& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const GivenFactor& value) {
    return value.is_pair ? Json::array({value.given[0], value.given[1]}) : Json(value.given[0]);
  }
};

inline constexpr const char* kValueRangeDoc = "The lowest and the highest value of a pixel.";
/// Keras forgets these seeds in its configs, or draws one where none is given.
inline constexpr ArgOptions kQuietSeed{.min = 0, .max = 9007199254740991.0, .advanced = true, .omit_null = true};
inline constexpr ArgOptions kSignedFraction{.min = -1, .max = 1};
inline constexpr ArgOptions kRequiredFraction{.min = 0, .max = 1, .required = true};
inline constexpr ArgOptions kRequiredSignedFraction{.min = -1, .max = 1, .required = true};

/// A layer over pictures, whatever their data format: x: [n, h, w, c] or [n, c, h, w], or a dictionary of pictures and what
/// belongs to them (picture_batch.h). As Keras declares the outputs of such layers, all of them have the layer's dtype.
template <typename T>
struct ImageLayer : LayerOf<T>, TakesDictionary {
  DataFormat data_format = DataFormat::channels_last;
  std::optional<BoxFormat> bounding_box_format;

  std::vector<std::string> dictionary_entries() const override { return picture_entries(); }
  std::string plain_entry() const override { return plain_picture_entry(); }
  void build(BuildContext& context) const override {
    const PictureInputs inputs(context.arguments());
    if (inputs.images < 0) return context.error("images", "image.dictionary");
    if (!context.expect_rank(4, inputs.images) || !fits_channels(context, context.shape(inputs.images))) return;
    build_pictures(context, inputs,
                   {this->info().class_name, effects(), !bounding_box_format.has_value(), data_format,
                    [this](const Shape& shape) { return result_shape(shape); }});
  }

 protected:
  virtual PictureEffects effects() const { return {}; }
  /// What becomes of pictures of this shape.
  virtual Shape result_shape(const Shape& shape) const { return shape; }
  /// How many channels a picture may have; none: any number.
  virtual std::vector<int64_t> channels_taken() const { return {}; }

  /// Takes the call's inputs, has `change` change them, and puts them out.
  template <typename F>
  void change_pictures(CallContext& context, F change) const {
    const PictureInputs inputs(context.arguments());
    Pictures pictures = take_pictures(context, inputs, effects(), data_format, bounding_box_format);
    change(pictures);
    put_pictures(context, inputs, pictures, data_format);
  }

 private:
  bool fits_channels(BuildContext& context, const Shape& pictures) const {
    const std::vector<int64_t> taken = channels_taken();
    const int64_t channels = pictures[channel_axis(data_format, 4)];
    std::string wanted;
    for (const int64_t count : taken) {
      if (count == channels) return true;
      wanted += (wanted.empty() ? "" : " or ") + std::to_string(count);
    }
    if (!taken.empty()) context.error("", "image.channels", {{"wanted", wanted}, {"shape", pictures.text()}});
    return taken.empty();
  }
};

/// The random numbers of one call of a layer: one for each picture, [n, 1, 1, 1], where nothing else is said.
class Draws {
 public:
  Draws(CallContext& context, const std::optional<int64_t>& seed)
      : context_(context),
        pictures_(context.input(PictureInputs(context.arguments()).images)),
        seed_(static_cast<uint64_t>(seed.value_or(0))) {}

  /// In [a, b).
  Value uniform(double a, double b) { return draw(op::RandomKind::uniform, {images(), 1, 1, 1}, a, b); }
  Value uniform(const FactorRange& range) { return uniform(range.lower, range.upper); }
  /// The same for the whole batch: [1, 1, 1, 1].
  Value common_uniform(double a, double b) { return draw(op::RandomKind::uniform, {1, 1, 1, 1}, a, b); }
  /// A whole number in [a, b), as a float; `common`: the same for the whole batch.
  Value whole(int64_t a, int64_t b, bool common = false);
  /// True with a probability that is itself drawn from `probability` for each picture, as Keras's `factor` often is.
  Value chance(const FactorRange& probability);
  Value normal(const Shape& shape) { return draw(op::RandomKind::normal, shape, 0, 1); }
  /// Logarithms of gamma variates of these shapes (op::RandomLogGamma).
  Value log_gamma(Value shape);
  /// A permutation of the pictures, every one as likely as another: i32 [n].
  Value permutation();
  int64_t images() const { return pictures_.shape().front(); }
  DType dtype() const { return pictures_.dtype(); }

 private:
  Value draw(op::RandomKind kind, const Shape& shape, double a, double b);

  CallContext& context_;
  Value pictures_;
  uint64_t seed_;
};

/// A layer that changes pictures at random while training, and does nothing else.
template <typename T>
struct Augmentation : ImageLayer<T> {
  std::optional<int64_t> seed;

  void call(CallContext& context) const override {
    if (!context.training()) return hand_on_pictures(context);
    Draws draws(context, seed);
    this->change_pictures(context, [&](Pictures& pictures) { change(pictures, draws); });
  }
  /// Pictures and what comes with them share what is drawn.
  virtual void change(Pictures& pictures, Draws& draws) const = 0;
};

/// One that changes nothing but the pictures: boxes, masks and labels are given on.
template <typename T>
struct ColorAugmentation : Augmentation<T> {
  void change(Pictures& pictures, Draws& draws) const override { pictures.images = augment(pictures.images, draws); }
  /// x, result: [n, h, w, c]
  virtual Value augment(Value x, Draws& draws) const = 0;
};

}  // namespace trainyard
