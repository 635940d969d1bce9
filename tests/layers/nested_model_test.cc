// Models within models: weights, masks, random streams, freezing, and the way they are read and written.
#include <gtest/gtest.h>

#include "engine/layers/model_layer.h"
#include "engine/runtime/session.h"

namespace trainyard {
namespace {

Json layer(const std::string& class_name, Json config) {
  return {{"class_name", class_name}, {"config", std::move(config)}};
}

Json sequential(const std::string& name, const Json::array_t& layers, bool trainable = true) {
  return {{"class_name", "Sequential"}, {"config", {{"name", name}, {"trainable", trainable}, {"layers", layers}}}};
}

Json input(Json shape, const char* name = "x") {
  shape.insert(shape.begin(), nullptr);
  return layer("InputLayer", {{"batch_shape", shape}, {"name", name}});
}

Json dense(const char* name, int units, Json more = Json::object()) {
  more["name"] = name;
  more["units"] = units;
  return layer("Dense", more);
}

struct Planned {
  std::shared_ptr<const Model> model;
  ModelPlan plan;
  Diagnostics diagnostics;
};

Planned plan_of(const Json& json) {
  Planned planned;
  planned.model = parse_model(json, planned.diagnostics);
  if (planned.model != nullptr) planned.plan = plan_model(*planned.model, planned.diagnostics);
  return planned;
}

std::vector<std::string> paths_of(const ModelPlan& plan) {
  std::vector<std::string> paths;
  for (const WeightInfo& weight : plan.weights) paths.push_back(weight.path);
  return paths;
}

/// First output for an input of ascending numbers, weights drawn from their initializers by their place.
Tensor run(const Planned& planned, const Shape& shape, bool training = false, size_t* losses = nullptr) {
  std::vector<std::unique_ptr<Backend>> backends;
  backends.push_back(make_ref_backend());
  Session session(std::make_shared<Device>(std::move(backends), 1));
  Graph graph;
  std::vector<Value> weights;
  for (size_t w = 0; w < planned.plan.weights.size(); ++w) {
    const WeightSpec& spec = planned.plan.weights[w].spec;
    const int variable = session.variables().add(std::to_string(w), {DType::f32, spec.shape});
    session.variables().set(variable, spec.initializer->make(spec.shape, DType::f32, {7, static_cast<uint32_t>(w), 0}));
    weights.push_back(graph.variable(variable, {DType::f32, spec.shape}));
  }
  Tensor x(DType::f32, shape);
  for (int64_t i = 0; i < x.elements(); ++i)
    x.span<float>()[static_cast<size_t>(i)] = 0.1F * static_cast<float>(i % 13) - 0.5F;
  const Value entry = graph.input("x", {DType::f32, shape});
  const LoweredModel lowered = lower_model(*planned.model, planned.plan, {entry}, weights, training);
  if (losses != nullptr) *losses = lowered.losses.size();
  graph.mark_output(lowered.outputs.front());
  const int id = lowered.outputs.front().id();
  const auto executor = session.compile(std::move(graph));
  executor->bind(0, x.data());
  executor->run({3, 0});
  const TensorView view = executor->output(id);
  Tensor copy(view.dtype, view.shape);
  std::memcpy(copy.data(), view.data, view.bytes());
  return copy;
}

void expect_same(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.shape(), b.shape());
  for (int64_t i = 0; i < a.elements(); ++i)
    ASSERT_EQ(element_as_double(a.view(), i), element_as_double(b.view(), i)) << i;
}

TEST(NestedModel, ComputesWhatItsLayersComputeInARow) {
  const Json head = dense("out", 2);
  const Planned nested = plan_of(sequential(
      "whole",
      {input({4}), sequential("block", {input({4}), dense("a", 3, {{"activation", "tanh"}}), dense("b", 5)}), head}));
  const Planned flat =
      plan_of(sequential("whole", {input({4}), dense("a", 3, {{"activation", "tanh"}}), dense("b", 5), head}));
  ASSERT_FALSE(nested.diagnostics.has_errors()) << nested.diagnostics.text();
  EXPECT_EQ(paths_of(nested.plan), (std::vector<std::string>{"block/a/kernel", "block/a/bias", "block/b/kernel",
                                                             "block/b/bias", "out/kernel", "out/bias"}));
  expect_same(run(nested, {3, 4}), run(flat, {3, 4}));
}

TEST(NestedModel, MayNestAgain) {
  const Json inner = sequential("inner", {input({3}), dense("b", 5)});
  const Planned nested =
      plan_of(sequential("whole", {input({4}), sequential("outer", {input({4}), dense("a", 3), inner})}));
  ASSERT_FALSE(nested.diagnostics.has_errors()) << nested.diagnostics.text();
  EXPECT_EQ(paths_of(nested.plan).back(), "outer/inner/b/bias");
  expect_same(run(nested, {3, 4}),
              run(plan_of(sequential("whole", {input({4}), dense("a", 3), dense("b", 5)})), {3, 4}));
}

TEST(NestedModel, TakesItsShapeFromTheCallWhereItSaysNone) {
  const Planned open = plan_of(sequential("whole", {input({4}), sequential("block", {dense("a", 3)})}));
  ASSERT_FALSE(open.diagnostics.has_errors()) << open.diagnostics.text();
  EXPECT_EQ(open.plan.weights[0].spec.shape, (Shape{4, 3}));
  const Json printed = model_to_json(*open.model, false)["config"]["layers"][1];
  EXPECT_EQ(printed["config"]["layers"].size(), 1U) << printed.dump(1);
  EXPECT_EQ(printed["module"], "keras");
}

/// Layers of any rank, which would take a made-up shape for theirs.
TEST(NestedModel, StaysOpenWhenWritten) {
  const Json moves = sequential(
      "moves", {layer("RandomFlip", {{"name", "flip"}}), layer("Dropout", {{"name", "drop"}, {"rate", 0.5}})});
  const Planned open = plan_of(sequential("whole", {input({4, 4, 1}), moves}));
  ASSERT_FALSE(open.diagnostics.has_errors()) << open.diagnostics.text();
  for (const bool canonical : {false, true}) {
    const Planned again = plan_of(model_to_json(*open.model, canonical));
    ASSERT_FALSE(again.diagnostics.has_errors()) << again.diagnostics.text();
    EXPECT_EQ(again.plan.node_outputs.back().at(0).shape.text(), "(None, 4, 4, 1)");
  }
}

TEST(NestedModel, IsSharedWithItsWeights) {
  const auto shared = Json::parse(R"({"class_name": "Functional", "config": {"name": "twins", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "a"}, "name": "a", "inbound_nodes": []},
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "b"}, "name": "b", "inbound_nodes": []},
    {"class_name": "Sequential", "name": "tower", "config": {"name": "tower", "layers": [
      {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "t"}},
      {"class_name": "Dense", "config": {"name": "d", "units": 3, "kernel_regularizer": "l2", "activity_regularizer": "l1"}}]},
     "inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]]},
    {"class_name": "Concatenate", "config": {"name": "c"}, "name": "c",
     "inbound_nodes": [[["tower", 0, 0, {}], ["tower", 1, 0, {}]]]}],
    "input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": [["c", 0, 0]]}})");
  const Planned planned = plan_of(shared);
  ASSERT_FALSE(planned.diagnostics.has_errors()) << planned.diagnostics.text();
  EXPECT_EQ(planned.plan.weights.size(), 2U);
  Graph graph;
  std::vector<Value> weights;
  for (int w = 0; w < 2; ++w)
    weights.push_back(graph.variable(w, {DType::f32, planned.plan.weights[static_cast<size_t>(w)].spec.shape}));
  const Value a = graph.input("a", {DType::f32, {2, 4}});
  const Value b = graph.input("b", {DType::f32, {2, 4}});
  const LoweredModel lowered = lower_model(*planned.model, planned.plan, {a, b}, weights, true);
  EXPECT_EQ(lowered.losses.size(), 3U) << "one for the weights, one for each call";
}

