#include "engine/train/trainer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "engine/train/saved_model.h"
#include "tests/train/training_fixture.h"

namespace trainyard::testing {
namespace {

FitOptions options_of(int64_t epochs, int64_t batch_size) {
  FitOptions options;
  options.epochs = epochs;
  options.batch_size = batch_size;
  options.seed = 3;
  return options;
}

TEST(Trainer, LearnsToTellThreeClassesApart) {
  const Samples samples = class_samples(240, {6});
  const Bench bench = bench_of(dense_model());
  compile(bench, setup_of(), samples);
  fit(bench, samples, options_of(20, 16));
  const auto& history = bench->fit_state().history;
  ASSERT_EQ(history.size(), 20U);
  EXPECT_LT(log_of(history.back().logs, "loss"), 0.3 * log_of(history.front().logs, "loss"));
  EXPECT_GT(log_of(bench->evaluate(class_samples(90, {6}, 2), 32), "accuracy"), 0.9);
}

TEST(Trainer, RefusesAnswersThatAreNoneOfItsSamples) {
  const Bench bench = bench_of(Json::parse(R"({"class_name": "Functional", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_shape": [null, 6]}, "inbound_nodes": []},
    {"class_name": "Dense", "name": "d", "config": {"name": "d", "units": 3}, "inbound_nodes": [[["x", 0, 0, {}]]]},
    {"class_name": "Concatenate", "name": "twice", "config": {"name": "twice", "axis": 0},
     "inbound_nodes": [[["d", 0, 0, {}], ["d", 0, 0, {}]]]}],
    "input_layers": ["x", 0, 0], "output_layers": ["twice", 0, 0]}})"));
  const Samples samples = class_samples(8, {6});
  try {
    compile(bench, setup_of(), samples);
    fit(bench, samples, options_of(1, 4));
    FAIL() << "took them";
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().items().front().code, "train.output_batch");
    EXPECT_EQ(error.diagnostics().items().front().path, "twice");
  }
}

TEST(Trainer, PredictsNothingThatIsNotOfItsSamples) {
  const auto predicted = [](const char* operation, const char* config, int64_t batch) -> std::string {
    const Bench bench = bench_of(Json::parse(R"({"class_name": "Functional", "config": {"name": "m", "layers": [
      {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_shape": [null, 6]}, "inbound_nodes": []},
      {"module": "keras.src.ops.numpy", "class_name": ")" +
                                             std::string(operation) + R"(", "name": "y", "config": )" + config + R"(,
       "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}],
       "kwargs": {}}]}], "input_layers": ["x", 0, 0], "output_layers": ["y", 0, 0]}})"));
    try {
      return bench->predict(class_samples(7, {6}), batch).front().shape().text();
    } catch (const UserError& error) {
      const Diagnostic& first = error.diagnostics().items().front();
      return first.code + " " + first.path;
    }
  };
  EXPECT_EQ(predicted("Mean", R"({"axis": 1})", 4), "(7,)");
  for (const int64_t batch : {2, 4, 7}) {
    EXPECT_EQ(predicted("Mean", R"({"axis": null})", batch), "train.output_batch y") << "one number for all";
    EXPECT_EQ(predicted("Median", R"({"axis": 0})", batch), "train.output_batch y");
    EXPECT_EQ(predicted("Sort", R"({"axis": null})", batch), "train.output_batch y") << "longer than the batch";
  }
}

TEST(Trainer, GivesTheSameBitsAtAnyNumberOfThreads) {
  const Samples samples = class_samples(70, {8, 8, 1});
  std::string first;
  for (const int threads : {1, 2, 3, 4}) {
    const Bench bench = bench_of(picture_model(), {.threads = threads});
    compile(bench, setup_of(), samples);
    fit(bench, samples, options_of(2, 16));
    if (threads == 1) first = weight_bytes(*bench);
    EXPECT_EQ(weight_bytes(*bench), first) << threads << " threads";
  }
}

