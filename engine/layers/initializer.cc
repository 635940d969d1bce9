// Formulas: keras.initializers of Keras 3 (https://keras.io/api/layers/initializers/).
#include "engine/layers/initializer.h"

#include <algorithm>
#include <cmath>

#include "engine/layers/number_array.h"
#include "engine/layers/orthogonal.h"
#include "engine/layers/stft_initializer.h"

namespace trainyard {
namespace {

using initializers::compute_fans;
using initializers::Fans;

template <typename T>
class InitializerOf : public Initializer {
 public:
  const ClassInfo& info() const override { return T::declaration(); }
};

template <typename T>
Declaration<T> declare(std::string_view name, std::initializer_list<std::string_view> more_names,
                       std::string_view doc) {
  std::vector<std::string> aliases{snake_case(name)};
  aliases.insert(aliases.end(), more_names.begin(), more_names.end());
  return std::move(Declaration<T>(name, "initializers", doc).aliases(std::move(aliases)));
}

inline constexpr ArgOptions kSeed{.min = 0, .max = 9007199254740991.0, .advanced = true};
constexpr const char* kSeedDoc = "Gives the same numbers every time; None draws from the training's seed.";

Philox own_stream(const std::optional<int64_t>& seed, Philox random) {
  return seed ? Philox{.seed = static_cast<uint64_t>(*seed)} : random;
}

/// Element i is value(i), a double.
template <typename F>
Tensor fill_with(const Shape& shape, DType dtype, F value) {
  Tensor wide(DType::f64, shape);
  const auto out = wide.span<double>();
  for (size_t i = 0; i < out.size(); ++i) out[i] = value(static_cast<uint64_t>(i));
  return wide.cast(dtype);
}

/// A normal number within two standard deviations: redrawn from the next steps of the stream until it is.
double truncated_normal(Philox random, uint64_t element) {
  for (;; ++random.step)
    if (const double draw = random.normal(element); std::abs(draw) <= 2) return draw;
}

struct Zeros final : InitializerOf<Zeros> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare<Zeros>("Zeros", {"zero"}, "Everything 0.").build();
    return kInfo;
  }
  Tensor make(const Shape& shape, DType dtype, Philox) const override { return Tensor(dtype, shape); }
};

struct Ones final : InitializerOf<Ones> {
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare<Ones>("Ones", {"one"}, "Everything 1.").build();
    return kInfo;
  }
  Tensor make(const Shape& shape, DType dtype, Philox) const override {
    return fill_with(shape, dtype, [](uint64_t) { return 1.0; });
  }
};

struct Constant final : InitializerOf<Constant> {
  NumberArray value{{}, {0}};
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare<Constant>("Constant", {}, "Everything one value.")
                                       .arg("value", &Constant::value, "The value.", {.open_ended = true})
                                       .build();
    return kInfo;
  }
  Tensor make(const Shape& shape, DType dtype, Philox) const override {
    return fill_with(shape, dtype, [&](uint64_t i) { return value.values[place_of(i, shape)]; });
  }
  std::string problem(const Shape& shape) const override {
    return value.fits(shape) ? "" : "Constant has values of " + value.shape.text() + ", this is " + shape.text();
  }

 private:
  /// Where among its values that of element `i` stands.
  size_t place_of(uint64_t i, const Shape& shape) const {
    int64_t place = 0;
    int64_t stride = 1;
    auto rest = static_cast<int64_t>(i);
    for (int axis = 1; axis <= value.shape.rank(); ++axis) {
      const int64_t size = value.shape[value.shape.rank() - axis];
      const int64_t here = shape[shape.rank() - axis];
      place += size == 1 ? 0 : rest % here * stride;
      stride *= size;
      rest /= here;
    }
    return static_cast<size_t>(place);
  }
};

