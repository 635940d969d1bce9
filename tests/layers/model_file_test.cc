// Models as the ages of Keras write them: calls counted from 0 or 1, operations among the layers, classes of somebody's own.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/diagnostic.h"
#include "engine/core/keras_object.h"
#include "engine/io/json_reader.h"
#include "engine/layers/model.h"
#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

using Numbers = std::vector<double>;

/// "NAME" in a text of JSON: the tensor of Keras 3 for its call 0, output 0.
Json model_of(std::string text) {
  for (const char* name : {"x", "y", "z", "inner"}) {
    const std::string mark = "<" + std::string(name) + ">";
    for (size_t at; (at = text.find(mark)) != std::string::npos;)
      text.replace(
          at, mark.size(),
          R"({"class_name": "__keras_tensor__", "config": {"keras_history": [")" + std::string(name) + R"(", 0, 0]}})");
  }
  return Json::parse(text);
}

Json functional(const std::string& layers, const std::string& outputs, const std::string& inputs = R"([["x", 0, 0]])") {
  return model_of(
      R"({"class_name": "Functional", "config": {"name": "m", "layers": [
      {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_shape": [null, 2]}, "inbound_nodes": []},)" +
      layers + R"(], "input_layers": )" + inputs + R"(, "output_layers": )" + outputs + "}}");
}

std::string complaint_of(const Json& json) {
  Diagnostics diagnostics;
  const auto model = parse_model(json, diagnostics);
  if (model != nullptr && !diagnostics.has_errors()) plan_model(*model, diagnostics);
  return diagnostics.text();
}

/// Every output for x = [[1, -2]], of a model whose weights are all ones.
std::vector<Numbers> answers_of(const Json& json, bool training = false) {
  Diagnostics diagnostics;
  const auto model = parse_model(json, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  if (model == nullptr || diagnostics.has_errors()) return {};
  const ModelPlan plan = plan_model(*model, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  if (diagnostics.has_errors()) return {};
  Graph graph;
  std::vector<Value> weights;
  for (const WeightInfo& weight : plan.weights)
    weights.push_back(broadcast_to(graph.scalar(1, DType::f32), weight.spec.shape));
  const Value x = graph.input("x", {DType::f32, {1, 2}});
  const LoweredModel lowered = lower_model(*model, plan, {x}, weights, training);
  std::vector<Numbers> answers;
  for (const Tensor& output : run_graph(std::move(graph), {Tensor::of<float>({1, 2}, {1, -2})}, lowered.outputs)) {
    answers.emplace_back();
    for (int64_t i = 0; i < output.elements(); ++i) answers.back().push_back(element_as_double(output.view(), i));
  }
  return answers;
}

std::string operation(const std::string& class_name, const std::string& args, const std::string& config = "{}",
                      const std::string& module = "keras.src.ops.numpy") {
  return R"({"module": ")" + module + R"(", "class_name": ")" + class_name + R"(", "registered_name": ")" + class_name +
         R"(", "name": "y", "config": )" + config + R"(, "inbound_nodes": [{"args": )" + args + R"(, "kwargs": {}}]})";
}

TEST(AnOperation, IsTheLayerThatComputesTheSame) {
  const auto y = [](const std::string& layer) { return answers_of(functional(layer, R"([["y", 0, 0]])")).at(0); };
  EXPECT_EQ(y(operation("Add", "[<x>, <x>]", R"({"name": "y"})")), (Numbers{2, -4}));
  EXPECT_EQ(y(operation("Maximum", "[<x>, <x>]")), (Numbers{1, -2}));
  EXPECT_EQ(y(operation("Add", "[<x>, 3]")), (Numbers{4, 1}));
  EXPECT_EQ(y(operation("Subtract", "[<x>, 0.5]")), (Numbers{0.5, -2.5}));
  EXPECT_EQ(y(operation("Subtract", "[1, <x>]")), (Numbers{0, 3}));
  EXPECT_EQ(y(operation("Multiply", "[0.5, <x>]")), (Numbers{0.5, -1}));
  EXPECT_EQ(y(operation("TrueDivide", "[<x>, 4]")), (Numbers{0.25, -0.5}));
  EXPECT_EQ(y(operation("Negative", "[<x>]")), (Numbers{-1, 2}));
  EXPECT_EQ(y(operation("Relu", "[<x>]", "{}", "keras.src.ops.nn")), (Numbers{1, 0}));
  EXPECT_EQ(y(operation("LeakyRelu", "[<x>]", R"({"negative_slope": 0.25})", "keras.src.ops.nn")), (Numbers{1, -0.5}));
  EXPECT_EQ(y(operation("Concatenate", "[[<x>, <x>]]", R"({"axis": -1})")), (Numbers{1, -2, 1, -2}));
}