TEST(Trainer, GivesOtherBitsForAnotherSeed) {
  const Samples samples = class_samples(64, {8, 8, 1});
  const auto trained = [&](uint64_t seed) {
    const Bench bench = bench_of(picture_model());
    compile(bench, setup_of(), samples);
    FitOptions options = options_of(1, 16);
    options.seed = seed;
    fit(bench, samples, options);
    return weight_bytes(*bench);
  };
  EXPECT_EQ(trained(3), trained(3));
  EXPECT_NE(trained(3), trained(4));
}

TEST(Trainer, AgreesOnCpuAndRef) {
  const Samples samples = class_samples(48, {8, 8, 1});
  std::vector<std::vector<Tensor>> weights;
  for (const char* backend : {"ref", "cpu"}) {
    const Bench bench = bench_of(picture_model(), {.backend = backend, .threads = 2});
    compile(bench, setup_of({{"class_name", "SGD"}, {"config", {{"learning_rate", 0.05}, {"momentum", 0.9}}}}),
            samples);
    fit(bench, samples, options_of(1, 16));
    weights.emplace_back();
    for (size_t w = 0; w < bench->plan().weights.size(); ++w)
      weights.back().push_back(bench->weight(static_cast<int>(w)));
  }
  for (size_t w = 0; w < weights[0].size(); ++w)
    for (int64_t i = 0; i < weights[0][w].elements(); ++i)
      EXPECT_NEAR(element_as_double(weights[0][w].view(), i), element_as_double(weights[1][w].view(), i), 2e-4)
          << w << " " << i;
}

TEST(Trainer, WithoutShufflingTrainsOnTheBatchesInTheirOrder) {
  const Samples samples = class_samples(40, {6});
  const Bench whole = bench_of(dense_model());
  compile(whole, setup_of(), samples);
  FitOptions options = options_of(1, 16);
  options.shuffle = false;
  fit(whole, samples, options);

  const Bench stepwise = bench_of(dense_model());
  compile(stepwise, setup_of(), samples);
  for (const auto& [first, count] : {std::pair{0, 16}, {16, 16}, {32, 8}}) {
    Samples batch;
    batch.x = {Tensor(DType::f32, {count, 6})};
    batch.y = {Tensor(DType::i32, {count})};
    std::copy_n(samples.x[0].span<float>().begin() + first * 6, count * 6, batch.x[0].span<float>().begin());
    std::copy_n(samples.y[0].span<int32_t>().begin() + first, count, batch.y[0].span<int32_t>().begin());
    stepwise->train_on_batch(batch);
  }
  EXPECT_EQ(weight_bytes(*whole), weight_bytes(*stepwise));
}

TEST(Trainer, WeighsTheLastPartialBatchByItsSamples) {
  const Samples samples = class_samples(37, {6});
  const Bench bench = bench_of(dense_model());
  compile(bench, setup_of(), samples);
  const Logs at_once = bench->evaluate(samples, 37);
  const Logs in_parts = bench->evaluate(samples, 16);
  EXPECT_NEAR(log_of(at_once, "loss"), log_of(in_parts, "loss"), 1e-6);
  EXPECT_DOUBLE_EQ(log_of(at_once, "accuracy"), log_of(in_parts, "accuracy"));
}

TEST(Trainer, PredictsWhatEvaluationSees) {
  const Samples samples = class_samples(20, {6});
  const Bench bench = bench_of(dense_model());
  compile(bench, setup_of(), samples);
  const Tensor predictions = bench->predict(samples, 8).front();
  ASSERT_EQ(predictions.shape(), (Shape{20, 3}));
  int64_t seen = 0;
  bench->evaluate(samples, 8, [&](int64_t first, const std::vector<TensorView>& outputs) {
    for (int64_t i = 0; i < outputs[0].elements(); ++i)
      EXPECT_EQ(element_as_double(outputs[0], i), element_as_double(predictions.view(), first * 3 + i));
    seen += outputs[0].shape.front();
  });
  EXPECT_EQ(seen, 20);
}

