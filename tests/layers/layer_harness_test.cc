// What must hold of every layer, whatever it is.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/core/sanitized.h"
#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

TEST(EveryLayer, HasSamples) {
  std::vector<std::string> without;
  for (const ClassInfo* info : Layer::registry().classes())
    if (samples_of(info->class_name).empty()) without.push_back(info->class_name);
  EXPECT_TRUE(without.empty()) << joined(without);
}

TEST(EveryLayer, HasEachArgumentTriedAwayFromItsDefault) {
  std::vector<std::string> untried;
  for (const ClassInfo* info : Layer::registry().classes()) {
    const std::unique_ptr<Declared> defaults = info->make();
    for (const ClassInfo::Arg& arg : info->args) {
      const std::string& name = arg.spec.name;
      // Common to all layers and alike in all; Dense and Activation try them.
      if (name == "name" || name == "trainable" || name == "dtype" || name == "activity_regularizer") continue;
      bool tried = false;
      for (const LayerSample& sample : samples_of(info->class_name)) {
        Diagnostics diagnostics;
        const auto layer = make_layer(sample, diagnostics);
        tried |= layer != nullptr && (arg.print(*layer) != arg.print(*defaults) || sample.config.contains(name));
      }
      if (!tried) untried.push_back(info->class_name + "." + name);
    }
  }
  EXPECT_TRUE(untried.empty()) << joined(untried);
}

TEST(EveryLayer, ComesBackFromItsJson) {
  for (const LayerSample& sample : layer_samples()) {
    Diagnostics diagnostics;
    const auto layer = make_layer(sample, diagnostics);
    ASSERT_NE(layer, nullptr) << sample.text() << "\n" << diagnostics.text();
    for (const bool all : {false, true}) {
      const Json printed = layer->config(all);
      const auto again = Layer::registry().parse({{"class_name", sample.class_name}, {"config", printed}},
                                                 ParseContext(diagnostics, "layer"));
      ASSERT_NE(again, nullptr) << sample.text() << "\n" << diagnostics.text();
      EXPECT_EQ(again->config(all), printed) << sample.text();
    }
  }
}

TEST(EveryLayer, KnowsItsArgumentsByNameAndDoc) {
  for (const ClassInfo* info : Layer::registry().classes()) {
    EXPECT_FALSE(info->doc.empty()) << info->class_name;
    EXPECT_FALSE(info->family.empty()) << info->class_name;
    for (const ClassInfo::Arg& arg : info->args)
      EXPECT_FALSE(arg.spec.doc.empty()) << info->class_name << "." << arg.spec.name;
    for (const std::string& name : info->summary)
      EXPECT_NE(info->find(name), nullptr) << info->class_name << "." << name;
  }
}

TEST(EveryLayer, RefusesAnArgumentItDoesNotHave) {
  for (const ClassInfo* info : Layer::registry().classes()) {
    Diagnostics diagnostics;
    LayerSample sample = samples_of(info->class_name).front();
    sample.config["colour"] = "blue";
    EXPECT_EQ(make_layer(sample, diagnostics), nullptr) << sample.text();
    EXPECT_NE(diagnostics.text().find("layer.colour"), std::string::npos) << diagnostics.text();
  }
}

/// A value that no argument of this kind can take.
Json nonsense(const ArgSpec& spec) {
  switch (spec.kind) {
    case ArgKind::text: return 12;
    case ArgKind::json: return nullptr;  // takes anything
    case ArgKind::flag:
    case ArgKind::integer:
    case ArgKind::number:
    case ArgKind::choice:
    case ArgKind::int_tuple:
    case ArgKind::int_list:
    case ArgKind::shape:
    case ArgKind::padding:
    case ArgKind::axis:
    case ArgKind::dtype:
    case ArgKind::reference:
    case ArgKind::number_or_schedule: return "nonsense";
  }
  return nullptr;
}

void expect_refused(LayerSample sample, const std::string& arg, const Json& value) {
  sample.config[arg] = value;
  Diagnostics diagnostics;
  EXPECT_EQ(make_layer(sample, diagnostics), nullptr) << sample.text();
  EXPECT_NE(diagnostics.text().find("layer." + arg), std::string::npos) << sample.text() << "\n" << diagnostics.text();
  for (const Diagnostic& item : diagnostics.items()) EXPECT_NE(find_message(item.code), nullptr) << item.code;
}

TEST(EveryLayer, RefusesValuesOfTheWrongKindAndNamesTheArgument) {
  for (const ClassInfo* info : Layer::registry().classes()) {
    const LayerSample sample = samples_of(info->class_name).front();
    for (const ClassInfo::Arg& arg : info->args)
      if (const Json bad = nonsense(arg.spec); !bad.is_null()) expect_refused(sample, arg.spec.name, bad);
  }
}

TEST(EveryLayer, RefusesNumbersOutsideTheirRange) {
  for (const ClassInfo* info : Layer::registry().classes()) {
    const LayerSample sample = samples_of(info->class_name).front();
    for (const ClassInfo::Arg& arg : info->args) {
      const ArgOptions& options = arg.spec.options;
      if (arg.spec.kind != ArgKind::integer && arg.spec.kind != ArgKind::number && arg.spec.kind != ArgKind::int_tuple)
        continue;
      if (std::isfinite(options.min)) expect_refused(sample, arg.spec.name, options.min - 1);
      if (std::isfinite(options.max)) expect_refused(sample, arg.spec.name, options.max * 2 + 1);
    }
  }
}

