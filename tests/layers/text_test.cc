// Layers that read text, and the states that layers learn from data. Expected numbers are those of the examples and tests
// in Keras's documentation, or worked out by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/core/fingerprint.h"
#include "engine/layers/text_inputs.h"
#include "engine/layers/text_tokens.h"
#include "engine/runtime/session.h"
#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

HostValue text(Shape shape, std::vector<std::string> values) { return TextTensor{std::move(shape), std::move(values)}; }

/// A column of strings, [n, 1].
HostValue column(std::vector<std::string> values) {
  const auto count = static_cast<int64_t>(values.size());
  return text({count, 1}, std::move(values));
}

std::unique_ptr<Layer> parsed(const std::string& class_name, const Json& config, Diagnostics& diagnostics) {
  return make_layer({class_name, config, {}}, diagnostics);
}

std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> result;
  for (int64_t i = 0; i < tensor.elements(); ++i) result.push_back(element_as_double(tensor.view(), i));
  return result;
}

/// A model of one layer behind an Input for each value.
struct TextTrial {
  Diagnostics diagnostics;
  Model model;
  ModelPlan plan;
  std::vector<HostValue> inputs;

  TextTrial(const std::string& class_name, const Json& config, std::vector<HostValue> values)
      : inputs(std::move(values)) {
    std::vector<TensorRef> refs;
    for (const HostValue& value : inputs) {
      const bool is_text = std::holds_alternative<TextTensor>(value);
      Shape shape = shape_of(value);
      shape[0] = kUnknown;
      add("InputLayer",
          {{"batch_shape", ArgTraits<Shape>::print(shape)},
           {"dtype", is_text ? "string" : name_of(std::get<Tensor>(value).dtype())}},
          {});
      refs.push_back({static_cast<int>(model.nodes.size()) - 1, 0});
      model.inputs.push_back(refs.back());
    }
    add(class_name, config, refs);
    model.outputs = {{static_cast<int>(model.nodes.size()) - 1, 0}};
    if (!diagnostics.has_errors()) plan = plan_model(model, diagnostics);
  }

  void add(const std::string& class_name, const Json& config, std::vector<TensorRef> refs) {
    auto layer =
        Layer::registry().parse({{"class_name", class_name}, {"config", config}}, ParseContext(diagnostics, "layer"));
    if (layer == nullptr) return;
    const auto number = static_cast<int>(model.layers.size());
    model.layers.push_back({std::unique_ptr<Layer>(static_cast<Layer*>(layer.release())), "", "layer"});
    model.layers.back().layer->name = "layer_" + std::to_string(number);
    model.nodes.push_back({number, std::move(refs)});
  }

  const Layer& layer() const { return *model.layers.back().layer; }

  Tensor run() {
    Graph graph;
    std::vector<Value> values;
    const std::vector<Tensor> bound = read_inputs(model, plan, inputs);
    for (const Tensor& tensor : bound) values.push_back(graph.input("x", {tensor.dtype(), tensor.shape()}));
    const Value output = lower_model(model, plan, values, {}, false).outputs.front();
    graph.mark_output(output);
    std::vector<std::unique_ptr<Backend>> backends;
    backends.push_back(make_ref_backend());
    Session session(std::make_shared<Device>(std::move(backends), 1));
    const auto executor = session.compile(std::move(graph));
    for (size_t i = 0; i < bound.size(); ++i) executor->bind(static_cast<int>(i), bound[i].data());
    executor->run({0, 0});
    const TensorView view = executor->output(output.id());
    Tensor result(view.dtype, view.shape);
    std::memcpy(result.data(), view.data, view.bytes());
    return result;
  }
};

void expect_output(const std::string& class_name, const Json& config, std::vector<HostValue> inputs, const Shape& shape,
                   const std::vector<double>& wanted) {
  TextTrial trial(class_name, config, std::move(inputs));
  ASSERT_FALSE(trial.diagnostics.has_errors()) << trial.diagnostics.text();
  const Tensor output = trial.run();
  EXPECT_EQ(output.shape(), shape) << class_name << " " << config.dump();
  const std::vector<double> got = numbers(output);
  ASSERT_EQ(got.size(), wanted.size()) << class_name << " " << config.dump();
  for (size_t i = 0; i < got.size(); ++i)
    EXPECT_NEAR(got[i], wanted[i], 1e-6) << class_name << " " << config.dump() << " at " << i;
}

/// The adapted layer's arguments.
Json adapted(const std::string& class_name, const Json& config, const HostValue& data) {
  Diagnostics diagnostics;
  const auto layer = parsed(class_name, config, diagnostics);
  if (layer == nullptr) return nullptr;
  return dynamic_cast<const Adaptable&>(*layer).adapt(data).config;
}

