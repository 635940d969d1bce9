// Dictionaries in models: read, written, and refused with a sentence where they are wrong.
#include "engine/layers/model.h"
#include "tests/layers/picture_dictionary.h"

namespace trainyard::testing {
namespace {

/// Complaints about a call; values are not looked at.
std::string dictionary_complaints(const std::string& class_name, const Json& config,
                                  const std::map<std::string, Shape>& shapes) {
  Dictionary given;
  for (const auto& [name, shape] : shapes) given[name] = {shape, {}};
  LayerTrial trial(dictionary_call(class_name, config, given), shapes_of(given), DType::f32);
  for (const Diagnostic& item : trial.diagnostics().items()) EXPECT_NE(find_message(item.code), nullptr) << item.code;
  return trial.diagnostics().text();
}

void expect_told(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

const Json kFlipBoxes{{"bounding_box_format", "xyxy"}};

TEST(PictureMistakes, OfTheFormatOfBoxes) {
  expect_told(dictionary_complaints("RandomFlip", {{"bounding_box_format", "foo"}}, {{kImages, {2, 4, 4, 3}}}),
              "layer.bounding_box_format: must be one of xyxy, yxyx, xywh");
  expect_told(dictionary_complaints("RandomFlip", Json::object(),
                                    {{kImages, {2, 4, 4, 3}}, {kBoxes, {2, 3, 4}}, {kBoxLabels, {2, 3}}}),
              "layer.bounding_box_format: must say how the boxes are written that come with the pictures");
}

TEST(PictureMistakes, OfShapes) {
  const auto with = [](std::map<std::string, Shape> more) {
    more.insert({kImages, {2, 4, 4, 3}});
    return dictionary_complaints("RandomFlip", kFlipBoxes, more);
  };
  EXPECT_EQ(with({{kBoxes, {2, 3, 4}}, {kBoxLabels, {2, 3}}}), "");
  EXPECT_EQ(with({{kBoxes, {2, 3, 4}}, {kBoxLabels, {2, 3, 5}}}), "");
  expect_told(
      with({{kBoxes, {2, 3, 5}}, {kBoxLabels, {2, 3}}}),
      "layer.bounding_boxes.boxes: boxes are of shape (n, k, 4) and their labels (n, k), got (2, 3, 5) and (2, 3)");
  expect_told(with({{kBoxes, {2, 3, 4}}, {kBoxLabels, {2, 2}}}), "got (2, 3, 4) and (2, 2)");
  expect_told(with({{kBoxes, {2, 3, 4}}}), "layer.bounding_boxes: boxes and labels of boxes come together");
  expect_told(with({{kBoxLabels, {2, 3}}}), "layer.bounding_boxes: boxes and labels of boxes come together");
  expect_told(with({{kMasks, {2, 4, 5, 1}}}), "layer.segmentation_masks: masks are as large as their pictures");
  expect_told(with({{kMasks, {2, 4, 4}}}), "layer.segmentation_masks: masks are as large as their pictures");
  expect_told(with({{kLabels, {3}}}), "layer.labels: is of shape (3,), but there is one for each of the pictures");
  expect_told(dictionary_complaints("RandomFlip", kFlipBoxes, {{kLabels, {3}}}),
              "layer.images: the pictures are missing");
  for (const char* name : {"MixUp", "CutMix"})
    expect_told(dictionary_complaints(name, Json::object(), {{kImages, {2, 4, 4, 3}}, {kLabels, {2}}}),
                "layer.labels: labels that are blended are of shape (n, classes), got (2,)");
}

TEST(Boxes, AreRefusedWhereKerasHasNoAnswer) {
  for (const char* name : {"CutMix", "RandomElasticTransform"}) {
    const std::map<std::string, Shape> shapes{{kImages, {2, 4, 4, 3}}, {kBoxes, {2, 3, 4}}, {kBoxLabels, {2, 3}}};
    expect_told(dictionary_complaints(name, {{"bounding_box_format", "xyxy"}}, shapes),
                "layer.bounding_boxes: " + std::string(name) + " does not know what becomes of boxes");
  }
}

/// keras.Model({"image": .., ..}, layer(dictionary)) as Keras writes it: outputs are numbered by sorted names.
Json dictionary_model(const std::string& layer, const std::string& args, const std::string& outputs) {
  const auto input = [](const std::string& name, const std::string& shape) {
    return R"({"class_name": "InputLayer", "config": {"batch_shape": )" + shape + R"(, "name": ")" + name +
           R"("}, "name": ")" + name + R"(", "inbound_nodes": []},)";
  };
  return Json::parse(R"({"class_name": "Functional", "config": {"name": "m", "layers": [)" +
                     input("image", "[null, 8, 8, 3]") + input("box", "[null, 5, 4]") + input("class", "[null, 5]") +
                     input("target", "[null, 2]") + layer + R"("name": "aug", "inbound_nodes": [{"args": )" + args +
                     R"(, "kwargs": {"training": true}}]}],
      "input_layers": {"box": ["box", 0, 0], "class": ["class", 0, 0], "image": ["image", 0, 0],
                       "target": ["target", 0, 0]},
      "output_layers": )" +
                     outputs + "}}");
}