TEST(EveryLayer, RequiresWhatItRequires) {
  for (const ClassInfo* info : Layer::registry().classes()) {
    for (const ClassInfo::Arg& arg : info->args) {
      if (!arg.spec.options.required) continue;
      LayerSample sample = samples_of(info->class_name).front();
      sample.config.erase(arg.spec.name);
      Diagnostics diagnostics;
      EXPECT_EQ(make_layer(sample, diagnostics), nullptr) << sample.text();
      EXPECT_NE(diagnostics.text().find("layer." + arg.spec.name), std::string::npos) << diagnostics.text();
    }
  }
}

TEST(EveryLayer, GivesTheShapesItInfers) {
  for (const LayerSample& sample : layer_samples())
    for (const auto& inputs : sample.inputs)
      for (const bool open_batch : {false, true}) {
        if (open_batch && sample.fixed_batch) continue;
        LayerTrial trial(sample, inputs, DType::f32, open_batch);
        ASSERT_FALSE(trial.diagnostics().has_errors()) << sample.text() << "\n" << trial.diagnostics().text();
        const auto result = trial.run(false, false);
        ASSERT_EQ(result.outputs.size(), trial.planned_outputs().size()) << sample.text();
        for (size_t i = 0; i < result.outputs.size(); ++i) {
          Shape planned = trial.planned_outputs()[i].shape;
          if (open_batch) {
            EXPECT_EQ(planned[0], kUnknown) << sample.text();
            planned[0] = result.outputs[i].shape()[0];
          }
          EXPECT_EQ(result.outputs[i].shape(), planned) << sample.text();
          EXPECT_EQ(result.outputs[i].dtype(), trial.planned_outputs()[i].dtype) << sample.text();
        }
      }
}

/// (f(x + h) - f(x - h)) / 2h at element `i` of operand `o`.
double finite_difference(LayerTrial& trial, size_t o, size_t i, bool training) {
  constexpr double kStep = 1e-6;
  double& element = trial.operands()[o].span<double>()[i];
  const double middle = element;
  element = middle + kStep;
  const double above = trial.run(training, false).score;
  element = middle - kStep;
  const double below = trial.run(training, false).score;
  element = middle;
  return (above - below) / (2 * kStep);
}

TEST(EveryLayer, HasTheGradientsOfItsOutput) {
  constexpr size_t kElements = kSanitized ? 1 : 4;  // of each operand, spread over it
  for (const LayerSample& sample : layer_samples()) {
    if (!sample.differentiable || sample.inputs.empty()) continue;
    for (const bool training : {false, true}) {
      LayerTrial trial(sample, sample.inputs.front(), DType::f64);
      ASSERT_FALSE(trial.diagnostics().has_errors()) << sample.text() << "\n" << trial.diagnostics().text();
      const auto result = trial.run(training, true);
      for (size_t o = 0; o < trial.operands().size(); ++o) {
        if (result.gradients[o].empty()) continue;
        const auto gradient = result.gradients[o].span<double>();
        const size_t stride = std::max<size_t>(1, gradient.size() / kElements);
        for (size_t i = 0; i < gradient.size(); i += stride) {
          const double wanted = finite_difference(trial, o, i, training);
          EXPECT_NEAR(gradient[i], wanted, 1e-6 * (1 + std::abs(wanted)))
              << sample.text() << " operand " << o << " element " << i << (training ? " in training" : "");
        }
      }
    }
  }
}

double largest_of(const Tensor& tensor) {
  double largest = 0;
  for (int64_t i = 0; i < tensor.elements(); ++i)
    largest = std::max(largest, std::abs(element_as_double(tensor.view(), i)));
  return largest;
}

TEST(EveryLayer, AgreesOnAllBackends) {
  for (const LayerSample& sample : layer_samples())
    for (const auto& inputs : sample.inputs) {
      LayerTrial trial(sample, inputs, DType::f32);
      const auto ref = trial.run(true, true, "ref");
      const auto cpu = trial.run(true, true, "cpu");
      // A gradient that is the small rest of large ones (of the bias of attention's keys it is 0) is as exact as they are.
      double scale = 1;
      for (const Tensor& gradient : ref.gradients)
        if (!gradient.empty()) scale = std::max(scale, largest_of(gradient));
      const auto expect_close = [&](const Tensor& a, const Tensor& b) {
        const double largest = largest_of(a);
        for (int64_t i = 0; i < a.elements(); ++i)
          ASSERT_NEAR(element_as_double(a.view(), i), element_as_double(b.view(), i), 1e-5 * largest + 1e-6 * scale)
              << sample.text();
      };
      for (size_t i = 0; i < ref.outputs.size(); ++i) expect_close(ref.outputs[i], cpu.outputs[i]);
      for (size_t i = 0; i < ref.gradients.size(); ++i)
        if (!ref.gradients[i].empty()) expect_close(ref.gradients[i], cpu.gradients[i]);
    }
}

}  // namespace
}  // namespace trainyard::testing