const std::vector<std::string> kLetters{"A", "B", "C", "D", "E"};
const std::vector<std::string> kNames{"omar", "stringer", "marlo", "wire", "skywalker"};

TEST(Hashing, GivesTheBucketsOfKerasForText) {
  expect_output("Hashing", {{"num_bins", 3}}, {column(kLetters)}, {5, 1}, {1, 0, 1, 1, 2});
  expect_output("Hashing", {{"num_bins", 3}, {"mask_value", ""}}, {column({"A", "B", "", "C", "D"})}, {5, 1},
                {1, 1, 0, 2, 2});
  expect_output("Hashing", {{"num_bins", 3}, {"salt", {133, 137}}}, {column(kLetters)}, {5, 1}, {1, 2, 1, 0, 2});
  expect_output("Hashing", {{"num_bins", 3}, {"salt", 133}}, {column(kLetters)}, {5, 1}, {0, 0, 2, 1, 0});
  expect_output("Hashing", {{"num_bins", 2}}, {column(kNames)}, {5, 1}, {0, 0, 1, 0, 0});
  expect_output("Hashing", {{"num_bins", 3}, {"mask_value", "omar"}}, {column(kNames)}, {5, 1}, {0, 1, 2, 1, 1});
  expect_output("Hashing", {{"num_bins", 1}}, {column(kNames)}, {5, 1}, {0, 0, 0, 0, 0});
}

TEST(Hashing, GivesTheBucketsOfKerasForNumbers) {
  const auto numbers = [] { return HostValue(Tensor::of<int32_t>({5, 1}, {0, 1, 2, 3, 4})); };
  expect_output("Hashing", {{"num_bins", 3}}, {numbers()}, {5, 1}, {1, 0, 1, 0, 2});
  expect_output("Hashing", {{"num_bins", 3}, {"salt", {133, 137}}}, {numbers()}, {5, 1}, {1, 1, 2, 0, 1});
  expect_output("Hashing", {{"num_bins", 3}, {"output_mode", "one_hot"}}, {numbers()}, {5, 3},
                {0, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1});
  const HostValue row = Tensor::of<int32_t>({1, 5}, {0, 1, 2, 3, 4});
  expect_output("Hashing", {{"num_bins", 3}, {"output_mode", "multi_hot"}}, {row}, {1, 3}, {1, 1, 1});
  expect_output("Hashing", {{"num_bins", 3}, {"output_mode", "count"}}, {row}, {1, 3}, {2, 2, 1});
}

TEST(Hashing, AgreesOnNumbersAndOnTheirDigitsAsText) {
  TextTrial whole("Hashing", {{"num_bins", 1000}, {"mask_value", -45}},
                  {HostValue(Tensor::of<int64_t>({3, 1}, {-45, 9007199254740993, 77}))});
  TextTrial digits("Hashing", {{"num_bins", 1000}, {"mask_value", "-45"}}, {column({"-45", "9007199254740993", "77"})});
  EXPECT_EQ(numbers(whole.run()), numbers(digits.run()));
}

TEST(HashedCrossing, GivesTheBucketsOfKeras) {
  const auto inputs = [] {
    return std::vector<HostValue>{column({"A", "B", "A", "B", "A"}),
                                  Tensor::of<int32_t>({5, 1}, {101, 101, 101, 102, 102})};
  };
  expect_output("HashedCrossing", {{"num_bins", 5}}, inputs(), {5, 1}, {1, 4, 1, 1, 3});
  expect_output("HashedCrossing", {{"num_bins", 5}, {"output_mode", "one_hot"}}, inputs(), {5, 5},
                {0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0});
}

