#include "engine/runtime/planner.h"

#include <gtest/gtest.h>

#include "engine/core/diagnostic.h"
#include "tests/runtime/plans.h"

namespace trainyard::testing {
namespace {

constexpr size_t kMatrix = 64 * 64 * sizeof(float);

TEST(Planner, ReusesTheMemoryOfWhatIsNoLongerRead) {
  Graph graph;
  Value x = graph.input("x", f32({64, 64}));
  for (int i = 0; i < 8; ++i) x = matmul(x, x);  // never in place
  graph.mark_output(x);
  EXPECT_EQ(plan_on_ref(graph).arena_bytes, 2 * kMatrix);
}

TEST(Planner, ComputesElementwiseChainsInPlace) {
  Graph graph;
  const Value x = graph.input("x", f32({64, 64}));
  const Value a = tanh(x);
  const Value b = sigmoid(a);
  const Value c = exp(b);
  graph.mark_output(c);
  const Plan plan = plan_on_ref(graph);
  EXPECT_EQ(plan.arena_bytes, kMatrix);
  EXPECT_EQ(place_of(plan, a).offset, place_of(plan, c).offset);
}

TEST(Planner, NeverWritesOverWhatIsStillRead) {
  Graph graph;
  const Value x = graph.input("x", f32({64, 64}));
  const Value a = tanh(x);
  const Value b = exp(a);
  graph.mark_output(a * b);
  const Plan plan = plan_on_ref(graph);
  EXPECT_NE(place_of(plan, a).offset, place_of(plan, b).offset);
  EXPECT_EQ(plan.arena_bytes, 2 * kMatrix);
}

TEST(Planner, KeepsOutputsToTheEnd) {
  Graph graph;
  const Value x = graph.input("x", f32({64, 64}));
  const Value kept = matmul(x, x);
  graph.mark_output(kept);
  Value other = matmul(kept, x);
  for (int i = 0; i < 4; ++i) other = matmul(other, x);
  graph.mark_output(other);
  const Plan plan = plan_on_ref(graph);
  EXPECT_EQ(plan.arena_bytes, 3 * kMatrix);
  EXPECT_NE(place_of(plan, kept).offset, place_of(plan, other).offset);
}

TEST(Planner, NeedsNoStepForShapesAndContiguousParts) {
  Graph graph;
  const Value x = graph.input("x", f32({64, 64}));
  const Value a = tanh(x);
  const Value part = slice(reshape(a, {4096}), {64}, {128});
  const Value b = exp(part);
  graph.mark_output(b);
  const Plan plan = plan_on_ref(graph);
  EXPECT_EQ(plan.steps.size(), 2U);
  EXPECT_EQ(place_of(plan, part).offset, place_of(plan, a).offset + 64 * sizeof(float));
}

TEST(Planner, ComputesThePartsOfAConcatenationIntoTheWhole) {
  Graph graph;
  const Value x = graph.input("x", f32({64, 64}));
  const Value a = matmul(x, x);
  const Value b = matmul(x, a);
  const Value whole = concat({reshape(a, {4096}), reshape(b, {4096})}, 0);
  graph.mark_output(whole);
  const Plan plan = plan_on_ref(graph);
  EXPECT_EQ(plan.steps.size(), 2U) << "no copying";
  EXPECT_EQ(place_of(plan, a).offset, place_of(plan, whole).offset);
  EXPECT_EQ(place_of(plan, b).offset, place_of(plan, whole).offset + kMatrix);
  EXPECT_EQ(plan.arena_bytes, 2 * kMatrix);
}

TEST(Planner, KeepsAConcatenationWhosePartsAreStillToBeRead) {
  Graph graph;
  const Value x = graph.input("x", f32({64, 64}));
  const Value a = matmul(x, x);
  const Value b = matmul(x, a);
  const Value whole = concat({a, b}, 0);
  const Value other = tanh(reshape(whole, {8192}));  // may not be in place
  graph.mark_output(other);
  graph.mark_output(b);
  const Plan plan = plan_on_ref(graph);
  EXPECT_EQ(place_of(plan, b).offset, place_of(plan, whole).offset + kMatrix);
  EXPECT_NE(place_of(plan, other).offset, place_of(plan, whole).offset);
  EXPECT_EQ(plan.arena_bytes, 4 * kMatrix);
}

TEST(Planner, CopiesWhereAPartIsTwiceInAConcatenation) {
  Graph graph;
  const Value x = graph.input("x", f32({8}));
  const Value a = tanh(x);
  graph.mark_output(concat({a, a}, 0));
  EXPECT_EQ(plan_on_ref(graph).steps.size(), 2U);
}

TEST(Planner, UpdatesAVariableWhereItLies) {
  Variables variables;
  variables.add("w", f32({64, 64}));
  Graph graph;
  const Value w = graph.variable(0, f32({64, 64}));
  const Value next = w * 0.5;
  graph.assign(0, next);
  const Plan plan = plan_on_ref(graph, variables);
  EXPECT_EQ(place_of(plan, next).base, Place::Base::variable);
  EXPECT_EQ(plan.arena_bytes, 0U);
  EXPECT_EQ(plan.steps.size(), 1U);
}

TEST(Planner, KeepsAVariablesOldValueForLaterReaders) {
  Variables variables;
  variables.add("w", f32({64, 64}));
  Graph graph;
  const Value w = graph.variable(0, f32({64, 64}));
  const Value next = w * 0.5;
  graph.assign(0, next);
  graph.mark_output(matmul(next, w));
  const Plan plan = plan_on_ref(graph, variables);
  EXPECT_EQ(place_of(plan, next).base, Place::Base::arena);
  EXPECT_EQ(plan.steps.back().node, -1) << "a copy at the end";
}

TEST(Planner, DropsWhatNothingNeeds) {
  Graph graph;
  const Value x = graph.input("x", f32({8}));
  exp(x);
  graph.mark_output(tanh(x));
  EXPECT_EQ(plan_on_ref(graph).steps.size(), 1U);
}

/// A backend without any kernel.
class EmptyBackend final : public Backend {
 public:
  std::string_view name() const override { return "empty"; }
  std::string_view instruction_set() const override { return "none"; }
  const KernelTable& kernels() const override { return table_; }

 private:
  KernelTable table_;
};

TEST(Planner, NamesOpAndDtypesWhereNoBackendHasAKernel) {
  Graph graph;
  graph.set_scope("dense");
  graph.mark_output(tanh(graph.input("x", f32({8}))));
  const EmptyBackend empty;
  try {
    make_plan(graph, {}, {.backends = {&empty}});
    FAIL() << "planned without kernels";
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().items().front().code, "kernel.missing");
    EXPECT_NE(std::string(error.what()).find("float32"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("dense"), std::string::npos) << error.what();
  }
}

TEST(Planner, ListsWhatFallsBackOnAnotherBackend) {
  Graph graph;
  graph.mark_output(tanh(graph.input("x", f32({8}))));
  const EmptyBackend empty;
  const auto ref = make_ref_backend();
  const Plan plan = make_plan(graph, {}, {.backends = {&empty, ref.get()}});
  ASSERT_EQ(plan.fallbacks.size(), 1U);
  EXPECT_TRUE(plan.steps.front().fallback);
}

}  // namespace
}  // namespace trainyard::testing
