// Models that read text: adapted to a table, trained on it, saved, opened, asked.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/api/model_inputs.h"
#include "engine/api/prediction.h"
#include "engine/api/workbench.h"
#include "engine/data/csv_dataset.h"
#include "engine/layers/text_inputs.h"
#include "tests/train/training_fixture.h"

namespace trainyard::testing {
namespace {

/// Short reviews that a word decides, with a column of numbers and one of few words.
std::string reviews() {
  const std::vector<std::string> good{"a wonderful film", "great fun, truly great!", "I loved it",
                                      "wonderful acting and fun"};
  const std::vector<std::string> bad{"a dreadful film", "boring, truly boring!", "I hated it",
                                     "dreadful acting and noise"};
  std::string text = "stars,review,country,verdict\n";
  for (int i = 0; i < 60; ++i) {
    const auto n = static_cast<size_t>(i);
    text += std::to_string(i % 7) + ",\"" + (i % 2 == 0 ? good[n / 2 % 4] : bad[n / 2 % 4]) + " " + std::to_string(i) +
            "\"," + (i % 3 == 0 ? "fr" : "uk") + (i % 2 == 0 ? ",good\n" : ",bad\n");
  }
  return text;
}

std::vector<uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

Dataset review_set() { return dataset_from_csv("reviews", read_csv(bytes_of(reviews()), "t.csv"), "t.csv"); }

Json input(const std::string& name, const char* dtype = "float32") {
  return keras_layer("InputLayer", {{"batch_shape", {nullptr, 1}}, {"dtype", dtype}, {"name", name}});
}

Json text_model(const Json& vectorization) {
  Json vector = vectorization;
  vector["name"] = "words";
  return {{"class_name", "Sequential"},
          {"config",
           {{"name", "net"},
            {"layers",
             {input("review", "string"), keras_layer("TextVectorization", vector),
              keras_layer("Embedding", {{"input_dim", 200}, {"output_dim", 8}, {"name", "embedding"}}),
              keras_layer("GlobalAveragePooling1D", {{"name", "mean"}}),
              keras_layer("Dense", {{"units", 2}, {"activation", "softmax"}, {"name", "output"}})}}}}};
}

Workbench workbench() { return Workbench(make_device({.backend = "cpu", .threads = 1})); }

void load_reviews(Workbench& bench) {
  const std::vector<uint8_t> bytes = bytes_of(reviews());
  bench.load_data({{"kind", "csv"}, {"name", "reviews.csv"}}, {{"reviews.csv", bytes}});
}

Json train(Workbench& bench, int64_t epochs) {
  const Json begun = bench.begin_fit({{"epochs", epochs},
                                      {"batch_size", 8},
                                      {"optimizer", {{"class_name", "Adam"}, {"config", {{"learning_rate", 0.05}}}}},
                                      {"loss", "sparse_categorical_crossentropy"}});
  while (bench.train_for(1)["more"].get<bool>()) {
  }
  return begun;
}

TEST(TextDataset, KeepsColumnsOfWordsAsText) {
  const Dataset data = review_set();
  EXPECT_EQ(data.text_columns, (std::vector<std::string>{"review", "country"}));
  EXPECT_EQ(data.text_train.shape, (Shape{data.train_count(), 2}));
  EXPECT_EQ(data.text_test.shape, (Shape{data.test_count(), 2}));
  EXPECT_EQ(data.text_train.values.size(), static_cast<size_t>(data.train_count()) * 2);
}

TEST(TextTraining, LearnsFromATableAndAnswersTypedText) {
  Workbench bench = workbench();
  load_reviews(bench);
  ASSERT_TRUE(bench.load_model({{"model", text_model(Json::object())}})["ok"].get<bool>());
  const Json begun = train(bench, 20);
  ASSERT_EQ(begun["adapted"].size(), 1U);
  EXPECT_EQ(begun["adapted"][0]["name"], "words");
  EXPECT_NE(begun["adapted"][0]["learned"].get<std::string>().find("a vocabulary of"), std::string::npos);
  const Json asked = {{"texts", {"A wonderful day!", "so dreadful", "great"}}};
  const Answer answer = bench.predict_texts(asked);
  EXPECT_EQ(answer.json["labels"], Json({"bad", "good"}));
  const auto p = answer.tensors.front().span<float>();
  EXPECT_GT(p[1], 0.7);
  EXPECT_GT(p[2], 0.7);
  EXPECT_GT(p[5], 0.7);

  // The saved file holds the vocabulary: another engine gives the same answers.
  const std::vector<uint8_t> file = bench.save();
  Workbench other = workbench();
  other.open(file);
  const Answer again = other.predict_texts(asked);
  const auto q = again.tensors.front().span<float>();
  for (size_t i = 0; i < p.size(); ++i) EXPECT_EQ(p[i], q[i]);
  EXPECT_EQ(bench.begin_fit({{"epochs", 1}, {"loss", "sparse_categorical_crossentropy"}})["adapted"], Json::array())
      << "what is learned stays";
}

TEST(TextTraining, FindsTheSizeOfABagOfWordsInTheData) {
  const Json model = {
      {"class_name", "Sequential"},
      {"config",
       {{"name", "net"},
        {"layers",
         {input("review", "string"), keras_layer("TextVectorization", {{"output_mode", "tf_idf"}, {"name", "words"}}),
          keras_layer("Dense", {{"units", 2}, {"activation", "softmax"}, {"name", "output"}})}}}}};
  Workbench bench = workbench();
  const Json before = bench.diagnose({{"model", model}});
  EXPECT_FALSE(before["ok"].get<bool>());
  EXPECT_EQ(before["diagnostics"][0]["code"], "lookup.no_vocabulary");
  load_reviews(bench);
  ASSERT_TRUE(bench.load_model({{"model", model}})["ok"].get<bool>());
  train(bench, 15);
  EXPECT_GT(bench.evaluate({{"split", "test"}})["logs"]["accuracy"].get<double>(), 0.8);
}

TEST(TextTraining, GivesInputsTheColumnsOfTheirNames) {
  const auto link = [](const std::string& layer) {
    return Json{{"class_name", "__keras_tensor__"}, {"config", {{"keras_history", {layer, 0, 0}}}}};
  };
  const auto node = [&](Json layer, const std::vector<std::string>& from, bool list = false) {
    layer["name"] = layer["config"]["name"];
    Json args = Json::array();
    for (const std::string& name : from) args.push_back(link(name));
    layer["inbound_nodes"] = Json::array();
    if (!from.empty())
      layer["inbound_nodes"].push_back({{"args", list ? Json::array({args}) : args}, {"kwargs", Json::object()}});
    return layer;
  };
  const Json layers = {
      node(input("stars", "int32"), {}),
      node(input("country", "string"), {}),
      node(keras_layer("HashedCrossing", {{"num_bins", 6}, {"output_mode", "one_hot"}, {"name", "cross"}}),
           {"country", "stars"}, true),
      node(keras_layer("IntegerLookup", {{"output_mode", "one_hot"}, {"name", "codes"}}), {"stars"}),
      node(keras_layer("Concatenate", {{"name", "both"}}), {"cross", "codes"}, true),
      node(keras_layer("Dense", {{"units", 2}, {"activation", "softmax"}, {"name", "output"}}), {"both"})};
  const Json model = {{"class_name", "Functional"},
                      {"config",
                       {{"name", "net"},
                        {"layers", layers},
                        {"input_layers", {{"stars", 0, 0}, {"country", 0, 0}}},
                        {"output_layers", {"output", 0, 0}}}}};
  Workbench bench = workbench();
  load_reviews(bench);
  const Json diagnosis = bench.load_model({{"model", model}});
  ASSERT_TRUE(diagnosis["ok"].get<bool>()) << diagnosis["diagnostics"].dump();
  const Json begun = train(bench, 2);
  ASSERT_EQ(begun["adapted"].size(), 1U);
  EXPECT_EQ(begun["adapted"][0]["learned"], "a vocabulary of 7 terms") << "stars as they stand in the table";
}

TEST(TableTraining, WithSeveralInputsAndOutputsIsDiagnosedAndMeasured) {
  const Json model = Json::parse(R"({"class_name": "Functional", "config": {"name": "two", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 1], "name": "petal_length"}, "name": "petal_length",
     "inbound_nodes": []},
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 1], "name": "petal_width"}, "name": "petal_width",
     "inbound_nodes": []},
    {"class_name": "Concatenate", "config": {"name": "both"}, "name": "both",
     "inbound_nodes": [[["petal_length", 0, 0, {}], ["petal_width", 0, 0, {}]]]},
    {"class_name": "Dense", "config": {"units": 3, "activation": "softmax", "name": "kind"}, "name": "kind",
     "inbound_nodes": [[["both", 0, 0, {}]]]},
    {"class_name": "Dense", "config": {"units": 1, "name": "guess"}, "name": "guess",
     "inbound_nodes": [[["both", 0, 0, {}]]]}],
    "input_layers": [["petal_length", 0, 0], ["petal_width", 0, 0]],
    "output_layers": [["kind", 0, 0], ["guess", 0, 0]]}})");
  Workbench bench = workbench();
  bench.load_data({{"kind", "iris"}}, {});
  const Json training = {{"loss", {{"kind", "sparse_categorical_crossentropy"}}},
                         {"metrics", {{"kind", {"accuracy"}}}}};
  const Json diagnosis =
      bench.diagnose({{"model", model}, {"revision", 1}, {"training", training}, {"batch_size", 16}});
  EXPECT_TRUE(diagnosis["ok"].get<bool>()) << diagnosis["diagnostics"].dump();
  ASSERT_TRUE(bench.load_model({{"model", model}})["ok"].get<bool>());
  const Json measured = bench.evaluate({{"split", "test"}});
  EXPECT_TRUE(measured["logs"].contains("kind_accuracy")) << measured["logs"].dump();
}