struct Identity final : InitializerOf<Identity> {
  double gain = 1;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare<Identity>("Identity", {"IdentityInitializer"}, "The identity matrix: outputs begin as inputs.")
            .arg("gain", &Identity::gain, "What the diagonal holds.")
            .build();
    return kInfo;
  }
  std::string problem(const Shape& shape) const override {
    return shape.rank() == 2 ? "" : "Identity needs a weight of 2 dimensions, this one is " + shape.text();
  }
  Tensor make(const Shape& shape, DType dtype, Philox) const override {
    const auto columns = static_cast<uint64_t>(shape[1]);
    return fill_with(shape, dtype, [&](uint64_t i) { return i / columns == i % columns ? gain : 0.0; });
  }
};

struct RandomNormal final : InitializerOf<RandomNormal> {
  double mean = 0;
  double stddev = 0.05;
  std::optional<int64_t> seed;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare<RandomNormal>("RandomNormal", {"normal"}, "Normally distributed numbers.")
                                       .arg("mean", &RandomNormal::mean, "Their mean.")
                                       .arg("stddev", &RandomNormal::stddev, "Their standard deviation.", {.min = 0})
                                       .arg("seed", &RandomNormal::seed, kSeedDoc, kSeed)
                                       .build();
    return kInfo;
  }
  Tensor make(const Shape& shape, DType dtype, Philox random) const override {
    random = own_stream(seed, random);
    return fill_with(shape, dtype, [&](uint64_t i) { return mean + stddev * random.normal(i); });
  }
};

struct TruncatedNormal final : InitializerOf<TruncatedNormal> {
  double mean = 0;
  double stddev = 0.05;
  std::optional<int64_t> seed;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare<TruncatedNormal>("TruncatedNormal", {}, "Normally distributed numbers, those far out drawn again.")
            .arg("mean", &TruncatedNormal::mean, "Their mean.")
            .arg("stddev", &TruncatedNormal::stddev, "Their standard deviation before the tails are cut.", {.min = 0})
            .arg("seed", &TruncatedNormal::seed, kSeedDoc, kSeed)
            .build();
    return kInfo;
  }
  Tensor make(const Shape& shape, DType dtype, Philox random) const override {
    random = own_stream(seed, random);
    return fill_with(shape, dtype, [&](uint64_t i) { return mean + stddev * truncated_normal(random, i); });
  }
};

struct RandomUniform final : InitializerOf<RandomUniform> {
  double minval = -0.05;
  double maxval = 0.05;
  std::optional<int64_t> seed;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo =
        declare<RandomUniform>("RandomUniform", {"uniform"}, "Numbers spread evenly over a range.")
            .arg("minval", &RandomUniform::minval, "Lower end of the range.")
            .arg("maxval", &RandomUniform::maxval, "Upper end of the range.")
            .arg("seed", &RandomUniform::seed, kSeedDoc, kSeed)
            .build();
    return kInfo;
  }
  Tensor make(const Shape& shape, DType dtype, Philox random) const override {
    random = own_stream(seed, random);
    return fill_with(shape, dtype, [&](uint64_t i) { return minval + (maxval - minval) * double{random.uniform(i)}; });
  }
};

enum class FanMode : uint8_t { fan_in, fan_out, fan_avg };
constexpr std::array<std::string_view, 3> choice_names(FanMode) { return {"fan_in", "fan_out", "fan_avg"}; }

enum class Distribution : uint8_t { truncated_normal, untruncated_normal, uniform };
constexpr std::array<std::string_view, 3> choice_names(Distribution) {
  return {"truncated_normal", "untruncated_normal", "uniform"};
}

/// The body of VarianceScaling and of the six named after people.
struct Scaling : Initializer {
  double scale = 1;
  FanMode mode = FanMode::fan_in;
  Distribution distribution = Distribution::truncated_normal;
  std::optional<int64_t> seed;
  std::optional<std::vector<int64_t>> input_axes;
  std::optional<std::vector<int64_t>> output_axes;

