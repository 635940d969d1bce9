// Layers inside layers: names, numbers and freezing of their weights, what of them reaches the outer layer.
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace trainyard::testing
