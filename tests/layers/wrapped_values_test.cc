// Arguments as Keras may write them: tuples, arrays and policies in wrappers, lists of numbers where others write one.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/layers/initializer.h"
#include "engine/layers/model.h"
#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

Json wrapped(const char* class_name, Json value) {
  return {{"class_name", class_name}, {"config", {{"value", std::move(value)}, {"dtype", "float32"}}}};
}

Json tuple(Json items) { return {{"class_name", "__tuple__"}, {"items", std::move(items)}}; }

Json sequential(const char* class_name, const Json& config, Json extra = Json::object()) {
  Json json = {{"class_name", "Sequential"}, {"config", std::move(extra)}};
  json["config"]["name"] = "s";
  json["config"]["layers"] = Json::array({Json{{"class_name", class_name}, {"config", config}}});
  return json;
}

/// What is read of a model, as it is written again; or what was complained of.
std::string read(const Json& json) {
  Diagnostics diagnostics;
  const auto model = parse_model(json, diagnostics);
  if (model != nullptr && !diagnostics.has_errors()) plan_model(*model, diagnostics);
  return diagnostics.has_errors() ? diagnostics.text() : model_to_json(*model, false).dump();
}

/// The output for one input of a layer without weights.
std::vector<double> output_of(const char* class_name, const Json& config, const Shape& shape,
                              const std::vector<double>& x) {
  LayerTrial trial({class_name, config, {}}, {shape}, DType::f64);
  EXPECT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
  if (trial.diagnostics().has_errors()) return {};
  trial.operands()[0] = Tensor::of<double>(shape, x);
  const Tensor y = trial.run(false, false).outputs[0];
  return {y.span<const double>().begin(), y.span<const double>().end()};
}

std::string complaint(const char* class_name, const Json& config, const Shape& shape) {
  return LayerTrial({class_name, config, {}}, {shape}, DType::f32).diagnostics().text();
}

TEST(WrappedArguments, AreWhatTheyHold) {
  const Json shape = {{"build_input_shape", {nullptr, 6, 5, 2}}};
  const auto same = [&](const char* class_name, const Json& given, const Json& plain) {
    EXPECT_EQ(read(sequential(class_name, given, shape)), read(sequential(class_name, plain, shape)));
    EXPECT_EQ(read(sequential(class_name, plain, shape)).front(), '{');
  };
  same("Reshape", {{"target_shape", tuple({3, 20})}}, {{"target_shape", {3, 20}}});
  same("Conv2D", {{"filters", 2}, {"kernel_size", tuple({2, 3})}}, {{"filters", 2}, {"kernel_size", {2, 3}}});
  same("ZeroPadding2D", {{"padding", tuple({tuple({1, 2}), tuple({0, 1})})}}, {{"padding", {{1, 2}, {0, 1}}}});
  same("Rescaling", {{"scale", wrapped("__numpy__", {2.0, 3.0})}}, {{"scale", {2.0, 3.0}}});
  same("Masking", {{"mask_value", wrapped("__tensor__", -1.0)}}, {{"mask_value", -1.0}});
  same("Dropout", {{"rate", 0.5}, {"seed", {{"class_name", "SeedGenerator"}, {"config", {{"seed", 3}}}}}},
       {{"rate", 0.5}, {"seed", 3}});
  EXPECT_EQ(read(sequential("Dense", {{"units", 2}}, {{"build_input_shape", tuple({nullptr, 4})}})),
            read(sequential("Dense", {{"units", 2}}, {{"build_input_shape", {nullptr, 4}}})));
  EXPECT_NE(complaint("Reshape", {{"target_shape", wrapped("__mystery__", 3)}}, {2, 3}), "");
}

TEST(WrappedArguments, MapOfPoliciesStandsForOneThatAllShare) {
  const auto dense = [](const char* policy, const char* inner) {
    const Json map = {{"class_name", "DTypePolicyMap"},
                      {"config", {{"name", "m"}, {"default_policy", policy}, {"policy_map", {{"a/b", inner}}}}}};
    return complaint("Dense", {{"units", 2}, {"dtype", map}}, {2, 3});
  };
  EXPECT_EQ(dense("float32", "float32"), "");
  EXPECT_NE(dense("float32", "float64").find("one policy for all"), std::string::npos);
  EXPECT_NE(dense("mixed_float16", "float32").find("mixed_float16"), std::string::npos);
}