  template <typename T>
  static void add_common(Declaration<T>& declaration) {
    declaration.arg("seed", &T::seed, kSeedDoc, kSeed)
        .arg("input_axes", &T::input_axes, "Dimensions of the weight that count as inputs; None for the last but one.",
             {.min = -8, .max = 7, .advanced = true})
        .arg("output_axes", &T::output_axes, "Dimensions of the weight that count as outputs; None for the last.",
             {.min = -8, .max = 7, .advanced = true});
  }
  std::string problem(const Shape& shape) const override {
    for (const auto* axes : {&input_axes, &output_axes})
      for (const int64_t axis : axes->value_or(std::vector<int64_t>{}))
        if (resolve_axis(axis, shape.rank()) < 0)
          return info().class_name + " names axis " + std::to_string(axis) + ", the weight is " + shape.text();
    return {};
  }
  Tensor make(const Shape& shape, DType dtype, Philox random) const override {
    random = own_stream(seed, random);
    const Fans fans = compute_fans(shape, input_axes, output_axes);
    const double fan = mode == FanMode::fan_in    ? fans.in
                       : mode == FanMode::fan_out ? fans.out
                                                  : (fans.in + fans.out) / 2;
    const double variance = scale / std::max(1.0, fan);
    // Standard deviation of a normal number cut at two standard deviations.
    constexpr double kCut = 0.87962566103423978;
    return fill_with(shape, dtype, [&](uint64_t i) {
      switch (distribution) {
        case Distribution::truncated_normal: return std::sqrt(variance) / kCut * truncated_normal(random, i);
        case Distribution::untruncated_normal: return std::sqrt(variance) * random.normal(i);
        case Distribution::uniform: break;
      }
      return std::sqrt(3 * variance) * (2 * double{random.uniform(i)} - 1);
    });
  }
};

struct VarianceScaling final : Scaling {
  const ClassInfo& info() const override { return declaration(); }
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration =
          declare<VarianceScaling>("VarianceScaling", {}, "Random numbers scaled to the size of the weight.");
      declaration
          .arg("scale", &VarianceScaling::scale, "Variance before dividing by the size.", {.min = 0, .above_min = true})
          .arg("mode", &VarianceScaling::mode, "Which size divides: inputs, outputs or their mean.")
          .arg("distribution", &VarianceScaling::distribution, "How the numbers are spread.");
      add_common(declaration);
      return declaration.build();
    }();
    return kInfo;
  }
};

struct GlorotName {
  static constexpr const char *kNormal = "GlorotNormal", *kUniform = "GlorotUniform";
  static constexpr double kScale = 1;
  static constexpr FanMode kMode = FanMode::fan_avg;
  static constexpr const char* kDoc = "for weights between layers without ReLU (Glorot and Bengio 2010).";
};
struct HeName {
  static constexpr const char *kNormal = "HeNormal", *kUniform = "HeUniform";
  static constexpr double kScale = 2;
  static constexpr FanMode kMode = FanMode::fan_in;
  static constexpr const char* kDoc = "for weights before a ReLU (He et al. 2015).";
};
struct LecunName {
  static constexpr const char *kNormal = "LecunNormal", *kUniform = "LecunUniform";
  static constexpr double kScale = 1;
  static constexpr FanMode kMode = FanMode::fan_in;
  static constexpr const char* kDoc = "for weights before a SELU (LeCun et al. 1998).";
};

template <typename Name, bool Uniform>
struct Named final : Scaling {
  Named() {
    scale = Name::kScale;
    mode = Name::kMode;
    distribution = Uniform ? Distribution::uniform : Distribution::truncated_normal;
  }
  const ClassInfo& info() const override { return declaration(); }
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      auto declaration =
          declare<Named>(Uniform ? Name::kUniform : Name::kNormal, {},
                         std::string(Uniform ? "Evenly spread numbers " : "Normal numbers ") + Name::kDoc);
      add_common(declaration);
      return declaration.build();
    }();
    return kInfo;
  }
};