TEST(AnOperation, NeitherSeesNorPassesOnMasks) {
  // Two steps, of which Masking leaves out the one that is -2; their mean.
  const auto mean = [](const std::string& y) {
    return functional(R"({"class_name": "Reshape", "name": "r", "config": {"name": "r", "target_shape": [2, 1]},
      "inbound_nodes": [[["x", 0, 0, {}]]]},
      {"class_name": "Masking", "name": "z", "config": {"name": "z", "mask_value": -2.0},
      "inbound_nodes": [[["r", 0, 0, {}]]]},)" +
                          y +
                          R"(, {"class_name": "GlobalAveragePooling1D", "name": "m", "config": {"name": "m"},
      "inbound_nodes": [[["y", 0, 0, {}]]]})",
                      R"([["m", 0, 0]])");
  };
  const std::string sum = R"({"class_name": "Add", "name": "y", "config": {"name": "y"},
    "inbound_nodes": [[["z", 0, 0, {}], ["z", 0, 0, {}]]]})";
  EXPECT_EQ(answers_of(mean(sum)).at(0), Numbers{2});
  EXPECT_EQ(answers_of(mean(operation("Add", "[<z>, <z>]"))).at(0), Numbers{1});
  EXPECT_EQ(answers_of(mean(operation("Multiply", "[<z>, 4]"))).at(0), Numbers{2});
  Diagnostics diagnostics;
  const auto model = parse_model(mean(operation("Add", "[<z>, <z>]")), diagnostics);
  ASSERT_NE(model, nullptr) << diagnostics.text();
  EXPECT_EQ(answers_of(model_to_json(*model, false)).at(0), Numbers{1}) << "written and read again";
  EXPECT_EQ(answers_of(model_to_json(*model, true)).at(0), Numbers{1});
}

TEST(AnOperation, OfOtherDimensionsLeavesTheBatchAlone) {
  const auto shape = [](const std::string& layer) {
    Diagnostics diagnostics;
    const auto model = parse_model(functional(layer, R"([["y", 0, 0]])"), diagnostics);
    EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
    return plan_model(*model, diagnostics).node_outputs.back().at(0).shape.text();
  };
  EXPECT_EQ(shape(operation("Reshape", "[<x>]", R"({"newshape": [-1, 2, 1]})")), "(None, 2, 1)");
  EXPECT_EQ(shape(operation("Transpose", "[<x>]", R"({"axes": {"class_name": "__tuple__", "items": [0, 1]}})")),
            "(None, 2)");
}

TEST(AnOperation, ThatIsNotTakenIsRefusedByName) {
  for (const auto& [name, args] : {std::pair{"Sinc", "[<x>]"}, std::pair{"Histogram", "[<x>]"}}) {
    const std::string text = complaint_of(functional(operation(name, args), R"([["y", 0, 0]])"));
    EXPECT_NE(text.find("layers[1]: '" + std::string(name) + "' is one of Keras's operations"), std::string::npos)
        << text;
  }
}

TEST(AClassOfSomebodysOwn, IsNotTakenForOneOfKerass) {
  const Json mine = {
      {"module", "mine"}, {"class_name", "Dense"}, {"config", {{"units", 2}}}, {"registered_name", "mine>Dense"}};
  const Json input = {{"class_name", "InputLayer"}, {"config", {{"batch_shape", {nullptr, 2}}}}};
  const std::string text =
      complaint_of({{"class_name", "Sequential"}, {"config", {{"name", "s"}, {"layers", Json::array({input, mine})}}}});
  EXPECT_NE(text.find("layers[1]: 'Dense' is a class of somebody's own"), std::string::npos) << text;
}

constexpr const char* kInner = R"({"class_name": "Functional", "name": "inner", "config": {"name": "inner", "layers": [
    {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_shape": [null, 2]}, "inbound_nodes": []},
    {"class_name": "Rescaling", "name": "r", "config": {"name": "r", "scale": 3.0}, "inbound_nodes": [[["i", 0, 0, {}]]]}],
  "input_layers": [["i", 0, 0]], "output_layers": [["r", 0, 0]]},
  "inbound_nodes": )";