std::string named_tensor(const std::string& layer) {
  return R"({"class_name": "__keras_tensor__", "config": {"keras_history": [")" + layer + R"(", 0, 0]}})";
}

const std::string kFlipEntry =
    R"({"class_name": "RandomFlip", "config": {"name": "aug", "bounding_box_format": "xywh"},)";
const std::string kWhole = R"([{"images": )" + named_tensor("image") + R"(, "bounding_boxes": {"labels": )" +
                           named_tensor("class") + R"(, "boxes": )" + named_tensor("box") + R"(}, "labels": )" +
                           named_tensor("target") + "}]";
const std::string kEnds = R"({"pictures": ["aug", 0, 2], "all": {"b": ["aug", 0, 1], "a": ["aug", 0, 0]},
                              "target": ["aug", 0, 3]})";

TEST(DictionaryCalls, ComeBackFromTheirJson) {
  Diagnostics diagnostics;
  const auto model = parse_model(dictionary_model(kFlipEntry, kWhole, kEnds), diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  const ModelPlan plan = plan_model(*model, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  const auto& outputs = plan.node_outputs.back();
  ASSERT_EQ(outputs.size(), 4u);
  EXPECT_EQ(outputs[0].shape, (Shape{kUnknown, 5, 4}));
  EXPECT_EQ(outputs[1].shape, (Shape{kUnknown, 5}));
  EXPECT_EQ(outputs[2].shape, (Shape{kUnknown, 8, 8, 3}));
  EXPECT_EQ(outputs[3].shape, (Shape{kUnknown, 2}));
  ASSERT_EQ(model->outputs.size(), 4u);  // "all" before "pictures" before "target"
  for (int i = 0; i < 4; ++i) EXPECT_EQ(model->outputs[static_cast<size_t>(i)].output, i);

  const Json printed = model_to_json(*model, false);
  const Json& node = printed["config"]["layers"][4]["inbound_nodes"][0];
  ASSERT_EQ(node["args"].size(), 1u);
  const Json& dictionary = node["args"][0];
  EXPECT_EQ(dictionary["images"]["config"]["keras_history"][0], "image");
  EXPECT_EQ(dictionary["labels"]["config"]["keras_history"][0], "target");
  EXPECT_EQ(dictionary["bounding_boxes"]["boxes"]["config"]["keras_history"][0], "box");
  EXPECT_EQ(dictionary["bounding_boxes"]["labels"]["config"]["keras_history"][0], "class");
  EXPECT_EQ(node["kwargs"], Json::parse(R"({"training": true})"));
  EXPECT_EQ(printed["config"]["layers"][4]["config"]["bounding_box_format"], "xywh");
  EXPECT_EQ(printed["config"]["layers"][4]["build_config"]["input_shape"]["bounding_boxes"]["boxes"],
            Json::parse("[null, 5, 4]"));
  EXPECT_EQ(printed["config"]["output_layers"], Json::parse(kEnds));
  EXPECT_EQ(printed["config"]["input_layers"]["class"], Json::parse(R"(["class", 0, 0])"));
  const auto again = parse_model(printed, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  EXPECT_EQ(model_to_json(*again, false), printed);

  // the page's form: the same dictionary, with the model's ends as lists
  const Json canonical = model_to_json(*model, true);
  EXPECT_EQ(canonical["config"]["layers"][4]["inbound_nodes"][0], node);
  const auto drawn = parse_model(canonical, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  const Json of_drawn = model_to_json(*drawn, false)["config"];
  EXPECT_EQ(of_drawn["layers"], printed["config"]["layers"]);
  EXPECT_EQ(of_drawn["output_layers"], Json::parse(R"([["aug", 0, 0], ["aug", 0, 1], ["aug", 0, 2], ["aug", 0, 3]])"));
}

TEST(DictionaryCalls, KeepEntriesThatNobodyKnows) {
  Diagnostics diagnostics;
  const std::string args = R"([{"images": )" + named_tensor("image") + R"(, "meta-data": )" + named_tensor("class") +
                           R"(, "meta": {"id": )" + named_tensor("target") + "}}]";
  const auto model = parse_model(dictionary_model(kFlipEntry, args, R"([["aug", 0, 1], ["aug", 0, 2]])"), diagnostics);
  const ModelPlan plan = plan_model(*model, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  const auto& outputs = plan.node_outputs.back();
  ASSERT_EQ(outputs.size(), 3u);  // "meta" comes before "meta-data", as keys are sorted and not "meta.id"
  EXPECT_EQ(outputs[0].shape, (Shape{kUnknown, 8, 8, 3}));
  EXPECT_EQ(outputs[1].shape, (Shape{kUnknown, 2}));
  EXPECT_EQ(outputs[2].shape, (Shape{kUnknown, 5}));
  const Json printed = model_to_json(*model, false);
  const Json& dictionary = printed["config"]["layers"][4]["inbound_nodes"][0]["args"][0];
  EXPECT_EQ(dictionary["meta"]["id"]["config"]["keras_history"][0], "target");
  EXPECT_EQ(dictionary["meta-data"]["config"]["keras_history"][0], "class");
  EXPECT_EQ(model_to_json(*parse_model(printed, diagnostics), false), printed);
}

TEST(DictionaryCalls, AreNotMadeOfPicturesAlone) {
  Diagnostics diagnostics;
  const auto model =
      parse_model(dictionary_model(kFlipEntry, "[" + named_tensor("image") + "]", R"(["aug", 0, 0])"), diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  const Json node = model_to_json(*model, false)["config"]["layers"][4]["inbound_nodes"][0];
  EXPECT_EQ(node["args"][0]["class_name"], "__keras_tensor__");
  EXPECT_EQ(node["kwargs"].size(), 1u);
}

TEST(DictionaryMistakes, AreToldAtTheEntry) {
  const auto text = [](const std::string& layer, const std::string& args) {
    Diagnostics diagnostics;
    const auto model = parse_model(dictionary_model(layer, args, R"(["aug", 0, 0])"), diagnostics);
    if (model != nullptr && !diagnostics.has_errors()) plan_model(*model, diagnostics);
    for (const Diagnostic& item : diagnostics.items()) EXPECT_NE(find_message(item.code), nullptr) << item.code;
    return diagnostics.text();
  };
  const auto beside = [&](const std::string& entry) {
    return text(kFlipEntry, R"([{"images": )" + named_tensor("image") + ", " + entry + "}]");
  };
  expect_told(beside(R"("bounding_boxes": {"scores": )" + named_tensor("class") + "}"),
              "args[0].bounding_boxes.scores: 'bounding_boxes.scores' is none of the entries that it takes");
  expect_told(beside(R"("bounding_boxes": )" + named_tensor("box")), "args[0].bounding_boxes: must be a dictionary");
  expect_told(beside(R"("labels": {"a": )" + named_tensor("target") + "}"), "args[0].labels: must be a tensor");
  expect_told(beside(R"("my.id": )" + named_tensor("target")), "'my.id' cannot be told from entries within entries");
  expect_told(text(kFlipEntry, R"([{"images": 5}])"), "layers[4].inbound_nodes[0].args[0].images: must be a tensor");
  expect_told(text(kFlipEntry, R"([{"labels": )" + named_tensor("target") + "}]"),
              "layers[4].images: the pictures are missing");
  expect_told(text(kFlipEntry, "[" + named_tensor("image") + R"(, {"labels": )" + named_tensor("target") + "}]"),
              "RandomFlip takes 1 inputs and got 2");
  {
    Diagnostics diagnostics;
    Json json = dictionary_model(kFlipEntry, kWhole, R"(["aug", 0, 2])");
    json["config"]["layers"][3]["config"]["optional"] = true;
    plan_model(*parse_model(json, diagnostics), diagnostics);
    expect_told(diagnostics.text(), "layers[4]: 'labels' comes from 'target', which may be left out");
  }
  const std::string dense = R"({"class_name": "Dense", "config": {"name": "aug", "units": 2},)";
  expect_told(text(dense, kWhole), "layers[4].inbound_nodes[0].args: Dense takes no dictionary");
  const std::string row = R"({"class_name": "Pipeline", "config": {"name": "aug", "layers": [
      {"class_name": "Rescaling", "config": {"scale": 2}}]},)";
  expect_told(text(row, kWhole), "Pipeline takes no dictionary");
}

}  // namespace
}  // namespace trainyard::testing