TEST(Trainer, AsksAModelWithStatesAsManySamplesAsItKeepsThemFor) {
  const Bench bench = bench_of(Json::parse(R"({"class_name": "Sequential", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [2, 3, 1]}},
    {"class_name": "GRU", "config": {"name": "g", "units": 1, "stateful": true}}]}})"));
  Samples samples;
  samples.x = {Tensor(DType::f32, {6, 3, 1})};
  samples.y = {Tensor(DType::f32, {6, 1})};
  std::iota(samples.x[0].span<float>().begin(), samples.x[0].span<float>().end(), -9.F);
  compile(bench, setup_of("sgd", "mse"), samples);
  std::vector<double> in_pairs;
  for (const int64_t first : {0, 2, 4}) {
    Samples pair;
    pair.x = {Tensor(DType::f32, {2, 3, 1})};
    std::copy_n(samples.x[0].span<float>().begin() + first * 3, 6, pair.x[0].span<float>().begin());
    const Tensor answer = bench->predict(pair, 2).front();
    for (int64_t i = 0; i < 2; ++i) in_pairs.push_back(element_as_double(answer.view(), i));
  }
  for (size_t w = 0; w < bench->plan().weights.size(); ++w)
    if (const WeightSpec& spec = bench->plan().weights[w].spec; spec.kind == VariableKind::state)
      bench->set_weight(static_cast<int>(w), Tensor(DType::f32, spec.shape));
  const Tensor answers = bench->predict(samples, 256).front();
  for (int64_t i = 0; i < 6; ++i) EXPECT_EQ(element_as_double(answers.view(), i), in_pairs[static_cast<size_t>(i)]);
  EXPECT_GT(log_of(bench->evaluate(samples, 256), "loss"), 0);
}

/// Predictions keep packed weights between runs: whatever writes a weight must show in the next one.
TEST(Trainer, PredictsWithTheWeightsOfTheMoment) {
  const Samples samples = class_samples(32, {6});
  const SessionOptions cpu{.backend = "cpu", .threads = 2};
  const auto predicted = [&](Trainer& trainer) {
    const Tensor y = trainer.predict(samples, 20).front();
    return std::vector<float>(y.span<float>().begin(), y.span<float>().end());
  };
  const Bench bench = bench_of(dense_model(), cpu);
  const Bench other = bench_of(dense_model(), cpu);
  compile(bench, setup_of(), samples);
  compile(other, setup_of(), samples);
  const std::vector<float> untrained = predicted(*bench);
  EXPECT_GT(bench.session->kept_bytes(), 0U);
  fit(bench, samples, options_of(1, 16));
  fit(other, samples, options_of(1, 16));
  const std::vector<float> trained = predicted(*bench);
  EXPECT_NE(trained, untrained);
  EXPECT_EQ(trained, predicted(*other));

  const Tensor first = bench->weight(0);
  bench->set_weight(0, Tensor(first.dtype(), first.shape()));
  EXPECT_NE(predicted(*bench), trained);
  bench->set_weight(0, first);
  EXPECT_EQ(predicted(*bench), trained);

  bench->initialize(99);
  EXPECT_NE(predicted(*bench), trained);
  const std::vector<uint8_t> saved = save_model(*other, {}, "test", true);
  load_weights(open_model(saved, "saved"), *bench);
  EXPECT_EQ(predicted(*bench), trained);
}

TEST(Trainer, ScalesBytesAndShapesThemAsTheInputWants) {
  Samples bytes;
  bytes.x = {Tensor(DType::u8, {2, 2, 3})};  // flattened to [2, 6]
  for (size_t i = 0; i < 12; ++i) bytes.x[0].span<uint8_t>()[i] = static_cast<uint8_t>(20 * i);
  bytes.scale = 1.0 / 255;
  Samples floats;
  floats.x = {Tensor(DType::f32, {2, 6})};
  for (size_t i = 0; i < 12; ++i)
    floats.x[0].span<float>()[i] = static_cast<float>(20 * i) * static_cast<float>(1.0 / 255);
  const Bench bench = bench_of(dense_model());
  const Tensor a = bench->predict(bytes, 2).front();
  const Tensor b = bench->predict(floats, 2).front();
  for (int64_t i = 0; i < a.elements(); ++i)
    EXPECT_NEAR(element_as_double(a.view(), i), element_as_double(b.view(), i), 1e-6);
}

