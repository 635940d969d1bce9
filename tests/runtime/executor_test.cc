#include "engine/runtime/executor.h"

#include <gtest/gtest.h>

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
  ThreadPool pool(1);
  Executor executor(plan_on_ref(graph), variables, arena, pool);
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
  ThreadPool pool(1);
  Executor first(plan_on_ref(small), variables, arena, pool);
  const std::vector<float> x{1, 2, 3};
  first.bind(0, x.data());
  first.run({});
  const Executor second(plan_on_ref(large), variables, arena, pool);  // the arena grows, and moves
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
  ThreadPool pool(1);
  Executor executor(plan_on_ref(graph), variables, arena, pool);
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
  ThreadPool pool(1);
  Executor executor(plan_on_ref(graph), variables, arena, pool);
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
  arena.reserve(1000);
  arena.reserve(10);
  EXPECT_GE(arena.bytes(), 1000U);
}

}  // namespace
}  // namespace trainyard::testing
