// Normalizations, activation layers and masks with the arguments that golden cases leave at their defaults.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

struct Ran {
  std::vector<std::vector<double>> operands;
  std::vector<double> y;
};

Ran run(const std::string& class_name, const Json& config, const Shape& input) {
  LayerTrial trial({class_name, config, {}}, {input}, DType::f64);
  EXPECT_FALSE(trial.diagnostics().has_errors()) << class_name << config.dump() << trial.diagnostics().text();
  const auto values = [](const Tensor& tensor) {
    return std::vector<double>(tensor.span<double>().begin(), tensor.span<double>().end());
  };
  Ran ran{{}, values(trial.run(false, false).outputs.at(0))};
  for (const Tensor& operand : trial.operands()) ran.operands.push_back(values(operand));
  return ran;
}

/// Elements of a tensor that belong together: those of the same number.
using Groups = std::function<size_t(size_t element)>;

struct Moments {
  double mean = 0, variance = 0, square = 0;
};

std::vector<Moments> moments_of(const std::vector<double>& x, const Groups& group) {
  std::vector<Moments> moments(x.size());
  std::vector<double> counts(x.size(), 0);
  for (size_t i = 0; i < x.size(); ++i) {
    ++counts[group(i)];
    moments[group(i)].mean += x[i];
    moments[group(i)].square += x[i] * x[i];
  }
  for (size_t g = 0; g < x.size(); ++g) {
    moments[g].mean /= std::max(counts[g], 1.0);
    moments[g].square /= std::max(counts[g], 1.0);
    moments[g].variance = moments[g].square - moments[g].mean * moments[g].mean;
  }
  return moments;
}

/// (x - mean) / sqrt(variance + epsilon) by groups, times gamma plus beta where there are such; `place`: which of their numbers.
void expect_standardized(const std::string& class_name, Json config, const Shape& shape, const Groups& group,
                         const Groups& place) {
  config["epsilon"] = 0.3;
  for (const bool scale : {false, true})
    for (const bool center : {false, true}) {
      config.update({{"scale", scale}, {"center", center}});
      const Ran ran = run(class_name, config, shape);
      ASSERT_EQ(ran.operands.size(), 1u + (scale ? 1 : 0) + (center ? 1 : 0));
      const auto moments = moments_of(ran.operands[0], group);
      for (size_t i = 0; i < ran.y.size(); ++i) {
        const Moments& m = moments[group(i)];
        double y = (ran.operands[0][i] - m.mean) / std::sqrt(m.variance + 0.3);
        if (scale) y *= ran.operands[1][place(i)];
        if (center) y += ran.operands.back()[place(i)];
        ASSERT_NEAR(ran.y[i], y, 1e-9) << class_name << config.dump() << " at " << i;
      }
    }
}

// x: [2, 4, 6]
TEST(LayerNormalization, TakesItsAxesAndItsEpsilon) {
  expect_standardized(
      "LayerNormalization", {{"axis", -1}}, {2, 4, 6}, [](size_t i) { return i / 6; }, [](size_t i) { return i % 6; });
  expect_standardized(
      "LayerNormalization", {{"axis", 1}}, {2, 4, 6}, [](size_t i) { return i / 24 * 6 + i % 6; },
      [](size_t i) { return i / 6 % 4; });
  expect_standardized(
      "LayerNormalization", {{"axis", {1, 2}}}, {2, 4, 6}, [](size_t i) { return i / 24; },
      [](size_t i) { return i % 24; });
}

TEST(GroupNormalization, TakesItsAxisAndItsGroups) {
  expect_standardized(
      "GroupNormalization", {{"groups", 3}}, {2, 4, 6}, [](size_t i) { return i / 24 * 3 + i % 6 / 2; },
      [](size_t i) { return i % 6; });
  expect_standardized(
      "GroupNormalization", {{"groups", 2}, {"axis", 1}}, {2, 4, 6}, [](size_t i) { return i / 12; },
      [](size_t i) { return i / 6 % 4; });
  expect_standardized(
      "GroupNormalization", {{"groups", -1}}, {2, 4, 6}, [](size_t i) { return i / 24 * 6 + i % 6; },
      [](size_t i) { return i % 6; });
}

TEST(RMSNormalization, TakesItsAxesAndItsEpsilon) {
  for (const bool last : {false, true}) {
    const Ran ran = run("RMSNormalization", {{"axis", last ? Json(-1) : Json({1, 2})}, {"epsilon", 0.3}}, {2, 4, 6});
    const size_t size = last ? 6 : 24;
    const auto moments = moments_of(ran.operands[0], [&](size_t i) { return i / size; });
    for (size_t i = 0; i < ran.y.size(); ++i)
      EXPECT_NEAR(ran.y[i], ran.operands[0][i] / std::sqrt(moments[i / size].square + 0.3) * ran.operands[1][i % size],
                  1e-9);
  }
}