TEST(Trainer, ValidatesWithTheLastPartAndNeverTrainsOnIt) {
  const Samples samples = class_samples(50, {6});
  const Bench bench = bench_of(dense_model());
  compile(bench, setup_of(), samples);
  FitOptions options = options_of(1, 8);
  options.validation_split = 0.2;
  fit(bench, samples, options);
  Samples last;
  last.x = {Tensor(DType::f32, {10, 6})};
  last.y = {Tensor(DType::i32, {10})};
  std::copy_n(samples.x[0].span<float>().begin() + 40 * 6, 60, last.x[0].span<float>().begin());
  std::copy_n(samples.y[0].span<int32_t>().begin() + 40, 10, last.y[0].span<int32_t>().begin());
  const Logs logs = bench->fit_state().history.front().logs;
  EXPECT_DOUBLE_EQ(log_of(logs, "val_loss"), log_of(bench->evaluate(last, 8), "loss"));
  EXPECT_DOUBLE_EQ(log_of(logs, "val_accuracy"), log_of(bench->evaluate(last, 8), "accuracy"));
  EXPECT_EQ(bench->fit_state().iteration, 5);
}

TEST(Trainer, RefusesASplitThatLeavesNothing) {
  const Samples samples = class_samples(3, {6});
  const Bench bench = bench_of(dense_model());
  compile(bench, setup_of(), samples);
  FitOptions options = options_of(1, 8);
  options.validation_split = 0.9;
  EXPECT_EQ(mistake_of([&] { bench->begin_fit(samples, options); }), "data.validation_split");
}

TEST(Trainer, TakesClassWeightsAsWeightsOfTheSamples) {
  Samples samples = class_samples(48, {6});
  const Bench by_class = bench_of(dense_model());
  compile(by_class, setup_of(), samples);
  FitOptions options = options_of(2, 16);
  options.class_weight = {{0, 3.0}};  // no word about classes 1 and 2
  fit(by_class, samples, options);

  Samples weighted = samples;
  weighted.sample_weight = Tensor(DType::f32, {48});
  for (size_t i = 0; i < 48; ++i)
    weighted.sample_weight.span<float>()[i] = samples.y[0].span<int32_t>()[i] == 0 ? 3.0F : 1.0F;
  const Bench by_sample = bench_of(dense_model());
  compile(by_sample, setup_of(), weighted);
  fit(by_sample, weighted, options_of(2, 16));
  EXPECT_EQ(weight_bytes(*by_class), weight_bytes(*by_sample));

  const Bench plain = bench_of(dense_model());
  compile(plain, setup_of(), samples);
  fit(plain, samples, options_of(2, 16));
  EXPECT_NE(weight_bytes(*plain), weight_bytes(*by_class));
}

TEST(Trainer, RestoresTheEpochsBeginningWhenTheLossIsNoNumber) {
  Samples samples = class_samples(32, {6});
  const Bench bench = bench_of(dense_model());
  compile(bench, setup_of(), samples);
  FitOptions options = options_of(2, 8);
  options.shuffle = false;
  bench->begin_fit(samples, options);
  while (bench->fit_state().epoch == 0) bench->train_for(0);
  const std::string before = weight_bytes(*bench);
  samples.x[0].span<float>()[20 * 6] = std::nanf("");  // in the third batch
  EXPECT_EQ(mistake_of([&] {
              while (bench->train_for(0)) {
              }
            }),
            "train.nan_loss");
  EXPECT_EQ(weight_bytes(*bench), before);
  EXPECT_EQ(bench->fit_state().epoch, 1);
  EXPECT_EQ(bench->fit_state().step, 0);
  EXPECT_EQ(bench->fit_state().iteration, 4);
}

TEST(Trainer, PredictsTheMemoryThatItThenUses) {
  const Samples samples = class_samples(64, {8, 8, 1});
  const Bench bench = bench_of(picture_model());
  compile(bench, setup_of(), samples);
  const Trainer::Memory predicted = bench->training_memory(samples, 16);
  bench->begin_fit(samples, options_of(1, 16));
  while (bench->train_for(0)) {
  }
  EXPECT_EQ(bench.session->arena_bytes(), predicted.arena);
  EXPECT_EQ(bench.session->variables().bytes(), predicted.variables);
  EXPECT_GT(bench->training_memory(samples, 64).arena, predicted.arena);
}

