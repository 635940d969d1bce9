// Keras's operations among the layers of a model: numbers, shapes, gradients, the way they are read and written.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "engine/io/json_reader.h"
#include "engine/layers/model.h"
#include "engine/layers/operation_layer.h"
#include "engine/ops/gradient.h"
#include "tests/layers/layer_trial.h"
#include "tests/layers/operation_cases.h"

namespace trainyard::testing {
namespace {

const OperationInput& input_of(char name) {
  for (const auto* inputs : {&operation_inputs(), &more_operation_inputs()})
    for (const OperationInput& input : *inputs)
      if (input.name == name) return input;
  throw std::runtime_error("no such input");
}

std::vector<OperationCase> all_cases() {
  std::vector<OperationCase> cases = operation_cases();
  cases.insert(cases.end(), more_operation_cases().begin(), more_operation_cases().end());
  return cases;
}

bool is_infinite(const OperationCase& entry) {
  for (const OperationResult& result : entry.results)
    for (const double number : result.numbers)
      if (std::isinf(number)) return true;
  return false;
}

/// As Python writes it: with a bare Infinity.
Json python_json(const char* text) { return read_json(text, "", {.python = true}); }

/// The tensors that a call names, each once, in order of the first place.
std::string names_in(const std::string& text) {
  std::string names;
  for (size_t at = text.find("<"); at != std::string::npos; at = text.find("<", at + 1))
    if (names.find(text[at + 1]) == std::string::npos) names += text[at + 1];
  return names;
}

Json with_links(const Json& value) {
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    if (text.size() != 3 || text[0] != '<') return value;
    return {{"class_name", "__keras_tensor__"},
            {"config", {{"keras_history", Json::array({text.substr(1, 1), 0, 0})}}}};
  }
  Json result = value;
  if (value.is_structured())
    for (Json& item : result) item = with_links(item);
  return result;
}

/// What of the Inputs' sizes a model leaves open.
enum class Open : uint8_t { nothing, batch, everything };

/// A model of Inputs and one operation.
Json model_of(const OperationCase& entry, Open open = Open::nothing) {
  Json layers = Json::array();
  Json ends = Json::array();
  for (const char name : names_in(std::string(entry.args) + entry.kwargs)) {
    const OperationInput& input = input_of(name);
    Json shape = ArgTraits<Shape>::print(input.shape);
    if (open == Open::batch) shape[0] = nullptr;
    if (open == Open::everything) shape = Json(std::vector<Json>(shape.size(), nullptr));
    const std::string text(1, name);
    layers.push_back({{"class_name", "InputLayer"},
                      {"name", text},
                      {"config", {{"name", text}, {"batch_shape", shape}, {"dtype", name_of(input.dtype)}}},
                      {"inbound_nodes", Json::array()}});
    ends.push_back(Json::array({text, 0, 0}));
  }
  Json call = {{"args", with_links(python_json(entry.args))}, {"kwargs", with_links(python_json(entry.kwargs))}};
  Json nodes = Json::array();
  nodes.push_back(std::move(call));
  layers.push_back({{"module", std::string("keras.src.ops.") + entry.module},
                    {"class_name", entry.class_name},
                    {"registered_name", entry.class_name},
                    {"name", "y"},
                    {"config", python_json(entry.config)},
                    {"inbound_nodes", nodes}});
  Json outputs = Json::array();
  for (size_t i = 0; i < entry.results.size(); ++i) outputs.push_back(Json::array({"y", 0, i}));
  return {{"class_name", "Functional"},
          {"config", {{"name", "m"}, {"layers", layers}, {"input_layers", ends}, {"output_layers", outputs}}}};
}

struct Planned {
  std::unique_ptr<Model> model;
  ModelPlan plan;
  Diagnostics diagnostics;
};

Planned planned(const Json& json) {
  Planned result;
  result.model = parse_model(json, result.diagnostics);
  if (result.model != nullptr && !result.diagnostics.has_errors())
    result.plan = plan_model(*result.model, result.diagnostics);
  return result;
}

std::vector<Tensor> inputs_of(const OperationCase& entry) {
  std::vector<Tensor> tensors;
  for (const char name : names_in(std::string(entry.args) + entry.kwargs))
    tensors.push_back(Tensor::of<double>(input_of(name).shape, input_of(name).numbers).cast(input_of(name).dtype));
  return tensors;
}

struct Lowered {
  Graph graph;
  std::vector<Value> inputs;
  std::vector<Value> outputs;
};

void lower(const Planned& planned, const std::vector<Tensor>& tensors, Lowered& lowered) {
  for (const Tensor& tensor : tensors)
    lowered.inputs.push_back(lowered.graph.input("x", {tensor.dtype(), tensor.shape()}));
  lowered.outputs = lower_model(*planned.model, planned.plan, lowered.inputs, {}, false).outputs;
}

std::vector<Tensor> answers(const Json& json, const OperationCase& entry, const char* backend = "ref") {
  const Planned model = planned(json);
  EXPECT_FALSE(model.diagnostics.has_errors()) << model.diagnostics.text();
  if (model.diagnostics.has_errors()) return {};
  Lowered lowered;
  lower(model, inputs_of(entry), lowered);
  return run_graph(std::move(lowered.graph), inputs_of(entry), lowered.outputs, backend);
}

void expect_results(const std::vector<Tensor>& got, const OperationCase& entry) {
  ASSERT_EQ(got.size(), entry.results.size());
  for (size_t o = 0; o < got.size(); ++o) {
    EXPECT_EQ(got[o].shape().text(), entry.results[o].shape.text());
    ASSERT_EQ(got[o].elements(), static_cast<int64_t>(entry.results[o].numbers.size()));
    for (size_t i = 0; i < entry.results[o].numbers.size(); ++i) {
      const double number = element_as_double(got[o].view(), static_cast<int64_t>(i));
      const double wanted = entry.results[o].numbers[i];
      EXPECT_TRUE(number == wanted || std::abs(number - wanted) < 2e-5)
          << "output " << o << " at " << i << ": " << number << " instead of " << wanted;
    }
  }
}

std::string title(const OperationCase& entry) {
  return std::string(entry.class_name) + " " + entry.config + " " + entry.args;
}

TEST(Operations, GiveNumPysNumbersOnBothBackends) {
  for (const OperationCase& entry : all_cases())
    for (const char* backend : {"ref", "cpu"}) {
      SCOPED_TRACE(title(entry) + " on " + backend);
      expect_results(answers(model_of(entry), entry, backend), entry);
    }
}

TEST(Operations, AreTestedEachAndAll) {
  std::set<std::string> tested;
  for (const OperationCase& entry : all_cases()) tested.insert(entry.class_name);
  for (const Operation* operation : all_operations())
    EXPECT_EQ(tested.count(std::string(operation->name)), 1u) << operation->name;
}

TEST(Operations, AreWrittenAsKerasWroteThemAndReadAgain) {
  for (const OperationCase& entry : all_cases()) {
    SCOPED_TRACE(title(entry));
    const Json json = model_of(entry);
    const Planned model = planned(json);
    ASSERT_FALSE(model.diagnostics.has_errors()) << model.diagnostics.text();
    for (const bool canonical : {false, true})
      expect_results(answers(model_to_json(*model.model, canonical), entry), entry);
    const auto* operation = dynamic_cast<const OperationLayer*>(model.model->layers.back().layer.get());
    if (operation == nullptr) continue;  // a layer computes the same
    const Json written = model_to_json(*model.model, false)["config"]["layers"].back();
    const Json& given = json["config"]["layers"].back();
    for (const char* key : {"module", "class_name", "registered_name", "name"}) EXPECT_EQ(written[key], given[key]);
    EXPECT_EQ(written["inbound_nodes"][0]["args"].size(), given["inbound_nodes"][0]["args"].size());
    for (const auto& [key, value] : given["config"].items()) EXPECT_EQ(written["config"][key], value) << key;
    const Json drawn = model_to_json(*model.model, true)["config"]["layers"].back();
    EXPECT_EQ(drawn["class_name"], std::string("ops.") + entry.class_name);
    for (const Json& argument : drawn["inbound_nodes"][0]["args"])
      EXPECT_EQ(argument["class_name"], "__keras_tensor__");
  }
}

/// Sizes of the plan are those of the run, or open.
TEST(Operations, PlanTheirShapesForAnyBatch) {
  for (const OperationCase& entry : all_cases()) {
    const std::string names = names_in(std::string(entry.args) + entry.kwargs);
    const bool sized = std::string(entry.args).find("[[2, 0], [-1, 1]]") != std::string::npos;  // for a batch of two
    const bool mixed =
        names.find_first_of("wkj") != std::string::npos || sized || names.find("ef") != std::string::npos ||
        std::set<std::string>{"BroadcastTo", "Scatter", "ScatterUpdate", "SegmentSum"}.count(entry.class_name) != 0;
    if (mixed) continue;
    SCOPED_TRACE(title(entry));
    const Planned model = planned(model_of(entry, Open::batch));
    ASSERT_FALSE(model.diagnostics.has_errors()) << model.diagnostics.text();
    const std::vector<TensorSpec>& specs = model.plan.node_outputs.back();
    ASSERT_EQ(specs.size(), entry.results.size());
    for (size_t o = 0; o < specs.size(); ++o) {
      const Shape& real = entry.results[o].shape;
      ASSERT_EQ(specs[o].shape.rank(), real.rank());
      int open = 0;
      for (int axis = 0; axis < real.rank(); ++axis) {
        open += specs[o].shape[axis] == kUnknown ? 1 : 0;
        EXPECT_TRUE(specs[o].shape[axis] == kUnknown || specs[o].shape[axis] == real[axis]) << specs[o].shape.text();
      }
      const bool crossed = std::string(entry.class_name) == "Matmul" || std::string(entry.class_name) == "Outer";
      EXPECT_LE(open, crossed ? 2 : 1);
    }
  }
}

/// Nothing is taken for known that the run may have otherwise.
TEST(Operations, PromiseNothingOfOpenSizesThatTheRunDoesNotKeep) {
  int planned_open = 0;
  for (const OperationCase& entry : all_cases()) {
    SCOPED_TRACE(title(entry));
    const Planned model = planned(model_of(entry, Open::everything));
    if (model.diagnostics.has_errors()) continue;  // it needs to know a size
    ++planned_open;
    Lowered lowered;
    lower(model, inputs_of(entry), lowered);
    const std::vector<TensorSpec>& specs = model.plan.node_outputs.back();
    ASSERT_EQ(specs.size(), lowered.outputs.size());
    for (size_t o = 0; o < specs.size(); ++o) {
      const Shape& real = lowered.outputs[o].shape();
      ASSERT_EQ(specs[o].shape.rank(), real.rank());
      for (int axis = 0; axis < real.rank(); ++axis)
        EXPECT_TRUE(specs[o].shape[axis] == kUnknown || specs[o].shape[axis] == real[axis])
            << specs[o].shape.text() << " and " << real.text();
    }
  }
  EXPECT_GT(planned_open, 150);
}

/// Those whose derivative is 0 or not there where the numbers lie.
bool is_smooth(const std::string& name) {
  static const std::set<std::string> kSteps = {"Floor",       "Ceil", "Trunc",        "Round",
                                               "FloorDivide", "Mod",  "StopGradient", "Heaviside"};
  return kSteps.count(name) == 0;
}

TEST(Operations, HaveTheGradientsOfFiniteDifferences) {
  for (const OperationCase& entry : all_cases()) {
    if (!is_smooth(entry.class_name) || is_infinite(entry)) continue;
    SCOPED_TRACE(title(entry));
    const Planned model = planned(model_of(entry));
    std::vector<Tensor> tensors = inputs_of(entry);
    const auto score = [&](Lowered& lowered) {
      lower(model, tensors, lowered);
      Value total;
      for (const Value& output : lowered.outputs) {
        if (!is_floating(output.dtype())) continue;
        std::vector<double> seeds(static_cast<size_t>(output.shape().elements()));
        for (size_t i = 0; i < seeds.size(); ++i) seeds[i] = 0.5 + 0.25 * static_cast<double>((i * 5) % 7);
        const Value seed = lowered.graph.constant(Tensor::of<double>(output.shape(), seeds).cast(DType::f32));
        total = total ? total + sum(output * seed) : sum(output * seed);
      }
      return total;
    };
    const auto scored = [&] {
      Lowered lowered;
      const Value total = score(lowered);
      return element_as_double(run_graph(std::move(lowered.graph), tensors, {total})[0].view(), 0);
    };
    Lowered lowered;
    const Value total = score(lowered);
    if (!total) continue;
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (!is_floating(tensors[i].dtype())) continue;
      Lowered again;
      const Value value = score(again);
      const Value slope = gradients(value, {again.inputs[i]}).front();
      ASSERT_TRUE(slope);
      const Tensor got = run_graph(std::move(again.graph), tensors, {slope})[0];
      for (const int64_t at : {int64_t{0}, int64_t{1}, got.elements() - 1}) {
        float& x = tensors[i].span<float>()[static_cast<size_t>(at)];
        const float kept = x;
        constexpr float kStep = 1.0F / 128;
        x = kept + kStep;
        const double above = scored();
        x = kept - kStep;
        const double below = scored();
        x = kept;
        const double wanted = (above - below) / (2 * kStep);
        EXPECT_NEAR(element_as_double(got.view(), at), wanted, 0.01 + 0.01 * std::abs(wanted))
            << "input " << i << " at " << at;
      }
    }
  }
}

