// Initializers: the statistics of what they draw, and what they refuse.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/layers/initializer.h"

namespace trainyard {
namespace {

Ref<Initializer> parse(const Json& json) {
  Diagnostics diagnostics;
  auto parsed = Initializer::registry().parse(json, ParseContext(diagnostics, "initializer"));
  EXPECT_NE(parsed, nullptr) << diagnostics.text();
  return Ref<Initializer>(
      std::static_pointer_cast<const Initializer>(std::shared_ptr<const Declared>(std::move(parsed))));
}

struct Moments {
  double mean = 0, deviation = 0, least = 0, most = 0;
};

Moments moments(const Tensor& tensor) {
  Moments m{0, 0, INFINITY, -INFINITY};
  const auto n = static_cast<double>(tensor.elements());
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    const double x = element_as_double(tensor.view(), i);
    m.mean += x / n;
    m.deviation += x * x / n;
    m.least = std::min(m.least, x);
    m.most = std::max(m.most, x);
  }
  m.deviation = std::sqrt(m.deviation - m.mean * m.mean);
  return m;
}

constexpr Philox kStream{.seed = 5, .stream = 3};

TEST(Initializer, VarianceScalingFollowsTheFans) {
  struct Expectation {
    const char* name;
    double variance;  // of a [200, 300] weight
  };
  for (const auto& [name, variance] :
       {Expectation{"glorot_uniform", 2.0 / 500}, Expectation{"glorot_normal", 2.0 / 500},
        Expectation{"he_uniform", 2.0 / 200}, Expectation{"he_normal", 2.0 / 200},
        Expectation{"lecun_uniform", 1.0 / 200}, Expectation{"lecun_normal", 1.0 / 200}}) {
    const Moments m = moments(parse(name)->make({200, 300}, DType::f32, kStream));
    const double deviation = std::sqrt(variance);
    EXPECT_NEAR(m.mean, 0, deviation * 0.02) << name;
    EXPECT_NEAR(m.deviation, deviation, deviation * 0.01) << name;
    // A uniform number ends at sqrt(3) deviations, a cut normal one at 2 of the deviations before the cut.
    const bool uniform = std::string(name).find("uniform") != std::string::npos;
    EXPECT_LE(m.most, deviation * (uniform ? std::sqrt(3.0) : 2 / 0.8796256610342398) * 1.000001) << name;
    EXPECT_GE(m.most, deviation * (uniform ? 1.72 : 2.2)) << name;
  }
}

TEST(Initializer, FansCountTheReceptiveField) {
  const auto conv = initializers::compute_fans({3, 5, 8, 16}, std::nullopt, std::nullopt);
  EXPECT_EQ(conv.in, 3 * 5 * 8);
  EXPECT_EQ(conv.out, 3 * 5 * 16);
  const auto vector = initializers::compute_fans({7}, std::nullopt, std::nullopt);
  EXPECT_EQ(vector.in, 7);
  EXPECT_EQ(vector.out, 7);
  const auto heads = initializers::compute_fans({6, 2, 4}, std::vector<int64_t>{0}, std::vector<int64_t>{1, 2});
  EXPECT_EQ(heads.in, 6);
  EXPECT_EQ(heads.out, 8);
}

TEST(Initializer, VarianceScalingTakesModeAndDistribution) {
  const Json config = {{"scale", 3.0}, {"mode", "fan_out"}, {"distribution", "untruncated_normal"}, {"seed", 4}};
  const Moments m =
      moments(parse({{"class_name", "VarianceScaling"}, {"config", config}})->make({200, 300}, DType::f64, kStream));
  EXPECT_NEAR(m.deviation, std::sqrt(3.0 / 300), 0.001);
  EXPECT_GT(m.most, 3 * m.deviation);  // nothing was cut
}

TEST(Initializer, RandomOnesHaveTheMomentsTheySay) {
  const auto draw = [](const char* name, const Json& config) {
    return moments(parse({{"class_name", name}, {"config", config}})->make({300, 200}, DType::f32, kStream));
  };
  const Moments normal = draw("RandomNormal", {{"mean", 2.0}, {"stddev", 0.5}});
  EXPECT_NEAR(normal.mean, 2, 0.01);
  EXPECT_NEAR(normal.deviation, 0.5, 0.005);
  const Moments cut = draw("TruncatedNormal", {{"mean", 2.0}, {"stddev", 0.5}});
  EXPECT_NEAR(cut.deviation, 0.5 * 0.8796, 0.005);
  EXPECT_LE(cut.most, 3);
  EXPECT_GE(cut.least, 1);
  const Moments uniform = draw("RandomUniform", {{"minval", -1.0}, {"maxval", 3.0}});
  EXPECT_NEAR(uniform.mean, 1, 0.02);
  EXPECT_GE(uniform.least, -1);
  EXPECT_LT(uniform.most, 3);
  EXPECT_GT(uniform.most, 2.99);
}

TEST(Initializer, OrthogonalGivesOrthonormalColumnsOrRows) {
  for (const Shape& shape : {Shape{6, 4}, Shape{4, 6}, Shape{2, 3, 5}}) {
    const Tensor q =
        parse({{"class_name", "Orthogonal"}, {"config", {{"gain", 2.0}}}})->make(shape, DType::f64, kStream);
    const int64_t columns = shape.back();
    const int64_t rows = shape.elements() / columns;
    const auto values = q.span<double>();
    const bool tall = rows >= columns;
    for (int64_t a = 0; a < std::min(rows, columns); ++a)
      for (int64_t b = 0; b < std::min(rows, columns); ++b) {
        double product = 0;
        for (int64_t k = 0; k < std::max(rows, columns); ++k)
          product += tall ? values[static_cast<size_t>(k * columns + a)] * values[static_cast<size_t>(k * columns + b)]
                          : values[static_cast<size_t>(a * columns + k)] * values[static_cast<size_t>(b * columns + k)];
        EXPECT_NEAR(product, a == b ? 4 : 0, 1e-12) << shape.text();
      }
  }
}

TEST(Initializer, ConstantsAreWhatTheySay) {
  EXPECT_EQ(parse("zeros")->make({2, 2}, DType::f32, kStream).span<float>()[3], 0);
  EXPECT_EQ(parse("ones")->make({2, 2}, DType::f32, kStream).span<float>()[3], 1);
  EXPECT_EQ(parse({{"class_name", "Constant"}, {"config", {{"value", 2.5}}}})
                ->make({2}, DType::f64, kStream)
                .span<double>()[1],
            2.5);
  const Tensor eye =
      parse({{"class_name", "Identity"}, {"config", {{"gain", 3.0}}}})->make({2, 3}, DType::f64, kStream);
  EXPECT_EQ(std::vector<double>(eye.span<double>().begin(), eye.span<double>().end()),
            (std::vector<double>{3, 0, 0, 0, 3, 0}));
}

TEST(Initializer, StftIsAFourierTransform) {
  const Json plain = {{"window", nullptr}, {"scaling", nullptr}};
  const auto make = [&](const char* side) {
    Json config = plain;
    config["side"] = side;
    return parse({{"class_name", "STFT"}, {"config", config}})->make({8, 1, 5}, DType::f64, kStream);
  };
  const Tensor real = make("real");
  const Tensor imaginary = make("imag");
  for (int t = 0; t < 8; ++t)
    for (int k = 0; k < 5; ++k) {
      const double angle = 2 * M_PI * t * k / 8;
      EXPECT_NEAR(real.span<double>()[static_cast<size_t>(t * 5 + k)], std::cos(angle), 1e-12);
      EXPECT_NEAR(imaginary.span<double>()[static_cast<size_t>(t * 5 + k)], -std::sin(angle), 1e-12);
    }
  const Tensor hann = parse({{"class_name", "STFT"}, {"config", {{"periodic", true}, {"scaling", "spectrum"}}}})
                          ->make({8, 1, 5}, DType::f64, kStream);
  double total = 0;  // bin 0 holds the window itself, scaled to sum 1
  for (int t = 0; t < 8; ++t) total += hann.span<double>()[static_cast<size_t>(t * 5)];
  EXPECT_NEAR(total, 1, 1e-12);
}

TEST(Initializer, ASeedOfItsOwnWinsOverTheRuns) {
  for (const char* name :
       {"GlorotUniform", "HeNormal", "RandomNormal", "RandomUniform", "TruncatedNormal", "Orthogonal"}) {
    const auto first = [&](const Json& config, Philox random) {
      return parse({{"class_name", name}, {"config", config}})->make({4, 4}, DType::f64, random).span<double>()[5];
    };
    EXPECT_EQ(first({{"seed", 9}}, {.seed = 1}), first({{"seed", 9}}, {.seed = 2})) << name;
    EXPECT_NE(first(Json::object(), {.seed = 1}), first(Json::object(), {.seed = 2})) << name;
    EXPECT_EQ(first(Json::object(), {.seed = 1}), first(Json::object(), {.seed = 1})) << name;
  }
}

TEST(Initializer, BothWidthsSeeTheSameNumbers) {
  for (const ClassInfo* info : Initializer::registry().classes()) {
    const Shape shape = info->class_name == "STFT" ? Shape{8, 1, 5} : Shape{4, 5};
    const auto initializer = parse(info->class_name);
    const Tensor narrow = initializer->make(shape, DType::f32, kStream);
    const Tensor wide = initializer->make(shape, DType::f64, kStream);
    for (size_t i = 0; i < wide.span<double>().size(); ++i)
      EXPECT_EQ(narrow.span<float>()[i], static_cast<float>(wide.span<double>()[i])) << info->class_name;
  }
}

TEST(Initializer, PrintsWhatItRead) {
  for (const ClassInfo* info : Initializer::registry().classes()) {
    const auto initializer = parse(info->class_name);
    const Json printed = Initializer::print(*initializer);
    EXPECT_EQ(Initializer::print(*parse(printed)), printed);
    EXPECT_EQ(Initializer::print(*parse(snake_case(info->class_name))), printed);
  }
}

TEST(Initializers, GoByTheShortNamesThatKerasTakes) {
  const std::vector<std::pair<const char*, const char*>> names{{"one", "Ones"},
                                                               {"zero", "Zeros"},
                                                               {"normal", "RandomNormal"},
                                                               {"uniform", "RandomUniform"},
                                                               {"IdentityInitializer", "Identity"},
                                                               {"OrthogonalInitializer", "Orthogonal"}};
  for (const auto& [name, class_name] : names) {
    const ClassInfo* info = Initializer::registry().find(name);
    ASSERT_NE(info, nullptr) << name;
    EXPECT_EQ(info->class_name, class_name);
  }
}

}  // namespace
}  // namespace trainyard