TEST(Trainer, CountsUpdatesOnFromFitToFit) {
  const Samples samples = class_samples(16, {6});
  const Bench bench = bench_of(dense_model());
  compile(bench, setup_of("sgd"), samples);  // an optimizer without any memory of its own
  fit(bench, samples, options_of(1, 8));
  fit(bench, samples, options_of(1, 8));
  EXPECT_EQ(bench->fit_state().iteration, 4);
  compile(bench, setup_of("adam"), samples);
  fit(bench, samples, options_of(1, 8));
  EXPECT_EQ(bench->fit_state().iteration, 2);
}

TEST(Trainer, PutsTheMovingAveragesInPlaceWhenTrainingEnds) {
  const Samples samples = class_samples(32, {6});
  const Json sgd = {{"class_name", "SGD"},
                    {"config", {{"learning_rate", 0.1}, {"use_ema", true}, {"ema_momentum", 0.5}}}};
  const Bench bench = bench_of(dense_model());
  compile(bench, setup_of(sgd), samples);
  bench->begin_fit(samples, options_of(1, 8));
  std::string last;
  while (bench->train_for(0)) last = weight_bytes(*bench);
  const Tensor kernel = bench->weight(0);
  const SafetensorsFile file = read_safetensors(save_model(*bench, {}, "test"), "file");
  const Tensor* average = file.find("optimizer/average/hidden/kernel");
  ASSERT_NE(average, nullptr);
  for (int64_t i = 0; i < kernel.elements(); ++i)
    EXPECT_EQ(element_as_double(kernel.view(), i), element_as_double(average->view(), i));
}

// ---------------------------------------------------------------- several inputs and outputs, shared layers

Json inbound(const std::string& layer) { return Json::array({layer, 0, 0, Json::object()}); }

/// Two inputs through one shared layer, joined; two outputs.
Json forked_model() {
  Json layers = Json::array();
  const auto add = [&](const std::string& class_name, const std::string& name, Json config, Json nodes) {
    config["name"] = name;
    layers.push_back({{"class_name", class_name}, {"name", name}, {"config", config}, {"inbound_nodes", nodes}});
  };
  add("InputLayer", "left", {{"batch_shape", {nullptr, 6}}}, Json::array());
  add("InputLayer", "right", {{"batch_shape", {nullptr, 6}}}, Json::array());
  add("Dense", "shared", {{"units", 5}, {"activation", "tanh"}},
      Json::array({Json::array({inbound("left")}), Json::array({inbound("right")})}));
  add("Concatenate", "both", Json::object(),
      Json::array({Json::array({inbound("shared"), Json::array({"shared", 1, 0, Json::object()})})}));
  add("Dense", "kind", {{"units", 3}, {"activation", "softmax"}}, Json::array({Json::array({inbound("both")})}));
  add("Dense", "size", {{"units", 1}}, Json::array({Json::array({inbound("both")})}));
  return {{"class_name", "Functional"},
          {"config",
           {{"name", "forked"},
            {"layers", layers},
            {"input_layers", {{"left", 0, 0}, {"right", 0, 0}}},
            {"output_layers", {{"kind", 0, 0}, {"size", 0, 0}}}}}};
}

Samples forked_samples(int64_t count) {
  Samples samples = class_samples(count, {6}, 1);
  samples.x.push_back(class_samples(count, {6}, 2).x[0]);
  samples.y.push_back(Tensor(DType::f32, {count, 1}));
  for (size_t i = 0; i < static_cast<size_t>(count); ++i)
    samples.y[1].span<float>()[i] = samples.x[0].span<float>()[6 * i] - samples.x[1].span<float>()[6 * i + 1];
  return samples;
}

