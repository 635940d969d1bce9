// keras.layers: GaussianNoise, GaussianDropout, AlphaDropout, SpatialDropout1D..3D; ActivityRegularization, Identity, Masking.
#include <cmath>

#include "engine/layers/data_format.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"
#include "engine/layers/number_array.h"

namespace trainyard {

/// A policy that Keras writes as a bare name.
struct NamedDTypePolicy : DTypePolicy {};

template <>
struct ArgTraits<NamedDTypePolicy> {
  static void describe(ArgSpec& spec) { ArgTraits<DTypePolicy>::describe(spec); }
  static bool parse(const Json& value, NamedDTypePolicy& result, const ArgSpec& spec, const ParseContext& context) {
    return ArgTraits<DTypePolicy>::parse(value, result, spec, context);
  }
  static Json print(const NamedDTypePolicy& value) { return name_of(value.dtype); }
};

namespace {

/// Layers that keep shape and mask and do nothing outside training.
template <typename T>
struct Noise : LayerOf<T> {
  std::optional<int64_t> seed;

  bool supports_masking() const override { return true; }
  bool has_build_config() const override { return false; }
  void build(BuildContext& context) const override { context.add_output(context.shape()); }

 protected:
  Value draw(CallContext& context, op::RandomKind kind, const Shape& shape, double a, double b) const {
    return random(context.graph(), {.kind = kind,
                                    .dtype = context.input().dtype(),
                                    .shape = shape,
                                    .stream = context.next_random_stream(),
                                    .seed = static_cast<uint64_t>(seed.value_or(0)),
                                    .a = a,
                                    .b = b});
  }
};

inline constexpr ArgOptions kRate{.min = 0, .max = 1, .required = true};

struct GaussianNoise final : Noise<GaussianNoise> {
  double stddev = 0;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<GaussianNoise>("GaussianNoise", "regularization",
                                         "Adds normal random numbers while training.")
            .arg("stddev", &GaussianNoise::stddev, "Their standard deviation.", {.min = 0, .required = true})
            .arg("seed", &GaussianNoise::seed, kSeedDoc, kSeedRange)
            .summary({"stddev"})
            .build();
    return kInfo;
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    if (!context.training() || stddev == 0) return context.add_output(x);
    context.add_output(x + draw(context, op::RandomKind::normal, x.shape(), 0, stddev));
  }
};

struct GaussianDropout final : Noise<GaussianDropout> {
  double rate = 0;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<GaussianDropout>("GaussianDropout", "regularization",
                                           "Multiplies by random numbers around 1 while training.")
            .arg("rate", &GaussianDropout::rate, "As strong as a Dropout of this rate.",
                 {.min = 0, .max = 1, .below_max = true, .required = true})
            .arg("seed", &GaussianDropout::seed, kSeedDoc, kSeedRange)
            .summary({"rate"})
            .build();
    return kInfo;
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    if (!context.training() || rate == 0) return context.add_output(x);
    context.add_output(x * draw(context, op::RandomKind::normal, x.shape(), 1, std::sqrt(rate / (1 - rate))));
  }
};

/// Klambauer et al. 2017: what is dropped becomes SELU's lower bound, and mean and variance are restored.
struct AlphaDropout final : Noise<AlphaDropout> {
  double rate = 0;
  std::optional<Shape> noise_shape;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<AlphaDropout>("AlphaDropout", "regularization",
                                        "A Dropout for SELU: keeps mean and variance.")
            .arg("rate", &AlphaDropout::rate, "Share of values that are dropped.",
                 {.min = 0, .max = 1, .below_max = true, .required = true})
            .arg("seed", &AlphaDropout::seed, kSeedDoc, kSeedRange)
            .arg("noise_shape", &AlphaDropout::noise_shape,
                 "Shape of the mask; where it has 1, values are dropped together.", {.min = 1, .advanced = true})
            .summary({"rate"})
            .build();
    return kInfo;
  }
  void build(BuildContext& context) const override {
    const Shape& x = context.shape();
    bool fits = !noise_shape || noise_shape->rank() == x.rank();
    for (int i = 0; fits && noise_shape && i < x.rank(); ++i)
      fits = (*noise_shape)[i] == kUnknown || (*noise_shape)[i] == 1 || x[i] == kUnknown || (*noise_shape)[i] == x[i];
    if (!fits)
      return context.error("noise_shape", "dropout.noise_shape",
                           {{"noise_shape", noise_shape->text()}, {"shape", x.text()}});
    context.add_output(x);
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    if (!context.training() || rate == 0) return context.add_output(x);
    Shape shape = noise_shape.value_or(x.shape());
    for (int i = 0; i < x.rank(); ++i)
      if (shape[i] == kUnknown) shape[i] = x.shape()[i];
    constexpr double kLowest = -1.6732632423543772 * 1.0507009873554805;
    const double a = 1 / std::sqrt((1 - rate) * (1 + rate * kLowest * kLowest));
    const Value kept = broadcast_to(draw(context, op::RandomKind::bernoulli, shape, 1 - rate, 0), x.shape());
    context.add_output(a * (x * kept + kLowest * (1 - kept)) - a * kLowest * rate);
  }
};