TEST(NestedModel, StaysAsItIsWhenFrozen) {
  const Json block = sequential("block", {input({4}), dense("a", 3), dense("b", 3, {{"trainable", false}})});
  Json frozen = block;
  frozen["config"]["trainable"] = false;
  const auto trainable = [](const Json& json) {
    std::vector<bool> flags;
    for (const WeightInfo& weight : plan_of(sequential("whole", {input({4}), json, dense("out", 2)})).plan.weights)
      flags.push_back(weight.trainable);
    return flags;
  };
  EXPECT_EQ(trainable(block), (std::vector<bool>{true, true, false, false, true, true}));
  EXPECT_EQ(trainable(frozen), (std::vector<bool>{false, false, false, false, true, true}));
}

TEST(NestedModel, DrawsRandomNumbersOfItsOwnInEachCall) {
  const Json drop = layer("Dropout", {{"rate", 0.5}, {"name", "drop"}});
  const Planned twice = plan_of(sequential(
      "whole", {input({64}), sequential("one", {input({64}), drop}), sequential("two", {input({64}), drop})}));
  ASSERT_FALSE(twice.diagnostics.has_errors()) << twice.diagnostics.text();
  const Tensor y = run(twice, {8, 64}, true);
  int64_t kept = 0;
  for (int64_t i = 0; i < y.elements(); ++i) kept += element_as_double(y.view(), i) != 0 ? 1 : 0;
  // A quarter, less the zeros among the inputs; the same mask twice would keep half.
  EXPECT_NEAR(static_cast<double>(kept) / static_cast<double>(y.elements()), 0.25, 0.06);
}