TEST(IntegerLookup, GivesTheIndicesOfKeras) {
  const Json vocabulary = {12, 36, 1138, 42};
  const auto data = [](std::vector<int32_t> values) {
    const auto half = static_cast<int64_t>(values.size()) / 2;
    return HostValue(Tensor::of<int32_t>({2, half}, values));
  };
  expect_output("IntegerLookup", {{"vocabulary", vocabulary}}, {data({12, 1138, 42, 42, 1000, 36})}, {2, 3},
                {1, 3, 4, 4, 0, 2});
  expect_output("IntegerLookup", {{"vocabulary", vocabulary}, {"num_oov_indices", 2}},
                {data({12, 1138, 42, 37, 1000, 36})}, {2, 3}, {2, 4, 5, 1, 0, 3});
  const auto rows = [&] { return data({12, 1138, 42, 42, 42, 7, 36, 7}); };
  expect_output("IntegerLookup", {{"vocabulary", vocabulary}, {"output_mode", "multi_hot"}}, {rows()}, {2, 5},
                {0, 1, 0, 1, 1, 1, 0, 1, 0, 1});
  expect_output("IntegerLookup", {{"vocabulary", vocabulary}, {"output_mode", "count"}}, {rows()}, {2, 5},
                {0, 1, 0, 1, 2, 2, 0, 1, 0, 1});
  expect_output("IntegerLookup",
                {{"vocabulary", vocabulary}, {"output_mode", "tf_idf"}, {"idf_weights", {0.25, 0.75, 0.6, 0.4}}},
                {rows()}, {2, 5}, {0, 0.25, 0, 0.6, 0.8, 1.0, 0, 0.75, 0, 0.4});
  expect_output(
      "IntegerLookup",
      {{"vocabulary", {-1, 12, 36, 1138, 42}}, {"output_mode", "tf_idf"}, {"idf_weights", {0.9, 0.25, 0.75, 0.6, 0.4}}},
      {rows()}, {2, 5}, {0, 0.25, 0, 0.6, 0.8, 1.8, 0, 0.75, 0, 0.4});
  expect_output("IntegerLookup", {{"vocabulary", vocabulary}, {"invert", true}}, {data({1, 3, 4, 4, 0, 2})}, {2, 3},
                {12, 1138, 42, 42, -1, 36});
  expect_output("IntegerLookup", {{"vocabulary", vocabulary}, {"mask_token", 0}}, {data({12, 0, 42, 7})}, {2, 2},
                {2, 0, 5, 1});
}

TEST(IntegerLookup, TellsFarNumbersApart) {
  const HostValue far = Tensor::of<int64_t>({1, 3}, {5000000000, 705032704, -5000000000});
  expect_output("IntegerLookup", {{"vocabulary", {5000000000, -5000000000}}}, {far}, {1, 3}, {1, 0, 2});
}

TEST(IntegerLookup, LearnsTheVocabularyOfKeras) {
  const HostValue data = Tensor::of<int32_t>({2, 3}, {12, 1138, 42, 42, 1000, 36});
  EXPECT_EQ(adapted("IntegerLookup", Json::object(), data)["vocabulary"], Json({42, 1138, 1000, 36, 12}));
}

TEST(StringLookup, GivesIndicesAndVectors) {
  const auto data = [] { return text({2, 3}, {"a", "c", "d", "d", "z", "b"}); };
  const Json vocabulary = {"a", "b", "c", "d"};
  expect_output("StringLookup", {{"vocabulary", vocabulary}}, {data()}, {2, 3}, {1, 3, 4, 4, 0, 2});
  expect_output("StringLookup", {{"vocabulary", vocabulary}, {"output_mode", "count"}}, {data()}, {2, 5},
                {0, 1, 0, 1, 1, 1, 0, 1, 0, 1});
  expect_output("StringLookup", {{"vocabulary", vocabulary}, {"mask_token", "z"}, {"output_mode", "multi_hot"}},
                {data()}, {2, 5}, {0, 1, 0, 1, 1, 0, 0, 1, 0, 1});
  // Two places for unknown words: FarmHash64("z") and FarmHash64("y") decide.
  TextTrial spread("StringLookup", {{"vocabulary", {"a"}}, {"num_oov_indices", 2}}, {column({"z", "y", "a"})});
  const std::vector<double> places = numbers(spread.run());
  EXPECT_EQ(places[0], static_cast<double>(farm_fingerprint64("z") % 2));
  EXPECT_EQ(places[1], static_cast<double>(farm_fingerprint64("y") % 2));
  EXPECT_EQ(places[2], 2);
  TextTrial salted("StringLookup", {{"vocabulary", {"a"}}, {"num_oov_indices", 5}, {"salt", {3, 4}}}, {column({"z"})});
  EXPECT_EQ(numbers(salted.run())[0], static_cast<double>(sip_hash64("z", {3, 4}) % 5));
}

TEST(StringLookup, SaysWhichWordHasNoPlace) {
  TextTrial trial("StringLookup", {{"vocabulary", {"a"}}, {"num_oov_indices", 0}}, {column({"a", "b"})});
  try {
    trial.run();
    FAIL();
  } catch (const UserError& mistake) {
    EXPECT_NE(std::string(mistake.what()).find("'b' is not in its vocabulary"), std::string::npos) << mistake.what();
  }
}

TEST(StringLookup, TurnsNumbersBackIntoWords) {
  TextTrial trial("StringLookup", {{"vocabulary", {"a", "b", "c", "d"}}, {"invert", true}},
                  {HostValue(Tensor::of<int32_t>({2, 3}, {1, 3, 4, 4, 0, 99}))});
  ASSERT_FALSE(trial.diagnostics.has_errors()) << trial.diagnostics.text();
  EXPECT_TRUE(trial.plan.node_outputs.back().front().text);
  const TextTensor words = dynamic_cast<const TextWriter&>(trial.layer()).write(trial.run());
  EXPECT_EQ(words.values, (std::vector<std::string>{"a", "c", "d", "d", "[UNK]", "[UNK]"}));
}

