// Impossible configurations, each with the sentence that the user reads.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/keras_object.h"
#include "engine/layers/model.h"
#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

/// All complaints about a layer fed with these shapes.
std::string complaints(const std::string& class_name, const Json& config, const std::vector<Shape>& inputs) {
  LayerTrial trial({class_name, config, {}}, inputs, DType::f32);
  return trial.diagnostics().text();
}

void expect_says(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(LayerMistakes, GroupsThatDoNotDivideTheFilters) {
  expect_says(complaints("Conv2D", {{"filters", 6}, {"kernel_size", 3}, {"groups", 4}}, {{2, 8, 8, 4}}),
              "layer.groups: must divide filters (groups 4, filters 6)");
}

TEST(LayerMistakes, GroupsThatDoNotDivideTheChannels) {
  expect_says(complaints("Conv2D", {{"filters", 6}, {"kernel_size", 3}, {"groups", 3}}, {{2, 8, 8, 4}}),
              "layer.groups: must divide the input's channels (groups 3, channels 4)");
}

TEST(LayerMistakes, AWindowLargerThanItsInput) {
  expect_says(complaints("Conv2D", {{"filters", 6}, {"kernel_size", 9}}, {{2, 8, 8, 4}}),
              "layer.kernel_size: a window of 9 does not fit");
  expect_says(complaints("MaxPooling2D", {{"pool_size", 3}}, {{2, 2, 2, 4}}),
              "layer.pool_size: a window of 3 does not fit");
}

TEST(LayerMistakes, StridesAndDilationTogether) {
  expect_says(
      complaints("Conv1D", {{"filters", 6}, {"kernel_size", 2}, {"strides", 2}, {"dilation_rate", 2}}, {{2, 8, 4}}),
      "layer.dilation_rate: cannot be above 1 where strides are too");
}

TEST(LayerMistakes, AHintThatEveryLayerKeeps) {
  for (const bool given : {true, false}) {
    LayerTrial trial({"Dense", {{"units", 2}, {"autocast", given}}, {}}, {{2, 3}}, DType::f32);
    ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
    EXPECT_EQ(trial.layer().config()["autocast"], given);
  }
  EXPECT_FALSE(LayerTrial({"Dense", {{"units", 2}}, {}}, {{2, 3}}, DType::f32).layer().config().contains("autocast"));
  expect_says(complaints("Dense", {{"units", 2}, {"autocast", 3}}, {{2, 3}}),
              "layer.autocast: must be true or false (got 3)");
}

TEST(LayerMistakes, InputsOfTheWrongRank) {
  expect_says(complaints("Conv2D", {{"filters", 6}, {"kernel_size", 3}}, {{2, 8}}),
              "needs an input of 4 dimensions with the batch, got (2, 8)");
  expect_says(complaints("Dense", {{"units", 6}}, {{2}}), "needs an input of at least 2 dimensions");
}

TEST(LayerMistakes, SizesThatMustBeKnown) {
  expect_says(complaints("Dense", {{"units", 6}}, {{2, kUnknown}}), "needs to know size -1 of its input (2, None)");
}

TEST(LayerMistakes, ShapesThatDoNotMerge) {
  expect_says(complaints("Add", Json::object(), {{2, 3}, {2, 4}}), "(2, 3) and (2, 4)");
  expect_says(complaints("Concatenate", Json::object(), {{2, 3, 4}, {2, 2, 4}}), "(2, 3, 4) and (2, 2, 4)");
  expect_says(complaints("Concatenate", {{"axis", 3}}, {{2, 3}, {2, 3}}), "layer.axis: 3 is not an axis");
}

TEST(LayerMistakes, TooFewInputs) { expect_says(complaints("Add", Json::object(), {{2, 3}}), "Add takes"); }

TEST(LayerMistakes, ShapesThatHoldOtherNumbersOfValues) {
  expect_says(complaints("Reshape", {{"target_shape", {5, 2}}}, {{2, 3, 4}}), "layer.target_shape");
  expect_says(complaints("Reshape", {{"target_shape", {-1, 5}}}, {{2, 3, 4}}), "layer.target_shape");
  expect_says(complaints("Reshape", {{"target_shape", {-1, -1}}}, {{2, 3, 4}}), "layer.target_shape");
  expect_says(complaints("Permute", {{"dims", {1, 1}}}, {{2, 3, 4}}), "layer.dims");
}

TEST(LayerMistakes, PenaltiesOfMatricesOnOtherOutputs) {
  const Json penalty = {{"activity_regularizer", "orthogonal_regularizer"}, {"units", 2}};
  EXPECT_EQ(complaints("Dense", penalty, {{4, 3}}), "");
  expect_says(complaints("Dense", penalty, {{4, 5, 3}}),
              "layer.activity_regularizer: does not fit: OrthogonalRegularizer needs 2 dimensions");
  expect_says(complaints("MultiHeadAttention",
                         {{"num_heads", 1}, {"key_dim", 2}, {"activity_regularizer", "orthogonal_regularizer"}},
                         {{2, 3, 4}, {2, 3, 4}}),
              "layer.activity_regularizer");
  const auto inside = [](const char* class_name, Json config) {
    config["activity_regularizer"] = "orthogonal_regularizer";
    config["units"] = 2;
    return Json{{"layer", {{"class_name", class_name}, {"config", std::move(config)}}}};
  };
  expect_says(complaints("Bidirectional", inside("LSTM", {{"return_sequences", true}}), {{4, 5, 3}}),
              "layer.layer.activity_regularizer: does not fit: OrthogonalRegularizer needs 2 dimensions");
  EXPECT_EQ(complaints("Bidirectional", inside("LSTM", Json::object()), {{4, 5, 3}}), "");
  expect_says(complaints("SpectralNormalization", inside("Dense", Json::object()), {{4, 5, 3}}),
              "OrthogonalRegularizer needs 2 dimensions");
  EXPECT_EQ(complaints("TimeDistributed", inside("Dense", Json::object()), {{4, 5, 3}}), "") << "never penalised there";
}

TEST(LayerMistakes, InfinitiesWhereNoneMayBe) {
  const Json infinity = {{"class_name", "__float__"}, {"config", {{"value", "Infinity"}}}};
  const Json nan = {{"class_name", "__float__"}, {"config", {{"value", "NaN"}}}};
  EXPECT_EQ(complaints("Masking", {{"mask_value", infinity}}, {{2, 3, 4}}), "");
  EXPECT_EQ(complaints("ReLU", {{"max_value", infinity}}, {{2, 3}}), "");
  expect_says(complaints("Dense", {{"units", infinity}}, {{2, 3}}),
              "layer.units: must be a whole number (got Infinity)");
  expect_says(complaints("Dropout", {{"rate", nan}}, {{2, 3}}), "layer.rate: must be a finite number (got NaN)");
  expect_says(complaints("ReLU", {{"max_value", number_json(-INFINITY)}}, {{2, 3}}),
              "layer.max_value: must be at least 0 (got -Infinity)");
  expect_says(complaints("Discretization", {{"bin_boundaries", {0.0, nan}}}, {{2, 3}}),
              "must be a list of rising numbers");
}

TEST(LayerMistakes, AxesOutsideTheInput) {
  expect_says(complaints("Softmax", {{"axis", 2}}, {{2, 3}}), "layer.axis: 2 is not an axis of the input (2, 3)");
  expect_says(complaints("BatchNormalization", {{"axis", 4}}, {{2, 3}}), "layer.axis");
  expect_says(complaints("PReLU", {{"shared_axes", {2}}}, {{2, 3}}), "layer.shared_axes");
}

TEST(LayerMistakes, DtypesThatNoBackendHas) {
  expect_says(complaints("Dense", {{"units", 3}, {"dtype", "mixed_bfloat16"}}, {{2, 3}}),
              "layer.dtype: 'mixed_bfloat16' is not supported");
  expect_says(
      complaints("Dense", {{"units", 3}, {"dtype", {{"class_name", "DTypePolicy"}, {"config", {{"name", "float16"}}}}}},
                 {{2, 3}}),
      "layer.dtype: 'float16' is not supported");
}

TEST(LayerMistakes, WhatKerasHasAndTrainyardRefuses) {
  expect_says(complaints("Dense", {{"units", 3}, {"lora_rank", 2}}, {{2, 3}}), "layer.lora_rank: is not supported");
  expect_says(complaints("InputLayer", {{"shape", {3}}, {"sparse", true}}, {}), "layer.sparse: is not supported");
}

TEST(LayerMistakes, SizesWithoutMeasure) {
  expect_says(complaints("Dense", {{"units", 2147483647}}, {{2, 2147483647}}), "would be too large");
  expect_says(complaints("ZeroPadding2D", {{"padding", 2147483647}}, {{2, 3, 3, 3}}), "would be too large");
  expect_says(complaints("Conv2D", {{"filters", 1e12}, {"kernel_size", 3}}, {{2, 8, 8, 4}}), "layer.filters: must be");
}

TEST(LayerMistakes, PartsThatDoNotFitTheirWeight) {
  expect_says(
      complaints("Conv2D", {{"filters", 2}, {"kernel_size", 3}, {"kernel_initializer", "identity"}}, {{2, 8, 8, 4}}),
      "Identity needs a weight of 2 dimensions");
  expect_says(complaints("Dense", {{"units", 2}, {"bias_regularizer", "orthogonal_regularizer"}}, {{2, 8}}),
              "OrthogonalRegularizer needs 2 dimensions");
  expect_says(
      complaints("Dense", {{"units", 2}, {"bias_constraint", {{"class_name", "MaxNorm"}, {"config", {{"axis", 1}}}}}},
                 {{2, 8}}),
      "axis 1 is not an axis of the weight");
  expect_says(
      complaints("Dense",
                 {{"units", 2}, {"kernel_constraint", {{"class_name", "UnitNorm"}, {"config", {{"axis", {1, -1}}}}}}},
                 {{2, 8}}),
      "axis -1 is named twice");
  expect_says(complaints("BatchNormalization", {{"renorm", true}, {"moving_variance_initializer", nullptr}}, {{2, 8}}),
              "layer.moving_variance_initializer: is required");
}

TEST(LayerMistakes, EveryMistakeIsReportedAtOnce) {
  const std::string text =
      complaints("Conv2D", {{"filters", 0}, {"kernel_size", "x"}, {"padding", "none"}, {"colour", 1}}, {{2, 8, 8, 4}});
  for (const char* part : {"layer.filters", "layer.kernel_size", "layer.padding", "layer.colour"})
    expect_says(text, part);
}

}  // namespace
}  // namespace trainyard::testing
