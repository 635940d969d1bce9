// Models: what Keras wrote is read and written again unchanged; mistakes are told, each once.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>

#include "engine/io/file.h"
#include "engine/io/json_reader.h"
#include "engine/layers/model.h"

namespace trainyard {
namespace {

std::string shared_folder() {
  const char* given = std::getenv("TRAINYARD_SHARED");
  return given != nullptr ? given : "../shared";
}

Json load(const std::string& path) { return read_json(std::span<const uint8_t>(read_file(path)), path); }

std::string first_difference(const Json& ours, const Json& theirs) {
  const nlohmann::json diff = nlohmann::json::diff(nlohmann::json(theirs), nlohmann::json(ours));
  return diff.empty() ? "" : diff[0].dump();
}

TEST(Model, IsWrittenAsKerasWroteIt) {
  if (!is_folder(shared_folder())) GTEST_SKIP() << "no folder " << shared_folder();
  std::vector<std::string> paths;
  for (const std::string& name : folder_entries(shared_folder() + "/nets"))
    paths.push_back(shared_folder() + "/nets/" + name);
  for (const std::string& name : folder_entries(shared_folder() + "/golden"))
    if (is_file(shared_folder() + "/golden/" + name + "/model.json"))
      paths.push_back(shared_folder() + "/golden/" + name + "/model.json");
  ASSERT_GE(paths.size(), 10u);
  for (const std::string& path : paths) {
    const Json theirs = load(path);
    Diagnostics diagnostics;
    const auto model = parse_model(theirs, diagnostics);
    if (diagnostics.text().find("is not one of the layers") != std::string::npos) {
      std::printf("skipped %s: %s\n", path.c_str(), diagnostics.text().c_str());
      continue;
    }
    ASSERT_NE(model, nullptr) << path << "\n" << diagnostics.text();
    ASSERT_FALSE(diagnostics.has_errors()) << path << "\n" << diagnostics.text();
    EXPECT_EQ(first_difference(model_to_json(*model, false), theirs), "") << path;
  }
}

/// A canonical model reads back as itself.
TEST(Model, HasACanonicalForm) {
  const Json json = Json::parse(R"({"class_name": "Sequential", "config": {"name": "tiny", "layers": [
      {"class_name": "InputLayer", "id": "a", "config": {"shape": [4]}},
      {"class_name": "Dense", "id": "b", "config": {"units": 3}},
      {"class_name": "Dense", "id": "c", "config": {"units": 2, "activation": "softmax"}}]}})");
  Diagnostics diagnostics;
  const auto model = parse_model(json, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  const Json canonical = model_to_json(*model, true);
  EXPECT_EQ(canonical["class_name"], "Functional");
  EXPECT_EQ(canonical["config"]["layers"][1]["id"], "b");
  EXPECT_EQ(canonical["config"]["layers"][1]["name"], "dense");
  EXPECT_EQ(canonical["config"]["layers"][2]["name"], "dense_1");
  EXPECT_TRUE(canonical["config"]["layers"][1]["config"].contains("activity_regularizer"));
  const auto again = parse_model(canonical, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  EXPECT_EQ(model_to_json(*again, true), canonical);
}

const char* const kTwoInputs = R"({"class_name": "Functional", "config": {"name": "two", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "a"}, "name": "a", "inbound_nodes": []},
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "b"}, "name": "b", "inbound_nodes": []},
    {"class_name": "Dense", "config": {"units": 3, "name": "shared"}, "name": "shared", "inbound_nodes": [
      {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["a", 0, 0]}}], "kwargs": {}},
      {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["b", 0, 0]}}], "kwargs": {}}]},
    {"class_name": "Add", "config": {"name": "add"}, "name": "add", "inbound_nodes": [
      {"args": [[{"class_name": "__keras_tensor__", "config": {"keras_history": ["shared", 0, 0]}},
                 {"class_name": "__keras_tensor__", "config": {"keras_history": ["shared", 1, 0]}}]], "kwargs": {}}]}],
    "input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": ["add", 0, 0]}})";

TEST(Model, SharesALayerBetweenItsCalls) {
  Diagnostics diagnostics;
  const auto model = parse_model(Json::parse(kTwoInputs), diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  const ModelPlan plan = plan_model(*model, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  EXPECT_EQ(plan.weights.size(), 2u);
  EXPECT_EQ(plan.weights[0].path, "shared/kernel");
  EXPECT_EQ(model->nodes.size(), 5u);
  EXPECT_EQ(plan.node_outputs.back().front().shape, (Shape{kUnknown, 3}));
}

TEST(Model, ReadsTheListsOfKeras2) {
  const Json json = Json::parse(R"({"class_name": "Model", "config": {"name": "old", "layers": [
      {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4], "dtype": "float32", "sparse": false, "name": "in"}, "name": "in", "inbound_nodes": []},
      {"class_name": "Dense", "config": {"units": 3, "name": "d"}, "name": "d", "inbound_nodes": [[["in", 0, 0, {}]]]},
      {"class_name": "Concatenate", "config": {"name": "c", "axis": -1}, "name": "c", "inbound_nodes": [[["d", 0, 0, {}], ["in", 0, 0, {}]]]}],
      "input_layers": [["in", 0, 0]], "output_layers": [["c", 0, 0]]}})");
  Diagnostics diagnostics;
  const auto model = parse_model(json, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  EXPECT_EQ(plan_model(*model, diagnostics).node_outputs.back().front().shape, (Shape{kUnknown, 7}));
}

