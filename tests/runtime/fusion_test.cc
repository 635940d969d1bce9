#include "engine/runtime/fusion.h"

#include <gtest/gtest.h>

#include "tests/runtime/plans.h"

namespace trainyard::testing {
namespace {

TEST(Fusion, TakesBiasAndActivationIntoTheProduct) {
  Graph graph;
  const Value x = graph.input("x", f32({4, 8}));
  const Value w = graph.input("w", f32({8, 6}));
  const Value b = graph.input("b", f32({6}));
  graph.mark_output(relu(matmul(x, w) + b));
  optimize(graph, {.elementwise = false, .epilogues = true});
  ASSERT_EQ(graph.nodes().size(), 1U);
  const auto& product = std::get<op::MatMul>(graph.nodes()[0].op);
  EXPECT_TRUE(product.epilogue.bias);
  EXPECT_EQ(product.epilogue.activation, op::Epilogue::Activation::relu);
}

TEST(Fusion, LeavesAProductThatSomeoneElseReads) {
  Graph graph;
  const Value x = graph.input("x", f32({4, 8}));
  const Value product = matmul(x, graph.input("w", f32({8, 6})));
  graph.mark_output(relu(product + graph.input("b", f32({6}))));
  graph.mark_output(product);
  optimize(graph, {.elementwise = false, .epilogues = true});
  EXPECT_EQ(graph.nodes().size(), 3U);
}

TEST(Fusion, TakesNoBiasOfTheRowsForOneOfTheColumns) {
  Graph graph;
  const Value x = graph.input("x", f32({4, 8}));
  graph.mark_output(matmul(x, graph.input("w", f32({8, 6}))) + graph.input("b", f32({4, 1})));
  optimize(graph, {.elementwise = false, .epilogues = true});
  EXPECT_EQ(graph.nodes().size(), 2U);
}

TEST(Fusion, MakesOneNodeOfChainsAndDiamonds) {
  Graph graph;
  const Value x = graph.input("x", f32({4, 8}));
  const Value a = tanh(x);
  graph.mark_output(sigmoid(a) * exp(a) + 1.0);
  optimize(graph, {.elementwise = true, .epilogues = false});
  ASSERT_EQ(graph.nodes().size(), 1U);
  EXPECT_EQ(std::get<op::Fused>(graph.nodes()[0].op).program.size(), 5U);
}

TEST(Fusion, StopsWhereAnotherNodeNeedsTheValueBetween) {
  Graph graph;
  const Value x = graph.input("x", f32({4, 8}));
  const Value a = exp(tanh(x));
  const Value total = sum(a, {0});  // must have all of `a`
  graph.mark_output(relu(a / total) + 1.0);
  optimize(graph, {.elementwise = true, .epilogues = false});
  EXPECT_EQ(count_ops<op::Fused>(graph), 2);
  EXPECT_EQ(graph.nodes().size(), 3U);
}

TEST(Fusion, KeepsValuesThatAreAssignedOrPutOut) {
  Graph graph;
  const Value x = graph.input("x", f32({4, 8}));
  const Value between = tanh(x);
  graph.mark_output(between);
  graph.mark_output(exp(between));
  optimize(graph, {.elementwise = true, .epilogues = false});
  ASSERT_EQ(graph.nodes().size(), 1U);
  EXPECT_EQ(graph.nodes()[0].outputs.size(), 2U);
}

TEST(Fusion, DoesNothingForABackendThatClaimsNothing) {
  Graph graph;
  const Value x = graph.input("x", f32({4, 8}));
  graph.mark_output(relu(exp(tanh(x)) + graph.input("b", f32({8}))));
  optimize(graph, {});
  EXPECT_EQ(graph.nodes().size(), 4U);
}

}  // namespace
}  // namespace trainyard::testing