/// Drops whole channels. x: [n, d1.., c]
template <size_t N>
struct SpatialDropout final : Noise<SpatialDropout<N>> {
  double rate = 0;
  NamedDTypePolicy named_dtype;
  DataFormat data_format = DataFormat::channels_last;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = SpatialDropout;
      // Keras gives it fewer of the common arguments than other layers have.
      Declaration<T> declaration("SpatialDropout" + std::to_string(N) + "D", "regularization",
                                 "Sets random channels to 0 while training.");
      declaration.arg("rate", &T::rate, "Share of channels that are set to 0.", kRate)
          .arg("seed", &T::seed, kSeedDoc, kSeedRange);
      declaration.arg("name", &T::name, "The layer's own name; left empty, one is made up.",
                      {.advanced = true, .null_is_default = true});
      declaration.arg("dtype", &T::named_dtype, "Precision of its numbers.", {.advanced = true});
      declaration.settle([](T& layer) { layer.dtype = layer.named_dtype; });
      if (N > 1) declaration.arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions);
      declaration.summary({"rate"});
      return declaration.build();
    }();
    return kInfo;
  }
  void build(BuildContext& context) const override {
    if (context.expect_rank(static_cast<int>(N) + 2)) context.add_output(context.shape());
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    if (!context.training() || rate == 0) return context.add_output(x);
    Shape shape{std::vector<int64_t>(N + 2, 1)};
    const int channels = channel_axis(data_format, x.rank());
    shape[0] = x.shape()[0];
    shape[channels] = x.shape()[channels];
    const double keep = 1 - rate;
    context.add_output(x *
                       (this->draw(context, op::RandomKind::bernoulli, shape, keep, 0) * (keep > 0 ? 1 / keep : 0)));
  }
};

struct ActivityRegularization final : LayerOf<ActivityRegularization> {
  double l1 = 0;
  double l2 = 0;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = ActivityRegularization;
      Declaration<T> declaration("ActivityRegularization", "regularization",
                                 "Penalises large values that pass through.");
      declaration.arg("name", &T::name, "The layer's own name; left empty, one is made up.",
                      {.advanced = true, .null_is_default = true});
      declaration.arg("trainable", &T::trainable, "There is nothing to train.",
                      {.advanced = true, .hint = true, .null_is_default = true});
      declaration.arg("dtype", &T::dtype, "Precision of its numbers.", {.advanced = true});
      declaration.arg("l1", &T::l1, "Factor on the sum of absolute values.", {.min = 0});
      declaration.arg("l2", &T::l2, "Factor on the sum of squares.", {.min = 0});
      declaration.refuse("activity_regularizer", "null", "this layer is one");
      declaration.summary({"l1", "l2"});
      return declaration.build();
    }();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  bool has_build_config() const override { return false; }
  void build(BuildContext& context) const override { context.add_output(context.shape()); }
  void call(CallContext& context) const override {
    const Value x = context.input();
    context.add_loss(regularizers::l1_l2(l1, l2)->penalty(x) / static_cast<double>(x.shape()[0]));
    context.add_output(x);
  }
};

struct Identity final : LayerOf<Identity> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Identity>("Identity", "core", "Gives its input back: a place holder.").build();
    return kInfo;
  }
  bool supports_masking() const override { return true; }
  bool keeps_integers() const override { return true; }
  bool has_build_config() const override { return false; }
  void build(BuildContext& context) const override { context.add_output(context.input()); }
  void call(CallContext& context) const override { context.add_output(context.input()); }
};

/// Time steps all of whose features are mask_value are masked and set to 0. x: [n, t, c]  mask: [n, t]
struct Masking final : LayerOf<Masking> {
  NumberArray mask_value{{}, {0}};
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        layer_declaration<Masking>("Masking", "core", "Marks time steps without data, so that later layers skip them.")
            .arg("mask_value", &Masking::mask_value, "The value that stands for no data.", {.open_ended = true})
            .summary({"mask_value"})
            .build();
    return kInfo;
  }
  bool has_build_config() const override { return false; }
  void build(BuildContext& context) const override {
    if (!context.expect_min_rank(2)) return;
    if (!mask_value.fits(context.shape()))
      return context.error("mask_value", "rescaling.channels",
                           {{"numbers", mask_value.shape.text()}, {"shape", context.shape().text()}});
    context.add_output(context.shape());
  }
  void call(CallContext& context) const override {
    const Value x = context.input();
    const bool single = mask_value.shape.rank() == 0;
    const Value differs = single
                              ? not_equal(x, mask_value.values.front())
                              : binary(op::BinaryKind::not_equal, x, x.graph().constant(mask_value.tensor(x.dtype())));
    const Value used = reduce(op::ReduceKind::max, cast(differs, x.dtype()), {-1}, true);
    context.add_output(x * used);
    context.set_output_mask(0, cast(reshape(used, x.shape().slice(0, x.rank() - 1)), DType::boolean));
  }
};

}  // namespace

LayerClasses noise_layers() {
  return {&GaussianNoise::declaration(),          &GaussianDropout::declaration(),   &AlphaDropout::declaration(),
          &SpatialDropout<1>::declaration(),      &SpatialDropout<2>::declaration(), &SpatialDropout<3>::declaration(),
          &ActivityRegularization::declaration(), &Identity::declaration(),          &Masking::declaration()};
}

}  // namespace trainyard