TEST(Adapting, LearnsThroughTheLayersInFront) {
  const Json model = sequential(
      {2},
      {keras_layer("Rescaling", {{"scale", 10.0}, {"name", "scale"}}), keras_layer("Normalization", {{"name", "norm"}}),
       keras_layer("Discretization", {{"num_bins", 2}, {"output_mode", "one_hot"}, {"name", "bins"}}),
       keras_layer("Flatten", {{"name", "flat"}}), keras_layer("Dense", {{"units", 1}, {"name", "output"}})});
  Diagnostics diagnostics;
  const std::shared_ptr<const Model> before = parse_model(model, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  EXPECT_TRUE(has_unadapted_layers(*before));
  const std::vector<HostValue> inputs{Tensor::of<float>({4, 2}, {1, 0, 2, 0, 3, 4, 4, 4})};
  const AdaptedModel adapted =
      adapt_model({.model = before, .inputs = inputs, .device = make_device({.backend = "ref", .threads = 1})});
  ASSERT_EQ(adapted.layers.size(), 2U);
  EXPECT_EQ(adapted.layers[0].name, "norm");
  ASSERT_EQ(adapted.weights.size(), 3U);
  EXPECT_EQ(adapted.weights[0].first, "norm/mean");
  EXPECT_FLOAT_EQ(adapted.weights[0].second.span<float>()[0], 25);
  EXPECT_FLOAT_EQ(adapted.weights[1].second.span<float>()[1], 400);
  EXPECT_FLOAT_EQ(adapted.weights[2].second.span<float>()[0], 4);
  const Json bins = adapted.model->layers[3].layer->config();
  ASSERT_EQ(bins["bin_boundaries"].size(), 1U);
  EXPECT_LT(std::abs(bins["bin_boundaries"][0].get<double>()), 1.5) << "of normalised numbers";
  EXPECT_TRUE(adapted.model->sequential);
  EXPECT_TRUE(before->layers[3].layer->config()["bin_boundaries"].is_null()) << "the given model stays as it is";
}

TEST(Adapting, LeavesWhatIsKnown) {
  const Json model = sequential({2}, {keras_layer("Normalization", {{"name", "norm"}}),
                                      keras_layer("Dense", {{"units", 1}, {"name", "output"}})});
  Diagnostics diagnostics;
  const std::shared_ptr<const Model> before = parse_model(model, diagnostics);
  const std::vector<HostValue> inputs{Tensor::of<float>({2, 2}, {1, 0, 2, 0})};
  const auto weight = [](const std::string& path) {
    if (path == "norm/mean") return Tensor::of<float>({2}, {3, 4});
    if (path == "norm/variance") return Tensor::of<float>({2}, {1, 1});
    return path == "norm/count" ? Tensor::of<float>({}, {0}) : Tensor();
  };
  const AdaptedModel adapted = adapt_model(
      {.model = before, .inputs = inputs, .device = make_device({.backend = "ref", .threads = 1}), .weight = weight});
  EXPECT_TRUE(adapted.layers.empty());
  EXPECT_EQ(adapted.model, before);
}

TEST(TextInputs, ComplainOfColumnsThatAreNotThere) {
  Workbench bench = workbench();
  load_reviews(bench);
  Json model = text_model(Json::object());
  model["config"]["layers"][0]["config"]["name"] = "essay";  // two columns of words, and none of that name
  ASSERT_TRUE(bench.load_model({{"model", model}})["ok"].get<bool>());
  try {
    bench.begin_fit({{"epochs", 1}});
    FAIL();
  } catch (const UserError& mistake) {
    EXPECT_NE(std::string(mistake.what()).find("no column of text for the input 'essay'"), std::string::npos)
        << mistake.what();
  }
}

}  // namespace
}  // namespace trainyard::testing
