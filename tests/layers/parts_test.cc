// Activations, regularizers and constraints against formulas written out anew in double.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "engine/layers/activation.h"
#include "engine/layers/constraint.h"
#include "engine/layers/regularizer.h"
#include "engine/ops/gradient.h"
#include "engine/runtime/session.h"

namespace trainyard {
namespace {

std::vector<double> run(Graph& graph, const Tensor& x, Value y) {
  std::vector<std::unique_ptr<Backend>> backends;
  backends.push_back(make_ref_backend());
  Session session(std::make_shared<Device>(std::move(backends), 1));
  graph.mark_output(y);
  const auto executor = session.compile(std::move(graph));
  executor->bind(0, x.data());
  executor->run({});
  const TensorView view = executor->output(y.id());
  return {view.as<double>(), view.as<double>() + view.elements()};
}

Ref<Activation> activation(const Json& json) {
  Diagnostics diagnostics;
  Ref<Activation> result;
  ArgTraits<Ref<Activation>>::parse(json, result, {}, ParseContext(diagnostics, "activation"));
  EXPECT_TRUE(result) << diagnostics.text();
  return result;
}

std::vector<double> apply(const Json& json, const std::vector<double>& x, Shape shape) {
  Graph graph;
  const Tensor tensor = Tensor::of<double>(std::move(shape), x);
  return run(graph, tensor, activation(json)->apply(graph.input("x", {DType::f64, tensor.shape()})));
}

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }
double clipped(double x, double low, double high) { return std::min(std::max(x, low), high); }

const std::vector<double> kPoints{-7.3, -3, -2.1, -1, -0.6, -0.5, -0.2, 0, 0.1, 0.5, 0.8, 1, 1.7, 3, 5.9, 6.4};

TEST(Activation, FollowsItsFormula) {
  using Formula = std::function<double(double)>;
  const std::map<std::string, Formula> formulas{
      {"celu", [](double x) { return std::max(0.0, x) + std::min(0.0, std::exp(x) - 1); }},
      {"elu", [](double x) { return x > 0 ? x : std::exp(x) - 1; }},
      {"exponential", [](double x) { return std::exp(x); }},
      {"gelu", [](double x) { return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }},
      {"hard_shrink", [](double x) { return std::abs(x) > 0.5 ? x : 0; }},
      {"hard_sigmoid", [](double x) { return clipped(x / 6 + 0.5, 0, 1); }},
      {"hard_silu", [](double x) { return x * clipped(x / 6 + 0.5, 0, 1); }},
      {"hard_tanh", [](double x) { return clipped(x, -1, 1); }},
      {"leaky_relu", [](double x) { return x > 0 ? x : 0.2 * x; }},
      {"linear", [](double x) { return x; }},
      {"log_sigmoid", [](double x) { return std::log(sigmoid_of(x)); }},
      {"mish", [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }},
      {"relu", [](double x) { return std::max(x, 0.0); }},
      {"relu6", [](double x) { return clipped(x, 0, 6); }},
      {"selu", [](double x) { return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (std::exp(x) - 1)); }},
      {"sigmoid", sigmoid_of},
      {"silu", [](double x) { return x * sigmoid_of(x); }},
      {"soft_shrink", [](double x) { return x > 0.5    ? x - 0.5
                                            : x < -0.5 ? x + 0.5
                                                       : 0; }},
      {"softplus", [](double x) { return std::log1p(std::exp(x)); }},
      {"softsign", [](double x) { return x / (1 + std::abs(x)); }},
      {"sparse_plus", [](double x) { return x <= -1 ? 0
                                            : x < 1 ? (x + 1) * (x + 1) / 4
                                                    : x; }},
      {"sparse_sigmoid", [](double x) { return clipped((x + 1) / 2, 0, 1); }},
      {"squareplus", [](double x) { return (x + std::sqrt(x * x + 4)) / 2; }},
      {"tanh", [](double x) { return std::tanh(x); }},
      {"tanh_shrink", [](double x) { return x - std::tanh(x); }},
      {"threshold", [](double x) { return x > 0 ? x : 0; }},
  };
  const std::vector<std::string> along_an_axis{"glu", "log_softmax", "softmax", "sparsemax"};
  for (const ClassInfo* info : Activation::registry().classes()) {
    const auto formula = formulas.find(info->class_name);
    if (formula == formulas.end()) {
      EXPECT_NE(std::find(along_an_axis.begin(), along_an_axis.end(), info->class_name), along_an_axis.end())
          << info->class_name;
      continue;
    }
    const std::vector<double> y = apply(info->class_name, kPoints, {static_cast<int64_t>(kPoints.size())});
    for (size_t i = 0; i < y.size(); ++i)
      EXPECT_NEAR(y[i], formula->second(kPoints[i]), 1e-12 * (1 + std::abs(y[i])))
          << info->class_name << "(" << kPoints[i] << ")";
  }
}