TEST(StringLookup, LearnsIdfWeights) {
  const Json learned =
      adapted("StringLookup", {{"output_mode", "tf_idf"}}, text({3, 2}, {"b", "a", "b", "b", "c", "[UNK]"}));
  EXPECT_EQ(learned["vocabulary"], Json({"b", "c", "a"}));
  // log(1 + documents / (1 + documents with the word))
  EXPECT_NEAR(learned["idf_weights"][0].get<double>(), std::log(1 + 3.0 / 3), 1e-6);
  EXPECT_NEAR(learned["idf_weights"][1].get<double>(), std::log(1 + 3.0 / 2), 1e-6);
}

TEST(TextVectorization, GivesTheIndicesOfKeras) {
  const Json learned = adapted("TextVectorization", Json::object(), column({"foo bar", "bar baz", "baz bada boom"}));
  EXPECT_EQ(learned["vocabulary"], Json({"baz", "bar", "foo", "boom", "bada"}));
  const auto data = [] { return column({"foo qux bar", "qux baz"}); };
  expect_output("TextVectorization", {{"output_sequence_length", 4}, {"vocabulary", learned["vocabulary"]}}, {data()},
                {2, 4}, {4, 1, 3, 0, 1, 2, 0, 0});
  expect_output("TextVectorization", {{"vocabulary", {"", "[UNK]", "baz", "bar", "foo"}}}, {data()}, {2, 3},
                {4, 1, 3, 1, 2, 0});
  expect_output("TextVectorization", {{"output_sequence_length", 2}, {"vocabulary", {"baz", "bar", "foo"}}}, {data()},
                {2, 2}, {4, 1, 1, 2});
}

TEST(TextVectorization, StandardisesAndSplitsAsKeras) {
  const auto data = [] { return column({"Hello, World!. This is just a nice test!"}); };
  expect_output("TextVectorization", {{"vocabulary", {"hello", "world", "this", "is", "nice", "test"}}}, {data()},
                {1, 8}, {2, 3, 4, 5, 1, 1, 6, 7});
  expect_output("TextVectorization",
                {{"standardize", "lower"}, {"vocabulary", {"hello,", "hello", "world", "this", "is", "nice", "test"}}},
                {data()}, {1, 8}, {2, 1, 5, 6, 1, 1, 7, 1});
  expect_output("TextVectorization", {{"standardize", "strip_punctuation"}, {"vocabulary", {"Hello", "World", "Test"}}},
                {column({"Hello, World! Test."})}, {1, 3}, {2, 3, 4});
  expect_output("TextVectorization", {{"standardize", nullptr}, {"vocabulary", {"Hello", "world"}}},
                {column({"Hello hello"})}, {1, 2}, {2, 1});
  expect_output("TextVectorization", {{"split", "character"}, {"vocabulary", {"a", "b", "c", "d", "e"}}},
                {column({"abcf"})}, {1, 4}, {2, 3, 4, 1});
  expect_output("TextVectorization", {{"split", nullptr}, {"vocabulary", {"foo", "bar", "baz"}}},
                {column({"foo", "bar", "unknown"})}, {3, 1}, {2, 3, 1});
  expect_output("TextVectorization", {{"split", nullptr}, {"output_sequence_length", 3}, {"vocabulary", {"foo"}}},
                {column({"foo"})}, {1, 3}, {2, 0, 0});
}

TEST(TextVectorization, GivesVectorsAsKeras) {
  const Json vocabulary = {"foo", "bar", "baz"};
  const auto data = [] { return column({"foo bar", "baz foo foo"}); };
  expect_output("TextVectorization", {{"output_mode", "multi_hot"}, {"vocabulary", vocabulary}}, {data()}, {2, 4},
                {0, 1, 1, 0, 0, 1, 0, 1});
  expect_output("TextVectorization", {{"output_mode", "count"}, {"vocabulary", vocabulary}}, {data()}, {2, 4},
                {0, 1, 1, 0, 0, 2, 0, 1});
  expect_output("TextVectorization",
                {{"output_mode", "tf_idf"}, {"vocabulary", vocabulary}, {"idf_weights", {0.3, 0.5, 0.2}}}, {data()},
                {2, 4}, {0, 0.3, 0.5, 0, 0, 0.6, 0, 0.2});
  expect_output("TextVectorization",
                {{"output_mode", "multi_hot"}, {"vocabulary", {"foo"}}, {"max_tokens", 4}, {"pad_to_max_tokens", true}},
                {column({"foo bar"})}, {1, 4}, {1, 1, 0, 0});
}