std::string complaint(const char* name, const char* config, const char* args, const char* kwargs = "{}",
                      Open open = Open::nothing) {
  return planned(model_of({name, "numpy", config, args, {{Shape{1}, {0}}}, kwargs}, open)).diagnostics.text();
}

TEST(Operations, RefuseByNameWhatTheyDoNotTake) {
  EXPECT_NE(complaint("Sinc", "{}", R"(["<a>"])").find("'Sinc' is one of Keras's operations"), std::string::npos);
  EXPECT_NE(complaint("Max", R"({"initial": 2})", R"(["<a>"])")
                .find("'Max' is one of Keras's operations on tensors, which "
                      "is not taken with initial"),
            std::string::npos);
  EXPECT_NE(complaint("GetItem", "{}", R"(["<a>", "<i>"])").find("as key"), std::string::npos);
  EXPECT_NE(complaint("Mean", R"({"axis": 2})", R"(["<a>"])").find("'Mean' takes some of 2 axes as axis (got 2)"),
            std::string::npos);
  EXPECT_NE(complaint("Add", "{}", R"(["<a>", "<w>"])").find("'Add' cannot be computed for tensors of (2, 3), (3, 2)"),
            std::string::npos);
  EXPECT_NE(complaint("Cast", R"({"dtype": "float16"})", R"(["<a>"])").find("'Cast' takes"), std::string::npos);
  for (const auto& [name, config, args] :
       {std::tuple{"GetItem", "{}", R"(["<a>", [0, 1, 2]])"}, std::tuple{"GetItem", "{}", R"(["<a>", 2])"},
        std::tuple{"Reshape", R"({"newshape": [4]})", R"(["<a>"])"},
        std::tuple{"Split", R"({"indices_or_sections": 2, "axis": 1})", R"(["<a>"])"},
        std::tuple{"Squeeze", R"({"axis": 1})", R"(["<a>"])"}, std::tuple{"Matmul", "{}", R"(["<a>", "<b>"])"},
        std::tuple{"Einsum", R"({"subscripts": "ab,bc->ad"})", R"(["<a>", "<w>"])"},
        std::tuple{"Einsum", R"({"subscripts": "ab->a"})", R"(["<a>", "<w>"])"},
        std::tuple{"Take", R"({"axis": 5})", R"(["<a>", 0])"}, std::tuple{"Tile", R"({"repeats": [0]})", R"(["<a>"])"},
        std::tuple{"Logaddexp", "{}", R"(["<a>", "<w>"])"}, std::tuple{"Pad", R"({"pad_width": -1})", R"(["<a>"])"},
        std::tuple{"Add", "{}", R"(["<a>", "text"])"},
        std::tuple{"Roll", R"({"shift": 1, "axis": [0, 0]})", R"(["<a>"])"},
        std::tuple{"Transpose", R"({"axes": [0, 0]})", R"(["<a>"])"},
        std::tuple{"Stack", R"({"axis": 4})", R"([["<a>", "<b>"]])"},
        std::tuple{"OneHot", R"({"num_classes": 0})", R"(["<i>"])"}})
    EXPECT_NE(complaint(name, config, args).find(std::string("'") + name), std::string::npos) << name << config << args;
}

