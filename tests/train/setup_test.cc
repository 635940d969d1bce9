#include "engine/train/setup.h"

#include <gtest/gtest.h>

#include "tests/train/training_fixture.h"

namespace trainyard::testing {
namespace {

struct Asked {
  TrainingSetup setup;
  Diagnostics diagnostics;
  std::string first_code() const { return diagnostics.items().empty() ? "" : diagnostics.items().front().code; }
  std::string first_path() const { return diagnostics.items().empty() ? "" : diagnostics.items().front().path; }
};

Asked ask(const Json& setup, const Samples& samples) {
  const Bench bench = bench_of(dense_model());
  Asked asked;
  asked.setup = parse_setup(setup, bench->model(), bench->plan(), samples.y, asked.diagnostics);
  if (!asked.diagnostics.has_errors())
    check_samples(samples, bench->model(), bench->plan(), asked.setup, asked.diagnostics);
  return asked;
}

TEST(Setup, ReadsNamesAndObjects) {
  const Samples samples = class_samples(8, {6});
  const Asked asked = ask({{"optimizer", {{"class_name", "SGD"}, {"config", {{"momentum", 0.5}}}}},
                           {"loss", "sparse_categorical_crossentropy"},
                           {"metrics", {"accuracy", "sparse_top_k_categorical_accuracy"}}},
                          samples);
  EXPECT_EQ(asked.first_code(), "");
  EXPECT_EQ(asked.setup.optimizer->info().class_name, "SGD");
  EXPECT_EQ(asked.setup.outputs[0].loss->info().class_name, "SparseCategoricalCrossentropy");
  ASSERT_EQ(asked.setup.outputs[0].metrics.size(), 2U);
  EXPECT_EQ(asked.setup.outputs[0].metrics[0].label, "accuracy");
}

TEST(Setup, TakesRmspropWhereNoOptimizerIsNamedAsKerasDoes) {
  EXPECT_EQ(
      ask({{"loss", "sparse_categorical_crossentropy"}}, class_samples(8, {6})).setup.optimizer->info().class_name,
      "RMSprop");
}

TEST(Setup, NamesWhatIsWrong) {
  const Samples samples = class_samples(8, {6});
  EXPECT_EQ(ask({{"loss", "nonsense"}}, samples).first_path(), "loss");
  EXPECT_EQ(ask({{"optimizer", "nonsense"}, {"loss", "mse"}}, samples).first_path(), "optimizer");
  EXPECT_EQ(ask(setup_of({{"class_name", "Adam"}, {"config", {{"beta_1", 2}}}}), samples).first_path(),
            "optimizer.beta_1");
  EXPECT_EQ(ask({{"loss", nullptr}}, samples).first_code(), "argument.missing");
  EXPECT_EQ(ask({{"loss", {{"nowhere", "mse"}}}}, samples).first_code(), "setup.unknown_output");
  EXPECT_EQ(ask(Json("adam"), samples).first_code(), "argument.type");
  EXPECT_EQ(ask({{"loss", "mse"}, {"metrics", {"nonsense"}}}, samples).first_path(), "metrics[0]");
}

TEST(Setup, ReadsWhatOtherAgesOfKerasWrote) {
  const Samples samples = class_samples(8, {6});
  const Json function = {{"module", "keras.losses"},
                         {"class_name", "function"},
                         {"config", "sparse_categorical_crossentropy"},
                         {"registered_name", "sparse_categorical_crossentropy"}};
  const Json optimizer = {
      {"class_name", "Adam"},
      {"config", {{"lr", 0.25}, {"decay", 0.0}, {"jit_compile", true}, {"is_legacy_optimizer", false}}}};
  const Json lists = Json::array({Json::array({"accuracy"})});
  const Asked asked = ask({{"optimizer", optimizer}, {"loss", function}, {"metrics", lists}}, samples);
  EXPECT_EQ(asked.first_code(), "") << asked.diagnostics.text();
  EXPECT_EQ(asked.setup.optimizer->learning_rate.at(0), 0.25);
  EXPECT_EQ(asked.setup.outputs[0].loss->info().class_name, "SparseCategoricalCrossentropy");
  ASSERT_EQ(asked.setup.outputs[0].metrics.size(), 1U);
  EXPECT_EQ(asked.setup.outputs[0].metrics[0].label, "accuracy");
  Json decaying = optimizer;
  decaying["config"]["decay"] = 0.1;
  EXPECT_EQ(ask({{"optimizer", decaying}, {"loss", function}}, samples).first_path(), "optimizer.decay");
}

TEST(Setup, TakesNoMoreLossesThanOutputs) {
  const Samples samples = class_samples(8, {6});
  EXPECT_EQ(ask({{"loss", {"sparse_categorical_crossentropy", "mse"}}}, samples).first_path(), "loss");
  EXPECT_EQ(ask({{"loss", "mse"}, {"loss_weights", {1, 2}}}, samples).first_path(), "loss_weights");
  EXPECT_EQ(ask({{"loss", {{"class_name", "MeanSquaredError"}, {"registered_name", "mine>MeanSquaredError"}}}}, samples)
                .first_code(),
            "class.custom");
}

TEST(Setup, NamesAnAxisThatPredictionsDoNotHave) {
  const Samples samples = class_samples(8, {6});
  const auto with_axis = [](const char* class_name, const Json& axis) {
    return Json{{"class_name", class_name}, {"config", {{"axis", axis}}}};
  };
  for (const char* name :
       {"CategoricalCrossentropy", "SparseCategoricalCrossentropy", "BinaryFocalCrossentropy", "Dice"}) {
    const Asked asked = ask({{"loss", with_axis(name, 2)}}, samples);
    EXPECT_EQ(asked.first_path(), "loss.axis") << name;
    EXPECT_EQ(asked.first_code(), "loss.axis") << name;
  }
  EXPECT_EQ(ask({{"loss", with_axis("Tversky", {1, -1})}}, samples).first_code(), "loss.axis_twice");
  for (const char* name : {"CosineSimilarity", "PearsonCorrelation", "SparseCategoricalCrossentropy"})
    EXPECT_EQ(ask({{"loss", "mse"}, {"metrics", Json::array({with_axis(name, -3)})}}, samples).first_path(),
              "metrics[0].axis")
        << name;
}

TEST(Setup, TakesClassesAlongAnyAxis) {
  // Scores of 4 classes at 3 places, classes first.
  const Bench bench = bench_of(sequential({12}, Json::array({keras_layer("Reshape", {{"target_shape", {4, 3}}})})));
  const Json along = {{"class_name", "SparseCategoricalCrossentropy"},
                      {"config", {{"axis", 1}, {"from_logits", true}}}};
  Samples samples;
  samples.x = {Tensor(DType::f32, {5, 12})};
  samples.y = {Tensor(DType::i32, {5, 3})};
  const auto complaint = [&] {
    Diagnostics diagnostics;
    const TrainingSetup setup = parse_setup({{"loss", along}, {"metrics", Json::array({along})}}, bench->model(),
                                            bench->plan(), samples.y, diagnostics);
    if (!diagnostics.has_errors()) check_samples(samples, bench->model(), bench->plan(), setup, diagnostics);
    return diagnostics.text();
  };
  samples.y[0].span<int32_t>()[4] = 3;
  EXPECT_EQ(complaint(), "");
  samples.y[0].span<int32_t>()[4] = 4;
  EXPECT_NE(complaint().find("not one of the 4 classes"), std::string::npos) << complaint();
}

TEST(Setup, TakesAnyNumberOfSamplesWhereTheInputSaysABatch) {
  const Bench bench = bench_of(Json::parse(R"({"class_name": "Sequential", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [4, 6, 2]}},
    {"class_name": "GRU", "config": {"name": "g", "units": 1, "stateful": true}}]}})"));
  Samples samples;
  samples.x = {Tensor(DType::f32, {12, 6, 2})};
  samples.y = {Tensor(DType::f32, {12, 1})};
  Diagnostics diagnostics;
  const TrainingSetup setup =
      parse_setup({{"loss", "mse"}, {"metrics", {"mae"}}}, bench->model(), bench->plan(), samples.y, diagnostics);
  check_samples(samples, bench->model(), bench->plan(), setup, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  samples.y = {Tensor(DType::f32, {11, 1})};
  check_samples(samples, bench->model(), bench->plan(), setup, diagnostics);
  EXPECT_NE(diagnostics.text().find("data.y[0]: holds 11 samples where others hold 12"), std::string::npos)
      << diagnostics.text();
}

TEST(Setup, LaysOpenSizesAgainstTheData) {
  // Windows of 3 over rows of 2 numbers, as many as there are.
  const Bench bench = bench_of(Json::parse(R"({"class_name": "Sequential", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, null, 2]}},
    {"class_name": "Conv1D", "config": {"name": "c", "filters": 1, "kernel_size": 3}}]}})"));
  const auto complaint = [&](const Shape& x, const Shape& y) {
    Samples samples;
    samples.x = {Tensor(DType::f32, x)};
    samples.y = {Tensor(DType::f32, y)};
    Diagnostics diagnostics;
    const TrainingSetup setup = parse_setup({{"loss", "mse"}}, bench->model(), bench->plan(), samples.y, diagnostics);
    check_samples(samples, bench->model(), bench->plan(), setup, diagnostics);
    return diagnostics.text();
  };
  EXPECT_EQ(complaint({5, 6, 2}, {5, 4, 1}), "");
  EXPECT_NE(complaint({5, 6, 4}, {5, 4, 1}).find("data.x[0]"), std::string::npos);
  EXPECT_NE(complaint({5, 2, 2}, {5, 4, 1}).find("layers[1].kernel_size"), std::string::npos);
  EXPECT_NE(complaint({5, 6, 2}, {5, 5, 1}).find("data.y[0]"), std::string::npos);
}