struct Orthogonal final : InitializerOf<Orthogonal> {
  std::optional<int64_t> seed;
  double gain = 1;
  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = declare<Orthogonal>("Orthogonal", {"OrthogonalInitializer"},
                                                       "A random rotation: lengths are kept (Saxe et al. 2014).")
                                       .arg("seed", &Orthogonal::seed, kSeedDoc, kSeed)
                                       .arg("gain", &Orthogonal::gain, "Factor on the whole.")
                                       .build();
    return kInfo;
  }
  std::string problem(const Shape& shape) const override {
    if (shape.rank() < 2) return "Orthogonal needs a weight of 2 dimensions or more, this one is " + shape.text();
    const int64_t columns = shape.back();
    const int64_t rows = shape.elements() / std::max<int64_t>(1, columns);
    return std::min(rows, columns) > 4096 ? "Orthogonal of " + shape.text() + " is too large (limit 4096)" : "";
  }
  Tensor make(const Shape& shape, DType dtype, Philox random) const override {
    random = own_stream(seed, random);
    const int64_t columns = shape.back();
    const int64_t rows = shape.elements() / std::max<int64_t>(1, columns);
    const std::vector<double> q = initializers::random_orthogonal(rows, columns, random);
    return fill_with(shape, dtype, [&](uint64_t i) { return gain * q[i]; });
  }
};

}  // namespace

namespace initializers {

Fans compute_fans(const Shape& shape, const std::optional<std::vector<int64_t>>& input_axes,
                  const std::optional<std::vector<int64_t>>& output_axes) {
  const int rank = shape.rank();
  if (rank == 0) return {};
  if (!input_axes && !output_axes) {
    if (rank == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
    const auto field = static_cast<double>(shape.elements_in(0, rank - 2));
    return {field * static_cast<double>(shape[rank - 2]), field * static_cast<double>(shape[rank - 1])};
  }
  const auto product = [&](const std::vector<int64_t>& axes) {
    double size = 1;
    for (const int64_t axis : axes) size *= static_cast<double>(shape[resolve_axis(axis, rank)]);
    return size;
  };
  const double in = product(input_axes.value_or(rank > 1 ? std::vector<int64_t>{-2} : std::vector<int64_t>{-1}));
  const double out = product(output_axes.value_or(std::vector<int64_t>{-1}));
  const double field = std::max(1.0, static_cast<double>(shape.elements()) / std::max(1.0, in * out));
  return {in * field, out * field};
}

Ref<Initializer> zeros() { return Ref<Initializer>(ref<Zeros>()); }
Ref<Initializer> ones() { return Ref<Initializer>(ref<Ones>()); }
Ref<Initializer> glorot_uniform() { return Ref<Initializer>(std::make_shared<const Named<GlorotName, true>>()); }
Ref<Initializer> orthogonal() { return Ref<Initializer>(std::make_shared<const Orthogonal>()); }
Ref<Initializer> random_uniform() { return Ref<Initializer>(std::make_shared<const RandomUniform>()); }

}  // namespace initializers

const Registry& Initializer::registry() {
  static const Registry kRegistry(
      kGroup, {&Constant::declaration(), &Named<GlorotName, false>::declaration(),
               &Named<GlorotName, true>::declaration(), &Named<HeName, false>::declaration(),
               &Named<HeName, true>::declaration(), &Identity::declaration(), &Named<LecunName, false>::declaration(),
               &Named<LecunName, true>::declaration(), &Ones::declaration(), &Orthogonal::declaration(),
               &RandomNormal::declaration(), &RandomUniform::declaration(), &initializers::stft_declaration(),
               &TruncatedNormal::declaration(), &VarianceScaling::declaration(), &Zeros::declaration()});
  return kRegistry;
}

}  // namespace trainyard
