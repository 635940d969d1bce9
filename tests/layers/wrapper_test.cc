// Layers inside layers: names, numbers and freezing of their weights, what of them reaches the outer layer.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/layers/model.h"
#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

Json wrapped(const char* class_name, Json config) {
  return {{"layer", {{"class_name", class_name}, {"config", std::move(config)}}}};
}

TEST(AnInnerLayer, NamesItsWeightsUnderTheOuterOne) {
  LayerTrial trial({"TimeDistributed", wrapped("Dense", {{"units", 2}}), {}}, {{2, 3, 4}}, DType::f32);
  ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
  ASSERT_EQ(trial.plan().weights.size(), 2u);
  EXPECT_EQ(trial.plan().weights[0].spec.name, "dense/kernel");
  EXPECT_EQ(trial.plan().weights[1].spec.name, "dense/bias");
}

TEST(AnInnerLayer, KeepsItsWeightsWhenItIsFrozen) {
  LayerTrial trial({"TimeDistributed", wrapped("Dense", {{"units", 2}, {"trainable", false}}), {}}, {{2, 3, 4}},
                   DType::f32);
  for (const WeightInfo& weight : trial.plan().weights) EXPECT_FALSE(weight.trainable);
}

TEST(AnInnerLayer, ComplainsAtItsPlace) {
  LayerTrial trial({"TimeDistributed", wrapped("Conv1D", {{"filters", 2}, {"kernel_size", 9}}), {}}, {{2, 3, 4, 2}},
                   DType::f32);
  EXPECT_NE(trial.diagnostics().text().find("layer.layer.kernel_size"), std::string::npos)
      << trial.diagnostics().text();
}

TEST(AnInnerLayer, ComplainsOfAnotherDtypeAndOfInputsItDoesNotTake) {
  LayerTrial dtype({"TimeDistributed", wrapped("Dense", {{"units", 2}, {"dtype", "float64"}}), {}}, {{2, 3, 4}},
                   DType::f32);
  EXPECT_NE(dtype.diagnostics().text().find("float64"), std::string::npos) << dtype.diagnostics().text();
  LayerTrial inputs({"TimeDistributed", wrapped("Subtract", Json::object()), {}}, {{2, 3, 4}}, DType::f32);
  EXPECT_TRUE(inputs.diagnostics().has_errors());
}

TEST(AnInnerLayer, IsRequiredWhereItIs) {
  Diagnostics diagnostics;
  EXPECT_EQ(make_layer({"TimeDistributed", {{"layer", nullptr}}, {}}, diagnostics), nullptr);
  EXPECT_NE(diagnostics.text().find("layer.layer"), std::string::npos) << diagnostics.text();
}

TEST(TimeDistributed, GivesEachStepOfABatchNormalizationItsOwnStatistics) {
  // Two steps of very different size: normalised by step, both have mean 0 and variance 1.
  LayerTrial trial({"TimeDistributed", wrapped("BatchNormalization", {{"epsilon", 1e-9}}), {}}, {{2, 2, 1}},
                   DType::f64);
  const auto x = trial.operands()[0].span<double>();  // [n, t, 1]
  x[0] = 1, x[1] = 100, x[2] = 3, x[3] = 500;
  trial.operands()[1] = Tensor::of<double>({1}, {1});
  trial.operands()[2] = Tensor::of<double>({1}, {0});
  const auto y = trial.run(true, false).outputs[0];
  const std::vector<double> wanted = {-1, -1, 1, 1};
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(y.span<double>()[i], wanted[i], 1e-6);
}

/// keras.regularizers.OrthogonalRegularizer of a matrix: half the mean of |cosine| over pairs of rows (or columns).
double orthogonal_penalty(const Tensor& matrix, double factor, bool rows) {
  const int64_t n = matrix.shape()[rows ? 0 : 1];
  const int64_t length = matrix.shape()[rows ? 1 : 0];
  const auto x = matrix.span<const double>();
  const auto dot = [&](int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t k = 0; k < length; ++k)
      sum += rows ? x[static_cast<size_t>(i * length + k)] * x[static_cast<size_t>(j * length + k)]
                  : x[static_cast<size_t>(k * n + i)] * x[static_cast<size_t>(k * n + j)];
    return sum;
  };
  double total = 0;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < i; ++j) total += std::abs(dot(i, j)) / std::sqrt(dot(i, i) * dot(j, j));
  return factor * total / (static_cast<double>(n * (n - 1)) / 2);
}