TEST(Trainer, TrainsSeveralInputsAndOutputsThroughASharedLayer) {
  const Samples samples = forked_samples(120);
  const Bench bench = bench_of(forked_model());
  ASSERT_EQ(bench->plan().weights.size(), 6U);  // the shared layer's weights once
  compile(bench,
          {{"optimizer", {{"class_name", "Adam"}, {"config", {{"learning_rate", 0.02}}}}},
           {"loss", {{"kind", "sparse_categorical_crossentropy"}, {"size", "mse"}}},
           {"loss_weights", {{"kind", 1.0}, {"size", 0.5}}},
           {"metrics", {{"kind", {"accuracy"}}}}},
          samples);
  fit(bench, samples, options_of(30, 20));
  const Logs first = bench->fit_state().history.front().logs;
  const Logs last = bench->fit_state().history.back().logs;
  EXPECT_LT(log_of(last, "kind_loss"), 0.3 * log_of(first, "kind_loss"));
  EXPECT_LT(log_of(last, "size_loss"), 0.7 * log_of(first, "size_loss"));
  EXPECT_GT(log_of(last, "kind_accuracy"), 0.9);
  const std::vector<Tensor> outputs = bench->predict(samples, 50);
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].shape(), (Shape{120, 3}));
  EXPECT_EQ(outputs[1].shape(), (Shape{120, 1}));
}

TEST(Trainer, LeavesFrozenLayersAsTheyAre) {
  Json model = dense_model();
  model["config"]["layers"][1]["config"]["trainable"] = false;
  const Samples samples = class_samples(32, {6});
  const Bench bench = bench_of(model);
  const Tensor frozen = bench->weight(0);
  const Tensor other = bench->weight(2);
  compile(bench, setup_of(), samples);
  fit(bench, samples, options_of(1, 8));
  for (int64_t i = 0; i < frozen.elements(); ++i)
    EXPECT_EQ(element_as_double(bench->weight(0).view(), i), element_as_double(frozen.view(), i));
  bool moved = false;
  for (int64_t i = 0; i < other.elements(); ++i)
    moved |= element_as_double(bench->weight(2).view(), i) != element_as_double(other.view(), i);
  EXPECT_TRUE(moved);
}

TEST(Trainer, KeepsConstraints) {
  Json model = dense_model();
  model["config"]["layers"][1]["config"]["kernel_constraint"] = {{"class_name", "MaxNorm"},
                                                                 {"config", {{"max_value", 0.5}, {"axis", 0}}}};
  const Samples samples = class_samples(64, {6});
  const Bench bench = bench_of(model);
  compile(bench, setup_of({{"class_name", "SGD"}, {"config", {{"learning_rate", 0.5}}}}), samples);
  fit(bench, samples, options_of(3, 8));
  const Tensor kernel = bench->weight(0);  // [6, 16]
  for (int64_t unit = 0; unit < 16; ++unit) {
    double squares = 0;
    for (int64_t row = 0; row < 6; ++row) squares += std::pow(element_as_double(kernel.view(), row * 16 + unit), 2);
    EXPECT_LE(std::sqrt(squares), 0.5 + 1e-5) << unit;
  }
}

// ---------------------------------------------------------------- masks

/// Steps of one number each; the ones that are 0 do not count.
Json masked_model() {
  return sequential({4, 1}, {keras_layer("Masking", {{"name", "mask"}, {"mask_value", 0.0}}),
                             keras_layer("Dense", {{"name", "output"}, {"units", 1}, {"use_bias", false}})});
}

TEST(Trainer, LeavesMaskedStepsOutOfTheLoss) {
  Samples samples;
  samples.x = {Tensor::of<float>({2, 4, 1}, {1, 2, 0, 0, 3, 0, 0, 0})};
  samples.y = {Tensor::of<float>({2, 4, 1}, {0, 0, 9, 9, 0, 9, 9, 9})};
  const Bench bench = bench_of(masked_model());
  bench->set_weight(0, Tensor::of<float>({1, 1}, {2}));
  compile(bench, {{"optimizer", "sgd"}, {"loss", "mse"}, {"metrics", {"mse"}}, {"weighted_metrics", {"mse"}}}, samples);
  const Logs plain = bench->evaluate(samples, 2);
  // (2^2 + 4^2 + 6^2) over the three steps that count.
  EXPECT_NEAR(log_of(plain, "loss"), 56.0 / 3, 1e-4);
  // Keras's metrics heed a mask beside sample weights only.
  EXPECT_NEAR(log_of(plain, "mse"), (56 + 5 * 81) / 8.0, 1e-4);
  samples.sample_weight = Tensor::of<float>({2}, {1, 3});
  const Logs weighted = bench->evaluate(samples, 2);
  EXPECT_NEAR(log_of(weighted, "loss"), (4 + 16 + 3 * 36) / 3.0, 1e-4);
  EXPECT_NEAR(log_of(weighted, "mse"), (56 + 5 * 81) / 8.0, 1e-4);
  EXPECT_NEAR(log_of(weighted, "weighted_mse"), (4 + 16 + 3 * 36) / (2.0 * 1 + 1 * 3), 1e-4);
}

