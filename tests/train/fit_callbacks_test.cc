// Callbacks within a training: what they change, what they write, and that a training goes on with them bit for bit.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/api/page_files.h"
#include "tests/train/training_fixture.h"

namespace trainyard::testing {
namespace {

Json callback(const std::string& name, Json config = Json::object()) {
  return {{"class_name", name}, {"config", std::move(config)}};
}

FitOptions options_with(Json callbacks, int64_t epochs = 4) {
  Diagnostics diagnostics;
  FitOptions options = parse_fit_options({{"epochs", epochs},
                                          {"batch_size", 16},
                                          {"seed", 5},
                                          {"validation_split", 0.2},
                                          {"callbacks", std::move(callbacks)}},
                                         ParseContext(diagnostics, ""));
  throw_if_errors(diagnostics);
  return options;
}

Json sgd(double rate, Json more = Json::object()) {
  more["learning_rate"] = rate;
  return {{"class_name", "SGD"}, {"config", std::move(more)}};
}

/// Remembers what a training asked of it.
class Witness : public TrainingHost {
 public:
  void check_callbacks(const CallbackList&, const ParseContext&) const override {}
  void save(const Trainer& trainer, const CallbackActions::Save& save) override {
    saved.push_back(save.path);
    files.push_back(save_for_callback(trainer, {}, "test", save));
  }
  void write(const CallbackActions::Row& row) override { text = with_row(text, row); }
  void remove(const std::string& folder) override { removed.push_back(folder); }
  void say(const std::string& message) override { said.push_back(message); }