TEST(UnitNormalization, TakesItsAxes) {
  const Ran middle = run("UnitNormalization", {{"axis", 1}}, {2, 4, 6});
  const Groups columns = [](size_t i) { return i / 24 * 6 + i % 6; };
  const auto lengths = moments_of(middle.operands[0], columns);
  for (size_t i = 0; i < middle.y.size(); ++i)
    EXPECT_NEAR(middle.y[i], middle.operands[0][i] / std::sqrt(4 * lengths[columns(i)].square), 1e-9);
  const Ran all = run("UnitNormalization", {{"axis", {1, 2}}}, {2, 4, 6});
  const auto whole = moments_of(all.operands[0], [](size_t i) { return i / 24; });
  for (size_t i = 0; i < all.y.size(); ++i)
    EXPECT_NEAR(all.y[i], all.operands[0][i] / std::sqrt(24 * whole[i / 24].square), 1e-9);
}

TEST(BatchNormalization, UsesItsMovingStatisticsAlongItsAxis) {
  for (const bool scale : {false, true})
    for (const bool center : {false, true}) {
      const Json config{{"axis", 1}, {"epsilon", 0.3}, {"scale", scale}, {"center", center}};
      const Ran ran = run("BatchNormalization", config, {2, 4, 6});
      const size_t mean = 1 + (scale ? 1 : 0) + (center ? 1 : 0);
      ASSERT_EQ(ran.operands.size(), mean + 2);
      for (size_t i = 0; i < ran.y.size(); ++i) {
        const size_t c = i / 6 % 4;
        double y = (ran.operands[0][i] - ran.operands[mean][c]) / std::sqrt(ran.operands[mean + 1][c] + 0.3);
        if (scale) y *= ran.operands[1][c];
        if (center) y += ran.operands[mean - 1][c];
        EXPECT_NEAR(ran.y[i], y, 1e-9) << config.dump();
      }
    }
}

