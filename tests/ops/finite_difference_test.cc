// Every gradient against central differences, in float64 on ref.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "engine/core/philox.h"
#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "tests/backends/interpret.h"
#include "tests/backends/op_cases.h"
#include "tests/core/sanitized.h"

namespace trainyard::testing {
namespace {

constexpr double kStep = 1e-5;
/// Elements probed per operand: all of them where there are few, and fewest where each probe is long.
int64_t probes_of(const OpCase& op_case) {
  const Cost cost = cost_of(op_case.op, op_case.inputs, infer_types(op_case.op, op_case.inputs));
  if (kSanitized) return 2;
  return cost.macs + cost.flops + cost.bytes < 50000 ? 16 : 3;
}

/// Random weights by which the outputs are summed to one number.
Tensor weights_for(const Shape& shape, uint32_t output) {
  Tensor weights(DType::f64, shape);
  const Philox random{.seed = 12, .stream = output};
  for (size_t i = 0; i < weights.span<double>().size(); ++i) weights.span<double>()[i] = random.normal(i);
  return weights;
}

/// Weights for every output of a case.
std::vector<Tensor> output_weights(const OpCase& op_case) {
  std::vector<Tensor> weights;
  for (const ValueType& type : infer_types(op_case.op, op_case.inputs))
    weights.push_back(weights_for(type.shape, static_cast<uint32_t>(weights.size())));
  return weights;
}

double weighted_sum(const std::vector<Tensor>& outputs, const std::vector<Tensor>& weights) {
  double sum = 0;
  for (size_t o = 0; o < outputs.size(); ++o)
    for (int64_t i = 0; i < outputs[o].elements(); ++i)
      sum += element_as_double(outputs[o].view(), i) * weights[o].span<double>()[static_cast<size_t>(i)];
  return sum;
}

/// Inputs that a derivative can be taken by.
std::vector<int> probed_inputs(const OpCase& op_case) {
  std::vector<int> result;
  for (int i = 0; i < static_cast<int>(op_case.inputs.size()); ++i) {
    const auto& refused = op_case.without_gradient;
    if (op_case.inputs[static_cast<size_t>(i)].dtype == DType::f64 &&
        std::find(refused.begin(), refused.end(), i) == refused.end())
      result.push_back(i);
  }
  return result;
}

/// The gradients of the weighted sum as the graph builds them.
std::vector<Tensor> built_gradients(const OpCase& op_case, const std::vector<Tensor>& inputs,
                                    const std::vector<int>& by) {
  Graph graph;
  std::vector<Value> operands;
  for (const ValueType& type : op_case.inputs) operands.push_back(graph.input("x", type));
  std::vector<Value> ys;
  std::vector<Value> seeds;
  for (const Value& output : graph.add(op_case.op, operands)) {
    ys.push_back(cast(output, DType::f64));
    seeds.push_back(graph.constant(weights_for(output.shape(), static_cast<uint32_t>(seeds.size()))));
  }
  std::vector<Value> wanted;
  wanted.reserve(by.size());
  for (const int i : by) wanted.push_back(operands[static_cast<size_t>(i)]);
  const std::vector<Value> dxs = gradients(ys, seeds, wanted);
  const std::vector<Tensor> values = interpret(graph, inputs);
  std::vector<Tensor> results;
  results.reserve(dxs.size());
  for (const Value& dx : dxs) results.push_back(values[static_cast<size_t>(dx.id())]);
  return results;
}

/// The weighted sum of a case's outputs where one element of one input is shifted.
class ShiftedSum {
 public:
  ShiftedSum(const OpCase& op_case, const std::vector<Tensor>& inputs, int input)
      : op_case_(op_case), inputs_(inputs), weights_(output_weights(op_case)) {
    Tensor& operand = inputs_[static_cast<size_t>(input)];
    operand = operand.clone();
    shifted_ = operand.span<double>();
  }
  double operator()(int64_t element, double shift) {
    double& value = shifted_[static_cast<size_t>(element)];
    const double before = value;
    value += shift;
    const double sum = weighted_sum(run_on_ref(op_case_.op, inputs_), weights_);
    value = before;
    return sum;
  }

 private:
  const OpCase& op_case_;
  std::vector<Tensor> inputs_;
  std::vector<Tensor> weights_;
  std::span<double> shifted_;
};

void expect_gradient(const OpCase& op_case, const std::vector<Tensor>& inputs, int input, const Tensor& gradient) {
  ASSERT_EQ(gradient.shape(), inputs[static_cast<size_t>(input)].shape());
  ShiftedSum sum_at(op_case, inputs, input);
  const int64_t elements = gradient.elements();
  const int64_t stride = std::max<int64_t>(1, elements / probes_of(op_case));
  for (int64_t i = 0; i < elements; i += stride) {
    const double difference = (sum_at(i, kStep) - sum_at(i, -kStep)) / (2 * kStep);
    const double built = gradient.span<double>()[static_cast<size_t>(i)];
    EXPECT_NEAR(built, difference, 1e-6 * std::max(1.0, std::abs(difference)) + 1e-6)
        << "input " << input << " element " << i;
  }
}

class FiniteDifferences : public ::testing::TestWithParam<std::string> {};

TEST_P(FiniteDifferences, AgreeWithTheGradientsOfTheOp) {
  for (const OpCase& narrow : op_cases()) {
    if (kind_name(narrow.op) != GetParam() || !narrow.differentiable) continue;
    SCOPED_TRACE(narrow.name);
    const OpCase op_case = widened(narrow);
    const std::vector<int> by = probed_inputs(op_case);
    if (by.empty()) continue;
    const std::vector<Tensor> inputs = make_inputs(op_case);
    const std::vector<Tensor> dxs = built_gradients(op_case, inputs, by);
    for (size_t i = 0; i < by.size(); ++i) expect_gradient(op_case, inputs, by[i], dxs[i]);
  }
}

TEST_P(FiniteDifferences, AreRefusedWhereTheOpHasNoGradient) {
  for (const OpCase& narrow : op_cases()) {
    if (kind_name(narrow.op) != GetParam()) continue;
    SCOPED_TRACE(narrow.name);
    const OpCase op_case = widened(narrow);
    for (const int input : op_case.without_gradient)
      EXPECT_THROW(built_gradients(op_case, make_inputs(op_case), {input}), InternalError);
  }
}

std::vector<std::string> ops() {
  std::set<std::string> names;
  for (const OpCase& op_case : op_cases()) names.insert(std::string(kind_name(op_case.op)));
  return {names.begin(), names.end()};
}

INSTANTIATE_TEST_SUITE_P(Ops, FiniteDifferences, ::testing::ValuesIn(ops()), [](const auto& op) { return op.param; });

}  // namespace
}  // namespace trainyard::testing