TEST(Setup, CallsOutputsByTheirDictionaryToo) {
  const Bench bench = bench_of(Json::parse(R"({"class_name": "Functional", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_shape": [null, 6]}, "inbound_nodes": []},
    {"class_name": "Dense", "name": "b", "config": {"name": "b", "units": 1}, "inbound_nodes": [[["x", 0, 0, {}]]]},
    {"class_name": "Dense", "name": "a", "config": {"name": "a", "units": 1}, "inbound_nodes": [[["x", 0, 0, {}]]]}],
    "input_layers": [["x", 0, 0]], "output_layers": {"second": ["a", 0, 0], "first": ["b", 0, 0]}}})"));
  Diagnostics diagnostics;
  const TrainingSetup setup =
      parse_setup({{"loss", {{"second", "mae"}, {"first", "mse"}}}, {"loss_weights", {{"second", 3}}}}, bench->model(),
                  bench->plan(), {}, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  EXPECT_EQ(setup.outputs[0].loss->info().class_name, "MeanSquaredError");
  EXPECT_EQ(setup.outputs[1].loss->info().class_name, "MeanAbsoluteError");
  EXPECT_EQ(setup.outputs[1].loss_weight, 3);
}

TEST(Setup, NamesTheRowOfALabelOutOfRange) {
  Samples samples = class_samples(8, {6});
  samples.y[0].span<int32_t>()[5] = 3;
  const Asked asked = ask(setup_of(), samples);
  EXPECT_EQ(asked.first_code(), "data.label_range");
  EXPECT_EQ(asked.diagnostics.items().front().message(), "label 3 of row 5 is not one of the 3 classes");
  samples.y[0].span<int32_t>()[5] = -1;
  EXPECT_EQ(ask(setup_of(), samples).first_code(), "data.label_range");
  EXPECT_EQ(ask(setup_of("adam", {{"class_name", "SparseCategoricalCrossentropy"}, {"config", {{"ignore_class", -1}}}}),
                samples)
                .first_code(),
            "");
}