/// The two-input model after a change, and all it complains of.
std::string complaints_after(const std::function<void(Json&)>& change) {
  Json json = Json::parse(kTwoInputs);
  change(json);
  Diagnostics diagnostics;
  const auto model = parse_model(json, diagnostics);
  if (model != nullptr && !diagnostics.has_errors()) plan_model(*model, diagnostics);
  for (const Diagnostic& item : diagnostics.items()) EXPECT_NE(find_message(item.code), nullptr) << item.code;
  return diagnostics.text();
}

Json& layer(Json& json, size_t i) { return json["config"]["layers"][i]; }

Json& history(Json& json, size_t i, size_t call) {
  Json& args = layer(json, i)["inbound_nodes"][0]["args"];
  return (args[0].is_array() ? args[0][call] : args[call])["config"]["keras_history"];
}

void expect_says(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(Model, TellsMistakesOfStructure) {
  expect_says(complaints_after([](Json& json) { layer(json, 2)["class_name"] = "Densest"; }),
              "layers[2]: 'Densest' is not one of the layers");
  expect_says(complaints_after([](Json& json) { history(json, 3, 0)[0] = "nobody"; }), "'nobody'");
  expect_says(complaints_after([](Json& json) { history(json, 3, 1)[1] = 7; }), "call 7");
  expect_says(complaints_after([](Json& json) { history(json, 3, 1)[2] = 7; }), "has no output 7");
  expect_says(complaints_after([](Json& json) { history(json, 2, 0) = Json::array({"add", 0, 0}); }), "circle");
  expect_says(complaints_after([](Json& json) { layer(json, 1)["config"]["name"] = "a"; }),
              "layers[1].name: the name 'a' is used by another layer");
  expect_says(complaints_after([](Json& json) { layer(json, 2)["inbound_nodes"] = Json::array(); }),
              "'shared (call 1)'");
  expect_says(complaints_after([](Json& json) { json["config"].erase("output_layers"); }),
              "output_layers: is required");
  expect_says(complaints_after([](Json& json) { json["config"]["layers"] = Json::array(); }), "layers");
  expect_says(complaints_after([](Json& json) { json["config"]["layers"] = 5; }), "layers");
  expect_says(complaints_after([](Json& json) { json["class_name"] = "Graph"; }), "Graph");
  expect_says(complaints_after([](Json& json) { json = 5; }), "layers");
  expect_says(complaints_after([](Json& json) { layer(json, 2) = 5; }), "layers[2]");
  expect_says(complaints_after([](Json& json) { layer(json, 2)["inbound_nodes"][0]["kwargs"]["mask"] = 5; }),
              "kwargs.mask");
}

TEST(Model, KeepsTheDTypeOfASequentialAndRefusesWhatNothingComputesIn) {
  const auto read = [](const std::string& dtype, Diagnostics& diagnostics) {
    return parse_model(Json::parse(R"({"class_name": "Sequential", "config": {"name": "m", "dtype": ")" + dtype +
                                   R"(", "layers": [{"class_name": "Dense", "config": {"units": 3}}],
                                   "build_input_shape": [null, 4]}})"),
                       diagnostics);
  };
  Diagnostics diagnostics;
  const auto model = read("float64", diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  EXPECT_EQ(model_to_json(*model, false)["config"]["dtype"]["config"]["name"], "float64");
  EXPECT_EQ(model->layers.back().layer->dtype.dtype, DType::f32);
  read("mixed_bfloat16", diagnostics);
  EXPECT_NE(diagnostics.text().find("dtype: 'mixed_bfloat16' is not supported"), std::string::npos)
      << diagnostics.text();
}

TEST(Model, CollectsTheMistakesOfAllLayers) {
  const std::string text = complaints_after([](Json& json) {
    layer(json, 0)["config"]["batch_shape"] = "wide";
    layer(json, 2)["config"]["units"] = 0;
    layer(json, 3)["config"]["units"] = 3;
  });
  for (const char* part : {"layers[0].batch_shape", "layers[2].units", "layers[3].units"}) expect_says(text, part);
}

TEST(Model, SurvivesBeingCutAnywhere) {
  // Every value of the file in turn is replaced by things that do not belong there.
  const Json whole = Json::parse(kTwoInputs);
  const Json flat = whole.flatten();
  for (const auto& [pointer, value] : flat.items())
    for (const Json& wrong : {Json(nullptr), Json(-1), Json(1e300), Json("x"), Json::array(), Json::object(),
                              Json::array({Json::array({"a", 0, 0})})}) {
      Json json = whole;
      json[Json::json_pointer(pointer)] = wrong;
      Diagnostics diagnostics;
      const auto model = parse_model(json, diagnostics);
      if (model == nullptr)
        EXPECT_TRUE(diagnostics.has_errors()) << pointer << " " << wrong.dump();
      else
        plan_model(*model, diagnostics);
    }
}

TEST(Model, FreezesWhatIsNotTrainable) {
  Json json = Json::parse(kTwoInputs);
  layer(json, 2)["config"]["trainable"] = false;
  Diagnostics diagnostics;
  const auto frozen_layer = parse_model(json, diagnostics);
  EXPECT_FALSE(plan_model(*frozen_layer, diagnostics).weights[0].trainable);
  json = Json::parse(kTwoInputs);
  json["config"]["trainable"] = false;
  const auto frozen_model = parse_model(json, diagnostics);
  EXPECT_FALSE(plan_model(*frozen_model, diagnostics).weights[0].trainable);
}

}  // namespace
}  // namespace trainyard