TEST(Trainer, TrainsOnWhatIsNotMaskedOnly) {
  Samples samples;
  samples.x = {Tensor::of<float>({2, 4, 1}, {1, 2, 0, 0, 3, 0, 0, 0})};
  samples.y = {Tensor::of<float>({2, 4, 1}, {3, 6, 9, 9, 9, 9, 9, 9})};
  const Bench bench = bench_of(masked_model());
  compile(bench, setup_of({{"class_name", "SGD"}, {"config", {{"learning_rate", 0.05}}}}, "mse"), samples);
  fit(bench, samples, options_of(100, 2));
  EXPECT_NEAR(element_as_double(bench->weight(0).view(), 0), 3, 1e-3);
}

TEST(Trainer, RefusesWeightsThatFitNoLossOrMetric) {
  Samples samples = class_samples(8, {6});
  samples.y = {Tensor(DType::f32, {8, 3})};
  samples.sample_weight = Tensor::of<float>({8}, {1, 1, 1, 1, 1, 1, 1, 1});
  const Bench bench = bench_of(dense_model());
  const Json across = {{"class_name", "BinaryCrossentropy"}, {"config", {{"axis", 0}}}};  // a loss for each output unit
  compile(bench, {{"optimizer", "sgd"}, {"loss", across}}, samples);
  EXPECT_EQ(mistake_of([&] { bench->evaluate(samples, 8); }), "loss.weights");
  const Json cosine = {{"class_name", "CosineSimilarity"}, {"config", {{"axis", 0}}}};
  compile(bench, {{"optimizer", "sgd"}, {"loss", "mse"}, {"weighted_metrics", Json::array({cosine})}}, samples);
  EXPECT_EQ(mistake_of([&] { bench->evaluate(samples, 8); }), "metric.weights");
}

// ---------------------------------------------------------------- precisions

Bench trained_in(const char* hidden, const char* output, const Json& optimizer, const Samples& samples) {
  Json model = dense_model();
  model["config"]["layers"][1]["config"]["dtype"] = hidden;
  model["config"]["layers"][2]["config"]["dtype"] = output;
  Bench bench = bench_of(model);
  compile(bench, setup_of(optimizer), samples);
  fit(bench, samples, options_of(2, 8));
  return bench;
}

TEST(Trainer, TrainsLayersOfEitherPrecisionAlike) {
  const Samples samples = class_samples(40, {6});
  for (const Json& optimizer :
       {Json("adam"), Json{{"class_name", "SGD"},
                           {"config", {{"learning_rate", 0.1}, {"use_ema", true}, {"global_clipnorm", 0.5}}}}}) {
    const Bench narrow = trained_in("float32", "float32", optimizer, samples);
    for (const auto& [hidden, output] :
         {std::pair{"float64", "float64"}, {"float64", "float32"}, {"float32", "float64"}}) {
      const Bench wide = trained_in(hidden, output, optimizer, samples);
      EXPECT_EQ(wide->weight(0).dtype(), *dtype_from_name(hidden));
      EXPECT_EQ(wide->weight(2).dtype(), *dtype_from_name(output));
      for (int w = 0; w < 4; ++w)
        for (int64_t i = 0; i < wide->weight(w).elements(); ++i)
          ASSERT_NEAR(element_as_double(wide->weight(w).view(), i), element_as_double(narrow->weight(w).view(), i),
                      1e-5)
              << hidden << " then " << output << ", weight " << w;
      const Logs logs = wide->evaluate(samples, 16);
      EXPECT_NEAR(log_of(logs, "loss"), log_of(narrow->evaluate(samples, 16), "loss"), 1e-5);
      EXPECT_EQ(log_of(logs, "accuracy"), log_of(narrow->evaluate(samples, 16), "accuracy"));
    }
  }
}

