// The layers over pictures against formulas of their own, and the random ones by what they draw.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <set>

#include "engine/layers/image_resizing.h"
#include "tests/layers/pictures.h"

namespace trainyard::testing {
namespace {

// Sizes

TEST(ResizeWeights, OfACubicAreKeysPolynomials) {
  const Tensor weights = resize_weights(4, 8, ResizeKernel::bicubic, false);
  const double expected[] = {-0.10546875, 0.87890625, 0.26171875, -0.03515625};  // distances 1.25, 0.25, 0.75, 1.75
  for (size_t j = 0; j < 4; ++j) EXPECT_DOUBLE_EQ(weights.span<double>()[3 * 4 + j], expected[j]);
}

TEST(ResizeWeights, SumToOneForEveryKernel) {
  for (size_t kernel = 0; kernel < choice_names(ResizeKernel{}).size(); ++kernel)
    for (const bool antialias : {false, true})
      for (const auto& [from, to] : {std::pair<int64_t, int64_t>{3, 8}, {11, 4}, {1, 5}, {9, 1}}) {
        const Tensor weights = resize_weights(from, to, static_cast<ResizeKernel>(kernel), antialias);
        for (int64_t i = 0; i < to; ++i) {
          double total = 0;
          for (int64_t j = 0; j < from; ++j) total += weights.span<double>()[static_cast<size_t>(i * from + j)];
          EXPECT_NEAR(total, 1, 1e-12) << kernel << " " << from << " to " << to;
        }
      }
}

TEST(ResizeWeights, OfAnAntialiasedTriangleSpanTheShrinkage) {
  // 4 to 2: the kernel is two pixels to either side of 0.5; distances 0.5, 0.5, 1.5 over 2, the fourth too far out
  const auto weights = resize_weights(4, 2, ResizeKernel::bilinear, true);
  const double raw[] = {0.75, 0.75, 0.25, 0};
  for (size_t j = 0; j < 4; ++j) EXPECT_NEAR(weights.span<double>()[j], raw[j] / 1.75, 1e-12);
}

TEST(ResizeWeights, OfLanczosAreWindowedSincs) {
  const Tensor weights = resize_weights(20, 40, ResizeKernel::lanczos3, false);
  const double middle = (20 + 0.5) / 2 - 0.5;
  const auto lanczos = [](double t) {
    const auto sinc = [](double u) { return u == 0 ? 1 : std::sin(std::numbers::pi * u) / (std::numbers::pi * u); };
    return std::abs(t) < 3 ? sinc(t) * sinc(t / 3) : 0;
  };
  double total = 0;
  for (int j = 0; j < 20; ++j) total += lanczos(j - middle);
  for (int j = 0; j < 20; ++j)
    EXPECT_NEAR(weights.span<double>()[static_cast<size_t>(20 * 20 + j)], lanczos(j - middle) / total, 1e-12);
}

TEST(Resizing, SmoothsFirstWhereItIsToldTo) {
  const Json size{{"height", 1}, {"width", 2}};
  Json smooth = size;
  smooth["antialias"] = true;
  // the weights of the test above, and those of the two nearest
  expect_same(apply("Resizing", smooth, row_of({1, 2, 4, 8})),
              row_of({(0.75 * 1 + 0.75 * 2 + 0.25 * 4) / 1.75, (0.25 * 2 + 0.75 * 4 + 0.75 * 8) / 1.75}));
  expect_same(apply("Resizing", size, row_of({1, 2, 4, 8})), row_of({1.5, 6}));
}

TEST(Resizing, KeepsTheMiddleOfTheRightRatio) {
  const Picture x = noise({1, 8, 4, 1});
  const Picture middle = picture({1, 4, 4, 1}, [&](auto n, auto r, auto c, auto k) { return x.at(n, r + 2, c, k); });
  expect_same(apply("Resizing", {{"height", 4}, {"width", 4}, {"crop_to_aspect_ratio", true}}, x), middle);
}

TEST(Resizing, FillsUpWhatTheRatioAsksFor) {
  const Picture x = noise({1, 4, 2, 1});
  const Picture padded = picture(
      {1, 4, 4, 1}, [&](auto n, auto r, auto c, auto k) { return c == 0 || c == 3 ? -7 : x.at(n, r, c - 1, k); });
  expect_same(apply("Resizing", {{"height", 4}, {"width", 4}, {"pad_to_aspect_ratio", true}, {"fill_value", -7}}, x),
              padded);
}

TEST(RandomCrop, CutsTheSameWindowOutOfEachPictureAndComesEverywhere) {
  const Picture x = noise({2, 4, 5, 1});
  std::set<std::pair<int, int>> places;
  for (int seed = 1; seed <= 80; ++seed) {
    const Picture y = apply("RandomCrop", {{"height", 3}, {"width", 3}, {"seed", seed}}, x);
    for (int top = 0; top < 2; ++top)
      for (int left = 0; left < 3; ++left) {
        const Picture window =
            picture({2, 3, 3, 1}, [&](auto n, auto r, auto c, auto) { return x.at(n, r + top, c + left); });
        if (window.values == y.values) places.insert({top, left});
      }
  }
  EXPECT_EQ(places.size(), 6u);
}

TEST(RandomCrop, GivesTheLargestMiddleOfItsRatioInInference) {
  const Picture x = noise({2, 6, 9, 2});
  for (const auto& [height, width] : {std::pair{3, 3}, {2, 5}, {4, 2}, {8, 8}}) {
    const Json size{{"height", height}, {"width", width}};
    Json resizing = size;
    resizing["crop_to_aspect_ratio"] = true;
    expect_same(apply("RandomCrop", size, x, false), apply("Resizing", resizing, x, false));
  }
}

// Moves

TEST(RandomTranslation, FillsAsEachModeSays) {
  const Picture x = row_of({1, 2, 3, 4});
  const std::vector<std::pair<const char*, std::vector<double>>> modes{
      {"constant", {9, 9, 1, 2}}, {"nearest", {1, 1, 1, 2}}, {"reflect", {2, 1, 1, 2}}, {"wrap", {3, 4, 1, 2}}};
  for (const auto& [mode, expected] : modes)
    for (const char* interpolation : {"nearest", "bilinear"})
      expect_same(apply("RandomTranslation",
                        {{"height_factor", 0.0},
                         {"width_factor", {0.5, 0.5}},
                         {"fill_mode", mode},
                         {"fill_value", 9},
                         {"interpolation", interpolation}},
                        x),
                  row_of(expected));
}

TEST(RandomTranslation, BlendsBetweenPixels) {
  expect_same(
      apply("RandomTranslation", {{"height_factor", 0.0}, {"width_factor", {0.125, 0.125}}, {"fill_mode", "nearest"}},
            row_of({1, 2, 4, 8})),
      row_of({1, 1.5, 3, 6}));
}

TEST(RandomRotation, ByAQuarterTurnsCounterClockwise) {
  const Picture x = noise({2, 5, 5, 2});
  const Picture turned = picture(x.shape, [&](auto n, auto r, auto c, auto k) { return x.at(n, c, 4 - r, k); });
  expect_same(apply("RandomRotation", {{"factor", {0.25, 0.25}}}, x), turned, 1e-6);
}

TEST(RandomZoom, KeepsTheMiddleInPlace) {
  const Picture ramp = picture({1, 5, 9, 1}, [](auto, auto r, auto c, auto) { return 10.0 * r + c; });
  // in by half: rows 2 + (r - 2) / 2, columns 4 + (c - 4) / 2
  const Picture near = picture(ramp.shape, [](auto, auto r, auto c, auto) {
    return 10 * (2 + (static_cast<double>(r) - 2) / 2) + 4 + (static_cast<double>(c) - 4) / 2;
  });
  expect_same(apply("RandomZoom", {{"height_factor", {-0.5, -0.5}}}, ramp), near, 1e-6);
}

TEST(RandomShear, ShiftsRowsOneWayOrTheOther) {
  const Picture x = noise({60, 3, 5, 1});
  const Picture y =
      apply("RandomShear", {{"x_factor", {1, 1}}, {"fill_mode", "wrap"}, {"interpolation", "nearest"}}, x);
  int right = 0;
  for (int64_t n = 0; n < 60; ++n) {
    bool forward = true;
    bool back = true;
    for (int64_t r = 0; r < 3; ++r)
      for (int64_t c = 0; c < 5; ++c) {
        forward = forward && y.at(n, r, c) == x.at(n, r, (c + r) % 5);
        back = back && y.at(n, r, c) == x.at(n, r, (c - r + 5) % 5);
      }
    EXPECT_NE(forward, back);
    right += forward ? 1 : 0;
  }
  EXPECT_GT(right, 10);
  EXPECT_LT(right, 50);
}

TEST(RandomFlip, MirrorsHalfOfThePictures) {
  const Picture x = noise({400, 3, 4, 1});
  for (const std::string mode : {"horizontal", "vertical", "horizontal_and_vertical"}) {
    const Picture y = apply("RandomFlip", {{"mode", mode}}, x);
    const Picture mirrored = picture(x.shape, [&](auto n, auto r, auto c, auto k) {
      return x.at(n, mode == "horizontal" ? r : 2 - r, mode == "vertical" ? c : 3 - c, k);
    });
    int count = 0;
    for (int64_t n = 0; n < 400; ++n) {
      const auto same = [&](const Picture& other) {
        return std::equal(y.values.begin() + n * 12, y.values.begin() + (n + 1) * 12, other.values.begin() + n * 12);
      };
      EXPECT_NE(same(x), same(mirrored));
      count += same(mirrored) ? 1 : 0;
    }
    EXPECT_NEAR(count, 200, 50) << mode;  // 5 standard deviations
  }
}

TEST(RandomPerspective, KeepsLinesStraightAndTheFirstCornerInPlace) {
  // the picture holds its own coordinates, so the result says where each pixel came from; far outside is the fill
  const Picture x =
      picture({8, 30, 40, 2}, [](auto, auto r, auto c, auto k) { return static_cast<double>(k == 0 ? r : c); });
  const Picture y = apply("RandomPerspective", {{"factor", {1, 1}}, {"scale", 0.5}, {"fill_value", -1000}}, x);
  int bent = 0;
  for (int64_t n = 0; n < 8; ++n) {
    EXPECT_NEAR(y.at(n, 0, 0, 0), 0, 1e-6);
    EXPECT_NEAR(y.at(n, 0, 0, 1), 0, 1e-6);
    for (int64_t r = 2; r < 12; ++r) {
      const auto row = [&](int64_t c) { return y.at(n, r, c, 0); };
      const auto column = [&](int64_t c) { return y.at(n, r, c, 1); };
      if (row(2) < 0 || row(9) < 0 || row(16) < 0) continue;
      const double area = (row(9) - row(2)) * (column(16) - column(2)) - (row(16) - row(2)) * (column(9) - column(2));
      EXPECT_NEAR(area, 0, 1e-6);
      bent += std::abs(row(16) - row(2)) > 1e-3 ? 1 : 0;  // and no line stays where it was
    }
  }
  EXPECT_GT(bent, 20);
}

TEST(RandomElasticTransform, ShiftsAsFarAsItsNoiseSays) {
  const Picture x = picture({30, 40, 40, 1}, [](auto, auto, auto c, auto) { return static_cast<double>(c); });
  const Picture y = apply("RandomElasticTransform", {{"factor", {1, 1}}, {"scale", {1, 1}}}, x);
  const double alpha = 4;
  const double sigma = 2;
  double total = 0;
  double squares = 0;
  for (int i = -6; i <= 6; ++i) total += std::exp(-0.5 * i * i / (sigma * sigma));
  for (int i = -6; i <= 6; ++i) squares += std::pow(std::exp(-0.5 * i * i / (sigma * sigma)) / total, 2);
  double sum = 0;
  double deviation = 0;
  int count = 0;
  for (int64_t n = 0; n < 30; ++n)
    for (int64_t r = 8; r < 32; ++r)
      for (int64_t c = 12; c < 28; ++c, ++count) {
        const double shift = y.at(n, r, c) - static_cast<double>(c);
        sum += shift;
        deviation += shift * shift;
      }
  // blurred noise has the deviation of its squares along both axes; neighbours are alike, so few draws are independent
  EXPECT_NEAR(std::sqrt(deviation / count), alpha * sigma * squares, 0.12 * alpha * sigma * squares);
  EXPECT_NEAR(sum / count, 0, 0.15);
}

// Colours

TEST(RandomBrightness, AddsAShareOfTheRange) {
  const Picture x = noise({2, 3, 4, 3}, 1);
  const Picture expected = picture(x.shape, [&](auto... i) { return std::min(1.0, x.at(i...) + 0.25); });
  expect_same(apply("RandomBrightness", {{"factor", {0.25, 0.25}}, {"value_range", {0, 1}}}, x), expected, 1e-6);
}

TEST(RandomContrast, StretchesEachPictureByItsOwnFactor) {
  const Picture x = picture({200, 2, 1, 1}, [](auto, auto r, auto, auto) { return r == 0 ? 100.0 : 140.0; });
  const Picture y = apply("RandomContrast", {{"factor", {0.2, 0.6}}}, x);
  double sum = 0;
  std::set<double> factors;
  for (int64_t n = 0; n < 200; ++n) {
    EXPECT_NEAR(y.at(n, 0, 0) + y.at(n, 1, 0), 240, 1e-9);
    const double factor = (y.at(n, 1, 0) - y.at(n, 0, 0)) / 40;
    EXPECT_GE(factor, 0.8 - 1e-9);
    EXPECT_LE(factor, 1.6 + 1e-9);
    factors.insert(factor);
    sum += factor;
  }
  EXPECT_GT(factors.size(), 190u);
  EXPECT_NEAR(sum / 200, 1.2, 0.08);
}

TEST(RandomHue, TurnsRedIntoGreenOrBlue) {
  const Picture x = picture({100, 1, 1, 3}, [](auto, auto, auto, auto k) { return k == 0 ? 200.0 : 0.0; });
  const Picture y = apply("RandomHue", {{"factor", {2.0 / 3, 2.0 / 3}}}, x);
  int green = 0;
  for (int64_t n = 0; n < 100; ++n) {
    EXPECT_NEAR(y.at(n, 0, 0, 0), 0, 1e-3);
    EXPECT_NEAR(y.at(n, 0, 0, 1) + y.at(n, 0, 0, 2), 200, 1e-3);
    green += y.at(n, 0, 0, 1) > 100 ? 1 : 0;
  }
  EXPECT_NEAR(green, 50, 25);
}

TEST(RandomSaturation, MovesColoursToTheirBrightest) {
  const Picture x = noise({2, 4, 4, 3});
  // a quarter: the saturation by a third
  const Picture expected = picture(x.shape, [&](auto n, auto r, auto c, auto k) {
    const double v = std::max({x.at(n, r, c, 0), x.at(n, r, c, 1), x.at(n, r, c, 2)});
    return v - (v - x.at(n, r, c, k)) / 3;
  });
  expect_same(apply("RandomSaturation", {{"factor", {0.25, 0.25}}}, x), expected, 1e-4);
}

TEST(RandomSharpness, BlursByThirteenths) {
  const Picture x = noise({1, 5, 5, 2});
  const Picture y = apply("RandomSharpness", {{"factor", {0, 0}}}, x);
  for (int64_t k = 0; k < 2; ++k) {
    double sum = 4 * x.at(0, 2, 2, k);
    for (int64_t r = 1; r <= 3; ++r)
      for (int64_t c = 1; c <= 3; ++c) sum += x.at(0, r, c, k);
    EXPECT_NEAR(y.at(0, 2, 2, k), sum / 13, 1e-9);
  }
  expect_same(apply("RandomSharpness", {{"factor", {0.5, 0.5}}}, x), x, 1e-6);
}

TEST(RandomColorDegeneration, EndsInGrey) {
  const Picture x = noise({1, 3, 3, 3});
  const Picture grey = picture(x.shape, [&](auto n, auto r, auto c, auto) {
    return 0.2989 * x.at(n, r, c, 0) + 0.587 * x.at(n, r, c, 1) + 0.114 * x.at(n, r, c, 2);
  });
  expect_same(apply("RandomColorDegeneration", {{"factor", {1, 1}}}, x), grey, 1e-5);
}

TEST(RandomGrayscale, TakesTheColourOutOfItsShare) {
  const Picture x = noise({400, 1, 1, 3});
  const Picture y = apply("RandomGrayscale", {{"factor", 0.3}}, x);
  int grey = 0;
  for (int64_t n = 0; n < 400; ++n) grey += y.at(n, 0, 0, 0) == y.at(n, 0, 0, 1) ? 1 : 0;
  EXPECT_NEAR(grey, 120, 46);
}

TEST(RandomPosterization, DropsLowBits) {
  const Picture x = picture({1, 16, 16, 1}, [](auto, auto r, auto c, auto) { return 16.0 * r + c; });
  const Picture expected =
      picture(x.shape, [&](auto... i) { return static_cast<double>(static_cast<int>(x.at(i...)) & 0xE0); });
  expect_same(apply("RandomPosterization", {{"factor", {3, 3}}}, x), expected);
  // one number: 1 .. factor - 1 bits, each as often
  const Picture y =
      apply("RandomPosterization", {{"factor", 4}}, picture({300, 1, 1, 1}, [](auto...) { return 255.0; }));
  std::map<double, int> counts;
  for (const double value : y.values) ++counts[value];
  ASSERT_EQ(counts.size(), 3u);
  for (const double value : {128.0, 192.0, 224.0}) EXPECT_NEAR(counts[value], 100, 42);
}

TEST(RandomInvert, TakesValuesFromTheTop) {
  const Picture x = noise({2, 3, 3, 1}, 1);
  const Picture expected = picture(x.shape, [&](auto... i) { return 1 - x.at(i...); });
  expect_same(apply("RandomInvert", {{"factor", {1, 1}}, {"value_range", {0, 1}}}, x), expected);
}

TEST(RandomInvert, InvertsHalfOfItsLargestShare) {
  const Picture y = apply("RandomInvert", {{"factor", 0.8}}, picture({400, 1, 1, 1}, [](auto...) { return 55.0; }));
  EXPECT_NEAR(static_cast<double>(std::count(y.values.begin(), y.values.end(), 200.0)), 160, 50);
}

TEST(Solarization, TurnsWhatIsAboveTheThreshold) {
  const Picture x = row_of({0, 60, 200, 255});
  expect_same(apply("Solarization", Json::object(), x), row_of({255, 195, 55, 0}));
  const Picture y = apply("Solarization", {{"threshold_factor", 0.5}},
                          picture({200, 1, 2, 1}, [](auto, auto, auto c, auto) { return c == 0 ? 60.0 : 200.0; }));
  int turned = 0;
  for (int64_t n = 0; n < 200; ++n) {
    EXPECT_EQ(y.at(n, 0, 1), 55);
    turned += y.at(n, 0, 0) == 195 ? 1 : 0;
  }
  EXPECT_NEAR(turned, 200 * 60 / 127.5, 36);  // thresholds are even up to 127.5
  expect_same(apply("Solarization", Json::object(), x, false), x);
}

TEST(Equalization, SpreadsRanksEvenlyInEachChannel) {
  const Picture x = picture({2, 1, 2, 2}, [](auto n, auto, auto c, auto k) { return 10.0 + 20 * n + 10 * c + k; });
  const Picture expected = picture(x.shape, [](auto n, auto, auto c, auto) { return 85.0 * (2 * n + c); });
  expect_same(apply("Equalization", Json::object(), x), expected);
  const Picture flat = picture({1, 2, 2, 1}, [](auto...) { return 33.0; });
  expect_same(apply("Equalization", Json::object(), flat), flat);
}

TEST(AutoContrast, LeavesFlatChannelsAlone) {
  const Picture x = picture({1, 1, 3, 2}, [](auto, auto, auto c, auto k) { return k == 0 ? 50.0 + 25 * c : 12.0; });
  const Picture expected = picture(x.shape, [](auto, auto, auto c, auto k) { return k == 0 ? 127.5 * c : 12.0; });
  expect_same(apply("AutoContrast", Json::object(), x), expected, 1e-9);
}

/// What one tile makes of a shade.
double equalized_shade(const std::vector<double>& shades, double shade, double limit) {
  std::vector<double> counts(256, 0);
  for (const double value : shades) counts[static_cast<size_t>(value)] += 1;
  double excess = 0;
  for (double& count : counts) {
    const double kept = limit > 0 ? std::min(count, limit * static_cast<double>(shades.size()) / 256) : count;
    excess += count - kept;
    count = kept;
  }
  double least = 0;
  double sum = 0;
  for (int i = 0; i <= static_cast<int>(shade); ++i) {
    sum += counts[static_cast<size_t>(i)] + excess / 256;
    if (i == 0) least = sum;
  }
  return std::clamp((sum - least) * 255 / (static_cast<double>(shades.size()) - least), 0.0, 255.0);
}

TEST(Clahe, EqualizesAPictureOfOneTile) {
  const Picture bytes = noise({1, 12, 10, 1});
  for (const double limit : {0.0, 4.0}) {
    const Picture expected =
        picture(bytes.shape, [&](auto... i) { return equalized_shade(bytes.values, bytes.at(i...), limit); });
    expect_same(apply("ContrastLimitedAdaptiveHistogramEqualization",
                      {{"tile_grid_size", {1, 1}}, {"clip_limit", limit}}, bytes),
                expected, 1e-6);
  }
}

TEST(Clahe, BlendsTheTilesAround) {
  const Picture x = noise({1, 4, 8, 1});
  const Picture y =
      apply("ContrastLimitedAdaptiveHistogramEqualization", {{"tile_grid_size", {1, 2}}, {"clip_limit", 0}}, x);
  const auto tile = [&](int64_t first) {
    std::vector<double> shades;
    for (int64_t r = 0; r < 4; ++r)
      for (int64_t c = first; c < first + 4; ++c) shades.push_back(x.at(0, r, c));
    return shades;
  };
  for (int64_t c = 2; c < 6; ++c) {  // between the middles of the tiles
    const double share = (static_cast<double>(c) - 2) / 4;
    EXPECT_NEAR(
        y.at(0, 1, c),
        (1 - share) * equalized_shade(tile(0), x.at(0, 1, c), 0) + share * equalized_shade(tile(4), x.at(0, 1, c), 0),
        1e-6);
  }
}

// Patches and mixes

TEST(RandomErasing, CoversAQuarterWhereScaleIsAQuarter) {
  const Picture x = noise({50, 8, 12, 1});
  const Picture y = apply("RandomErasing", {{"factor", {1, 1}}, {"scale", {0.25, 0.25}}, {"fill_value", 7}}, x);
  for (int64_t n = 0; n < 50; ++n) {
    int covered = 0;
    for (int64_t r = 0; r < 8; ++r)
      for (int64_t c = 0; c < 12; ++c) {
        covered += y.at(n, r, c) == 7 ? 1 : 0;
        EXPECT_TRUE(y.at(n, r, c) == 7 || y.at(n, r, c) == x.at(n, r, c));
      }
    EXPECT_EQ(covered, 4 * 6);
  }
}

TEST(CutMix, PastesARectangleOfOneOtherPicture) {
  const Picture x = picture({60, 6, 6, 1}, [](auto n, auto...) { return static_cast<double>(n); });
  const Picture y = apply("CutMix", {{"factor", {0.9, 1}}}, x);
  double pasted_total = 0;
  std::set<double> donors;
  for (int64_t n = 0; n < 60; ++n) {
    std::set<double> others;
    int64_t first_row = 6, last_row = -1, first_column = 6, last_column = -1, pasted = 0;
    for (int64_t r = 0; r < 6; ++r)
      for (int64_t c = 0; c < 6; ++c) {
        if (y.at(n, r, c) == static_cast<double>(n)) continue;
        others.insert(y.at(n, r, c));
        first_row = std::min(first_row, r), last_row = std::max(last_row, r);
        first_column = std::min(first_column, c), last_column = std::max(last_column, c);
        ++pasted;
      }
    EXPECT_LE(others.size(), 1u);
    EXPECT_TRUE(pasted == 0 || pasted == (last_row - first_row + 1) * (last_column - first_column + 1));
    pasted_total += static_cast<double>(pasted) / 36;
    for (const double donor : others) EXPECT_TRUE(donors.insert(donor).second) << "each picture is pasted once";
  }
  EXPECT_NEAR(pasted_total / 60, 0.5, 0.17);  // a beta variate of equal numbers has the mean 0.5
}

TEST(MixUp, BlendsEachPictureWithOneOtherByABetaVariate) {
  // (n, n n) tells both the other picture m and the share: y = s (n, n n) + (1 - s) (m, m m)
  const int64_t count = 500;
  const Picture x =
      picture({count, 1, 1, 2}, [](auto n, auto, auto, auto k) { return static_cast<double>(k == 0 ? n : n * n); });
  const double alpha = 0.4;
  const Picture y = apply("MixUp", {{"alpha", alpha}}, x);
  std::set<int64_t> others;
  double sum = 0;
  double squares = 0;
  int known = 0;
  for (int64_t n = 0; n < count; ++n) {
    const auto own = static_cast<double>(n);
    const double along = y.at(n, 0, 0, 0) - own;
    if (std::abs(along) < 1e-6) {  // wholly itself
      sum += 1, squares += 1, ++known;
      continue;
    }
    const double other = (y.at(n, 0, 0, 1) - own * own) / along - own;
    EXPECT_NEAR(other, std::round(other), 1e-3);
    EXPECT_TRUE(others.insert(std::llround(other)).second);
    const double share = 1 - along / (std::round(other) - own);
    sum += share, squares += share * share, ++known;
  }
  const double mean = sum / known;
  EXPECT_NEAR(mean, 0.5, 0.09);
  EXPECT_NEAR(squares / known - mean * mean, 1 / (4 * (2 * alpha + 1)), 0.02);
}

TEST(RandomGaussianBlur, SpreadsAPointAsABell) {
  const Picture x = picture({1, 7, 7, 1}, [](auto, auto r, auto c, auto) { return r == 3 && c == 3 ? 100.0 : 0.0; });
  const Picture y =
      apply("RandomGaussianBlur", {{"factor", {1, 1}}, {"kernel_size", {3, 5}}, {"sigma", {0.8, 0.8}}}, x);
  const auto bell = [](double place, int reach) {
    double total = 0;
    for (int i = -reach; i <= reach; ++i) total += std::exp(-0.5 * i * i / 0.64);
    return std::abs(place) > reach ? 0 : std::exp(-0.5 * place * place / 0.64) / total;
  };
  const Picture expected = picture(x.shape, [&](auto, auto r, auto c, auto) {
    return 100 * bell(static_cast<double>(r) - 3, 1) * bell(static_cast<double>(c) - 3, 2);
  });
  expect_same(y, expected, 1e-3);
}

TEST(RandAugment, ChoosesEachChangeAsOften) {
  // At strength 0 six of the eleven change nothing: the moves, brightness, colour and contrast.
  const Picture x = noise({1, 6, 6, 3});
  int unchanged = 0;
  for (int seed = 1; seed <= 120; ++seed) {
    const Picture y = apply("RandAugment", {{"num_ops", 1}, {"factor", 0}, {"seed", seed}}, x);
    const bool same = std::equal(x.values.begin(), x.values.end(), y.values.begin(),
                                 [](double a, double b) { return std::abs(a - b) < 1e-9; });
    unchanged += same ? 1 : 0;
  }
  EXPECT_NEAR(unchanged, 120 * 6 / 11.0, 27);
}

TEST(AugMix, StaysInRangeAndBlendsDifferentlyBySeed) {
  const Picture x = noise({2, 6, 6, 3});
  std::set<std::vector<double>> results;
  for (int seed = 1; seed <= 10; ++seed) {
    const Picture y = apply("AugMix", {{"seed", seed}}, x);
    EXPECT_EQ(apply("AugMix", {{"seed", seed}}, x).values, y.values);
    for (const double value : y.values) EXPECT_TRUE(value >= 0 && value <= 255);
    results.insert(y.values);
  }
  EXPECT_EQ(results.size(), 10u);
}

TEST(AugMix, OfAFlatPictureThatNothingChangesIsItself) {
  // With factor 0 and the fewer changes only posterization (to one bit), solarization and equalization touch colours; 0 stays 0
  // under the first and the last, and a chain of solarizations gives 0 or 255: the blend lies on the line between.
  const Picture x = picture({1, 4, 4, 1}, [](auto...) { return 0.0; });
  for (int seed = 1; seed <= 5; ++seed) {
    const Picture y = apply("AugMix", {{"factor", 0}, {"all_ops", false}, {"seed", seed}}, x);
    for (const double value : y.values) EXPECT_NEAR(value, y.values.front(), 1e-9);
  }
}

TEST(Augmentations, DoNothingInInference) {
  const Picture x = noise({2, 6, 6, 3});
  for (const LayerSample& sample : image_samples()) {
    if (sample.class_name.substr(0, 6) != "Random" || sample.class_name == "RandomCrop") continue;
    if (sample.config.contains("data_format")) continue;
    expect_same(apply(sample.class_name, sample.config, x, false), x, 0);
  }
}

TEST(Augmentations, DrawAnewForEachPicture) {
  const Picture one = noise({1, 6, 6, 3});
  const Picture x = picture({2, 6, 6, 3}, [&](auto, auto r, auto c, auto k) { return one.at(0, r, c, k); });
  for (const auto& [name, config] :
       std::vector<std::pair<const char*, Json>>{{"RandomTranslation", {{"height_factor", 0.3}, {"width_factor", 0.3}}},
                                                 {"RandomRotation", {{"factor", 0.2}}},
                                                 {"RandomZoom", {{"height_factor", 0.3}}},
                                                 {"RandomBrightness", {{"factor", 0.3}}},
                                                 {"RandomContrast", {{"factor", 0.3}}},
                                                 {"RandomHue", {{"factor", 0.3}}},
                                                 {"RandomSaturation", {{"factor", 0.3}}},
                                                 {"RandomSharpness", {{"factor", 0.3}}},
                                                 {"RandomColorDegeneration", {{"factor", 0.3}}},
                                                 {"RandomErasing", {{"factor", {1, 1}}}},
                                                 {"RandomPerspective", {{"factor", {1, 1}}}}}) {
    const Picture y = apply(name, config, x);
    const auto half = static_cast<std::ptrdiff_t>(y.values.size() / 2);
    EXPECT_FALSE(std::equal(y.values.begin(), y.values.begin() + half, y.values.begin() + half)) << name;
  }
}

TEST(RandomColorJitter, IsItsPartsInARow) {
  const Picture x = noise({2, 4, 4, 3});
  const Picture bright = apply("RandomBrightness", {{"factor", {0.1, 0.1}}}, x);
  const Picture both = apply("RandomSaturation", {{"factor", {0.25, 0.25}}}, bright);
  expect_same(apply("RandomColorJitter", {{"brightness_factor", {0.1, 0.1}}, {"saturation_factor", {0.25, 0.25}}}, x),
              both, 1e-9);
}

TEST(Pipeline, IsItsLayersInARow) {
  const Picture x = noise({2, 6, 5, 2});
  const auto stage = [](const char* name, Json config) {
    config["dtype"] = "float64";
    return Json{{"class_name", name}, {"config", config}};
  };
  const Json resizing{{"height", 3}, {"width", 4}};
  const Json center{{"height", 2}, {"width", 2}};
  const Json layers = Json::array({stage("Resizing", resizing), stage("CenterCrop", center)});
  expect_same(apply("Pipeline", {{"layers", layers}}, x), apply("CenterCrop", center, apply("Resizing", resizing, x)));
}

TEST(MaxNumBoundingBoxes, CutsOffAndFillsUp) {
  const auto rows = [](int64_t count, double missing, int64_t given) {
    std::vector<double> values;
    for (int64_t i = 0; i < count * 4; ++i) values.push_back(i < given * 4 ? static_cast<double>(i) : missing);
    return Picture{{1, count, 4}, values};
  };
  const Json config{{"max_number", 3}, {"fill_value", -2}};
  expect_same(apply("MaxNumBoundingBoxes", config, rows(2, 0, 2)), rows(3, -2, 2));
  expect_same(apply("MaxNumBoundingBoxes", config, rows(5, 0, 5)), rows(3, 0, 3));
}

}  // namespace
}  // namespace trainyard::testing