TEST(Setup, SaysThatALossOfClassesTakesNoFractions) {
  Samples samples = class_samples(8, {6});
  samples.y[0] = samples.y[0].cast(DType::f32);
  EXPECT_EQ(ask(setup_of(), samples).first_code(), "") << "whole numbers may be floats";
  samples.y[0].span<float>()[2] = 0.123456789F;
  const Asked asked = ask(setup_of(), samples);
  EXPECT_EQ(asked.first_code(), "loss.fractions");
  EXPECT_EQ(asked.diagnostics.items().front().message(),
            "SparseCategoricalCrossentropy takes class numbers, but the target holds numbers such as 0.123457");
}

TEST(Setup, OfSeveralOutputsComplaintsAreAtTheirNames) {
  const Json model = {
      {"class_name", "Functional"},
      {"config",
       {{"name", "two"},
        {"layers",
         {{{"class_name", "InputLayer"}, {"name", "x"}, {"config", {{"batch_shape", {nullptr, 6}}, {"name", "x"}}}},
          {{"class_name", "Dense"},
           {"name", "kind"},
           {"config", {{"units", 3}, {"name", "kind"}}},
           {"inbound_nodes", {{{"x", 0, 0, Json::object()}}}}},
          {{"class_name", "Dense"},
           {"name", "size"},
           {"config", {{"units", 1}, {"name", "size"}}},
           {"inbound_nodes", {{{"x", 0, 0, Json::object()}}}}}}},
        {"input_layers", {{"x", 0, 0}}},
        {"output_layers", {{"kind", 0, 0}, {"size", 0, 0}}}}}};
  const Bench bench = bench_of(model);
  const auto place = [&](const Json& setup, const std::vector<Tensor>& y) {
    Diagnostics diagnostics;
    const TrainingSetup parsed = parse_setup(setup, bench->model(), bench->plan(), y, diagnostics);
    Samples samples = class_samples(8, {6});
    samples.y = y;
    if (!diagnostics.has_errors()) check_samples(samples, bench->model(), bench->plan(), parsed, diagnostics);
    return diagnostics.items().empty() ? "" : diagnostics.items().front().path;
  };
  const std::vector<Tensor> both{Tensor(DType::i32, {8}), Tensor(DType::f32, {8, 1})};
  const Json losses = {{"kind", "sparse_categorical_crossentropy"}, {"size", "mse"}};
  EXPECT_EQ(place({{"loss", losses}}, both), "");
  EXPECT_EQ(place({{"loss", {{"kind", "mse"}, {"size", "nonsense"}}}}, both), "loss.size");
  EXPECT_EQ(place({{"loss", losses}, {"loss_weights", {{"size", "much"}}}}, both), "loss_weights.size");
  EXPECT_EQ(place({{"loss", losses}, {"metrics", {{"size", {"nonsense"}}}}}, both), "metrics.size[0]");
  EXPECT_EQ(place({{"loss", losses}}, {both[0], Tensor(DType::f32, {8, 4})}), "targets.size");
  EXPECT_EQ(place({{"loss", losses}}, {both[0], Tensor()}), "targets.size") << "an empty tensor is no target";
  EXPECT_EQ(place({{"loss", {{"kind", losses["kind"]}}}}, {both[0], Tensor()}), "");
  EXPECT_EQ(place({{"loss", {{"kind", losses["kind"]}}}, {"metrics", {{"size", {"mae"}}}}}, {both[0], Tensor()}),
            "metrics.size");
}

