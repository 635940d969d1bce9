#include "engine/train/saved_model.h"

#include <gtest/gtest.h>

#include "tests/train/training_fixture.h"

namespace trainyard::testing {
namespace {

FitOptions short_fit() {
  FitOptions options;
  options.epochs = 3;
  options.batch_size = 16;
  options.seed = 5;
  options.validation_split = 0.1;
  return options;
}

/// Tensors and the parts of the state that do not tell the time.
std::string without_clock(const std::vector<uint8_t>& bytes) {
  const SafetensorsFile file = read_safetensors(bytes, "file");
  std::string text;
  for (const auto& [name, tensor] : file.tensors)
    text += name + std::string(static_cast<const char*>(tensor.data()), tensor.bytes());
  Json state = Json::parse(file.metadata.at("training"))["state"];
  for (const char* key : {"seconds", "epoch_seconds"}) state.erase(key);
  for (Json& epoch : state["history"]) epoch.erase("seconds");
  return text + state.dump();
}

/// A fit that is stopped after `steps` steps, saved, opened by another trainer and finished there.
std::vector<uint8_t> interrupted(const Json& model, const Json& setup, const Samples& samples, int64_t steps,
                                 int threads) {
  const Bench first = bench_of(model, {.threads = threads});
  compile(first, setup, samples);
  first->begin_fit(samples, short_fit());
  while (first->fit_state().iteration < steps) first->train_for(0);
  const std::vector<uint8_t> bytes = save_model(*first, {}, "test");

  const SavedModel saved = open_model(bytes, "file");
  const Bench second = bench_of(saved.model, saved.plan, {.threads = threads});
  load_weights(saved, *second);
  second->resume_fit(samples, restore_training(saved, *second, samples));
  while (second->train_for(0)) {
  }
  return save_model(*second, {}, "test");
}

TEST(SavedModel, GoesOnAsIfItHadNotStopped) {
  const Samples samples = class_samples(75, {8, 8, 1});
  for (const Json& optimizer : {Json("adam"), Json("sgd"), Json("rmsprop"),
                                Json{{"class_name", "AdamW"}, {"config", {{"clipnorm", 1.0}, {"amsgrad", true}}}}}) {
    const Json setup = setup_of(optimizer);
    const Bench straight = bench_of(picture_model());
    compile(straight, setup, samples);
    fit(straight, samples, short_fit());
    const std::string wanted = without_clock(save_model(*straight, {}, "test"));
    // In the middle of an epoch, at its end, and before the last step.
    for (const int64_t steps : {1, 5, 7, 14})
      EXPECT_EQ(without_clock(interrupted(picture_model(), setup, samples, steps, 1)), wanted)
          << optimizer.dump() << " stopped after " << steps;
  }
}

TEST(SavedModel, GoesOnWithAnotherNumberOfThreads) {
  const Samples samples = class_samples(75, {8, 8, 1});
  EXPECT_EQ(without_clock(interrupted(picture_model(), setup_of(), samples, 6, 1)),
            without_clock(interrupted(picture_model(), setup_of(), samples, 6, 2)));
}

TEST(SavedModel, KeepsWeightsAndPreprocessing) {
  const Bench bench = bench_of(dense_model());
  Preprocessing preprocessing;
  preprocessing.scale = 0.25;
  preprocessing.standardization = {{1, 2}, {3, 4}};
  preprocessing.labels = {"a", "b"};
  preprocessing.features = {"x", "y"};
  preprocessing.target = "kind";
  preprocessing.dataset = "table.csv";
  preprocessing.request = {{"name", "table.csv"}, {"seed", 3}};
  const SavedModel saved = open_model(save_model(*bench, preprocessing, "test"), "file");
  EXPECT_EQ(to_json(saved.preprocessing), to_json(preprocessing));
  EXPECT_TRUE(saved.training.is_null());
  const Bench other = bench_of(saved.model, saved.plan, {.threads = 1});
  load_weights(saved, *other);
  EXPECT_EQ(weight_bytes(*other), weight_bytes(*bench));
}

TEST(SavedModel, IsTheSameBytesTwice) {
  const Bench bench = bench_of(picture_model());
  EXPECT_EQ(save_model(*bench, {}, "test"), save_model(*bench, {}, "test"));
}

TEST(SavedModel, RefusesToResumeWhatWasNeverTrained) {
  const Bench bench = bench_of(dense_model());
  const SavedModel saved = open_model(save_model(*bench, {}, "test"), "file");
  EXPECT_EQ(mistake_of([&] { restore_training(saved, *bench, class_samples(8, {6})); }), "train.nothing_to_resume");
}

/// A saved model of which `change` has altered something.
template <typename Change>
std::string mistake_after(const Change& change) {
  const Bench bench = bench_of(dense_model());
  SafetensorsFile file = read_safetensors(save_model(*bench, {}, "test"), "file");
  change(file);
  const std::vector<uint8_t> bytes = write_safetensors(file);
  return mistake_of([&] { open_model(bytes, "file"); });
}

TEST(SavedModel, NamesWhatIsWrongWithAFile) {
  EXPECT_EQ(mistake_after([](SafetensorsFile&) {}), "");
  EXPECT_EQ(mistake_after([](SafetensorsFile& file) { file.metadata.erase("format"); }), "saved.not_a_model");
  EXPECT_EQ(mistake_after([](SafetensorsFile& file) { file.metadata["format_version"] = "99"; }), "saved.version");
  EXPECT_EQ(mistake_after([](SafetensorsFile& file) { file.metadata.erase("model"); }), "saved.missing_metadata");
  EXPECT_EQ(mistake_after([](SafetensorsFile& file) { file.metadata["model"] = "{"; }), "json.syntax");
  EXPECT_EQ(mistake_after([](SafetensorsFile& file) { file.tensors.pop_back(); }), "saved.missing_tensor");
  EXPECT_EQ(mistake_after([](SafetensorsFile& file) { file.tensors.back().second = Tensor(DType::f32, {7}); }),
            "saved.tensor_shape");
  EXPECT_EQ(mistake_after([](SafetensorsFile& file) { file.metadata["preprocessing"] = "[]"; }), "argument.type");
  for (const char* preprocessing : {R"({"mean": [1], "deviation": [0]})", R"({"mean": [1], "deviation": [1, 2]})",
                                    R"({"mean": [1], "deviation": [1], "features": ["a", "b"]})"})
    EXPECT_EQ(mistake_after([&](SafetensorsFile& file) { file.metadata["preprocessing"] = preprocessing; }),
              "argument.type")
        << preprocessing;
}

/// The same of a training state.
template <typename Change>
std::string mistake_in_state(const Change& change) {
  const Samples samples = class_samples(40, {6});
  const Bench bench = bench_of(dense_model());
  compile(bench, setup_of(), samples);
  FitOptions options = short_fit();
  options.validation_split = 0;
  bench->begin_fit(samples, options);
  bench->train_for(0);
  SafetensorsFile file = read_safetensors(save_model(*bench, {}, "test"), "file");
  Json training = Json::parse(file.metadata["training"]);
  change(training);
  file.metadata["training"] = training.dump();
  const std::vector<uint8_t> bytes = write_safetensors(file);
  return mistake_of([&] {
    const SavedModel saved = open_model(bytes, "file");
    const Bench other = bench_of(saved.model, saved.plan, {.threads = 1});
    load_weights(saved, *other);
    other->resume_fit(samples, restore_training(saved, *other, samples));
    other->train_for(0);
  });
}

TEST(SavedModel, NamesWhatIsWrongWithATrainingState) {
  EXPECT_EQ(mistake_in_state([](Json&) {}), "");
  EXPECT_EQ(mistake_in_state([](Json& training) { training["state"]["step"] = 4; }), "resume.place");
  EXPECT_EQ(mistake_in_state([](Json& training) { training["state"]["step"] = -1; }), "argument.range");
  EXPECT_EQ(mistake_in_state([](Json& training) { training["state"]["options"]["batch_size"] = 0; }), "argument.range");
  EXPECT_EQ(mistake_in_state([](Json& training) { training["state"].erase("epoch"); }), "argument.missing");
  EXPECT_EQ(mistake_in_state([](Json& training) { training["setup"]["optimizer"] = "no such"; }), "class.unknown");
  EXPECT_EQ(mistake_in_state([](Json& training) { training["setup"]["optimizer"] = "sgd"; }), "");
  EXPECT_EQ(mistake_in_state([](Json& training) { training["setup"]["optimizer"] = "adadelta"; }),
            "saved.missing_tensor");
}

TEST(SavedModel, SurvivesAnyTruncation) {
  const Bench bench = bench_of(dense_model());
  const std::vector<uint8_t> bytes = save_model(*bench, {}, "test");
  for (size_t length = 0; length < bytes.size(); length += 1 + length / 7)
    EXPECT_NE(mistake_of([&] { open_model(std::span(bytes).first(length), "file"); }), "") << length;
}

}  // namespace
}  // namespace trainyard::testing
