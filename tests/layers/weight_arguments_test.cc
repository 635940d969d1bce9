// The arguments <weight>_initializer, <weight>_regularizer and <weight>_constraint of every layer that has them: they reach the
// weight they name, and no other.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/layers/constraint.h"
#include "engine/layers/initializer.h"
#include "engine/layers/regularizer.h"
#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

struct WeightArgument {
  std::string class_name;
  std::string name;    // "recurrent_initializer"
  std::string weight;  // "recurrent"
};

std::vector<WeightArgument> weight_arguments(const std::string& suffix) {
  std::vector<WeightArgument> found;
  for (const ClassInfo* info : Layer::registry().classes())
    for (const ClassInfo::Arg& arg : info->args) {
      const std::string& name = arg.spec.name;
      if (name.size() <= suffix.size() || name == "activity_regularizer") continue;
      const size_t size = name.size() - suffix.size();
      if (name.substr(size) == suffix) found.push_back({info->class_name, name, name.substr(0, size)});
    }
  return found;
}

/// Whether an argument is about the weight of this path, in Keras's names.
bool is_about(const WeightArgument& argument, const std::string& path, bool initializer) {
  const std::string name = path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
  const bool depthwise = argument.class_name.rfind("DepthwiseConv", 0) == 0;
  if (argument.weight == "depthwise" && depthwise) return name == "kernel";
  // the one for the way back begins alike, but nothing else holds it
  if (argument.class_name == "ReversibleEmbedding" && name == "reverse_embeddings") return initializer;
  return name == argument.weight || name == argument.weight + "_kernel";
}

/// A sample of the class that has such a weight, with the argument set to `value` and all others of the kind left out.
std::vector<WeightSpec> weights_with(const WeightArgument& argument, const Json& value) {
  for (LayerSample sample : samples_of(argument.class_name)) {
    if (sample.inputs.empty()) continue;
    for (const char* suffix : {"_initializer", "_regularizer", "_constraint"})
      for (const WeightArgument& other : weight_arguments(suffix))
        if (other.class_name == argument.class_name) sample.config.erase(other.name);
    sample.config[argument.name] = value;
    if (Layer::registry().find(argument.class_name)->find("unit_forget_bias") != nullptr)
      sample.config["unit_forget_bias"] = false;
    const LayerTrial trial(sample, sample.inputs.front(), DType::f32);
    EXPECT_FALSE(trial.diagnostics().has_errors()) << sample.text() << trial.diagnostics().text();
    std::vector<WeightSpec> specs;
    for (const WeightInfo& weight : trial.plan().weights) specs.push_back(weight.spec);
    if (std::any_of(specs.begin(), specs.end(), [&](const WeightSpec& w) { return is_about(argument, w.name, true); }))
      return specs;
  }
  ADD_FAILURE() << "no sample of " << argument.class_name << " has the weight of " << argument.name;
  return {};
}

TEST(WeightArguments, BeginTheWeightTheyNameAndNoOther) {
  const auto arguments = weight_arguments("_initializer");
  ASSERT_GT(arguments.size(), 60u);
  for (const WeightArgument& argument : arguments) {
    const Json eighth{{"class_name", "Constant"}, {"config", {{"value", 0.125}}}};
    for (const WeightSpec& weight : weights_with(argument, eighth)) {
      const Tensor made = weight.initializer->make(weight.shape, DType::f32, Philox{.seed = 3});
      bool all = true;
      for (const float value : made.span<float>()) all = all && value == 0.125F;
      EXPECT_EQ(all, is_about(argument, weight.name, true))
          << argument.class_name << "." << argument.name << " and the weight " << weight.name;
    }
  }
}

TEST(WeightArguments, PenaliseAndBoundTheWeightTheyNameAndNoOther) {
  const Json penalty{{"class_name", "L2"}, {"config", {{"l2", 0.5}}}};
  const auto penalties = weight_arguments("_regularizer");
  ASSERT_GT(penalties.size(), 50u);
  for (const WeightArgument& argument : penalties)
    for (const WeightSpec& weight : weights_with(argument, penalty)) {
      EXPECT_EQ(static_cast<bool>(weight.regularizer), is_about(argument, weight.name, false))
          << argument.class_name << "." << argument.name << " and the weight " << weight.name;
      if (!weight.regularizer) continue;
      EXPECT_EQ(Regularizer::print(*weight.regularizer)["config"]["l2"], 0.5);
    }
  const Json bound{{"class_name", "MaxNorm"}, {"config", {{"max_value", 3}}}};
  const auto bounds = weight_arguments("_constraint");
  ASSERT_GT(bounds.size(), 50u);
  for (const WeightArgument& argument : bounds)
    for (const WeightSpec& weight : weights_with(argument, bound)) {
      EXPECT_EQ(static_cast<bool>(weight.constraint), is_about(argument, weight.name, false))
          << argument.class_name << "." << argument.name << " and the weight " << weight.name;
      if (!weight.constraint) continue;
      EXPECT_EQ(Constraint::print(*weight.constraint)["config"]["max_value"], 3);
    }
}

TEST(ActivationArguments, AreAppliedToWhatComesOut) {
  int tried = 0;
  for (const ClassInfo* info : Layer::registry().classes()) {
    if (info->find("activation") == nullptr || info->family == "recurrent" || info->class_name == "Activation")
      continue;
    LayerSample sample = samples_of(info->class_name).front();
    sample.config["activation"] = "linear";
    LayerTrial plain(sample, sample.inputs.front(), DType::f64);
    sample.config["activation"] = "tanh";
    LayerTrial bent(sample, sample.inputs.front(), DType::f64);
    ASSERT_FALSE(bent.diagnostics().has_errors()) << sample.text() << bent.diagnostics().text();
    bent.operands() = plain.operands();
    const Tensor x = plain.run(false, false).outputs[0];
    const Tensor y = bent.run(false, false).outputs[0];
    for (size_t i = 0; i < x.span<double>().size(); ++i)
      ASSERT_NEAR(y.span<double>()[i], std::tanh(x.span<double>()[i]), 1e-12) << sample.text();
    ++tried;
  }
  EXPECT_GE(tried, 13);
}

}  // namespace
}  // namespace trainyard::testing
