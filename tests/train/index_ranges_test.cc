// Numbers that a layer has no vector for: refused where they come from data.
#include <gtest/gtest.h>

#include "tests/train/training_fixture.h"

namespace trainyard::testing {
namespace {

Json embedding(int rows) {
  return keras_layer("Embedding", {{"name", "words"}, {"input_dim", rows}, {"output_dim", 2}});
}

Json answer() { return keras_layer("Dense", {{"name", "answer"}, {"units", 2}, {"activation", "softmax"}}); }

Json model_of(const Json::array_t& before, int rows = 4) {
  Json layers = before;
  if (layers.is_null()) layers = Json::array();
  layers.push_back(embedding(rows));
  layers.push_back(keras_layer("Flatten", {{"name", "flat"}}));
  layers.push_back(answer());
  return sequential({3}, layers);
}

Samples samples_of(const std::vector<float>& numbers) {
  Samples samples;
  const auto rows = static_cast<int64_t>(numbers.size() / 3);
  samples.x = {Tensor::of<float>({rows, 3}, numbers)};
  samples.y = {Tensor(DType::i32, {rows})};
  return samples;
}

/// What training, evaluation and prediction say of these samples; each has to say the same.
std::string complaint(const Json& model, const Samples& samples) {
  const Bench bench = bench_of(model);
  compile(bench, setup_of(), samples);
  const auto said = [](auto act) {
    try {
      act();
    } catch (const UserError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string training = said([&] { fit(bench, samples, {.epochs = 1, .batch_size = 2}); });
  EXPECT_EQ(said([&] { bench->evaluate(samples, 2); }), training);
  EXPECT_EQ(said([&] { bench->predict(samples, 2); }), training);
  return training;
}

TEST(IndexRanges, NameTheLayerTheValueAndTheRow) {
  EXPECT_EQ(complaint(model_of({}), samples_of({0, 1, 3, 3, 2, 0, 1, 1, 1})), "");
  const std::string high = complaint(model_of({}), samples_of({0, 1, 3, 3, 4, 0, 7, 1, 1}));
  EXPECT_NE(high.find("4 in row 1 is none of the 4 numbers from 0 on that layer 'words' has vectors for"),
            std::string::npos)
      << high;
  EXPECT_EQ(high.find("7"), std::string::npos) << "once";
  EXPECT_NE(complaint(model_of({}), samples_of({0, 1, 3, 3, 0, 0, 1, -1, 1})).find("-1 in row 2"), std::string::npos);
  EXPECT_EQ(complaint(model_of({}), samples_of({0, 1, 3, 3.9F, -0.5F, 0})), "") << "fractions are cut off, as in Keras";
}

TEST(IndexRanges, AreFollowedThroughLayersThatOnlyMove) {
  const Json reshape = keras_layer("Reshape", {{"name", "turn"}, {"target_shape", {3, 1}}});
  EXPECT_NE(complaint(model_of({reshape}), samples_of({0, 1, 9})).find("9 in row 0"), std::string::npos);
}

/// The first column names rows, the others are numbers: x[:, 0].
TEST(IndexRanges, AreFollowedThroughChosenColumns) {
  const auto model = [](const char* key) {
    return Json::parse(std::string(R"({"class_name": "Functional", "config": {"name": "m", "layers": [
      {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_shape": [null, 3]}, "inbound_nodes": []},
      {"module": "keras.src.ops.numpy", "class_name": "GetItem", "name": "id", "config": {}, "inbound_nodes": [{"args": [
        {"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}},
        [{"class_name": "__slice__", "config": {"start": null, "stop": null, "step": null}}, )") +
                       key + R"(]], "kwargs": {}}]},
      {"class_name": "Embedding", "name": "words", "config": {"name": "words", "input_dim": 4, "output_dim": 2},
        "inbound_nodes": [[["id", 0, 0, {}]]]},
      {"class_name": "Flatten", "name": "flat", "config": {"name": "flat"}, "inbound_nodes": [[["words", 0, 0, {}]]]},
      {"class_name": "Dense", "name": "answer", "config": {"name": "answer", "units": 2, "activation": "softmax"},
        "inbound_nodes": [[["flat", 0, 0, {}]]]}],
      "input_layers": [["x", 0, 0]], "output_layers": [["answer", 0, 0]]}})");
  };
  const Samples samples = samples_of({3, 70, 0, 0, 80, -5, 1, 90, 2});
  EXPECT_EQ(complaint(model("0"), samples), "");
  EXPECT_NE(complaint(model("1"), samples).find("70 in row 0"), std::string::npos);
  EXPECT_NE(complaint(model("-1"), samples).find("-5 in row 1"), std::string::npos);
  const char* last_two = R"({"class_name": "__slice__", "config": {"start": 1, "stop": null, "step": null}})";
  EXPECT_NE(complaint(model(last_two), samples).find("70 in row 0"), std::string::npos);
}

TEST(IndexRanges, AreFollowedIntoModels) {
  Json inner = sequential({3}, Json::array({embedding(4), keras_layer("Flatten", {{"name", "flat"}})}));
  inner["config"]["name"] = "inner";
  const Json model = sequential({3}, Json::array({inner, answer()}));
  EXPECT_NE(complaint(model, samples_of({0, 1, 9})).find("layer 'inner/words'"), std::string::npos);
}

TEST(IndexRanges, HeedTheScaleOfTheData) {
  Samples samples = samples_of({0, 100, 200});
  samples.scale = 0.01;  // 0, 1, 2
  EXPECT_EQ(complaint(model_of({}), samples), "");
}

/// What the model works out has zeros for vectors where there are none.
TEST(IndexRanges, AreTheLayersOwnMatterWhereTheModelWorksThemOut) {
  const Json twice = keras_layer("Rescaling", {{"name", "twice"}, {"scale", 2.0}});
  const Json model = sequential({3}, Json::array({twice, embedding(4)}));
  const Bench bench = bench_of(model);
  Samples samples = samples_of({0, 1, 2});
  const Tensor vectors = bench->predict(samples, 1)[0];
  EXPECT_NE(vectors.span<const float>()[2], 0);
  EXPECT_EQ(vectors.span<const float>()[4], 0);
}

}  // namespace
}  // namespace trainyard::testing
