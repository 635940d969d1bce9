#include "engine/runtime/executor.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/runtime/plans.h"

namespace trainyard::testing {
namespace {

Graph doubling(int64_t size) {
  Graph graph;
  graph.mark_output(graph.input("x", f32({size})) * 2.0);
  return graph;
}

TEST(Executor, ReadsWhateverIsBoundWhenItRuns) {
  const Graph graph = doubling(3);
  Variables variables;
  Arena arena;
  KeptStore kept;
  ThreadPool pool(1);
  Executor executor(plan_on_ref(graph), {variables, arena, kept}, pool);
  const std::vector<float> a{1, 2, 3};
  const std::vector<float> b{10, 20, 30};
  for (const auto& [data, wanted] : {std::pair{&a, 4.0F}, {&b, 40.0F}, {&a, 4.0F}}) {
    executor.bind(0, data->data());
    executor.run({});
    EXPECT_EQ(executor.output(graph.outputs()[0]).as<float>()[1], wanted);
  }
}

TEST(Executor, FollowsTheArenaWhenAnotherPlanMovesIt) {
  const Graph small = doubling(3);
  const Graph large = doubling(100'000);
  Variables variables;
  Arena arena;
  KeptStore kept;
  ThreadPool pool(1);
  Executor first(plan_on_ref(small), {variables, arena, kept}, pool);
  const std::vector<float> x{1, 2, 3};
  first.bind(0, x.data());
  first.run({});
  const Executor second(plan_on_ref(large), {variables, arena, kept}, pool);  // the arena grows, and moves
  first.run({});
  EXPECT_EQ(first.output(small.outputs()[0]).as<float>()[2], 6.0F);
  EXPECT_GE(arena.bytes(), 100'000 * sizeof(float));
}

TEST(Executor, ReadsPartsOfAnInputWhereTheyLie) {
  Graph graph;
  const Value x = graph.input("x", f32({4, 2}));
  graph.mark_output(slice(x, {2, 0}, {1, 2}) * 1.0);
  Variables variables;
  Arena arena;
  KeptStore kept;
  ThreadPool pool(1);
  Executor executor(plan_on_ref(graph), {variables, arena, kept}, pool);
  const std::vector<float> data{0, 1, 2, 3, 4, 5, 6, 7};
  executor.bind(0, data.data());
  executor.run({});
  EXPECT_EQ(executor.output(graph.outputs()[0]).as<float>()[0], 4.0F);
}

TEST(Executor, TellsWhereTheTimeWent) {
  Graph graph;
  graph.set_scope("dense");
  graph.mark_output(tanh(graph.input("x", f32({64}))));
  Variables variables;
  Arena arena;
  KeptStore kept;
  ThreadPool pool(1);
  Executor executor(plan_on_ref(graph), {variables, arena, kept}, pool);
  const std::vector<float> x(64, 1);
  executor.bind(0, x.data());
  executor.set_profiling(true);
  for (int i = 0; i < 3; ++i) executor.run({});
  const auto profile = executor.profile();
  ASSERT_EQ(profile.size(), 1U);
  EXPECT_EQ(profile[0].scope, "dense");
  EXPECT_EQ(profile[0].calls, 3);
}

TEST(Arena, NeverShrinks) {
  Arena arena;
  KeptStore kept;
  arena.reserve(1000);
  arena.reserve(10);
  EXPECT_GE(arena.bytes(), 1000U);
}

/// A backend whose only kernel adds up an operand, keeps the sum in place of the operand and counts how often it made it.
class SummingBackend final : public Backend {
 public:
  SummingBackend() {
    table_.add<op::MatMul>(
        {.run = run, .kept = {.operand = 1, .form = form, .prepare = prepare, .workspace = nothing}});
  }
  std::string_view name() const override { return "summing"; }
  std::string_view instruction_set() const override { return "scalar"; }
  const KernelTable& kernels() const override { return table_; }
  FusionClaims claims() const override { return {}; }
  static inline int prepared = 0;

 private:
  static float sum(const TensorView& view) {
    return std::accumulate(view.as<float>(), view.as<float>() + view.elements(), 0.0F);
  }
  static void run(const Op&, const KernelCall& call) {
    call.outputs[0].as<float>()[0] = call.kept == nullptr ? sum(call.inputs[1]) : *static_cast<const float*>(call.kept);
  }
  static KeptForm form(const Op& op, InputTypes) {
    return {.bytes = sizeof(float), .layout = std::get<op::MatMul>(op).transpose_b ? 1 : 0};
  }
  static void prepare(const Op&, const KernelCall& call) {
    ++prepared;
    *static_cast<float*>(call.kept) = sum(call.inputs[1]);
  }
  static size_t nothing(const Op&, InputTypes, OutputTypes, int) { return 0; }

  KernelTable table_;
};

class KeptForms : public ::testing::Test {
 protected:
  KeptForms() { SummingBackend::prepared = 0; }

  int add(float value) {
    const int index = variables.add("w", f32({2, 2}));
    set(index, value);
    return index;
  }
  void set(int index, float value) { variables.set(index, Tensor::of<float>({2, 2}, {value, value, value, value})); }
  Value times(Graph& graph, Value x, int index) { return matmul(x, graph.variable(index, variables[index].type, "w")); }
  Plan planned(const Graph& graph, size_t limit = 1000) {
    return make_plan(graph, variables, {.backends = {&backend}, .fuse = false, .kept_limit = limit});
  }
  std::unique_ptr<Executor> compiled(const Graph& graph, size_t limit = 1000) {
    auto executor = std::make_unique<Executor>(planned(graph, limit), Memories{variables, arena, kept}, pool);
    executor->bind(0, x.data());
    return executor;
  }
  float result(Executor& executor, const Graph& graph) {
    executor.run({});
    return executor.output(graph.outputs()[0]).as<float>()[0];
  }

  SummingBackend backend;
  Variables variables;
  Arena arena;
  KeptStore kept;
  ThreadPool pool{1};
  std::vector<float> x{1, 2, 3, 4};
};

TEST_F(KeptForms, AreMadeOnceUntilTheVariableIsWritten) {
  const int w = add(1);
  Graph graph;
  graph.mark_output(times(graph, graph.input("x", f32({2, 2})), w));
  const auto executor = compiled(graph);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(result(*executor, graph), 4);
  EXPECT_EQ(SummingBackend::prepared, 1);
  set(w, 2);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(result(*executor, graph), 8);
  EXPECT_EQ(SummingBackend::prepared, 2);
}

TEST_F(KeptForms, FollowWhatAnotherPlanOrAViewWrites) {
  const int flat = variables.add("flat", f32({8}));
  const int w = variables.add_view("w", {2, 2}, flat, 4);
  Graph graph;
  graph.mark_output(times(graph, graph.input("x", f32({2, 2})), w));
  const auto executor = compiled(graph);
  EXPECT_EQ(result(*executor, graph), 0);
  variables.set(flat, Tensor::of<float>({8}, {9, 9, 9, 9, 1, 2, 3, 4}));
  EXPECT_EQ(result(*executor, graph), 10);
  Graph writing;
  const Value y = writing.input("y", f32({8}));
  writing.assign(flat, y);
  Executor writer(plan_on_ref(writing, variables), {variables, arena, kept}, pool);
  const std::vector<float> ones(8, 1);
  writer.bind(0, ones.data());
  writer.run({});
  EXPECT_EQ(result(*executor, graph), 4);
}

TEST_F(KeptForms, AreSharedByThePlansOfASessionAndFreedWithTheLast) {
  const int w = add(1);
  Graph graph;
  const Value input = graph.input("x", f32({2, 2}));
  graph.mark_output(times(graph, times(graph, input, w), w));
  auto first = compiled(graph);
  auto second = compiled(graph);
  EXPECT_EQ(first->plan().kept.size(), 1U);
  EXPECT_EQ(kept.bytes(), sizeof(float));
  result(*first, graph);
  result(*second, graph);
  EXPECT_EQ(SummingBackend::prepared, 1);
  first.reset();
  EXPECT_EQ(kept.bytes(), sizeof(float));
  second.reset();
  EXPECT_EQ(kept.bytes(), 0U);
}

TEST_F(KeptForms, AreOnlyOfVariablesThatTheGraphDoesNotWriteAndOnlyUpToTheLimit) {
  const int a = add(1);
  const int b = add(2);
  Graph graph;
  const Value input = graph.input("x", f32({2, 2}));
  const Value once = times(graph, input, a);
  graph.mark_output(times(graph, matmul(once, input), b));
  EXPECT_EQ(planned(graph).kept.size(), 2U);
  EXPECT_EQ(planned(graph, sizeof(float)).kept.size(), 1U);
  EXPECT_TRUE(planned(graph, 0).kept.empty());
  graph.assign(a, once);
  EXPECT_EQ(planned(graph).kept.size(), 1U);
  EXPECT_EQ(planned(graph).kept[0].place.index, b);
}

}  // namespace
}  // namespace trainyard::testing