TEST(TextVectorization, JoinsNeighbours) {
  const auto learned = [](const Json& ngrams) {
    return adapted("TextVectorization", {{"ngrams", ngrams}}, column({"foo bar baz"}))["vocabulary"];
  };
  EXPECT_EQ(learned(2), Json({"foo bar", "foo", "baz", "bar baz", "bar"}));
  EXPECT_EQ(learned({1, 3}), Json({"foo bar baz", "foo", "baz", "bar"}));
  EXPECT_EQ(learned({4}), Json());
}

TEST(TextVectorization, KeepsTheCommonestWords) {
  const Json learned = adapted("TextVectorization", {{"max_tokens", 5}}, column({"a b c d e f g h i j"}));
  EXPECT_EQ(learned["vocabulary"], Json({"j", "i", "h"}));
}

TEST(IntegerLookup, SpreadsUnknownNumbersOverTheirPlaces) {
  const Json vocabulary = {12, 36};
  const auto data = [] { return HostValue(Tensor::of<int32_t>({1, 5}, {7, -1, 12, 9, 36})); };
  // the remainder by 3 has the sign of 3
  expect_output("IntegerLookup", {{"vocabulary", vocabulary}, {"num_oov_indices", 3}}, {data()}, {1, 5},
                {1, 2, 3, 0, 4});
  expect_output("IntegerLookup", {{"vocabulary", vocabulary}, {"num_oov_indices", 3}, {"mask_token", 9}}, {data()},
                {1, 5}, {2, 3, 4, 0, 5});
  const auto place = [](uint64_t hash) { return static_cast<double>(hash % 3); };
  expect_output(
      "IntegerLookup", {{"vocabulary", vocabulary}, {"num_oov_indices", 3}, {"oov_method", "farmhash"}}, {data()},
      {1, 5}, {place(farm_fingerprint64("7")), place(farm_fingerprint64("-1")), 3, place(farm_fingerprint64("9")), 4});
  expect_output(
      "IntegerLookup",
      {{"vocabulary", vocabulary}, {"num_oov_indices", 3}, {"oov_method", "farmhash"}, {"salt", {5, 6}}}, {data()},
      {1, 5}, {place(sip_hash64("7", {5, 6})), place(sip_hash64("-1", {5, 6})), 3, place(sip_hash64("9", {5, 6})), 4});
}

TEST(IntegerLookup, PadsVectorsAndWeighsUnknownNumbersByTheMean) {
  const Json vocabulary = {12, 36};
  const auto data = [] { return HostValue(Tensor::of<int32_t>({1, 3}, {7, 7, 12})); };
  const Json padded = {{"vocabulary", vocabulary}, {"max_tokens", 5}, {"pad_to_max_tokens", true}};
  Json config = padded;
  config["output_mode"] = "count";
  expect_output("IntegerLookup", config, {data()}, {1, 5}, {2, 1, 0, 0, 0});
  config.update({{"output_mode", "tf_idf"}, {"idf_weights", {0.25, 0.75}}});
  expect_output("IntegerLookup", config, {data()}, {1, 5}, {1.0, 0.25, 0, 0, 0});
  config["pad_to_max_tokens"] = false;
  expect_output("IntegerLookup", config, {data()}, {1, 3}, {1.0, 0.25, 0});
  expect_output("IntegerLookup", {{"vocabulary", vocabulary}, {"output_mode", "one_hot"}},
                {HostValue(Tensor::of<int32_t>({3, 1}, {36, 5, 12}))}, {3, 3}, {0, 0, 1, 1, 0, 0, 0, 1, 0});
  // a file that says how many there are, not which
  expect_output("IntegerLookup", {{"vocabulary_size", 5}, {"output_mode", "multi_hot"}, {"num_oov_indices", 2}},
                {HostValue(Tensor::of<int32_t>({2, 2}, {3, 5, 4, 3}))}, {2, 5}, {0, 1, 0, 0, 0, 1, 1, 0, 0, 0});
}

TEST(IntegerLookup, NamesWhatIsUnknownAndMaskedWhenInverted) {
  const auto data = [] { return HostValue(Tensor::of<int32_t>({1, 5}, {0, 1, 2, 3, 9})); };
  const Json config = {{"vocabulary", {12, 36}}, {"invert", true}, {"oov_token", -7}, {"vocabulary_dtype", "int64"}};
  expect_output("IntegerLookup", config, {data()}, {1, 5}, {-7, 12, 36, -7, -7});
  Json masked = config;
  masked["mask_token"] = 99;
  expect_output("IntegerLookup", masked, {data()}, {1, 5}, {99, -7, 12, 36, -7});
}