TEST(Activation, TakesItsArguments) {
  const auto one = [](const char* name, const Json& config, double x) {
    return apply({{"class_name", name}, {"config", config}}, {x}, {1})[0];
  };
  const Json relu = {{"negative_slope", 0.1}, {"max_value", 4.0}, {"threshold", 1.0}};
  EXPECT_NEAR(one("relu", relu, 9), 4, 1e-12);
  EXPECT_NEAR(one("relu", relu, 2), 2, 1e-12);
  EXPECT_NEAR(one("relu", relu, 0.5), 0.1 * (0.5 - 1), 1e-12);
  EXPECT_NEAR(one("elu", {{"alpha", 2.0}}, -1), 2 * (std::exp(-1) - 1), 1e-12);
  EXPECT_NEAR(one("celu", {{"alpha", 2.0}}, -1), 2 * (std::exp(-0.5) - 1), 1e-12);
  EXPECT_NEAR(one("leaky_relu", {{"negative_slope", 0.5}}, -1), -0.5, 1e-12);
  EXPECT_NEAR(one("gelu", {{"approximate", true}}, 1), 0.5 * (1 + std::tanh(std::sqrt(2 / M_PI) * 1.044715)), 1e-12);
  EXPECT_NEAR(one("hard_shrink", {{"threshold", 2.0}}, 1), 0, 1e-12);
  EXPECT_NEAR(one("soft_shrink", {{"threshold", 2.0}}, 3), 1, 1e-12);
  EXPECT_NEAR(one("squareplus", {{"b", 0.0}}, 3), 3, 1e-12);
  EXPECT_NEAR(one("threshold", {{"threshold", 2.0}, {"default_value", -5.0}}, 1), -5, 1e-12);
}

TEST(Activation, SoftmaxAddsUpToOneAlongItsAxis) {
  const std::vector<double> y =
      apply({{"class_name", "softmax"}, {"config", {{"axis", 0}}}}, {1, 2, 3, 4, 5, 600}, {2, 3});
  for (size_t column = 0; column < 3; ++column) EXPECT_NEAR(y[column] + y[column + 3], 1, 1e-12);
  const std::vector<double> logs = apply("log_softmax", {1, 2, 3}, {1, 3});
  EXPECT_NEAR(std::exp(logs[0]) + std::exp(logs[1]) + std::exp(logs[2]), 1, 1e-12);
}

TEST(Activation, SparsemaxIsTheNearestPointOfTheSimplex) {
  EXPECT_EQ(apply("sparsemax", {0.1, 2.5, 0.2}, {1, 3}), (std::vector<double>{0, 1, 0}));
  const std::vector<double> y = apply("sparsemax", {0.5, 0.3, -2}, {1, 3});
  EXPECT_NEAR(y[0], 0.6, 1e-12);
  EXPECT_NEAR(y[1], 0.4, 1e-12);
  EXPECT_EQ(y[2], 0);
}

TEST(Activation, GluGatesOneHalfByTheOther) {
  const std::vector<double> y = apply("glu", {1, 2, 3, 4}, {1, 4});
  ASSERT_EQ(y.size(), 2u);
  EXPECT_NEAR(y[0], 1 * sigmoid_of(3), 1e-12);
  EXPECT_NEAR(y[1], 2 * sigmoid_of(4), 1e-12);
}

TEST(Activation, PrintsItsBareNameWhereItCan) {
  EXPECT_EQ(Activation::print(*activation("swish")), "silu");
  EXPECT_EQ(Activation::print(*activation({{"class_name", "elu"}, {"config", {{"alpha", 1.0}}}})), "elu");
  EXPECT_EQ(Activation::print(*activation({{"class_name", "elu"}, {"config", {{"alpha", 2.0}}}}))["config"]["alpha"],
            2.0);
}