  std::vector<std::string> saved, removed, said;
  std::vector<std::vector<uint8_t>> files;
  std::string text;
};

struct Training {
  Witness witness;
  Bench bench;
  explicit Training(const Json& callbacks, Json optimizer = "adam", int64_t epochs = 4,
                    const Json& model = dense_model())
      : bench(bench_of(model)), samples(class_samples(100, {6})) {
    bench->set_host(&witness);
    compile(bench, setup_of(std::move(optimizer)), samples);
    bench->begin_fit(samples, options_with(callbacks, epochs));
  }
  void finish() {
    while (bench->train_for(0)) {
    }
  }
  const std::vector<EpochLogs>& history() const { return bench->fit_state().history; }
  Samples samples;
};

TEST(FitCallbacks, EarlyStoppingEndsTheTraining) {
  // Nothing improves by 100.
  Training training(Json::array({callback("EarlyStopping", {{"min_delta", 100}, {"patience", 2}, {"verbose", 1}})}),
                    "adam", 10);
  training.finish();
  EXPECT_EQ(training.history().size(), 3U);
  EXPECT_TRUE(training.bench->fit_state().finished());
  EXPECT_TRUE(training.bench->fit_state().stopped);
  EXPECT_FALSE(training.bench->can_resume());
  EXPECT_EQ(training.witness.said, std::vector<std::string>{"Epoch 3: early stopping"});
}

TEST(FitCallbacks, EarlyStoppingTakesTheBestWeights) {
  const Json watch = callback("EarlyStopping", {{"monitor", "loss"},
                                                {"mode", "max"},  // the first epoch is the best
                                                {"patience", 2},
                                                {"restore_best_weights", true}});
  Training training(Json::array({watch}));
  while (training.bench->fit_state().epoch == 0) training.bench->train_for(0);
  const std::string best = weight_bytes(*training.bench);
  training.finish();
  EXPECT_EQ(training.history().size(), 3U);
  EXPECT_EQ(weight_bytes(*training.bench), best);
}

TEST(FitCallbacks, TakeTheBestWeightsAfterTheAverages) {
  const Json watch = callback("EarlyStopping",
                              {{"monitor", "loss"}, {"mode", "max"}, {"patience", 9}, {"restore_best_weights", true}});
  Training training(Json::array({watch}), sgd(0.1, {{"use_ema", true}}));
  while (training.bench->fit_state().epoch == 0) training.bench->train_for(0);
  const std::string best = weight_bytes(*training.bench);
  training.finish();
  EXPECT_EQ(weight_bytes(*training.bench), best);
}

TEST(FitCallbacks, ALoweredRateIsTheRateOfTheStepsThatFollow) {
  Training lowered(Json::array({callback("ReduceLROnPlateau", {{"patience", 1}, {"factor", 0.5}, {"min_delta", 100}})}),
                   sgd(0.1), 5);
  lowered.finish();
  std::vector<double> rates;
  for (const EpochLogs& epoch : lowered.history()) rates.push_back(log_of(epoch.logs, "learning_rate"));
  EXPECT_EQ(rates, (std::vector<double>{0.1, 0.1, 0.05, 0.025, 0.0125}));

  // The same as a schedule that falls after the same batches: 5 an epoch.
  Training scheduled(Json::array(), sgd(0, {{"learning_rate", 0}}), 5);
  const Json steps = {{"class_name", "PiecewiseConstantDecay"},
                      {"config", {{"boundaries", {9, 14, 19}}, {"values", {0.1, 0.05, 0.025, 0.0125}}}}};
  compile(scheduled.bench, setup_of({{"class_name", "SGD"}, {"config", {{"learning_rate", steps}}}}),
          scheduled.samples);
  scheduled.bench->begin_fit(scheduled.samples, options_with(Json::array(), 5));
  scheduled.finish();
  EXPECT_EQ(weight_bytes(*scheduled.bench), weight_bytes(*lowered.bench));
}

TEST(FitCallbacks, ASchedulerReachesEveryOptimizersRate) {
  const Json decay = {{"class_name", "ExponentialDecay"},
                      {"config", {{"initial_learning_rate", 1e-12}, {"decay_steps", 1}, {"decay_rate", 0.5}}}};
  for (const char* optimizer :
       {"sgd", "adam", "adamw", "rmsprop", "adagrad", "adamax", "nadam", "lion", "ScheduleFreeAdamW"}) {
    Training training(Json::array({callback("LearningRateScheduler", {{"schedule", decay}})}), optimizer, 1);
    const Tensor before = training.bench->weight(0);
    training.finish();
    const Tensor after = training.bench->weight(0);
    for (int64_t i = 0; i < before.elements(); ++i)
      ASSERT_NEAR(element_as_double(after.view(), i), element_as_double(before.view(), i), 1e-5) << optimizer;
  }
}

TEST(FitCallbacks, ARateThatFollowsAScheduleIsNotSet) {
  const Json decay = {{"class_name", "ExponentialDecay"},
                      {"config", {{"initial_learning_rate", 0.1}, {"decay_steps", 1}, {"decay_rate", 0.5}}}};
  for (const Json& set : {callback("ReduceLROnPlateau"), callback("LearningRateScheduler", {{"schedule", decay}})})
    EXPECT_EQ(mistake_of([&] {
                Training(Json::array({set}), {{"class_name", "SGD"}, {"config", {{"learning_rate", decay}}}});
              }),
              "callback.schedule");
}

TEST(FitCallbacks, TerminateOnNaNStopsQuietlyOrLoudly) {
  Samples samples = class_samples(100, {6});
  samples.x[0].span<float>()[20 * 6] = std::nanf("");
  const auto train = [&](const Json& config) {
    Witness witness;
    const Bench bench = bench_of(dense_model());
    bench->set_host(&witness);
    compile(bench, setup_of(), samples);
    FitOptions options = options_with(Json::array({callback("TerminateOnNaN", config)}));
    options.shuffle = false;
    bench->begin_fit(samples, options);
    while (bench->train_for(10)) {
    }
    EXPECT_EQ(bench->fit_state().history.size(), 1U);
    EXPECT_EQ(bench->fit_state().iteration, 2) << "the second batch is the last";
    EXPECT_EQ(witness.said.size(), 1U);
  };
  train(Json::object());
  EXPECT_EQ(mistake_of([&] { train({{"raise_error", true}}); }), "callback.loss");
}

TEST(FitCallbacks, LogsGoToAFileRowByRow) {
  Training training(Json::array({callback("CSVLogger", {{"filename", "log.csv"}})}), "adam", 2);
  training.finish();
  const std::string& text = training.witness.text;
  EXPECT_EQ(text.rfind("epoch,accuracy,loss,val_accuracy,val_loss\n0,", 0), 0U) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_NE(text.find("\n1," + Json(log_of(training.history()[1].logs, "accuracy")).dump() + ","), std::string::npos);
}

TEST(FitCallbacks, CheckpointsHoldTheModelOfTheirMoment) {
  Training training(Json::array({callback("ModelCheckpoint", {{"filepath", "m-{epoch}.safetensors"}})}), "adam", 2);
  std::vector<std::string> weights;
  for (bool more = true; more;) {
    more = training.bench->train_for(10);
    weights.push_back(weight_bytes(*training.bench));
  }
  EXPECT_EQ(training.witness.saved, (std::vector<std::string>{"m-1.safetensors", "m-2.safetensors"}));
  for (size_t i = 0; i < 2; ++i) {
    const SavedModel saved = open_model(training.witness.files[i], "file");
    const Bench other = bench_of(saved.model, saved.plan, {.threads = 1});
    load_weights(saved, *other);
    EXPECT_EQ(weight_bytes(*other), weights[i]);
  }
}

TEST(FitCallbacks, CheckpointsOfWeightsAreTensorsOnly) {
  Training training(
      Json::array({callback("ModelCheckpoint",
                            {{"filepath", "{batch}.safetensors"}, {"save_weights_only", true}, {"save_freq", 3}})}),
      "adam", 1);
  training.finish();
  ASSERT_EQ(training.witness.saved, std::vector<std::string>{"3.safetensors"});
  const SafetensorsFile file = read_safetensors(training.witness.files[0], "file");
  EXPECT_EQ(file.tensors.size(), 4U);
  EXPECT_NE(file.find("hidden/kernel"), nullptr);
}

TEST(FitCallbacks, AveragesAreEvaluatedAndSavedWhereAsked) {
  const Json optimizer = sgd(0.1, {{"use_ema", true}, {"ema_momentum", 0.9}});
  const Json checkpoint = callback("ModelCheckpoint", {{"filepath", "m.safetensors"}});
  Training training(Json::array({checkpoint, callback("SwapEMAWeights", {{"swap_on_epoch", true}}), checkpoint}),
                    optimizer, 2);
  while (training.bench->fit_state().epoch == 0) training.bench->train_for(0);
  const std::string plain = weight_bytes(*training.bench);
  const auto weights_of = [](const std::vector<uint8_t>& bytes) {
    const SavedModel saved = open_model(bytes, "file");
    const Bench bench = bench_of(saved.model, saved.plan, {.threads = 1});
    load_weights(saved, *bench);
    return weight_bytes(*bench);
  };
  ASSERT_EQ(training.witness.files.size(), 2U);
  EXPECT_EQ(weights_of(training.witness.files[0]), plain) << "stands before the swap";
  training.bench->swap_averages();
  const std::string average = weight_bytes(*training.bench);
  EXPECT_NE(average, plain);
  EXPECT_EQ(weights_of(training.witness.files[1]), average);
  EXPECT_TRUE(open_model(training.witness.files[1], "file").training.is_null());
  Samples last;
  last.x = {Tensor(DType::f32, {20, 6})};
  last.y = {Tensor(DType::i32, {20})};
  std::copy_n(training.samples.x[0].span<float>().begin() + 80 * 6, 120, last.x[0].span<float>().begin());
  std::copy_n(training.samples.y[0].span<int32_t>().begin() + 80, 20, last.y[0].span<int32_t>().begin());
  EXPECT_DOUBLE_EQ(log_of(training.bench->evaluate(last, 16), "loss"), log_of(training.history()[0].logs, "val_loss"));
}

TEST(FitCallbacks, WantAnAverageThatIsKept) {
  EXPECT_EQ(mistake_of([] { Training(Json::array({"SwapEMAWeights"})); }), "callback.no_average");
}

TEST(FitCallbacks, OfOneOptimizerAmongSeveralItsOwnAveragesAreTaken) {
  const Json map = {{"class_name", "OptimizerMap"},
                    {"config",
                     {{"default_optimizer", sgd(0.1)},
                      {"optimizer_map", {{"hidden/.*", sgd(0.1, {{"use_ema", true}, {"ema_momentum", 0.5}})}}}}}};
  Training training(Json::array(), {{"class_name", "MultiOptimizer"}, {"config", {{"optimizer_map", map}}}}, 1);
  training.finish();
  const SafetensorsFile file = read_safetensors(save_model(*training.bench, {}, "test"), "file");
  const Tensor* average = file.find("optimizer/average/hidden/kernel");
  ASSERT_NE(average, nullptr);
  EXPECT_EQ(file.find("optimizer/average/output/kernel"), nullptr);
  for (int64_t i = 0; i < average->elements(); ++i)
    ASSERT_EQ(element_as_double(training.bench->weight(0).view(), i), element_as_double(average->view(), i));
}

// ---------------------------------------------------------------- going on

Json everything() {
  const Json decay = {{"class_name", "ExponentialDecay"},
                      {"config", {{"initial_learning_rate", 0.01}, {"decay_steps", 2}, {"decay_rate", 0.7}}}};
  return Json::array(
      {callback("LearningRateScheduler", {{"schedule", decay}}),
       callback("EarlyStopping", {{"monitor", "val_loss"}, {"patience", 2}, {"restore_best_weights", true}}),
       callback("ReduceLROnPlateau", {{"patience", 1}, {"min_delta", 0.3}}), callback("TerminateOnNaN"),
       callback("CSVLogger", {{"filename", "log.csv"}}),
       callback("ModelCheckpoint", {{"filepath", "best.safetensors"}, {"save_best_only", true}}),
       callback("BackupAndRestore", {{"backup_dir", "backup"}, {"save_freq", 2}})});
}

/// Weights, slots, kept weights and the state, but for what tells the time.
std::string state_of(const Trainer& trainer) {
  const SafetensorsFile file = read_safetensors(save_model(trainer, {}, "test"), "file");
  std::string text;
  for (const auto& [name, tensor] : file.tensors)
    text += name + std::string(static_cast<const char*>(tensor.data()), tensor.bytes());
  Json state = Json::parse(file.metadata.at("training"))["state"];
  for (const char* key : {"seconds", "epoch_seconds"}) state.erase(key);
  for (Json& epoch : state["history"]) epoch.erase("seconds");
  return text + state.dump();
}

TEST(FitCallbacks, GoOnAsIfTheTrainingHadNotStopped) {
  Training whole(everything(), "adam", 4, dense_model());
  whole.finish();
  const std::string wanted = state_of(*whole.bench);
  for (const int64_t steps : {1, 4, 5, 9, 10, 13}) {
    Training first(everything(), "adam", 4, dense_model());
    while (first.bench->fit_state().iteration < steps && first.bench->train_for(0)) {
    }
    const SavedModel saved = open_model(save_model(*first.bench, {}, "test"), "file");
    Witness witness = first.witness;
    const Bench second = bench_of(saved.model, saved.plan, {.threads = 1});
    second->set_host(&witness);
    load_weights(saved, *second);
    second->resume_fit(first.samples, restore_training(saved, *second, first.samples));
    while (second->train_for(0)) {
    }
    EXPECT_EQ(state_of(*second), wanted) << "stopped after " << steps;
    EXPECT_EQ(witness.text, whole.witness.text) << "stopped after " << steps;
    EXPECT_EQ(witness.saved, whole.witness.saved) << "stopped after " << steps;
  }
}

TEST(FitCallbacks, GoOnFromEveryBackup) {
  Training whole(everything(), "adam", 3, dense_model());
  whole.finish();
  const std::string wanted = state_of(*whole.bench);
  EXPECT_EQ(whole.witness.removed, std::vector<std::string>{"backup"});
  int backups = 0;
  for (size_t i = 0; i < whole.witness.files.size(); ++i) {
    if (whole.witness.saved[i] != "backup/latest.safetensors") continue;
    const SavedModel saved = open_model(whole.witness.files[i], "file");
    Witness witness;
    const Bench second = bench_of(saved.model, saved.plan, {.threads = 1});
    second->set_host(&witness);
    load_weights(saved, *second);
    second->resume_fit(whole.samples, restore_training(saved, *second, whole.samples));
    while (second->train_for(0)) {
    }
    EXPECT_EQ(state_of(*second), wanted) << "backup " << i;
    ++backups;
  }
  EXPECT_GE(backups, 5);  // of 15 batches, every second, the fifth's after it among them
}

TEST(FitCallbacks, AStateOfOthersIsRefused) {
  Training training(Json::array({callback("EarlyStopping")}));
  training.bench->train_for(0);
  SafetensorsFile file = read_safetensors(save_model(*training.bench, {}, "test"), "file");
  Json saved = Json::parse(file.metadata["training"]);
  saved["state"]["callbacks"] = Json::array();
  file.metadata["training"] = saved.dump();
  const std::vector<uint8_t> bytes = write_safetensors(file);
  EXPECT_EQ(mistake_of([&] {
              const SavedModel opened = open_model(bytes, "file");
              const Bench other = bench_of(opened.model, opened.plan, {.threads = 1});
              restore_training(opened, *other, training.samples);
            }),
            "argument.type");
}

// ---------------------------------------------------------------- places for files

TEST(FitCallbacks, WithoutAPlaceForFilesNoneAreWritten) {
  const Samples samples = class_samples(40, {6});
  for (const Json& writer :
       {callback("CSVLogger", {{"filename", "log.csv"}}), callback("ModelCheckpoint", {{"filepath", "m.safetensors"}}),
        callback("BackupAndRestore", {{"backup_dir", "b"}})}) {
    const Bench bench = bench_of(dense_model());
    compile(bench, setup_of(), samples);
    EXPECT_EQ(mistake_of([&] { bench->begin_fit(samples, options_with(Json::array({writer}))); }), "callback.no_files");
  }
}

TEST(PageFiles, HoldWhatThePageHasNotTaken) {
  PageFiles files([] { return Preprocessing{}; });
  const Samples samples = class_samples(40, {6});
  const Bench bench = bench_of(dense_model());
  bench->set_host(&files);
  compile(bench, setup_of(), samples);
  bench->begin_fit(samples, options_with(Json::array({callback("CSVLogger", {{"filename", "log.csv"}}),
                                                      callback("ModelCheckpoint", {{"filepath", "m.safetensors"}})}),
                                         1));
  while (bench->train_for(1)) {
  }
  EXPECT_EQ(files.take_changed(), (std::vector<std::string>{"log.csv", "m.safetensors"}));
  EXPECT_TRUE(files.take_changed().empty());
  EXPECT_FALSE(files.take("log.csv").empty());
  EXPECT_FALSE(files.take("log.csv").empty()) << "rows are still added to it";
  EXPECT_FALSE(files.take("m.safetensors").empty());
  EXPECT_EQ(mistake_of([&] { files.take("m.safetensors"); }), "file.missing");
}

TEST(PageFiles, RefuseBackupsAndFormatsThatAreNotWritten) {
  PageFiles files([] { return Preprocessing{}; });
  const Samples samples = class_samples(40, {6});
  const Bench bench = bench_of(dense_model());
  bench->set_host(&files);
  compile(bench, setup_of(), samples);
  const auto begin = [&](const Json& one) {
    return mistake_of([&] { bench->begin_fit(samples, options_with(Json::array({one}))); });
  };
  EXPECT_EQ(begin(callback("BackupAndRestore", {{"backup_dir", "b"}})), "callback.no_files");
  EXPECT_EQ(begin(callback("ModelCheckpoint", {{"filepath", "m.keras"}})), "callback.format");
}

}  // namespace
}  // namespace trainyard::testing