TEST(Operations, TakeAnOpenSizeForTheOneThatTheyNeed) {
  const Json json = Json::parse(R"({"class_name": "Functional", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_shape": [null, null, 4]}, "inbound_nodes": []},
    {"class_name": "InputLayer", "name": "z", "config": {"name": "z", "batch_shape": [null, 7, 4]}, "inbound_nodes": []},
    {"module": "keras.src.ops.numpy", "class_name": "Add", "name": "y", "config": {}, "inbound_nodes": [{"args": [
      {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}},
      {"class_name": "__keras_tensor__", "config": {"keras_history": ["z", 0, 0]}}], "kwargs": {}}]},
    {"module": "keras.src.ops.numpy", "class_name": "GetItem", "name": "g", "config": {}, "inbound_nodes": [{"args": [
      {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}},
      [{"class_name": "__slice__", "config": {"start": null, "stop": null, "step": null}}, -1]], "kwargs": {}}]}],
    "input_layers": [["x", 0, 0], ["z", 0, 0]], "output_layers": [["y", 0, 0], ["g", 0, 0]]}})");
  const Planned model = planned(json);
  ASSERT_FALSE(model.diagnostics.has_errors()) << model.diagnostics.text();
  EXPECT_EQ(model.plan.node_outputs[2].at(0).shape.text(), "(None, 7, 4)");
  EXPECT_EQ(model.plan.node_outputs[3].at(0).shape.text(), "(None, 4)");
}