TEST(Lookups, LearnNoMoreThanMaxTokensAndNeitherMaskNorUnknown) {
  const HostValue numbers = Tensor::of<int32_t>({2, 4}, {5, 5, 5, 8, 8, 3, -1, 8});
  EXPECT_EQ(adapted("IntegerLookup", {{"max_tokens", 3}}, numbers)["vocabulary"], Json({8, 5}));
  EXPECT_EQ(adapted("IntegerLookup", {{"max_tokens", 4}, {"num_oov_indices", 2}}, numbers)["vocabulary"], Json({8, 5}));
  EXPECT_EQ(adapted("IntegerLookup", {{"mask_token", 8}}, numbers)["vocabulary"], Json({5, 3}));
  EXPECT_EQ(adapted("IntegerLookup", {{"oov_token", 3}}, numbers)["vocabulary"], Json({8, 5, -1}));
  const HostValue words = text({2, 3}, {"b", "", "a", "b", "", "[?]"});
  EXPECT_EQ(adapted("StringLookup", {{"mask_token", ""}, {"oov_token", "[?]"}}, words)["vocabulary"], Json({"b", "a"}));
  EXPECT_EQ(adapted("StringLookup", {{"max_tokens", 2}, {"mask_token", ""}}, words)["vocabulary"], Json());
  EXPECT_EQ(adapted("StringLookup", {{"max_tokens", 3}, {"mask_token", ""}}, words)["vocabulary"], Json({"b"}));
}

TEST(StringLookup, WeighsPadsAndMasks) {
  const auto data = [] { return text({1, 4}, {"a", "z", "z", "b"}); };
  const Json weighed = {{"vocabulary", {"a", "b"}}, {"output_mode", "tf_idf"}, {"idf_weights", {0.5, 1.5}}};
  expect_output("StringLookup", weighed, {data()}, {1, 3}, {2, 0.5, 1.5});
  Json padded = weighed;
  padded.update({{"max_tokens", 5}, {"pad_to_max_tokens", true}});
  expect_output("StringLookup", padded, {data()}, {1, 5}, {2, 0.5, 1.5, 0, 0});
  expect_output("StringLookup", {{"vocabulary", {"a", "b"}}, {"mask_token", "z"}, {"encoding", "ascii"}}, {data()},
                {1, 4}, {2, 0, 0, 3});
  expect_output("StringLookup", {{"vocabulary", {"a", "b"}}, {"output_mode", "one_hot"}}, {column({"b", "q"})}, {2, 3},
                {0, 0, 1, 1, 0, 0});
  // a file that says how many there are, not which
  expect_output("StringLookup", {{"vocabulary_size", 4}, {"output_mode", "count"}}, {data()}, {1, 4}, {4, 0, 0, 0});
  // what Keras's get_vocabulary gives: the special ones in front
  expect_output("StringLookup", {{"vocabulary", {"[UNK]", "a", "b"}}}, {data()}, {1, 4}, {1, 0, 0, 2});
}

TEST(StringLookup, NamesWhatIsUnknownAndMaskedWhenInverted) {
  TextTrial trial("StringLookup",
                  {{"vocabulary", {"a", "b"}}, {"invert", true}, {"mask_token", "-"}, {"oov_token", "[?]"}},
                  {HostValue(Tensor::of<int32_t>({1, 5}, {0, 1, 2, 3, 4}))});
  ASSERT_FALSE(trial.diagnostics.has_errors()) << trial.diagnostics.text();
  const TextTensor words = dynamic_cast<const TextWriter&>(trial.layer()).write(trial.run());
  EXPECT_EQ(words.values, (std::vector<std::string>{"-", "[?]", "a", "b", "[?]"}));
}

TEST(TextVectorization, LooksUpNeighboursToo) {
  const Json vocabulary = {"foo", "bar", "foo bar", "foo bar baz"};
  const auto data = [] { return column({"Foo bar baz"}); };
  const auto with = [&](const Json& ngrams) {
    return Json{{"vocabulary", vocabulary}, {"ngrams", ngrams}, {"encoding", "UTF-8"}};
  };
  expect_output("TextVectorization", with(nullptr), {data()}, {1, 3}, {2, 3, 1});
  expect_output("TextVectorization", with(2), {data()}, {1, 5}, {2, 3, 1, 4, 1});
  expect_output("TextVectorization", with(3), {data()}, {1, 6}, {2, 3, 1, 4, 1, 5});
  expect_output("TextVectorization", with({2}), {data()}, {1, 2}, {4, 1});
  expect_output("TextVectorization", with({3, 1}), {data()}, {1, 4}, {5, 2, 3, 1});
}