Json orthogonal(double factor, const char* mode) {
  return {{"class_name", "OrthogonalRegularizer"}, {"config", {{"factor", factor}, {"mode", mode}}}};
}

/// What the regularizers in `config` add to the loss of a wrapped layer; what it puts out and its weights follow.
struct Penalised {
  double loss = 0;
  std::vector<Tensor> outputs;
  std::vector<Tensor> weights;
};
Penalised penalised(const char* wrapper, const char* class_name, const Json& config, const Json& regularizers,
                    const Shape& input) {
  LayerTrial without({wrapper, wrapped(class_name, config), {}}, {input}, DType::f64);
  Json with = config;
  with.update(regularizers);
  LayerTrial trial({wrapper, wrapped(class_name, with), {}}, {input}, DType::f64);
  EXPECT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
  trial.operands() = without.operands();
  const LayerTrial::Result result = trial.run(false, false);
  const auto& operands = trial.operands();
  return {result.score - without.run(false, false).score, result.outputs, {operands.begin() + 1, operands.end()}};
}

TEST(OrthogonalRegularizer, PenalisesTheKernelsThatABidirectionalLayerHolds) {
  const Penalised got = penalised("Bidirectional", "GRU", {{"units", 3}},
                                  {{"kernel_regularizer", orthogonal(0.5, "rows")},
                                   {"recurrent_regularizer", orthogonal(0.25, "columns")},
                                   {"bias_regularizer", orthogonal(2, "rows")}},
                                  {2, 4, 5});
  double wanted = 0;
  ASSERT_EQ(got.weights.size(), 6u);
  for (const size_t first : {0u, 3u})
    wanted += orthogonal_penalty(got.weights[first], 0.5, true) +
              orthogonal_penalty(got.weights[first + 1], 0.25, false) +
              orthogonal_penalty(got.weights[first + 2], 2, true);
  EXPECT_NEAR(got.loss, wanted, 1e-9);
}

TEST(OrthogonalRegularizer, PenalisesWhatBothWaysOfABidirectionalLayerPutOut) {
  const Json config = {{"units", 3}, {"return_state", true}};
  const Penalised got = penalised("Bidirectional", "SimpleRNN", config,
                                  {{"activity_regularizer", orthogonal(0.5, "columns")}}, {4, 3, 2});
  double wanted = 0;  // the output is the state: each is penalised, by the sample
  for (const size_t state : {1u, 2u}) wanted += 2 * orthogonal_penalty(got.outputs[state], 0.5, false) / 4;
  EXPECT_NEAR(got.loss, wanted, 1e-9);
}

TEST(OrthogonalRegularizer, PenalisesKernelsAndOutputsUnderTheOtherWrappers) {
  const Json both = {{"kernel_regularizer", orthogonal(0.5, "rows")},
                     {"activity_regularizer", orthogonal(0.25, "columns")}};
  const Penalised spectral = penalised("SpectralNormalization", "Dense", {{"units", 3}}, both, {4, 5});
  EXPECT_NEAR(
      spectral.loss,
      orthogonal_penalty(spectral.weights[0], 0.5, true) + orthogonal_penalty(spectral.outputs[0], 0.25, false) / 4,
      1e-9);
  const Penalised steps = penalised("TimeDistributed", "Dense", {{"units", 3}}, both, {2, 3, 5});
  EXPECT_NEAR(steps.loss, orthogonal_penalty(steps.weights[0], 0.5, true), 1e-9) << "Keras leaves the outputs out";
}

}  // namespace
}  // namespace trainyard::testing