/// What one training step leaves in each weight that it updates, by the weight's number.
std::vector<std::pair<int, Tensor>> updates_of(const Json& config, LayerTrial& trial) {
  Diagnostics diagnostics;
  const Json input = {{"class_name", "InputLayer"}, {"config", {{"batch_shape", {6, 3}}, {"dtype", "float64"}}}};
  Json with_dtype = config;
  with_dtype["dtype"] = "float64";
  const Json layer = {{"class_name", "BatchNormalization"}, {"config", with_dtype}};
  const auto model =
      parse_model({{"class_name", "Sequential"}, {"config", {{"layers", Json::array({input, layer})}}}}, diagnostics);
  const ModelPlan plan = plan_model(*model, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  Graph graph;
  std::vector<Value> values;
  for (const Tensor& tensor : trial.operands()) values.push_back(graph.input("x", {tensor.dtype(), tensor.shape()}));
  const LoweredModel lowered = lower_model(*model, plan, {values[0]}, {values.begin() + 1, values.end()}, true);
  std::vector<Value> wanted;
  for (const LoweredModel::Update& update : lowered.updates) wanted.push_back(update.value);
  const std::vector<Tensor> got = run_graph(std::move(graph), trial.operands(), wanted);
  std::vector<std::pair<int, Tensor>> updates;
  for (size_t i = 0; i < got.size(); ++i) updates.emplace_back(lowered.updates[i].weight, got[i]);
  return updates;
}

TEST(BatchNormalization, FollowsTheBatchAsSlowlyAsItsMomentumSays) {
  const Json config{{"momentum", 0.7}};
  LayerTrial trial({"BatchNormalization", config, {}}, {{6, 3}}, DType::f64);
  const auto x = trial.operands()[0].span<double>();
  const auto moments = moments_of({x.begin(), x.end()}, [](size_t i) { return i % 3; });
  const auto updates = updates_of(config, trial);
  ASSERT_EQ(updates.size(), 2u);
  for (const auto& [weight, after] : updates)
    for (size_t c = 0; c < 3; ++c) {
      const double before = trial.operands()[static_cast<size_t>(weight) + 1].span<double>()[c];
      const double batch = weight == 2 ? moments[c].mean : moments[c].variance;
      EXPECT_NEAR(after.span<double>()[c], 0.7 * before + 0.3 * batch, 1e-9);
    }
}

TEST(BatchNormalization, FollowsWhatRenormalizationNeedsWithAMomentumOfItsOwn) {
  const Json config{{"renorm", true}, {"momentum", 0.7}, {"renorm_momentum", 0.4}, {"epsilon", 0.3}};
  LayerTrial trial({"BatchNormalization", config, {}}, {{6, 3}}, DType::f64);
  const auto x = trial.operands()[0].span<double>();
  const auto moments = moments_of({x.begin(), x.end()}, [](size_t i) { return i % 3; });
  const auto updates = updates_of(config, trial);
  ASSERT_EQ(updates.size(), 5u);
  for (const auto& [weight, after] : updates)
    for (size_t c = 0; c < 3; ++c) {
      if (weight == 3) continue;  // the moving variance follows from the moving deviation
      const double keep = weight < 5 ? 0.7 : 0.4;
      const double batch = weight == 2 || weight == 5 ? moments[c].mean : std::sqrt(moments[c].variance + 0.3);
      const double before = trial.operands()[static_cast<size_t>(weight) + 1].span<double>()[c];
      EXPECT_NEAR(after.span<double>()[c], keep * before + (1 - keep) * batch, 1e-9) << weight;
    }
}

// Activations as layers

void expect_function(const std::string& class_name, const Json& config, const std::function<double(double)>& function) {
  const Ran ran = run(class_name, config, {5, 40});
  for (size_t i = 0; i < ran.y.size(); ++i)
    EXPECT_NEAR(ran.y[i], function(ran.operands[0][i]), 1e-12) << class_name << config.dump();
}

TEST(ActivationLayers, TakeTheirArguments) {
  expect_function("ELU", {{"alpha", 0.4}}, [](double x) { return x > 0 ? x : 0.4 * (std::exp(x) - 1); });
  expect_function("LeakyReLU", {{"negative_slope", 0.07}}, [](double x) { return x > 0 ? x : 0.07 * x; });
  expect_function("ReLU", {{"threshold", 0.5}}, [](double x) { return x > 0.5 ? x : 0; });
  expect_function("ReLU", {{"threshold", 0.5}, {"negative_slope", 0.2}, {"max_value", 1.0}},
                  [](double x) { return x > 0.5 ? std::min(x, 1.0) : 0.2 * (x - 0.5); });
  expect_function("ReLU", {{"max_value", 0.6}}, [](double x) { return std::clamp(x, 0.0, 0.6); });
}

TEST(Softmax, GoesAlongItsAxes) {
  for (const bool both : {false, true}) {
    const Ran ran = run("Softmax", {{"axis", both ? Json({1, 2}) : Json(1)}}, {2, 4, 6});
    const Groups group = [&](size_t i) { return both ? i / 24 : i / 24 * 6 + i % 6; };
    std::vector<double> sums(48, 0);
    for (size_t i = 0; i < 48; ++i) sums[group(i)] += std::exp(ran.operands[0][i]);
    for (size_t i = 0; i < 48; ++i) EXPECT_NEAR(ran.y[i], std::exp(ran.operands[0][i]) / sums[group(i)], 1e-12);
  }
}

TEST(PReLU, SharesItsSlopesAlongAxes) {
  for (const bool shared : {false, true}) {
    const Ran ran = run("PReLU", {{"shared_axes", shared ? Json({1}) : Json(nullptr)}}, {2, 4, 6});
    ASSERT_EQ(ran.operands[1].size(), shared ? 6u : 24u);
    for (size_t i = 0; i < 48; ++i) {
      const double x = ran.operands[0][i];
      EXPECT_NEAR(ran.y[i], x > 0 ? x : ran.operands[1][i % (shared ? 6 : 24)] * x, 1e-12);
    }
  }
}

TEST(Masking, LeavesOutStepsOfItsValueAlone) {
  LayerTrial trial({"Masking", {{"mask_value", 2.0}}, {}}, {{1, 4, 2}}, DType::f64);
  trial.operands()[0] = Tensor::of<double>({1, 4, 2}, {2, 2, 2, 3, 0, 0, 2, 2});
  const Tensor y = trial.run(false, false).outputs[0];
  const std::vector<double> wanted{0, 0, 2, 3, 0, 0, 0, 0};
  for (size_t i = 0; i < 8; ++i) EXPECT_EQ(y.span<double>()[i], wanted[i]);
}

TEST(Normalization, GoesBothWaysAlongItsAxes) {
  for (const bool invert : {false, true}) {
    Ran ran = run("Normalization", {{"axis", {1, -1}}, {"invert", invert}}, {2, 4, 6});
    for (size_t i = 0; i < 48; ++i) {
      const double deviation = std::sqrt(ran.operands[2][i % 24]);
      const double mean = ran.operands[1][i % 24];
      const double x = ran.operands[0][i];
      EXPECT_NEAR(ran.y[i], invert ? mean + x * deviation : (x - mean) / deviation, 1e-9);
    }
    const Json given{{"mean", {1.0, 2.0}}, {"variance", {4.0, 0.0}}, {"invert", invert}};
    ran = run("Normalization", given, {3, 2});
    for (size_t n = 0; n < 3; ++n) {
      const double a = ran.operands[0][2 * n];
      const double b = ran.operands[0][2 * n + 1];
      EXPECT_NEAR(ran.y[2 * n], invert ? 1 + 2 * a : (a - 1) / 2, 1e-9);
      EXPECT_NEAR(ran.y[2 * n + 1], invert ? 2 + 1e-7 * b : (b - 2) * 1e7, 1e-3);  // no deviation counts as 1e-7
    }
  }
}

}  // namespace
}  // namespace trainyard::testing