TEST(TextVectorization, LearnsAfterStandardisingAndSplitting) {
  const auto learned = [](Json config) {
    return adapted("TextVectorization", config, column({"Ab, a", "a-B"}))["vocabulary"];
  };
  EXPECT_EQ(learned(Json::object()), Json({"ab", "a"}));
  EXPECT_EQ(learned({{"split", "character"}}), Json({"a", "b", " "}));
  EXPECT_EQ(learned({{"standardize", "lower"}}), Json({"ab,", "a-b", "a"}));
  EXPECT_EQ(learned({{"standardize", "strip_punctuation"}}), Json({"aB", "a", "Ab"}));
  EXPECT_EQ(learned({{"standardize", nullptr}, {"split", nullptr}}), Json({"a-B", "Ab, a"}));
  const Json weighed = adapted("TextVectorization", {{"output_mode", "tf_idf"}}, column({"a b", "a a", "c"}));
  EXPECT_EQ(weighed["vocabulary"], Json({"a", "c", "b"}));
  EXPECT_NEAR(weighed["idf_weights"][0].get<double>(), std::log(1 + 3.0 / 3), 1e-6);
  EXPECT_NEAR(weighed["idf_weights"][2].get<double>(), std::log(1 + 3.0 / 2), 1e-6);
}

TEST(TextVectorization, PadsWeightsAndKnowsItsSize) {
  const Json padded = {{"vocabulary", {"foo", "bar"}}, {"max_tokens", 5}, {"pad_to_max_tokens", true}};
  Json config = padded;
  config["output_mode"] = "count";
  expect_output("TextVectorization", config, {column({"foo foo x"})}, {1, 5}, {1, 2, 0, 0, 0});
  config.update({{"output_mode", "tf_idf"}, {"idf_weights", {0.3, 0.5}}});
  expect_output("TextVectorization", config, {column({"foo foo x"})}, {1, 5}, {0.4, 0.6, 0, 0, 0});
  expect_output("TextVectorization", {{"vocabulary_size", 4}, {"output_mode", "count"}}, {column({"foo foo x"})},
                {1, 4}, {3, 0, 0, 0});
}

TEST(Tokens, AreCodePointsWhereTextIsSplitByCharacter) {
  EXPECT_EQ(split_text("aé€😀", Split::character), (std::vector<std::string>{"a", "é", "€", "😀"}));
  EXPECT_EQ(split_text("a\xc3", Split::character), (std::vector<std::string>{"a", "\xc3"}));
  EXPECT_EQ(split_text(" \t a  b\n", Split::whitespace), (std::vector<std::string>{"a", "b"}));
}

TEST(Normalization, LearnsMeanAndVariance) {
  Diagnostics diagnostics;
  const auto layer = parsed("Normalization", Json::object(), diagnostics);
  const auto& adaptable = dynamic_cast<const Adaptable&>(*layer);
  EXPECT_TRUE(adaptable.needs_adapt({}));
  const HostValue data = Tensor::of<float>({4, 3}, {0, 7, 4, 2, 9, 6, 0, 7, 4, 2, 9, 6});
  const std::vector<Tensor> weights = adaptable.adapt(data).weights;
  ASSERT_EQ(weights.size(), 3U);
  EXPECT_EQ(numbers(weights[0]), (std::vector<double>{1, 8, 5}));
  EXPECT_EQ(numbers(weights[1]), (std::vector<double>{1, 1, 1}));
  EXPECT_FALSE(adaptable.needs_adapt(weights));
  const auto whole = parsed("Normalization", {{"axis", nullptr}}, diagnostics);
  const auto all = dynamic_cast<const Adaptable&>(*whole).adapt(Tensor::of<float>({5}, {1, 2, 3, 4, 5})).weights;
  EXPECT_EQ(numbers(all[0]), std::vector<double>{3});
  EXPECT_EQ(numbers(all[1]), std::vector<double>{2});
}

TEST(Discretization, LearnsTheBoundariesOfKeras) {
  const HostValue data = Tensor::of<float>({2, 4}, {-1.5F, 1.0F, 3.4F, .5F, 0.0F, 3.0F, 1.3F, 0.0F});
  const Json config = adapted("Discretization", {{"num_bins", 4}}, data);
  expect_output("Discretization", {{"num_bins", 4}, {"bin_boundaries", config["bin_boundaries"]}}, {data}, {2, 4},
                {0, 2, 3, 2, 1, 3, 3, 1});
  // A quarter of many even numbers each.
  std::vector<float> many;
  for (int i = 0; i < 1000; ++i) many.push_back(static_cast<float>((i * 377) % 1000));
  const Json quarters =
      adapted("Discretization", {{"num_bins", 4}}, Tensor::of<float>({1000, 1}, many))["bin_boundaries"];
  ASSERT_EQ(quarters.size(), 3U);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(quarters[i].get<double>(), 250.0 * static_cast<double>(i + 1), 15);
}

