// Arguments that many layers over pictures share, each against an independent truth: data_format, value_range, fill_mode and
// interpolation by a sampler of this file's own, and what the random ones are drawn from by its moments.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "tests/layers/pictures.h"

namespace trainyard::testing {
namespace {

// data_format

/// Axis `channels` becomes the last one.
Tensor channels_to_end(const Tensor& x, int channels) {
  const Shape& from = x.shape();
  Shape to;
  for (int axis = 0; axis < from.rank(); ++axis)
    if (axis != channels) to.push_back(from[axis]);
  to.push_back(from[channels]);
  int64_t inner = 1;
  for (int axis = channels + 1; axis < from.rank(); ++axis) inner *= from[axis];
  const int64_t count = from[channels];
  Tensor moved(DType::f64, to);
  for (int64_t i = 0; i < x.elements(); ++i) {
    const int64_t outer = i / (inner * count);
    const int64_t c = i / inner % count;
    moved.span<double>()[static_cast<size_t>((outer * inner + i % inner) * count + c)] =
        x.span<double>()[static_cast<size_t>(i)];
  }
  return moved;
}

/// Where a channels_first tensor of this layer has its channels: behind the batch, and the steps of a ConvLSTM. Below 0: nowhere.
int channels_of(const std::string& class_name, int rank) {
  if (class_name.substr(0, 8) == "ConvLSTM") return rank == class_name[8] - '0' + 3 ? 2 : 1;
  return rank >= 3 ? 1 : -1;
}

Tensor as_channels_last(const std::string& class_name, const Tensor& x) {
  const int channels = channels_of(class_name, x.shape().rank());
  return channels < 0 ? x : channels_to_end(x, channels);
}

/// The same layer with channels last, on the same numbers.
void expect_same_with_channels_last(const LayerSample& sample, bool training) {
  LayerTrial first(sample, sample.inputs.front(), DType::f64);
  ASSERT_FALSE(first.diagnostics().has_errors()) << sample.text() << first.diagnostics().text();
  LayerSample twin = sample;
  twin.config["data_format"] = "channels_last";
  std::vector<Tensor> operands;
  std::vector<Shape> inputs;
  for (size_t i = 0; i < first.operands().size(); ++i) {
    const bool input = i < first.input_count();
    operands.push_back(input ? as_channels_last(sample.class_name, first.operands()[i]) : first.operands()[i]);
    if (input) inputs.push_back(operands.back().shape());
  }
  LayerTrial last(twin, inputs, DType::f64);
  ASSERT_FALSE(last.diagnostics().has_errors()) << twin.text() << last.diagnostics().text();
  ASSERT_EQ(last.operands().size(), operands.size()) << sample.text();
  for (size_t i = 0; i < operands.size(); ++i) ASSERT_EQ(last.operands()[i].shape(), operands[i].shape());
  last.operands() = operands;
  const auto got = first.run(training, false).outputs;
  const auto wanted = last.run(training, false).outputs;
  for (size_t o = 0; o < got.size(); ++o) {
    const Tensor moved = as_channels_last(sample.class_name, got[o]);
    ASSERT_EQ(moved.shape(), wanted[o].shape()) << sample.text();
    for (size_t i = 0; i < moved.span<double>().size(); ++i)
      ASSERT_NEAR(moved.span<double>()[i], wanted[o].span<double>()[i], 1e-9) << sample.text() << " element " << i;
  }
}

TEST(DataFormat, SaysWhereChannelsStandAndNothingElse) {
  for (const ClassInfo* info : Layer::registry().classes()) {
    const std::string& name = info->class_name;
    // AutoContrast has a test of its own; of boxes it changes nothing
    if (info->find("data_format") == nullptr || name == "AutoContrast" || name == "MaxNumBoundingBoxes") continue;
    int tried = 0;
    for (const LayerSample& sample : samples_of(name)) {
      if (sample.config.value("data_format", "") != "channels_first" || sample.fixed_batch) continue;
      // Keras's softmax goes along the last axis, whatever stands there
      if (sample.config.value("activation", Json()) == "softmax") continue;
      for (const bool training : {false, true}) expect_same_with_channels_last(sample, training);
      ++tried;
    }
    EXPECT_GT(tried, 0) << name;
  }
}

TEST(DataFormat, OfAutoContrastIsNotLookedAt) {
  const Picture x = noise({2, 3, 4, 5});  // as in Keras, whose extremes are those of the axes 1 and 2
  expect_same(apply("AutoContrast", {{"data_format", "channels_first"}}, x), apply("AutoContrast", Json::object(), x));
}

// value_range

TEST(ValueRange, OfOneGivesWhatThatOfBytesGives) {
  const Json always{1, 1};
  const std::vector<std::pair<const char*, Json>> layers{
      {"AutoContrast", Json::object()},
      {"Equalization", {{"bins", 64}}},
      {"ContrastLimitedAdaptiveHistogramEqualization", {{"tile_grid_size", {2, 2}}}},
      {"Solarization", {{"addition_factor", 0.2}, {"threshold_factor", {0.3, 0.7}}}},
      {"RandomBrightness", {{"factor", 0.4}}},
      {"RandomContrast", {{"factor", 0.4}}},
      {"RandomHue", {{"factor", 0.4}}},
      {"RandomSharpness", {{"factor", 0.4}}},
      {"RandomColorDegeneration", {{"factor", 0.4}}},
      {"RandomColorJitter", {{"brightness_factor", 0.3}, {"contrast_factor", 0.3}, {"hue_factor", 0.3}}},
      {"RandomPosterization", {{"factor", 6}}},
      {"RandomInvert", {{"factor", always}}},
      {"RandomGaussianBlur", {{"factor", always}}},
      {"RandomElasticTransform", {{"factor", always}}},
      {"RandomErasing", {{"factor", always}}},
      {"RandAugment", Json::object()},
      {"AugMix", Json::object()}};
  const Picture bytes = noise({3, 8, 8, 3});
  Picture shares = bytes;
  for (double& value : shares.values) value /= 255;
  for (auto [name, config] : layers) {
    const Picture wanted = apply(name, config, bytes);
    config["value_range"] = {0, 1};
    Picture got = apply(name, config, shares);
    for (double& value : got.values) value *= 255;
    expect_same(got, wanted, 1e-3);
    EXPECT_NE(wanted.values, bytes.values) << name;
  }
}

TEST(ValueRange, MayBeginBelowZero) {
  const Picture bytes = noise({3, 8, 8, 3});
  Picture around = bytes;
  for (double& value : around.values) value = value / 127.5 - 1;
  for (auto [name, config] : std::vector<std::pair<const char*, Json>>{{"AutoContrast", Json::object()},
                                                                       {"Equalization", Json::object()},
                                                                       {"Solarization", {{"threshold_factor", 0.7}}},
                                                                       {"RandomBrightness", {{"factor", 0.4}}},
                                                                       {"RandomContrast", {{"factor", 0.4}}},
                                                                       {"RandomHue", {{"factor", 0.4}}},
                                                                       {"RandomPosterization", {{"factor", {3, 3}}}}}) {
    const Picture wanted = apply(name, config, bytes);
    config["value_range"] = {-1, 1};
    Picture got = apply(name, config, around);
    for (double& value : got.values) value = (value + 1) * 127.5;
    expect_same(got, wanted, 1e-3);
  }
}

TEST(RandomSaturation, CutsTheSaturationToItsRange) {
  const Picture x = noise({2, 4, 4, 3}, 1);
  const Picture y = apply("RandomSaturation", {{"factor", {0.75, 0.75}}, {"value_range", {0, 0.6}}}, x);
  const Picture expected = picture(x.shape, [&](auto n, auto r, auto c, auto k) {
    const double v = std::max({x.at(n, r, c, 0), x.at(n, r, c, 1), x.at(n, r, c, 2)});
    const double least = std::min({x.at(n, r, c, 0), x.at(n, r, c, 1), x.at(n, r, c, 2)});
    const double saturation = 1 - least / v;
    return v - (v - x.at(n, r, c, k)) * std::min(0.6, saturation * 3) / saturation;  // 0.75: three times
  });
  expect_same(y, expected, 1e-5);
}

// fill_mode, fill_value, interpolation

/// Pixel `i` of a line that goes on beyond its ends as `mode` says; -1: not at all.
int64_t continued(int64_t i, int64_t size, const std::string& mode) {
  while (i < 0 || i >= size) {
    if (mode == "constant") return -1;
    if (mode == "nearest") return i < 0 ? 0 : size - 1;
    if (mode == "wrap") i += i < 0 ? size : -size;
    if (mode == "reflect") i = i < 0 ? -1 - i : 2 * size - 1 - i;
  }
  return i;
}

struct Sampling {
  std::string mode;
  bool bilinear;
  double fill;
};

double seen_at(const Picture& x, int64_t n, double row, double column, int64_t k, const Sampling& sampling) {
  const auto pixel = [&](double r, double c) {
    const int64_t i = continued(std::llround(r), x.shape[1], sampling.mode);
    const int64_t j = continued(std::llround(c), x.shape[2], sampling.mode);
    return i < 0 || j < 0 ? sampling.fill : x.at(n, i, j, k);
  };
  if (!sampling.bilinear) return pixel(std::round(row), std::round(column));
  const double top = std::floor(row);
  const double left = std::floor(column);
  const double down = row - top;
  const double right = column - left;
  return (1 - down) * ((1 - right) * pixel(top, left) + right * pixel(top, left + 1)) +
         down * ((1 - right) * pixel(top + 1, left) + right * pixel(top + 1, left + 1));
}

/// A result's pixel at (r, c) comes from this row and column.
using Map = std::function<std::pair<double, double>(double r, double c)>;

Picture mapped(const Picture& x, const Map& map, const Sampling& sampling) {
  return picture(x.shape, [&](auto n, auto r, auto c, auto k) {
    const auto [row, column] = map(static_cast<double>(r), static_cast<double>(c));
    return seen_at(x, n, row, column, k, sampling);
  });
}

void for_each_sampling(const std::function<void(const Json& arguments, const Sampling& sampling)>& visit) {
  for (const char* mode : {"constant", "nearest", "reflect", "wrap"})
    for (const bool bilinear : {false, true})
      visit({{"fill_mode", mode}, {"interpolation", bilinear ? "bilinear" : "nearest"}, {"fill_value", 9.5}},
            {mode, bilinear, 9.5});
}

TEST(MovedPictures, AreSampledAsTheirArgumentsSay) {
  const Picture x = noise({2, 5, 6, 2});
  const double cosine = std::cos(std::numbers::pi / 6);
  const double sine = 0.5;
  const std::vector<std::tuple<const char*, Json, Map>> moves{
      {"RandomTranslation",
       {{"height_factor", {0.26, 0.26}}, {"width_factor", {-0.2, -0.2}}},
       [](double r, double c) {
         return std::pair{r - 1.3, c + 1.2};
       }},
      {"RandomRotation",
       {{"factor", {1.0 / 12, 1.0 / 12}}},
       [=](double r, double c) {
         return std::pair{2 + sine * (c - 2.5) + cosine * (r - 2), 2.5 + cosine * (c - 2.5) - sine * (r - 2)};
       }},
      {"RandomZoom",
       {{"height_factor", {0.6, 0.6}}, {"width_factor", {-0.25, -0.25}}},
       [](double r, double c) {
         return std::pair{2 + 1.6 * (r - 2), 2.5 + 0.75 * (c - 2.5)};
       }},
      {"RandomZoom", {{"height_factor", {0.7, 0.7}}, {"width_factor", nullptr}}, [](double r, double c) {
         return std::pair{2 + 1.7 * (r - 2), 2.5 + 1.7 * (c - 2.5)};
       }}};
  for (const auto& [name, factors, map] : moves)
    for_each_sampling(
        [&, name = name, &factors = factors, &map = map](const Json& arguments, const Sampling& sampling) {
          Json config = factors;
          config.update(arguments);
          SCOPED_TRACE(name + config.dump());
          expect_same(apply(name, config, x), mapped(x, map, sampling), 1e-5);
        });
}

TEST(RandomShear, IsSampledAsItsArgumentsSayInEitherDirection) {
  const Picture x = noise({12, 5, 6, 1});
  for_each_sampling([&](const Json& arguments, const Sampling& sampling) {
    Json config{{"x_factor", {0.4, 0.4}}, {"y_factor", {0.35, 0.35}}};
    config.update(arguments);
    const Picture y = apply("RandomShear", config, x);
    std::set<int> directions;
    for (const int direction : {1, -1}) {
      const Map map = [=](double r, double c) { return std::pair{r + direction * 0.35 * c, c + direction * 0.4 * r}; };
      const Picture wanted = mapped(x, map, sampling);
      for (int64_t n = 0; n < 12; ++n) {
        bool same = true;
        for (size_t i = 0; i < 30; ++i) {
          const size_t at = static_cast<size_t>(n) * 30 + i;
          same = same && std::abs(y.values[at] - wanted.values[at]) < 1e-5;
        }
        if (same) directions.insert(direction * (static_cast<int>(n) + 1));
      }
    }
    EXPECT_EQ(directions.size(), 12u) << config.dump();  // each picture went one way
  });
}

/// How many pixels of the result are none of the picture's own.
std::ptrdiff_t strangers(const char* class_name, Json config, const char* interpolation, const Picture& x) {
  const std::set<double> own(x.values.begin(), x.values.end());
  config["interpolation"] = interpolation;
  const Picture y = apply(class_name, config, x);
  return std::count_if(y.values.begin(), y.values.end(), [&](double v) { return v != 0 && !own.contains(v); });
}

TEST(BentPictures, AreOfTheirOwnPixelsWhereTheNearestIsTaken) {
  const Picture x = noise({3, 20, 20, 1});
  for (const auto& [name, config] :
       std::vector<std::pair<const char*, Json>>{{"RandomPerspective", {{"factor", {1, 1}}, {"scale", 1.0}}},
                                                 {"RandomElasticTransform", {{"factor", {1, 1}}, {"scale", {1, 1}}}}}) {
    EXPECT_EQ(strangers(name, config, "nearest", x), 0) << name;
    EXPECT_GT(strangers(name, config, "bilinear", x), 200) << name;
  }
}

TEST(BentPictures, StayAsTheyAreWhereTheScaleIsNothing) {
  const Picture x = noise({3, 8, 8, 1});
  expect_same(apply("RandomPerspective", {{"factor", {1, 1}}, {"scale", 0.0}}, x), x, 1e-9);
  expect_same(apply("RandomElasticTransform", {{"factor", {1, 1}}, {"scale", {0, 0}}}, x), x, 1e-9);
}

TEST(RandomElasticTransform, FillsAsItsModeSays) {
  // a picture of one colour stays so, but where a constant is seen outside
  const Picture x = picture({6, 30, 30, 1}, [](auto...) { return 50.0; });
  for (const char* mode : {"constant", "nearest", "reflect", "wrap", "mirror"}) {
    const Picture y = apply("RandomElasticTransform",
                            {{"factor", {1, 1}}, {"scale", {1, 1}}, {"fill_mode", mode}, {"fill_value", 200}}, x);
    const auto changed =
        std::count_if(y.values.begin(), y.values.end(), [](double v) { return std::abs(v - 50) > 1e-9; });
    EXPECT_EQ(changed > 0, std::string(mode) == "constant") << mode;
    for (const double value : y.values) EXPECT_TRUE(value >= 50 - 1e-9 && value <= 200 + 1e-9) << value;
  }
}

}  // namespace
}  // namespace trainyard::testing