TEST(OutputLayers, CountTheMakingOfAModelAsItsFirstCall) {
  const std::string once = std::string(kInner) + R"([{"args": [<x>], "kwargs": {}}]})";
  EXPECT_EQ(answers_of(functional(once, R"(["inner", 1, 0])")).at(0), (Numbers{3, -6}));
  EXPECT_EQ(answers_of(functional(once, R"(["inner", 0, 0])")).at(0), (Numbers{3, -6}));  // as Trainyard wrote once
  const std::string twice =
      std::string(kInner) + R"([{"args": [<x>], "kwargs": {}}, {"args": [<inner>], "kwargs": {}}]})";
  EXPECT_EQ(answers_of(functional(twice, R"([["inner", 2, 0], ["inner", 1, 0]])")),
            (std::vector<Numbers>{{9, -18}, {3, -6}}));
  Diagnostics diagnostics;
  const auto model = parse_model(functional(twice, R"([["inner", 2, 0]])"), diagnostics);
  ASSERT_NE(model, nullptr) << diagnostics.text();
  EXPECT_EQ(model_to_json(*model, false)["config"]["output_layers"], Json::parse(R"(["inner", 2, 0])"));
  EXPECT_NE(complaint_of(functional(twice, R"([["inner", 3, 0]])")).find("output_layers"), std::string::npos);
}

TEST(Keras2, CountsTheMakingOfAModelAsItsFirstCallEverywhere) {
  const std::string layers = std::string(kInner) + R"([[["x", 0, 0, {}]], [["inner", 1, 0, {}]]]},
    {"class_name": "Rescaling", "name": "y", "config": {"name": "y", "scale": 10.0},
     "inbound_nodes": [[["inner", 2, 0, {}]]]})";
  EXPECT_EQ(answers_of(functional(layers, R"([["y", 0, 0], ["inner", 1, 0]])")),
            (std::vector<Numbers>{{90, -180}, {3, -6}}));
}

TEST(Keras2, GivesArgumentsOfCallsBehindTheConnection) {
  const std::string dropped = R"({"class_name": "Dropout", "name": "y", "config": {"name": "y", "rate": 0.999999},
    "inbound_nodes": [[["x", 0, 0, {"training": true}]]]})";
  EXPECT_EQ(answers_of(functional(dropped, R"([["y", 0, 0]])")).at(0), (Numbers{0, 0}));
  const std::string wide = R"({"class_name": "Reshape", "name": "z", "config": {"name": "z", "target_shape": [2, 1]},
    "inbound_nodes": [[["x", 0, 0, {}]]]},
    {"class_name": "MultiHeadAttention", "name": "y", "config": {"name": "y", "num_heads": 1, "key_dim": 1},
     "inbound_nodes": [["z", 0, 0, {"value": ["z", 0, 0]}]]})";
  const Numbers y = answers_of(functional(wide, R"([["y", 0, 0]])")).at(0);
  EXPECT_EQ(y.size(), 2u);
}

TEST(Keras2, CallsSomeArgumentsByOtherNames) {
  const auto y = [](const std::string& class_name, const std::string& config) {
    return answers_of(functional(R"({"class_name": ")" + class_name + R"(", "name": "y", "config": )" + config +
                                     R"(, "inbound_nodes": [[["x", 0, 0, {}]]]})",
                                 R"([["y", 0, 0]])"))
        .at(0);
  };
  EXPECT_EQ(y("LeakyReLU", R"({"name": "y", "alpha": 0.5})"), (Numbers{1, -1}));
  EXPECT_EQ(y("ThresholdedReLU", R"({"name": "y", "theta": 1.0})"), (Numbers{0, 0}));
  EXPECT_EQ(y("ThresholdedReLU", R"({"name": "y", "theta": 0.5})"), (Numbers{1, 0}));
  EXPECT_EQ(y("BatchNormalization", R"({"name": "y", "axis": [1], "epsilon": 3.0})"), (Numbers{1, -0.5}));
  EXPECT_EQ(y("Embedding", R"({"name": "y", "input_dim": 3, "output_dim": 1, "input_length": 2})").size(), 2u);
}