template <typename Part>
std::unique_ptr<Declared> parse(const Json& json) {
  Diagnostics diagnostics;
  auto parsed = Part::registry().parse(json, ParseContext(diagnostics, "part"));
  EXPECT_NE(parsed, nullptr) << diagnostics.text();
  return parsed;
}

TEST(Regularizer, AddsUpWhatItPenalises) {
  const auto penalty = [](const Json& json) {
    const auto part = parse<Regularizer>(json);
    Graph graph;
    const Tensor x = Tensor::of<double>({2, 2}, {1, -2, 3, 0.5});
    return run(graph, x, static_cast<const Regularizer&>(*part).penalty(graph.input("x", {DType::f64, x.shape()})))[0];
  };
  EXPECT_NEAR(penalty("l1"), 0.065, 1e-12);
  EXPECT_NEAR(penalty("l2"), 0.1425, 1e-12);
  EXPECT_NEAR(penalty({{"class_name", "L1L2"}, {"config", {{"l1", 1.0}, {"l2", 2.0}}}}), 6.5 + 2 * 14.25, 1e-12);
  // Rows (1, -2) and (3, 0.5): the cosine between them, halved.
  const double cosine = 2 / (std::sqrt(5.0) * std::sqrt(9.25));
  EXPECT_NEAR(penalty({{"class_name", "OrthogonalRegularizer"}, {"config", {{"factor", 1.0}}}}), cosine, 1e-12);
  const double columns = std::abs(1 * -2 + 3 * 0.5) / (std::sqrt(10.0) * std::sqrt(4.25));
  EXPECT_NEAR(penalty({{"class_name", "OrthogonalRegularizer"}, {"config", {{"factor", 1.0}, {"mode", "columns"}}}}),
              columns, 1e-12);
}

TEST(Regularizer, OfAnglesLeavesVectorsOfZerosAlone) {
  const auto part = parse<Regularizer>("orthogonal_regularizer");
  Graph graph;
  const Tensor x = Tensor::of<double>({2, 2}, {0, 0, 3, 0.5});
  const Value value = graph.input("x", {DType::f64, x.shape()});
  const Value slope = gradients(static_cast<const Regularizer&>(*part).penalty(value), {value}).front();
  for (const double number : run(graph, x, slope)) EXPECT_TRUE(std::isfinite(number));
}

TEST(Constraint, HoldsNormsWhereTheyBelong) {
  const auto project = [](const Json& json) {
    const auto part = parse<Constraint>(json);
    Graph graph;
    const Tensor w = Tensor::of<double>({2, 2}, {3, 0.3, -4, 0.4});  // columns of norm 5 and 0.5
    return run(graph, w, static_cast<const Constraint&>(*part).project(graph.input("w", {DType::f64, w.shape()})));
  };
  const auto norm = [](double a, double b) { return std::sqrt(a * a + b * b); };
  auto w = project({{"class_name", "MaxNorm"}, {"config", {{"max_value", 1.0}}}});
  EXPECT_NEAR(norm(w[0], w[2]), 1, 1e-6);
  EXPECT_NEAR(norm(w[1], w[3]), 0.5, 1e-6);
  w = project("unit_norm");
  EXPECT_NEAR(norm(w[1], w[3]), 1, 1e-6);
  w = project({{"class_name", "UnitNorm"}, {"config", {{"axis", {0, 1}}}}});
  EXPECT_NEAR(norm(norm(w[0], w[2]), norm(w[1], w[3])), 1, 1e-6);
  w = project({{"class_name", "MinMaxNorm"}, {"config", {{"min_value", 1.0}, {"max_value", 2.0}, {"rate", 0.5}}}});
  EXPECT_NEAR(norm(w[0], w[2]), 3.5, 1e-6);   // halfway from 5 to 2
  EXPECT_NEAR(norm(w[1], w[3]), 0.75, 1e-6);  // halfway from 0.5 to 1
  EXPECT_EQ(project("non_neg"), (std::vector<double>{3, 0.3, -0.0, 0.4}));
}

}  // namespace
}  // namespace trainyard