TEST(Setup, ComplainsOfSamplesThatDoNotFit) {
  EXPECT_EQ(ask(setup_of(), class_samples(8, {5})).first_code(), "data.input_shape");
  Samples two = class_samples(8, {6});
  two.x.push_back(two.x[0]);
  EXPECT_EQ(ask(setup_of(), two).first_code(), "data.input_count");
  Samples uneven = class_samples(8, {6});
  uneven.y = {Tensor(DType::i32, {7})};
  EXPECT_EQ(ask(setup_of(), uneven).first_code(), "data.samples_differ");
  Samples untold = class_samples(8, {6});
  untold.y.clear();
  EXPECT_EQ(ask(setup_of(), untold).first_code(), "data.target_missing");
  EXPECT_EQ(ask(setup_of("adam", "categorical_crossentropy"), class_samples(8, {6})).first_code(), "loss.shapes");
  EXPECT_EQ(ask(setup_of(), Samples{}).first_code(), "data.empty");
}

TEST(Setup, SuggestsALossThatSuits) {
  EXPECT_EQ(suggest_loss(Tensor(DType::i32, {4}), {kUnknown, 3}), "sparse_categorical_crossentropy");
  EXPECT_EQ(suggest_loss(Tensor(DType::i32, {4}), {kUnknown, 1}), "binary_crossentropy");
  EXPECT_EQ(suggest_loss(Tensor(DType::f32, {4, 1}), {kUnknown, 1}), "mean_squared_error");
}

TEST(Setup, TakesWeightsOfLosses) {
  const Samples samples = class_samples(8, {6});
  const auto weight = [&](const Json& weights) {
    Json setup = setup_of();
    setup["loss_weights"] = weights;
    const Asked asked = ask(setup, samples);
    return asked.diagnostics.has_errors() ? -1 : asked.setup.outputs[0].loss_weight;
  };
  EXPECT_EQ(weight(nullptr), 1);
  EXPECT_EQ(weight(0.5), 0.5);
  EXPECT_EQ(weight({0.5}), 0.5);
  EXPECT_EQ(weight({{"output", 0.5}}), 0.5);
  EXPECT_EQ(weight("much"), -1);
  EXPECT_EQ(weight({{"no such", 0.5}}), -1);
}

TEST(Setup, TellsMetricsOfOneNameApart) {
  Json setup = setup_of();
  setup["metrics"] = {"accuracy", "accuracy"};
  setup["weighted_metrics"] = {"accuracy", "accuracy", "ce"};
  const Asked asked = ask(setup, class_samples(8, {6}));
  const auto& metrics = asked.setup.outputs[0].metrics;
  std::vector<std::string> labels;
  for (const LabelledMetric& metric : metrics) labels.push_back(metric.label);
  EXPECT_EQ(labels,
            (std::vector<std::string>{"accuracy", "accuracy_1", "weighted_accuracy", "weighted_accuracy_1", "ce"}));
  EXPECT_FALSE(metrics[1].weighted);
  EXPECT_TRUE(metrics[2].weighted);
}

}  // namespace
}  // namespace trainyard::testing