TEST(AModel, NamesConnectionsThatLeadNowhere) {
  const std::string dense = R"({"class_name": "Rescaling", "name": "y", "config": {"name": "y", "scale": 1.0},
    "inbound_nodes": [[["x", 0, 0, {}]]]})";
  EXPECT_NE(complaint_of(functional(dense, R"([["y", 0, 3]])")).find("output_layers: 'y' has no output 3"),
            std::string::npos);
  EXPECT_NE(complaint_of(functional(dense, R"([["y", 0, 1099511627776]])")).find("has no output"), std::string::npos);
  EXPECT_NE(complaint_of(functional(dense, R"([["y", 1, 0]])")).find("output_layers: is connected to 'y (call 1)'"),
            std::string::npos);
  const std::string two =
      R"({"class_name": "InputLayer", "name": "z", "config": {"name": "z", "batch_shape": [null, 2]},
    "inbound_nodes": []}, {"class_name": "Add", "name": "y", "config": {"name": "y"},
    "inbound_nodes": [[["x", 0, 0, {}], ["z", 0, 0, {}]]]})";
  EXPECT_NE(complaint_of(functional(two, R"([["y", 0, 0]])")).find("layers[1]: 'z' is an Input that input_layers"),
            std::string::npos);
  EXPECT_NE(complaint_of(functional(dense, R"([["y", 0, 0]])", R"([["y", 0, 0]])")).find("input_layers: 'y' is not an"),
            std::string::npos);
}

TEST(ActivationArgument, MayBeAFunctionOrALayer) {
  const auto y = [](const std::string& activation) {
    return answers_of(functional(R"({"class_name": "Dense", "name": "y", "config": {"name": "y", "units": 1,
      "activation": )" + activation + R"(}, "inbound_nodes": [[["x", 0, 0, {}]]]})",
                                 R"([["y", 0, 0]])"))
        .at(0)
        .at(0);  // the sum -1 and a bias of 1, all weights being 1
  };
  EXPECT_EQ(y(R"("linear")"), 0);
  EXPECT_EQ(y(R"({"module": "keras.activations", "class_name": "function", "config": "sigmoid"})"), 0.5);
  EXPECT_EQ(y(R"({"class_name": "ReLU", "config": {"name": "r", "max_value": 6.0, "threshold": 0.0}})"), 0);
  EXPECT_EQ(y(R"({"class_name": "Activation", "config": {"activation": "exponential"}})"), 1);
  EXPECT_EQ(y(R"({"class_name": "LeakyReLU", "config": {"name": "l", "trainable": true, "dtype": "float32"}})"), 0);
}

/// Keras 3 writes the mask that an input carries as an argument of the call: NotEqual of an Embedding's input, say.
TEST(AMaskAsAnArgument, ActsAsOneThatComesWithTheInput) {
  const auto steps = R"({"class_name": "Reshape", "name": "z", "config": {"name": "z", "target_shape": [2, 1]},
    "inbound_nodes": [[["x", 0, 0, {}]]]},)" +
                     operation("Greater", "[<x>, 0]") + ",";
  const auto call = [](const char* class_name, const std::string& config, const std::string& kwargs) {
    return R"({"class_name": ")" + std::string(class_name) + R"(", "name": "a", "config": )" + config +
           R"(, "inbound_nodes": [{"args": [<z>], "kwargs": )" + kwargs + "}]}";
  };
  const auto answer = [&](const char* class_name, const std::string& config, const std::string& kwargs) {
    const Json json = functional(steps + call(class_name, config, kwargs), R"([["a", 0, 0]])");
    const Numbers got = answers_of(json).at(0);
    Diagnostics diagnostics;
    const Json written = model_to_json(*parse_model(json, diagnostics), false);
    EXPECT_EQ(answers_of(written).at(0), got) << written.dump();
    const Json arguments = written["config"]["layers"].back()["inbound_nodes"][0]["kwargs"];
    EXPECT_EQ(arguments.value("mask", Json()).is_object(), kwargs.find("<y>") != std::string::npos);
    return got;
  };
  // Steps 1 and -2, of which the second is masked. All weights are 1, those of biases too.
  const auto near = [](const Numbers& got, const Numbers& wanted) {
    ASSERT_EQ(got.size(), wanted.size());
    for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], 1e-6);
  };
  const std::string masked = R"({"mask": <y>, "training": null})";
  const std::string rnn = R"({"name": "a", "units": 1, "activation": "linear"})";
  near(answer("SimpleRNN", rnn, "{}"), {1 + 1 - 2 + 1});
  near(answer("SimpleRNN", rnn, masked), {1 + 1});
  near(answer("SimpleRNN", rnn, R"({"mask": null, "initial_state": null})"), {1 + 1 - 2 + 1});
  near(answer("SimpleRNN", R"({"name": "a", "units": 1, "activation": "linear", "return_sequences": true})", masked),
       {2, 2});
  const std::string both =
      R"({"name": "a", "merge_mode": "concat", "layer": {"class_name": "SimpleRNN", "config": )" + rnn + "}}";
  near(answer("Bidirectional", both, masked), {2, 2});
  near(answer("GlobalAveragePooling1D", R"({"name": "a"})", masked), {1});
  near(answer("GlobalAveragePooling1D", R"({"name": "a"})", "{}"), {-0.5});
  const std::string inner =
      R"({"name": "a", "layers": [{"class_name": "InputLayer", "config": {"batch_shape": [null, 2, 1]}},
    {"class_name": "GlobalAveragePooling1D", "config": {"name": "g"}}]})";
  near(answer("Sequential", inner, masked), {1});
  EXPECT_NE(complaint_of(functional(steps + call("Flatten", R"({"name": "a"})", masked), R"([["a", 0, 0]])"))
                .find("kwargs.mask"),
            std::string::npos);
}

