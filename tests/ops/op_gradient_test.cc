// Gradients where differences cannot tell: ties, kinks, zeros, other dtypes; and that nothing unwanted is built.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "tests/backends/interpret.h"

namespace trainyard::testing {
namespace {

/// One-operand graphs: the gradient of sum(f(x)) at `x`.
template <typename Function>
std::vector<double> gradient_at(const std::vector<double>& x, const Function& f) {
  Graph graph;
  const Shape shape{static_cast<int64_t>(x.size())};
  const Value input = graph.input("x", {DType::f64, shape});
  const Value dx = gradients(f(input), {input}).front();
  const Tensor result = interpret(graph, {Tensor::of<double>(shape, x)})[static_cast<size_t>(dx.id())];
  return {result.span<double>().begin(), result.span<double>().end()};
}

using Numbers = std::vector<double>;

TEST(TiedOperands, ShareTheGradientOfAMaximum) {
  const auto first = [](Value x) { return maximum(x, 1.0); };
  EXPECT_EQ(gradient_at({0, 1, 2}, first), (Numbers{0, 0.5, 1}));
  const auto second = [](Value x) { return binary(op::BinaryKind::max, 1.0, x); };
  EXPECT_EQ(gradient_at({0, 1, 2}, second), (Numbers{0, 0.5, 1}));
}

TEST(TiedOperands, ShareTheGradientOfAMinimum) {
  EXPECT_EQ(gradient_at({0, 1, 2}, [](Value x) { return minimum(x, 1.0); }), (Numbers{1, 0.5, 0}));
}

TEST(TiedElements, ShareTheGradientOfAnExtreme) {
  const auto largest = [](Value x) { return reduce(op::ReduceKind::max, x); };
  EXPECT_EQ(gradient_at({3, 1, 3, 3, 2, 3}, largest), (Numbers{0.25, 0, 0.25, 0.25, 0, 0.25}));
  const auto smallest = [](Value x) { return reduce(op::ReduceKind::min, x); };
  EXPECT_EQ(gradient_at({3, 1, 3, 1}, smallest), (Numbers{0, 0.5, 0, 0.5}));
}

TEST(Kinks, AreFlatAtZeroAsInTorch) {
  EXPECT_EQ(gradient_at({-1, 0, 1}, [](Value x) { return relu(x); }), (Numbers{0, 0, 1}));
  EXPECT_EQ(gradient_at({-1, 0, 1}, [](Value x) { return abs(x); }), (Numbers{-1, 0, 1}));
}

TEST(Powers, AreFlatWhereTheExponentIsZeroAndAtZero) {
  EXPECT_EQ(gradient_at({0, 2}, [](Value x) { return pow(x, 0.0); }), (Numbers{0, 0}));
  EXPECT_EQ(gradient_at({0, 3}, [](Value x) { return pow(x, 2.0); }), (Numbers{0, 6}));
  const auto exponent = [](Value x) { return binary(op::BinaryKind::pow, 0.0, x); };
  EXPECT_EQ(gradient_at({0, 1, 2}, exponent), (Numbers{0, 0, 0}));
}

TEST(Parts, GiveTheirGradientsBackToTheirPlaces) {
  const auto part = [](Value x, int64_t start, int64_t size, int64_t step = 1) {
    return slice(x, {start}, {size}, {step});
  };
  // Out of order, with gaps; overlapping; with a step; and beside a use of the whole.
  EXPECT_EQ(gradient_at({1, 1, 1, 1, 1}, [&](Value x) { return sum(part(x, 3, 1)) * 4.0 + sum(part(x, 0, 2)); }),
            (Numbers{1, 1, 0, 4, 0}));
  EXPECT_EQ(gradient_at({1, 1, 1}, [&](Value x) { return sum(part(x, 0, 2)) + sum(part(x, 1, 2)) * 2.0; }),
            (Numbers{1, 3, 2}));
  EXPECT_EQ(gradient_at({1, 1, 1, 1}, [&](Value x) { return sum(part(x, 0, 2, 2)) + sum(part(x, 1, 2, 2)) * 3.0; }),
            (Numbers{1, 3, 1, 3}));
  EXPECT_EQ(gradient_at({1, 1}, [&](Value x) { return sum(part(x, 0, 1)) + sum(part(x, 1, 1)) * 5.0 + sum(x); }),
            (Numbers{2, 6}));
}

TEST(Parts, AreJoinedRatherThanAddedUp) {
  Graph graph;
  const Value x = graph.input("x", {DType::f64, {6, 2}});
  Value total;
  for (int64_t t = 0; t < 6; ++t) {
    const Value step = sum(square(slice(x, {t, 0}, {1, 2})));
    total = total ? total + step : step;
  }
  const size_t forward = graph.nodes().size();
  gradients(total, {x});
  size_t joins = 0;
  for (size_t n = forward; n < graph.nodes().size(); ++n) {
    EXPECT_FALSE(std::holds_alternative<op::Unslice>(graph.nodes()[n].op));
    joins += std::holds_alternative<op::Concat>(graph.nodes()[n].op) ? 1 : 0;
  }
  EXPECT_EQ(joins, 1u);
}

TEST(Products, HaveTheRightGradientAroundZeros) {
  const auto product = [](Value x) { return reduce(op::ReduceKind::prod, x); };
  EXPECT_EQ(gradient_at({2, 3, 4}, product), (Numbers{12, 8, 6}));
  EXPECT_EQ(gradient_at({2, 0, 4}, product), (Numbers{0, 8, 0}));
  EXPECT_EQ(gradient_at({2, 0, 0}, product), (Numbers{0, 0, 0}));
}

TEST(Casts, PassTheGradientBetweenFloatsOnly) {
  const auto through_f32 = [](Value x) { return cast(cast(x, DType::f32), DType::f64); };
  EXPECT_EQ(gradient_at({1, 2}, through_f32), (Numbers{1, 1}));
  const auto through_i32 = [](Value x) { return cast(cast(x, DType::i32), DType::f64); };
  EXPECT_EQ(gradient_at({1.5, 2}, through_i32), (Numbers{0, 0}));
}

TEST(Steps, HaveAZeroGradient) {
  for (const auto kind : {op::UnaryKind::floor, op::UnaryKind::ceil, op::UnaryKind::round, op::UnaryKind::sign})
    EXPECT_EQ(gradient_at({0.3, 1.7}, [&](Value x) { return unary(kind, x); }), (Numbers{0, 0}));
  EXPECT_EQ(gradient_at({0.3, 1.7}, [](Value x) { return cast(greater(x, 1.0), DType::f64); }), (Numbers{0, 0}));
}

TEST(SharedOperands, CollectTheGradientsOfEveryUse) {
  EXPECT_EQ(gradient_at({3}, [](Value x) { return x * x; }), (Numbers{6}));
  EXPECT_EQ(gradient_at({3}, [](Value x) { return concat({x, x * 2.0, x}, 0); }), (Numbers{4}));
}

TEST(Activations, NeedNoInputForTheirGradient) {
  for (const auto kind :
       {op::UnaryKind::relu, op::UnaryKind::tanh, op::UnaryKind::sigmoid, op::UnaryKind::exp, op::UnaryKind::sqrt}) {
    Graph graph;
    const Value x = graph.input("x", {DType::f32, {4}});
    const Value y = unary(kind, x);
    const size_t forward = graph.nodes().size();
    (void)gradients(y, {x});
    for (size_t n = forward; n < graph.nodes().size(); ++n)
      for (const int input : graph.nodes()[n].inputs) EXPECT_NE(input, x.id()) << op::name_of(kind);
  }
}

TEST(UnwantedGradients, AreNotBuilt) {
  Graph graph;
  const Value x = graph.input("x", {DType::f32, {2, 5, 5, 3}});
  const Value w = graph.input("w", {DType::f32, {3, 3, 3, 4}});
  const Value y = conv(x, w, {{1, 1}, {1, 1}, {0, 0}, {0, 0}});
  (void)gradients(y, {w});
  for (const Node& node : graph.nodes()) EXPECT_NE(node.op.index(), op_index<op::ConvInputGrad>());
}

TEST(FusedOps, AreNotDifferentiated) {
  Graph graph;
  const Value x = graph.input("x", {DType::f32, {3}});
  const op::Instruction negate{.code = op::Instruction::Code::unary, .unary = op::UnaryKind::neg, .a = 0};
  const Value y = graph.add_one(op::Fused{{3}, DType::f32, {negate}, {1}}, {x});
  EXPECT_THROW(gradients(y, {x}), InternalError);
  const Value a = graph.input("a", {DType::f32, {2, 2}});
  const op::Epilogue relu{.activation = op::Epilogue::Activation::relu};
  const Value product = graph.add_one(op::MatMul{false, false, relu}, {a, a});
  EXPECT_THROW(gradients(product, {a}), InternalError);
}

TEST(SecondDerivatives, OfSmoothActivationsAreRight) {
  // d2/dx2 of tanh, sigmoid and softmax's first entry, against differences of the first derivative
  const auto tanh_slope = [](Value x) { return gradients(tanh(x), {x}).front(); };
  const double t = std::tanh(0.3);
  EXPECT_NEAR(gradient_at({0.3}, tanh_slope)[0], -2 * t * (1 - t * t), 1e-12);
  const auto sigmoid_slope = [](Value x) { return gradients(sigmoid(x), {x}).front(); };
  const double s = 1 / (1 + std::exp(-0.3));
  EXPECT_NEAR(gradient_at({0.3}, sigmoid_slope)[0], s * (1 - s) * (1 - 2 * s), 1e-12);
}

}  // namespace
}  // namespace trainyard::testing
