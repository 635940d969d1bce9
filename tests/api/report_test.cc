// What is said of models that leave sizes open.
#include "engine/api/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace trainyard::testing {
namespace {

ModelReport report_of(const std::string& input_shape, const std::string& layers) {
  Diagnostics diagnostics;
  const auto model = parse_model(Json::parse(R"({"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": )" +
                                             input_shape + "}}, " + layers + "]}}"),
                                 diagnostics);
  const ModelPlan plan = plan_model(*model, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  return report_model(*model, plan);
}

constexpr const char* kDense = R"({"class_name": "Dense", "config": {"units": 5}})";
constexpr const char* kConv = R"({"class_name": "Conv2D", "config": {"filters": 2, "kernel_size": 3}})";

TEST(Report, CountsOneStepOfAnOpenSequence) {
  const ModelReport report = report_of("[null, null, 4]", kDense);
  EXPECT_EQ(report.macs, 4 * 5);
  EXPECT_EQ(report.layers[1].activation_bytes, 5 * 4);
  EXPECT_EQ(report.layers[1].output_shapes[0], (Shape{kUnknown, kUnknown, 5}));
}

TEST(Report, OfOpenPicturesTakesTheLeastThatTheLayersBear) {
  const ModelReport report = report_of("[null, null, null, 3]", std::string(kConv) + "," + kConv);
  // 8 by 8, since 4 by 4 leaves 2 by 2 for the second window.
  EXPECT_EQ(report.layers[1].macs, 6 * 6 * 2 * 3 * 3 * 3);
  EXPECT_EQ(report.layers[2].macs, 4 * 4 * 2 * 3 * 3 * 2);
  EXPECT_EQ(report.layers[2].activation_bytes, 4 * 4 * 2 * 4);
  EXPECT_EQ(report.params, 2 * 27 + 2 + 2 * 18 + 2);
}

TEST(Report, LeavesOutCostsWhereNoSizeWillDo) {
  const ModelReport report =
      report_of("[null, null, 4]", R"({"class_name": "Reshape", "config": {"target_shape": [3]}})");
  EXPECT_EQ(report.macs, 0);
  EXPECT_EQ(report.layers.size(), 2u);
}

}  // namespace
}  // namespace trainyard::testing