/// Of an input (None, None, 4).
TEST(Operations, KeepOpenWhatHangsOnAnOpenSize) {
  const auto shape = [](const char* name, const char* config, const char* key) {
    const Json json =
        Json::parse(std::string(R"({"class_name": "Functional", "config": {"name": "m", "layers": [
      {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_shape": [null, null, 4]}, "inbound_nodes": []},
      {"module": "keras.src.ops.numpy", "class_name": ")") +
                    name + R"(", "name": "y", "config": )" + config + R"(,
       "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}})" +
                    key + R"(], "kwargs": {}}]}], "input_layers": [["x", 0, 0]], "output_layers": [["y", 0, 0]]}})");
    const Planned model = planned(json);
    if (model.diagnostics.has_errors()) return model.diagnostics.text();
    return model.plan.node_outputs.back().at(0).shape.text();
  };
  const char* first_ten =
      R"(, [{"class_name": "__slice__", "config": {}}, {"class_name": "__slice__", "config": {"stop": 10}}])";
  EXPECT_EQ(shape("GetItem", "{}", first_ten), "(None, None, 4)") << "shorter ones are shorter";
  EXPECT_EQ(shape("GetItem", "{}", R"(, {"class_name": "__slice__", "config": {"stop": 5}})"), "(None, None, 4)");
  EXPECT_EQ(shape("Split", R"({"indices_or_sections": 2, "axis": 1})", ""), "(None, None, 4)")
      << "even ones can be split";
  EXPECT_EQ(shape("Split", R"({"indices_or_sections": 2, "axis": 2})", ""), "(None, None, 2)");
  EXPECT_EQ(shape("Mean", R"({"axis": 1})", ""), "(None, 4)");
  EXPECT_EQ(shape("Reshape", R"({"newshape": [-1, 2, 2]})", ""), "(None, 2, 2)");
}

}  // namespace
}  // namespace trainyard::testing
