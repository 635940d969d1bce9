// What the random layers over pictures draw: numbers are found out from pictures made so that each shows its own, and held
// against the moments of what they should be drawn from. Tolerances are five standard deviations of the estimates.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "tests/layers/pictures.h"

namespace trainyard::testing {
namespace {

/// Evenly from [low, high].
void expect_uniform(const std::vector<double>& drawn, double low, double high, const std::string& what) {
  const auto count = static_cast<double>(drawn.size());
  const double width = high - low;
  double mean = 0;
  double variance = 0;
  for (const double value : drawn) {
    EXPECT_GE(value, low - 1e-5) << what;
    EXPECT_LE(value, high + 1e-5) << what;
    mean += value / count;
  }
  for (const double value : drawn) variance += std::pow(value - mean, 2) / count;
  EXPECT_NEAR(mean, (low + high) / 2, 5 * width / std::sqrt(12 * count)) << what;
  EXPECT_NEAR(variance, width * width / 12, 5 * width * width * std::sqrt((1.0 / 80 - 1.0 / 144) / count)) << what;
}

void expect_share(double part, double whole, double probability, const std::string& what) {
  EXPECT_NEAR(part / whole, probability, 5 * std::sqrt(probability * (1 - probability) / whole)) << what;
}

constexpr int64_t kCount = 400;

/// 400 pictures of one pixel pattern.
Picture pictures_of(int64_t height, int64_t width, int64_t channels,
                    const std::function<double(int64_t, int64_t, int64_t)>& value) {
  return picture({kCount, height, width, channels}, [&](auto, auto r, auto c, auto k) { return value(r, c, k); });
}

/// What each picture's result says.
std::vector<double> told(const Picture& y, const std::function<double(int64_t n)>& read) {
  std::vector<double> numbers;
  for (int64_t n = 0; n < y.shape[0]; ++n) numbers.push_back(read(n));
  return numbers;
}

TEST(DrawnColours, ComeEvenlyFromTheirRange) {
  const Picture grey = pictures_of(1, 1, 1, [](auto...) { return 120.0; });
  Picture y = apply("RandomBrightness", {{"factor", {-0.2, 0.3}}}, grey);
  expect_uniform(told(y, [&](auto n) { return (y.at(n, 0, 0) - 120) / 255; }), -0.2, 0.3, "brightness");
  y = apply("RandomBrightness", {{"factor", 0.2}}, grey);
  expect_uniform(told(y, [&](auto n) { return (y.at(n, 0, 0) - 120) / 255; }), -0.2, 0.2, "brightness of one number");

  const Picture colour = pictures_of(1, 1, 3, [](auto, auto, auto k) { return 200.0 - 50 * static_cast<double>(k); });
  const double luma = 0.2989 * 200 + 0.587 * 150 + 0.114 * 100;
  y = apply("RandomColorDegeneration", {{"factor", {0.2, 0.9}}}, colour);
  expect_uniform(told(y, [&](auto n) { return (200 - y.at(n, 0, 0, 0)) / (200 - luma); }), 0.2, 0.9, "degeneration");
  y = apply("RandomColorDegeneration", {{"factor", 0.6}}, colour);
  expect_uniform(told(y, [&](auto n) { return (200 - y.at(n, 0, 0, 0)) / (200 - luma); }), 0, 0.6, "degeneration");
  y = apply("RandomSaturation", {{"factor", {0.1, 0.6}}}, colour);
  const auto saturation = [&](auto n) {
    const double times = (200 - y.at(n, 0, 0, 2)) / 100;
    return times / (1 + times);
  };
  expect_uniform(told(y, saturation), 0.1, 0.6, "saturation");

  const Picture red = pictures_of(1, 1, 3, [](auto, auto, auto k) { return k == 0 ? 200.0 : 0.0; });
  y = apply("RandomHue", {{"factor", {0.1, 0.3}}}, red);
  int green = 0;
  const auto hue = [&](auto n) {  // half a turn at 1, a sixth at full green or blue
    green += y.at(n, 0, 0, 1) > y.at(n, 0, 0, 2) ? 1 : 0;
    return std::max(y.at(n, 0, 0, 1), y.at(n, 0, 0, 2)) / 200 / 6 * 2;
  };
  expect_uniform(told(y, hue), 0.1, 0.3, "hue");
  expect_share(green, kCount, 0.5, "hue's direction");

  const Picture point = pictures_of(5, 5, 1, [](auto r, auto c, auto) { return r == 2 && c == 2 ? 100.0 : 0.0; });
  y = apply("RandomSharpness", {{"factor", {0.25, 0.75}}}, point);
  const auto sharpness = [&](auto n) { return (1 - (100 - y.at(n, 2, 2)) / (100 - 500.0 / 13)) / 2; };
  expect_uniform(told(y, sharpness), 0.25, 0.75, "sharpness");
}

TEST(DrawnContrast, OfOneNumberOnlyStrengthens) {
  const Picture x = pictures_of(2, 1, 1, [](auto r, auto, auto) { return r == 0 ? 100.0 : 140.0; });
  const Picture y = apply("RandomContrast", {{"factor", 0.7}}, x);
  expect_uniform(told(y, [&](auto n) { return (y.at(n, 1, 0) - y.at(n, 0, 0)) / 40; }), 1, 1.7, "contrast");
}

TEST(RandomColorJitter, DrawsEachOfItsPartsFromItsOwnFactor) {
  const char* const name = "RandomColorJitter";
  Picture y = apply(name, {{"brightness_factor", {-0.1, 0.3}}}, pictures_of(1, 1, 1, [](auto...) { return 120.0; }));
  expect_uniform(told(y, [&](auto n) { return (y.at(n, 0, 0) - 120) / 255; }), -0.1, 0.3, "brightness");
  const Picture steps = pictures_of(2, 1, 1, [](auto r, auto, auto) { return r == 0 ? 100.0 : 140.0; });
  y = apply(name, {{"contrast_factor", {0.2, 0.6}}}, steps);
  expect_uniform(told(y, [&](auto n) { return (y.at(n, 1, 0) - y.at(n, 0, 0)) / 40; }), 0.8, 1.6, "contrast");
  const Picture colour = pictures_of(1, 1, 3, [](auto, auto, auto k) { return 200.0 - 50 * static_cast<double>(k); });
  y = apply(name, {{"saturation_factor", {0.1, 0.6}}}, colour);
  const auto saturation = [&](auto n) {
    const double times = (200 - y.at(n, 0, 0, 2)) / 100;
    return times / (1 + times);
  };
  expect_uniform(told(y, saturation), 0.1, 0.6, "saturation");
  y = apply(name, {{"hue_factor", 0.3}}, pictures_of(1, 1, 3, [](auto, auto, auto k) { return k == 0 ? 200.0 : 0.0; }));
  const auto hue = [&](auto n) { return std::max(y.at(n, 0, 0, 1), y.at(n, 0, 0, 2)) / 200 / 6 * 2; };
  expect_uniform(told(y, hue), 0, 0.3, "hue");
}

TEST(DrawnMoves, ComeEvenlyFromTheirRange) {
  // each pixel holds its row and its column, so that the result says where it came from
  const Picture x = pictures_of(9, 11, 2, [](auto r, auto c, auto k) { return static_cast<double>(k == 0 ? r : c); });
  Picture y = apply("RandomTranslation", {{"height_factor", {-0.2, 0.1}}, {"width_factor", {0.05, 0.25}}}, x);
  expect_uniform(told(y, [&](auto n) { return (4 - y.at(n, 4, 5, 0)) / 9; }), -0.2, 0.1, "down");
  expect_uniform(told(y, [&](auto n) { return (5 - y.at(n, 4, 5, 1)) / 11; }), 0.05, 0.25, "right");
  y = apply("RandomTranslation", {{"height_factor", 0.2}, {"width_factor", 0.0}}, x);
  expect_uniform(told(y, [&](auto n) { return (4 - y.at(n, 4, 5, 0)) / 9; }), -0.2, 0.2, "down by one number");

  y = apply("RandomRotation", {{"factor", {-0.1, 0.15}}}, x);
  const auto turn = [&](auto n) {
    return std::atan2(y.at(n, 4, 7, 0) - 4, y.at(n, 4, 7, 1) - 5) / (2 * std::numbers::pi);
  };
  expect_uniform(told(y, turn), -0.1, 0.15, "rotation");

  y = apply("RandomZoom", {{"height_factor", {-0.4, 0.2}}, {"width_factor", {0.1, 0.3}}}, x);
  expect_uniform(told(y, [&](auto n) { return (y.at(n, 6, 8, 0) - 4) / 2 - 1; }), -0.4, 0.2, "zoom of heights");
  expect_uniform(told(y, [&](auto n) { return (y.at(n, 6, 8, 1) - 5) / 3 - 1; }), 0.1, 0.3, "zoom of widths");
  y = apply("RandomZoom", {{"height_factor", {-0.4, 0.2}}}, x);
  for (int64_t n = 0; n < kCount; ++n) EXPECT_NEAR((y.at(n, 6, 8, 0) - 4) / 2, (y.at(n, 6, 8, 1) - 5) / 3, 1e-5);

  y = apply("RandomShear", {{"x_factor", {0.1, 0.4}}, {"y_factor", {0.05, 0.3}}, {"fill_mode", "nearest"}}, x);
  int forward = 0;
  const auto size_and_sign = [&](double shift) {
    forward += shift > 0 ? 1 : 0;
    return std::abs(shift);
  };
  expect_uniform(told(y, [&](auto n) { return size_and_sign((y.at(n, 3, 5, 1) - 5) / 3); }), 0.1, 0.4,
                 "shear of columns");
  expect_share(forward, kCount, 0.5, "shear's direction");
  expect_uniform(told(y, [&](auto n) { return std::abs(y.at(n, 4, 5, 0) - 4) / 5; }), 0.05, 0.3, "shear of rows");
}

TEST(Solarization, AddsAndThresholdsWhatItDraws) {
  // inverted where nothing is below the threshold: 255 - (40 + addition). As in Keras, lower ends are bytes themselves.
  Picture y =
      apply("Solarization", {{"addition_factor", {0.1, 0.5}}}, pictures_of(1, 1, 1, [](auto...) { return 40.0; }));
  expect_uniform(told(y, [&](auto n) { return 255 - 40 - y.at(n, 0, 0); }), 0.1, 127.5, "additions");
  y = apply("Solarization", {{"threshold_factor", {0.5, 0.5}}}, pictures_of(1, 1, 1, [](auto...) { return 40.0; }));
  const auto turned = std::count(y.values.begin(), y.values.end(), 215.0);
  expect_share(static_cast<double>(turned), kCount, (40 - 0.5) / 127, "thresholds");
}

/// How many of 400 pictures are not as they were.
int changed(const std::string& name, const Json& config, const Picture& x) {
  const Picture y = apply(name, config, x);
  const size_t size = x.values.size() / static_cast<size_t>(kCount);
  int count = 0;
  for (size_t n = 0; n < static_cast<size_t>(kCount); ++n) {
    bool same = true;
    for (size_t i = n * size; i < (n + 1) * size; ++i) same = same && std::abs(x.values[i] - y.values[i]) < 1e-9;
    count += same ? 0 : 1;
  }
  return count;
}

TEST(DrawnShares, OfPicturesAreWhatFactorSays) {
  const Picture x = noise({kCount, 8, 8, 1});
  for (auto [name, config] : std::vector<std::pair<std::string, Json>>{{"RandomInvert", Json::object()},
                                                                       {"RandomPerspective", Json::object()},
                                                                       {"RandomElasticTransform", {{"scale", {1, 1}}}},
                                                                       {"RandomErasing", {{"scale", {0.3, 0.5}}}},
                                                                       {"RandomGaussianBlur", {{"sigma", {0.8, 1}}}}}) {
    config["factor"] = {0.3, 0.3};
    expect_share(changed(name, config, x), kCount, 0.3, name);
    config["factor"] = {0.4, 1.0};
    expect_share(changed(name, config, x), kCount, 0.7, name);
    config["factor"] = 0.8;  // from 0 to 0.8
    expect_share(changed(name, config, x), kCount, 0.4, name);
    config["factor"] = 0.0;
    EXPECT_EQ(changed(name, config, x), 0) << name;
  }
}

TEST(RandomPerspective, MovesEachCornerByAShareOfItsPlace) {
  // the right top corner of the rectangle comes from the moved one: solve for it where the picture's own corner went
  const Picture x = pictures_of(21, 31, 2, [](auto r, auto c, auto k) { return static_cast<double>(k == 0 ? r : c); });
  const double scale = 0.4;
  const Picture y = apply("RandomPerspective", {{"factor", {1, 1}}, {"scale", scale}, {"fill_value", -1e6}}, x);
  // along the first row the map is c -> c (1 + g) / (1 + g c / w) * m; two pixels give m = moved width / width
  std::vector<double> moved;
  for (int64_t n = 0; n < kCount; ++n) {
    const double a = 5 / y.at(n, 0, 5, 1);
    const double b = 10 / y.at(n, 0, 10, 1);
    if (y.at(n, 0, 5, 1) < 0 || y.at(n, 0, 10, 1) < 0) continue;
    // 1 / source is linear in 1 / place, so place / source is linear in place: at the corner it is 1 / source's share
    const double slope = (b - a) / 5;
    const double start = a - 5 * slope;
    // source column 30 is where place = start / (1 / 30 - slope ...): place / 30 = start + slope place
    moved.push_back(start / (1.0 / 30 - slope) / 30 - 1);
  }
  ASSERT_GT(moved.size(), 300u);
  expect_uniform(moved, -scale / 2, scale / 2, "right top corner");
}

// Patches

TEST(RandomErasing, CoversWithAColourForEachChannelOrWithNoise) {
  const Picture x = noise({40, 10, 10, 3}, 1);
  const Json scale{0.25, 0.25};
  Picture y = apply("RandomErasing", {{"factor", {1, 1}}, {"scale", scale}, {"fill_value", {10, 20, 300}}}, x);
  int covered = 0;
  for (int64_t n = 0; n < 40; ++n)
    for (int64_t r = 0; r < 10; ++r)
      for (int64_t c = 0; c < 10; ++c) {
        if (y.at(n, r, c, 0) < 2) continue;
        ++covered;
        EXPECT_EQ(y.at(n, r, c, 0), 10);
        EXPECT_EQ(y.at(n, r, c, 1), 20);
        EXPECT_EQ(y.at(n, r, c, 2), 255);  // no brighter than value_range says
      }
  EXPECT_EQ(covered, 40 * 25);
  // normal numbers times the highest value, cut to the range
  const Picture grey = picture({100, 10, 10, 1}, [](auto...) { return 77.0; });
  y = apply("RandomErasing", {{"factor", {1, 1}}, {"scale", scale}}, grey);
  const auto count = [&](double value) {
    return static_cast<double>(std::count(y.values.begin(), y.values.end(), value));
  };
  const double drawn = 10000 - count(77);
  EXPECT_EQ(drawn, 2500);
  expect_share(count(0), drawn, 0.5, "below the range");
  expect_share(count(255), drawn, 0.158655, "above the range");
}

TEST(RandomErasing, DrawsBothSidesFromItsScale) {
  const Picture x = picture({kCount, 60, 60, 1}, [](auto...) { return 1.0; });
  const Picture y = apply("RandomErasing", {{"factor", {1, 1}}, {"scale", {0.1, 0.6}}, {"fill_value", 9}}, x);
  std::vector<double> tall, wide;
  for (int64_t n = 0; n < kCount; ++n) {
    std::set<int64_t> rows, columns;
    for (int64_t r = 0; r < 60; ++r)
      for (int64_t c = 0; c < 60; ++c)
        if (y.at(n, r, c) == 9) rows.insert(r), columns.insert(c);
    tall.push_back(std::pow(static_cast<double>(rows.size()) / 60, 2));
    wide.push_back(std::pow(static_cast<double>(columns.size()) / 60, 2));
  }
  for (std::vector<double>* sides : {&tall, &wide})
    for (double& side : *sides) side = std::clamp(side, 0.1, 0.6);  // whole pixels
  expect_uniform(tall, 0.1, 0.6, "heights squared");
  expect_uniform(wide, 0.1, 0.6, "widths squared");
}

TEST(RandomGaussianBlur, DrawsOneDeviationForTheBatch) {
  const Picture x = picture({3, 1, 5, 1}, [](auto, auto, auto c, auto) { return c == 2 ? 100.0 : 0.0; });
  std::vector<double> deviations;
  for (int seed = 1; seed <= 150; ++seed) {
    const Json config{{"factor", {1, 1}}, {"kernel_size", {1, 3}}, {"sigma", {0.4, 0.9}}, {"seed", seed}};
    const Picture y = apply("RandomGaussianBlur", config, x);
    for (int64_t n = 1; n < 3; ++n) EXPECT_EQ(y.at(n, 0, 1), y.at(0, 0, 1));
    EXPECT_EQ(y.at(0, 0, 0), 0);
    deviations.push_back(std::sqrt(-0.5 / std::log(y.at(0, 0, 1) / y.at(0, 0, 2))));
  }
  expect_uniform(deviations, 0.4, 0.9, "sigma");
}

TEST(CutMix, PastesSharesOfABetaDistribution) {
  const Picture x = picture({kCount, 24, 24, 1}, [](auto n, auto...) { return static_cast<double>(n); });
  for (const double alpha : {1.0, 0.2}) {
    const Picture y = apply("CutMix", {{"factor", {alpha, alpha}}}, x);
    double mean = 0;
    double squares = 0;
    for (int64_t n = 0; n < kCount; ++n) {
      double pasted = 0;
      for (int64_t r = 0; r < 24; ++r)
        for (int64_t c = 0; c < 24; ++c) pasted += y.at(n, r, c) == static_cast<double>(n) ? 0 : 1.0 / 576;
      mean += pasted / kCount;
      squares += pasted * pasted / kCount;
    }
    const double variance = 1 / (4 * (2 * alpha + 1));
    EXPECT_NEAR(mean, 0.5, 5 * std::sqrt(variance / kCount)) << alpha;
    EXPECT_NEAR(squares - mean * mean, variance, 0.15 * variance) << alpha;
  }
}

// Mixes

TEST(RandAugment, AppliesAsManyChangesAsItSays) {
  // At strength 0 six of the eleven change nothing, and solarization undoes itself.
  const Picture x = noise({1, 6, 6, 3});
  int same = 0;
  for (int seed = 1; seed <= 200; ++seed) {
    const Picture y = apply("RandAugment", {{"num_ops", 2}, {"factor", 0}, {"seed", seed}}, x);
    double most = 0;
    for (size_t i = 0; i < x.values.size(); ++i) most = std::max(most, std::abs(x.values[i] - y.values[i]));
    same += most < 1e-9 ? 1 : 0;
  }
  expect_share(same, 200, (36.0 + 1) / 121, "pictures as they were");
}

TEST(RandAugment, IsStrongerTheLargerItsFactor) {
  const Picture x = noise({20, 8, 8, 3});
  const auto change = [&](double factor) {
    double sum = 0;
    for (int seed = 1; seed <= 25; ++seed) {
      const Picture y = apply("RandAugment", {{"num_ops", 1}, {"factor", {factor, factor}}, {"seed", seed}}, x);
      for (size_t i = 0; i < x.values.size(); ++i) sum += std::abs(x.values[i] - y.values[i]);
    }
    return sum;
  };
  EXPECT_NE(change(0.9), change(0.2));
}

TEST(MixedChanges, TakePixelsAsTheirInterpolationSays) {
  // of all choices three move pixels (and RandAugment has no choice of nothing): those alone depend on it
  const Picture x = noise({2, 7, 7, 3});
  for (const auto& [name, choices] : std::vector<std::pair<const char*, double>>{{"RandAugment", 11}, {"AugMix", 12}}) {
    Json config{{"factor", {0.3, 0.3}}};
    if (choices == 11) config["num_ops"] = 1;
    if (choices == 12) config.update({{"num_chains", 1}, {"chain_depth", 1}});
    int differ = 0;
    for (int seed = 1; seed <= 120; ++seed) {
      config["seed"] = seed;
      config["interpolation"] = "nearest";
      const Picture nearest = apply(name, config, x);
      config["interpolation"] = "bilinear";
      differ += apply(name, config, x).values != nearest.values ? 1 : 0;
    }
    expect_share(differ, 120, 3 / choices, name);
  }
}

/// Black and white at strength 0: of seven changes and none, posterization to a bit makes white 128, solarization swaps the two,
/// and six leave them. The result is kept x + (1 - kept) changed.
TEST(AugMix, BlendsItsChainByABetaVariate) {
  const Picture x = picture({1, 2, 2, 1}, [](auto, auto r, auto, auto) { return r == 0 ? 0.0 : 255.0; });
  const double alpha = 2;
  std::map<std::string, int> kinds;
  double mean = 0;
  double squares = 0;
  const auto run = [&](int depth, int seed) {
    return apply("AugMix",
                 {{"factor", 0},
                  {"all_ops", false},
                  {"num_chains", 1},
                  {"chain_depth", depth},
                  {"alpha", alpha},
                  {"seed", seed}},
                 x);
  };
  for (int seed = 1; seed <= 400; ++seed) {
    const Picture y = run(1, seed);
    const double black = y.at(0, 0, 0);
    const double white = y.at(0, 1, 0);
    const std::string kind = black > 1e-6 ? "solarized" : white < 255 - 1e-6 ? "posterized" : "same";
    ++kinds[kind];
    if (kind == "same") continue;
    const double kept = kind == "solarized" ? 1 - black / 255 : (white - 128) / 127;
    EXPECT_NEAR(white, kind == "solarized" ? 255 - black : white, 1e-6);
    mean += kept;
    squares += kept * kept;
  }
  expect_share(kinds["same"], 400, 6.0 / 8, "same");
  expect_share(kinds["solarized"], 400, 1.0 / 8, "solarized");
  expect_share(kinds["posterized"], 400, 1.0 / 8, "posterized");
  const double count = 400 - kinds["same"];
  const double variance = 1 / (4 * (2 * alpha + 1));
  EXPECT_NEAR(mean / count, 0.5, 5 * std::sqrt(variance / count));
  EXPECT_NEAR(squares / count - std::pow(mean / count, 2), variance, 0.5 * variance);
  int twice = 0;
  for (int seed = 1; seed <= 200; ++seed) {
    const Picture y = run(2, seed);
    twice += y.at(0, 0, 0) < 1e-6 && y.at(0, 1, 0) > 255 - 1e-6 ? 1 : 0;
  }
  expect_share(twice, 200, (36.0 + 1) / 64, "same after two");
}

}  // namespace
}  // namespace trainyard::testing