TEST(Discretization, LearnsBoundariesAsExactAsEpsilonSays) {
  std::vector<float> many;
  for (int i = 0; i < 1000; ++i) many.push_back(static_cast<float>((i * 377) % 1000));
  Json rough;
  for (const double epsilon : {0.1, 0.03, 0.005}) {
    const Json learned = adapted("Discretization", {{"num_bins", 5}, {"epsilon", epsilon}},
                                 Tensor::of<float>({1000, 1}, many))["bin_boundaries"];
    ASSERT_EQ(learned.size(), 4U);
    for (size_t i = 0; i < 4; ++i)
      EXPECT_NEAR(learned[i].get<double>(), 200.0 * static_cast<double>(i + 1), 1000 * epsilon + 2) << epsilon;
    EXPECT_NE(learned, rough);
    rough = learned;
  }
}

TEST(Discretization, EncodesAsKeras) {
  const Json boundaries = {0.0, 0.5, 1.0};
  const HostValue cube = Tensor::of<float>({1, 2, 2}, {0.15F, 0.75F, 0.85F, 0.45F});
  expect_output("Discretization", {{"bin_boundaries", boundaries}, {"output_mode", "multi_hot"}}, {cube}, {1, 2, 4},
                {0, 1, 1, 0, 0, 1, 1, 0});
  expect_output("Discretization", {{"bin_boundaries", boundaries}, {"output_mode", "count"}},
                {HostValue(Tensor::of<float>({1, 3}, {0.1F, 0.8F, 0.9F}))}, {1, 4}, {0, 1, 2, 0});
}

TEST(CategoryEncoding, CountsWithWeights) {
  const std::vector<HostValue> inputs{Tensor::of<int32_t>({4, 2}, {0, 1, 0, 0, 1, 2, 3, 1}),
                                      Tensor::of<float>({4, 2}, {.1F, .2F, .1F, .1F, .2F, .3F, .4F, .2F})};
  expect_output("CategoryEncoding", {{"num_tokens", 4}, {"output_mode", "count"}}, inputs, {4, 4},
                {.1, .2, 0, 0, .2, 0, 0, 0, 0, .2, .3, 0, 0, .2, 0, .4});
}

TEST(TextInModels, GoesOnlyToLayersThatReadIt) {
  const TextTrial dense("Dense", {{"units", 2}}, {column({"a"})});
  EXPECT_NE(dense.diagnostics.text().find("Dense takes numbers and was given text"), std::string::npos)
      << dense.diagnostics.text();
  const TextTrial numbers("TextVectorization", Json::object(), {HostValue(Tensor::of<float>({1, 1}, {1}))});
  EXPECT_NE(numbers.diagnostics.text().find("reads text and was given numbers"), std::string::npos);
  const TextTrial unknown("StringLookup", {{"output_mode", "count"}}, {column({"a"})});
  EXPECT_NE(unknown.diagnostics.text().find("has no vocabulary yet"), std::string::npos);
}

TEST(TextInModels, MistakesOfVocabulariesAreNamed) {
  const auto complaint = [](const std::string& class_name, const Json& config) {
    Diagnostics diagnostics;
    EXPECT_EQ(parsed(class_name, config, diagnostics), nullptr) << config.dump();
    return diagnostics.text();
  };
  EXPECT_NE(complaint("StringLookup", {{"vocabulary", {"a", "b", "a"}}}).find("holds \"a\" twice"), std::string::npos);
  EXPECT_NE(complaint("StringLookup", {{"vocabulary", "words.txt"}}).find("must be a list"), std::string::npos);
  EXPECT_NE(complaint("StringLookup", {{"vocabulary", {"a", ""}}, {"mask_token", ""}}).find("has a place of its own"),
            std::string::npos);
  EXPECT_NE(complaint("StringLookup", {{"vocabulary", {"a", "b", "c"}}, {"max_tokens", 3}}).find("takes 4 indices"),
            std::string::npos);
  EXPECT_NE(complaint("IntegerLookup", {{"salt", 3}}).find("oov_method farmhash"), std::string::npos);
  EXPECT_NE(complaint("TextVectorization", {{"ragged", true}}).find("ragged"), std::string::npos);
  EXPECT_NE(complaint("Hashing", {{"num_bins", 3}, {"sparse", true}}).find("sparse"), std::string::npos);
  EXPECT_NE(complaint("StringLookup", {{"encoding", "latin-1"}}).find("encoding"), std::string::npos);
}

}  // namespace
}  // namespace trainyard::testing