TEST(ASequentialModel, TakesItsInputFromTheFirstLayersArguments) {
  const std::string wanted = read(sequential("Dense", {{"units", 2}, {"batch_input_shape", {nullptr, 4}}}));
  EXPECT_NE(wanted.find("[null,4]"), std::string::npos) << wanted;
  EXPECT_EQ(read(sequential("Dense", {{"units", 2}, {"input_shape", {4}}})), wanted);
  EXPECT_EQ(read(sequential("Dense", {{"units", 2}, {"input_dim", 4}})), wanted);
  EXPECT_NE(read(sequential("Dense", {{"units", 2}})).find("Input"), std::string::npos);
}

TEST(ArraysOfNumbers, StretchAlongTheInput) {
  // x: [1, 2, 3]
  const std::vector<double> x = {1, 2, 3, 4, 5, 6};
  const auto rescaled = [&](const Json& scale) { return output_of("Rescaling", {{"scale", scale}}, {1, 2, 3}, x); };
  using Numbers = std::vector<double>;
  EXPECT_EQ(rescaled({10, 20, 30}), (Numbers{10, 40, 90, 40, 100, 180}));
  EXPECT_EQ(rescaled(Json::array({2})), (Numbers{2, 4, 6, 8, 10, 12}));
  EXPECT_EQ(rescaled(Json::parse("[[2], [3]]")), (Numbers{2, 4, 6, 12, 15, 18}));
  EXPECT_NE(complaint("Rescaling", {{"scale", {1, 2}}}, {1, 2, 3}), "");
  EXPECT_NE(complaint("Rescaling", {{"scale", Json::parse("[[1, 2], [3]]")}}, {1, 2, 2}), "");
  // Steps that are the array throughout are masked.
  EXPECT_EQ(output_of("Masking", {{"mask_value", {1, 2, 3}}}, {1, 2, 3}, {1, 2, 3, 1, 2, 4}),
            (Numbers{0, 0, 0, 1, 2, 4}));
  EXPECT_NE(complaint("Masking", {{"mask_value", {1, 2}}}, {1, 2, 3}), "");
}

TEST(ArraysOfNumbers, AreTheStatisticsOfANormalizationAsInNumPy) {
  const auto normalized = [](const Json& axis, const char* mean, const char* variance) {
    return output_of("Normalization",
                     {{"axis", axis}, {"mean", Json::parse(mean)}, {"variance", Json::parse(variance)}}, {1, 2, 3},
                     {1, 2, 3, 4, 5, 6});
  };
  using Numbers = std::vector<double>;
  const Numbers by_channel = {0, 0, 0, 1.5, 1.5, 1.5};
  EXPECT_EQ(normalized(-1, "[1, 2, 3]", "4"), by_channel);
  EXPECT_EQ(normalized(-1, "[[[1, 2, 3]]]", "[4]"), by_channel) << "of the input's rank";
  EXPECT_EQ(normalized(1, "[[1], [4]]", "[[1], [0.25]]"), (Numbers{0, 1, 2, 0, 2, 4}));
  EXPECT_EQ(normalized(1, "[1, 4]", "[1, 0.25]"), (Numbers{0, 1, 2, 0, 2, 4})) << "one for each place of the axis";
  EXPECT_NE(complaint("Normalization", {{"axis", -1}, {"mean", {1, 2}}, {"variance", {1, 2}}}, {1, 2, 3}), "");
}

TEST(ArraysOfNumbers, FillAWeight) {
  const auto constant = [](const char* value) {
    Diagnostics diagnostics;
    const Json json = {{"class_name", "Constant"}, {"config", {{"value", Json::parse(value)}}}};
    return Ref<Initializer>(std::static_pointer_cast<const Initializer>(
        std::shared_ptr<const Declared>(Initializer::registry().parse(json, ParseContext(diagnostics, "")))));
  };
  const auto filled = [&](const char* value) {
    const Tensor weight = constant(value)->make({2, 3}, DType::f64, {});
    return std::vector<double>(weight.span<const double>().begin(), weight.span<const double>().end());
  };
  using Numbers = std::vector<double>;
  EXPECT_EQ(filled("1.5"), (Numbers{1.5, 1.5, 1.5, 1.5, 1.5, 1.5}));
  EXPECT_EQ(filled("[1, 2, 3]"), (Numbers{1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(filled("[[1], [2]]"), (Numbers{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(filled("[[1, 2, 3], [4, 5, 6]]"), (Numbers{1, 2, 3, 4, 5, 6}));
  EXPECT_NE(constant("[1, 2]")->problem({2, 3}), "");
}

}  // namespace
}  // namespace trainyard::testing