TEST(ACall, MayNameItsFirstArgument) {
  const auto dense = [](const std::string& node) {
    return functional(
        R"({"class_name": "Dense", "name": "y", "config": {"name": "y", "units": 1}, "inbound_nodes": [)" + node + "]}",
        R"([["y", 0, 0]])");
  };
  EXPECT_EQ(answers_of(dense(R"({"args": [], "kwargs": {"inputs": <x>}})")).at(0), Numbers{0});
  EXPECT_NE(complaint_of(dense(R"({"args": [<x>], "kwargs": {"inputs": <x>}})")).find("kwargs.inputs"),
            std::string::npos);
}

/// Two steps, 1 and -2, that attend to themselves; y says of which steps more is known than that they are below 0.
TEST(AListOfMasks, MayHoldNone) {
  const auto attend = [](const std::string& masks) {
    return functional(R"({"class_name": "Reshape", "name": "z", "config": {"name": "z", "target_shape": [2, 1]},
      "inbound_nodes": [[["x", 0, 0, {}]]]},)" +
                          operation("Greater", "[<x>, 0]") +
                          R"(, {"class_name": "Attention", "name": "a", "config": {"name": "a"},
      "inbound_nodes": [{"args": [[<z>, <z>]], "kwargs": {"mask": )" +
                          masks + "}}]}",
                      R"([["a", 0, 0]])");
  };
  const auto share = [](double query) { return std::exp(query) / (std::exp(query) + std::exp(-2 * query)); };
  const double first = share(1) * 3 - 2;  // of 1 and -2 by their scores
  const double second = share(-2) * 3 - 2;
  const auto expect = [&](const std::string& masks, double a, double b) {
    const Json json = attend(masks);
    const Numbers got = answers_of(json).at(0);
    EXPECT_NEAR(got[0], a, 1e-6) << masks;
    EXPECT_NEAR(got[1], b, 1e-6) << masks;
    Diagnostics diagnostics;
    const Json written = model_to_json(*parse_model(json, diagnostics), false);
    EXPECT_EQ(answers_of(written).at(0), got) << written.dump();
  };
  expect("[null, null]", first, second);
  expect("[null, <y>]", 1, 1);
  expect("[<y>, null]", first, 0);
  expect("[<y>, <y>]", 1, 0);
  EXPECT_NE(complaint_of(attend("[1, <y>]")).find("mask"), std::string::npos);
}

TEST(APythonModel, KeepsItsInfinitiesInFilesAndOnThePage) {
  const std::string text = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 3, 2], "name": "x"}},
    {"class_name": "Masking", "config": {"name": "m", "mask_value": -Infinity}},
    {"class_name": "ReLU", "config": {"name": "r", "max_value": Infinity}},
    {"class_name": "Discretization", "config": {"name": "d", "bin_boundaries": [-Infinity, 0.5, Infinity]}}]}})";
  Diagnostics diagnostics;
  const auto model = parse_model(read_json(text, "", {.python = true}), diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  const std::string file = python_json_text(model_to_json(*model, false));
  for (const char* part : {"\"mask_value\":-Infinity", "\"max_value\":Infinity", "[-Infinity,0.5,Infinity]"})
    EXPECT_NE(file.find(part), std::string::npos) << file;
  const Json page = model_to_json(*model, true);
  EXPECT_EQ(read_json(page.dump(), ""), page) << "the page's JSON is strict";
  const auto again = parse_model(page, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  EXPECT_EQ(model_to_json(*again, true), page);
}

}  // namespace
}  // namespace trainyard::testing