TEST(Trainer, MeasuresAnswersThatAreWholeNumbers) {
  const Json model =
      sequential({1}, {keras_layer("Discretization", {{"name", "output"}, {"bin_boundaries", {0.0, 1.0}}})});
  Samples samples;
  samples.x = {Tensor::of<float>({4, 1}, {-1, 0.5, 2, 3})};  // bins 0, 1, 2, 2
  samples.y = {Tensor::of<float>({4, 1}, {0, 1.5, 2, 1})};
  const Bench bench = bench_of(model);
  Json setup = setup_of("sgd", "mse");
  setup["metrics"] = {"mae"};
  compile(bench, setup, samples);
  const Logs logs = bench->evaluate(samples, 4);
  EXPECT_NEAR(log_of(logs, "loss"), (0.25 + 1) / 4, 1e-6);
  EXPECT_NEAR(log_of(logs, "mae"), (0.5 + 1) / 4, 1e-6);
}

// ---------------------------------------------------------------- numbers that are none

TEST(Trainer, SeesANaNBehindReluAndPooling) {
  Samples samples = class_samples(32, {8, 8, 1});
  samples.x[0].span<float>()[70] = std::nanf("");
  const Json model = sequential(
      {8, 8, 1},
      {keras_layer("Conv2D", {{"name", "conv"}, {"filters", 4}, {"kernel_size", {3, 3}}, {"activation", "relu"}}),
       keras_layer("MaxPooling2D", {{"name", "pool"}}), keras_layer("Flatten", {{"name", "flat"}}),
       keras_layer("Dense", {{"name", "dense"}, {"units", 5}, {"activation", "relu"}}),
       keras_layer("Dense", {{"name", "output"}, {"units", 3}, {"activation", "softmax"}})});
  for (const char* backend : {"ref", "cpu"}) {
    const Bench bench = bench_of(model, {.backend = backend, .threads = 1});
    compile(bench, setup_of(), samples);
    EXPECT_EQ(mistake_of([&] { fit(bench, samples, options_of(1, 8)); }), "train.nan_loss") << backend;
  }
}

TEST(Trainer, NoticesWeightsThatTheLastStepHasSpoilt) {
  Samples far = class_samples(8, {6});
  far.y = {Tensor(DType::f32, {8, 3})};
  const auto targets = far.y[0].span<float>();
  for (size_t i = 0; i < targets.size(); ++i) targets[i] = i % 2 == 0 ? 1e15F : 0;
  const Bench bench = bench_of(dense_model());
  compile(bench, {{"optimizer", {{"class_name", "SGD"}, {"config", {{"learning_rate", 1e38}}}}}, {"loss", "mse"}}, far);
  const std::string before = weight_bytes(*bench);
  // One step: its loss is finite, the update is not.
  EXPECT_EQ(mistake_of([&] { fit(bench, far, options_of(1, 8)); }), "train.nan_weights");
  EXPECT_EQ(weight_bytes(*bench), before);
}

TEST(Trainer, KnowsItsMemoryBeforeItTakesAny) {
  const Samples samples = class_samples(64, {8, 8, 1});
  const Bench bench = bench_of(picture_model());
  compile(bench, setup_of(), samples);
  const Trainer::Memory taken = bench->training_memory(samples, 16);
  Diagnostics diagnostics;
  std::shared_ptr<const Model> model = parse_model(picture_model(), diagnostics);
  const ModelPlan plan = plan_model(*model, diagnostics);
  const Trainer::Memory planned = Trainer::planned_memory(
      model, plan, parse_setup(setup_of(), *model, plan, samples.y, diagnostics), samples, 16, bench.session->device());
  EXPECT_EQ(planned.arena, taken.arena);
  EXPECT_EQ(planned.variables, taken.variables);
}

}  // namespace
}  // namespace trainyard::testing