TEST(NestedModel, PassesMasksOn) {
  const Json block =
      sequential("block", {layer("Embedding", {{"input_dim", 5}, {"output_dim", 2}, {"mask_zero", true}})});
  const Planned planned = plan_of(sequential("whole", {input({3}), block}));
  ASSERT_FALSE(planned.diagnostics.has_errors()) << planned.diagnostics.text();
  Graph graph;
  const Value weight = graph.variable(0, {DType::f32, {5, 2}});
  const Value x = graph.input("x", {DType::f32, {2, 3}});
  const LoweredModel lowered = lower_model(*planned.model, planned.plan, {x}, {weight}, false);
  ASSERT_TRUE(lowered.output_masks.front());
  EXPECT_EQ(lowered.output_masks.front().shape(), (Shape{2, 3}));
}

TEST(NestedModel, IsAppliedToEachTimeStep) {
  const Json block = sequential("block", {dense("a", 3), dense("b", 2)});
  const Planned planned =
      plan_of(sequential("whole", {input({5, 4}), layer("TimeDistributed", {{"name", "td"}, {"layer", block}})}));
  ASSERT_FALSE(planned.diagnostics.has_errors()) << planned.diagnostics.text();
  EXPECT_EQ(paths_of(planned.plan)[0], "td/block/a/kernel");
  const Planned plain = plan_of(sequential("whole", {input({5, 4}), dense("a", 3), dense("b", 2)}));
  expect_same(run(planned, {2, 5, 4}), run(plain, {2, 5, 4}));
}

TEST(NestedModel, IsReadAndWrittenUnchanged) {
  const Planned planned = plan_of(
      sequential("whole", {input({4}), sequential("block", {input({4}), dense("a", 3)}, false), dense("out", 2)}));
  for (const bool canonical : {false, true}) {
    const Json first = model_to_json(*planned.model, canonical);
    Diagnostics diagnostics;
    const auto again = parse_model(first, diagnostics);
    ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
    EXPECT_EQ(model_to_json(*again, canonical), first);
  }
}

TEST(NestedModel, TellsItsMistakesByTheirPlace) {
  const auto first = [](const Json& json) {
    const Planned planned = plan_of(sequential("whole", {input({4}), json}));
    return planned.diagnostics.items().empty()
               ? ""
               : planned.diagnostics.items().front().path + " " + planned.diagnostics.items().front().code;
  };
  EXPECT_EQ(first(sequential("block", {input({4}), dense("a", 0)})), "layers[1].layers[1].units argument.range");
  EXPECT_EQ(first(sequential("block", {input({3}), dense("a", 2)})), "layers[1] nested.input_shape");
  EXPECT_EQ(first(sequential("block", {input({4}), layer("Nothing", Json::object())})),
            "layers[1].layers[1] class.unknown");
  EXPECT_EQ(first(sequential("block", {layer("Conv2D", {{"filters", 2}, {"kernel_size", 2}})})).substr(0, 19),
            "layers[1].layers[0]");
}

}  // namespace
}  // namespace trainyard
