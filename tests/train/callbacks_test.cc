// Callbacks: what they ask for, epoch by epoch.
#include <limits>

#include "engine/train/callbacks.h"
#include "tests/train/parts.h"

namespace trainyard::testing {
namespace {

using Logs = std::vector<std::pair<std::string, double>>;

CallbackList list_of(const Json& callbacks) {
  Diagnostics diagnostics;
  CallbackList list = parse_callbacks(callbacks, ParseContext(diagnostics, "callbacks"));
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  return list;
}

CallbackList one(const std::string& name, Json config) {
  return list_of(Json::array({object(name, std::move(config))}));
}

CallbackActions end_epoch(CallbackList& list, int64_t epoch, const Logs& logs, double rate = 0.1,
                          const std::vector<std::string>& rising = {}) {
  return list.on_epoch_end({.epoch = epoch, .logs = logs, .learning_rate = rate, .rising = rising});
}

/// The epoch (from 0) that asks to stop; -1 when none does.
int stops_at(CallbackList& list, const std::vector<double>& values, const std::string& name = "val_loss",
             const std::vector<std::string>& rising = {}) {
  for (size_t epoch = 0; epoch < values.size(); ++epoch)
    if (end_epoch(list, static_cast<int64_t>(epoch), {{name, values[epoch]}}, 0.1, rising).stop)
      return static_cast<int>(epoch);
  return -1;
}

TEST(EarlyStopping, StopsWhenPatienceIsSpent) {
  CallbackList none = one("EarlyStopping", {});
  EXPECT_EQ(stops_at(none, {3, 2, 2.5, 1}), 2);
  CallbackList two = one("EarlyStopping", {{"patience", 2}});
  EXPECT_EQ(stops_at(two, {3, 2, 2.5, 1.9, 2, 2, 1}), 5);
}

TEST(EarlyStopping, WantsAnImprovementOfItsLeastSize) {
  CallbackList list = one("EarlyStopping", {{"min_delta", 0.5}, {"patience", 2}});
  EXPECT_EQ(stops_at(list, {3, 2.8, 2.6, 1}), 2);
}

TEST(EarlyStopping, KnowsWhichWayIsBetter) {
  const std::vector<double> rising{0.5, 0.6, 0.7, 0.6};
  CallbackList max = one("EarlyStopping", {{"monitor", "val_accuracy"}, {"mode", "max"}});
  EXPECT_EQ(stops_at(max, rising, "val_accuracy"), 3);
  CallbackList automatic = one("EarlyStopping", {{"monitor", "val_accuracy"}});
  EXPECT_EQ(stops_at(automatic, rising, "val_accuracy", {"accuracy"}), 3);
  CallbackList min = one("EarlyStopping", {{"monitor", "val_accuracy"}, {"mode", "min"}});
  EXPECT_EQ(stops_at(min, rising, "val_accuracy", {"accuracy"}), 1);
}

TEST(EarlyStopping, WaitsOnUntilTheBaselineIsBeaten) {
  CallbackList list = one("EarlyStopping", {{"patience", 2}, {"baseline", 1.0}});
  EXPECT_EQ(stops_at(list, {3, 2.9, 2.8, 2.9}), 3);
  CallbackList beaten = one("EarlyStopping", {{"patience", 2}, {"baseline", 2.85}});
  EXPECT_EQ(stops_at(beaten, {3, 2.9, 2.8, 2.9, 2.9}), 4);
}

TEST(EarlyStopping, LooksAwayAtFirst) {
  CallbackList list = one("EarlyStopping", {{"start_from_epoch", 3}});
  EXPECT_EQ(stops_at(list, {1, 2, 3, 4, 5}), 4);
}

TEST(EarlyStopping, TakesTheBestWeightsInTheEnd) {
  CallbackList list = one("EarlyStopping", {{"restore_best_weights", true}, {"patience", 2}, {"verbose", 1}});
  std::vector<int> kept;
  const std::vector<double> losses{3, 1, 2, 2.5};
  for (size_t epoch = 0; epoch < losses.size(); ++epoch)
    if (!end_epoch(list, static_cast<int64_t>(epoch), {{"val_loss", losses[epoch]}}).keep_weights.empty())
      kept.push_back(static_cast<int>(epoch));
  EXPECT_EQ(kept, (std::vector<int>{0, 1}));
  const CallbackActions end = list.on_train_end();
  EXPECT_EQ(end.restore_weights, std::vector<size_t>{0});
  EXPECT_EQ(end.messages,
            (std::vector<std::string>{"Epoch 4: early stopping", "Taking the weights of the best epoch: 2"}));
}

TEST(EarlyStopping, SaysWhenThereIsNothingToWatch) {
  CallbackList list = one("EarlyStopping", {});
  const CallbackActions actions = end_epoch(list, 0, {{"loss", 1}, {"accuracy", 0}});
  ASSERT_EQ(actions.messages.size(), 1u);
  EXPECT_NE(actions.messages[0].find("loss, accuracy"), std::string::npos);
}

/// The learning rate after each epoch.
std::vector<double> rates(CallbackList& list, const std::vector<double>& losses) {
  std::vector<double> result;
  double rate = 1;
  for (size_t epoch = 0; epoch < losses.size(); ++epoch) {
    rate =
        end_epoch(list, static_cast<int64_t>(epoch), {{"val_loss", losses[epoch]}}, rate).learning_rate.value_or(rate);
    result.push_back(rate);
  }
  return result;
}

TEST(ReduceLROnPlateau, LowersTheRateWhenPatienceIsSpent) {
  CallbackList list = one("ReduceLROnPlateau", {{"factor", 0.5}, {"patience", 2}});
  EXPECT_EQ(rates(list, {3, 3, 3, 3, 3, 2}), (std::vector<double>{1, 1, 0.5, 0.5, 0.25, 0.25}));
}

TEST(ReduceLROnPlateau, CoolsDown) {
  CallbackList list = one("ReduceLROnPlateau", {{"factor", 0.5}, {"patience", 1}, {"cooldown", 2}});
  EXPECT_EQ(rates(list, {3, 3, 3, 3, 3}), (std::vector<double>{1, 0.5, 0.5, 0.25, 0.25}));
}

TEST(ReduceLROnPlateau, KeepsToTheLowestRateAndTheLeastChange) {
  CallbackList list = one("ReduceLROnPlateau", {{"factor", 0.1}, {"patience", 1}, {"min_lr", 0.3}, {"min_delta", 0.5}});
  EXPECT_EQ(rates(list, {3, 2.8, 2.7, 2.6}), (std::vector<double>{1, 0.3, 0.3, 0.3}));
}

TEST(ReduceLROnPlateau, CannotMoveAScheduledRate) {
  CallbackList list = one("ReduceLROnPlateau", {{"patience", 0}, {"monitor", "loss"}, {"mode", "max"}, {"verbose", 1}});
  const Logs falling{{"loss", 1}};
  end_epoch(list, 0, {{"loss", 2}});
  const CallbackActions actions =
      list.on_epoch_end({.epoch = 1, .logs = falling, .learning_rate = 0.1, .scheduled = true});
  EXPECT_EQ(actions.errors.items().front().code, "callback.schedule");
}

TEST(LearningRateScheduler, SetsTheRateOfEachEpoch) {
  CallbackList list =
      one("LearningRateScheduler",
          {{"schedule",
            object("ExponentialDecay", {{"initial_learning_rate", 0.8}, {"decay_steps", 1}, {"decay_rate", 0.5}})},
           {"verbose", 1}});
  const CallbackActions actions = list.on_epoch_begin({.epoch = 2});
  EXPECT_DOUBLE_EQ(*actions.learning_rate, 0.2);
  EXPECT_EQ(actions.messages.size(), 1u);
  EXPECT_TRUE(list.on_epoch_begin({.epoch = 2, .scheduled = true}).errors.has_errors());
}

TEST(TerminateOnNaN, StopsAtABadLoss) {
  CallbackList quiet = list_of({"TerminateOnNaN"});
  CallbackList loud = one("TerminateOnNaN", {{"raise_error", true}});
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const Logs logs{{"loss", bad}};
    EXPECT_TRUE(quiet.on_batch_end({.batch = 3, .logs = logs}).stop);
    EXPECT_FALSE(quiet.on_batch_end({.batch = 3, .logs = logs}).errors.has_errors());
    EXPECT_TRUE(loud.on_batch_end({.batch = 3, .logs = logs}).errors.has_errors());
  }
  const Logs good{{"loss", 1}, {"accuracy", std::numeric_limits<double>::quiet_NaN()}};
  EXPECT_FALSE(quiet.on_batch_end({.batch = 3, .logs = good}).stop);
}

std::vector<std::string> saved(CallbackList& list, const std::vector<double>& losses) {
  std::vector<std::string> paths;
  for (size_t epoch = 0; epoch < losses.size(); ++epoch)
    for (const CallbackActions::Save& save :
         end_epoch(list, static_cast<int64_t>(epoch), {{"val_loss", losses[epoch]}}).saves)
      paths.push_back(save.path);
  return paths;
}

TEST(ModelCheckpoint, SavesEachEpochUnderItsName) {
  CallbackList list = one("ModelCheckpoint", {{"filepath", "m-{epoch:02d}-{val_loss:.2f}.keras"}});
  EXPECT_EQ(saved(list, {0.5, 0.75}), (std::vector<std::string>{"m-01-0.50.keras", "m-02-0.75.keras"}));
}

TEST(ModelCheckpoint, SavesOnlyTheBestWhereAsked) {
  CallbackList list =
      one("ModelCheckpoint", {{"filepath", "m{epoch}.keras"}, {"save_best_only", true}, {"verbose", 1}});
  EXPECT_EQ(saved(list, {3, 4, 2, 2.5}), (std::vector<std::string>{"m1.keras", "m3.keras"}));
  CallbackList bound = one(
      "ModelCheckpoint", {{"filepath", "m{epoch}.keras"}, {"save_best_only", true}, {"initial_value_threshold", 2.7}});
  EXPECT_EQ(saved(bound, {3, 4, 2, 2.5}), (std::vector<std::string>{"m3.keras"}));
  CallbackList max =
      one("ModelCheckpoint", {{"filepath", "m{epoch}.keras"}, {"save_best_only", true}, {"mode", "max"}});
  EXPECT_EQ(saved(max, {3, 4, 2, 4.5}), (std::vector<std::string>{"m1.keras", "m2.keras", "m4.keras"}));
}

TEST(ModelCheckpoint, CountsBatchesWhereAsked) {
  CallbackList list =
      one("ModelCheckpoint",
          {{"filepath", "{batch}.weights.h5"}, {"save_freq", 3}, {"save_weights_only", true}, {"monitor", "loss"}});
  std::vector<std::string> paths;
  for (int64_t batch = 0; batch < 7; ++batch)
    for (const CallbackActions::Save& save : list.on_batch_end({.batch = batch}).saves) {
      EXPECT_TRUE(save.weights_only);
      paths.push_back(save.path);
    }
  EXPECT_EQ(paths, (std::vector<std::string>{"3.weights.h5", "6.weights.h5"}));
  EXPECT_TRUE(end_epoch(list, 0, {{"loss", 1}}).saves.empty());
}

TEST(ModelCheckpoint, RefusesEndingsItCannotWrite) {
  for (const Json& config :
       {Json{{"filepath", "model.txt"}}, Json{{"filepath", "model.keras"}, {"save_weights_only", true}},
        Json{{"filepath", "m.keras"}, {"save_freq", "batch"}}}) {
    Diagnostics diagnostics;
    EXPECT_EQ(Callback::registry().parse(object("ModelCheckpoint", config), ParseContext(diagnostics, "callbacks[0]")),
              nullptr)
        << config.dump();
  }
}

TEST(FormatPath, FormatsAsPythonDoes) {
  const Logs logs{{"val_loss", 0.123456}};
  const CallbackMoment moment{.epoch = 6, .batch = 9, .logs = logs};
  EXPECT_EQ(format_path("a{epoch}b{epoch:03d}c{batch:d}", moment), "a7b007c10");
  EXPECT_EQ(format_path("{val_loss:.3f} {val_loss:8.2e} {{x}}", moment), "0.123 1.23e-01 {x}");
  for (const char* bad : {"{loss}", "{epoch:s}", "{epoch", "}", "{val_loss:d}", "{val_loss:%n}", "{}"})
    EXPECT_THROW(format_path(bad, moment), UserError) << bad;
}

TEST(BackupAndRestore, SavesTheTrainingAndCleansUp) {
  CallbackList list = one("BackupAndRestore", {{"backup_dir", "b"}});
  EXPECT_EQ(list.backup_path(), "b/latest.safetensors");
  const CallbackActions actions = end_epoch(list, 0, {});
  ASSERT_EQ(actions.saves.size(), 1u);
  EXPECT_TRUE(actions.saves[0].backup);
  EXPECT_EQ(list.on_train_end().removals, std::vector<std::string>{"b"});
  CallbackList twice =
      one("BackupAndRestore",
          {{"backup_dir", "b"}, {"double_checkpoint", true}, {"delete_checkpoint", false}, {"save_freq", 2}});
  EXPECT_TRUE(twice.on_batch_end({.batch = 0}).saves.empty());
  EXPECT_EQ(twice.on_batch_end({.batch = 1}).saves.size(), 2u);
  EXPECT_TRUE(twice.on_train_end().removals.empty());
}

TEST(CSVLogger, WritesAHeaderAndARowAnEpoch) {
  CallbackList list = one("CSVLogger", {{"filename", "log.csv"}, {"separator", ";"}});
  const CallbackActions first = end_epoch(list, 0, {{"loss", 0.5}, {"acc;uracy", 1}});
  ASSERT_EQ(first.rows.size(), 1u);
  EXPECT_EQ(first.rows[0].header, "epoch;\"acc;uracy\";loss");
  EXPECT_EQ(first.rows[0].row, "0;1.0;0.5");
  EXPECT_FALSE(first.rows[0].append);
  const CallbackActions second = end_epoch(list, 1, {{"loss", std::numeric_limits<double>::quiet_NaN()}, {"other", 2}});
  EXPECT_EQ(second.rows[0].row, "1;NA;nan");
  EXPECT_TRUE(second.rows[0].append);
  EXPECT_TRUE(second.rows[0].header.empty());
}

TEST(CSVLogger, AddsToAFileWhereAsked) {
  CallbackList list = one("CSVLogger", {{"filename", "log.csv"}, {"append", true}});
  const CallbackActions first = end_epoch(list, 0, {{"loss", 0.5}});
  EXPECT_TRUE(first.rows[0].append);
  EXPECT_TRUE(first.rows[0].header_if_empty);
}

TEST(SwapEMAWeights, AsksForTheAverage) {
  EXPECT_TRUE(list_of({"SwapEMAWeights"}).evaluates_average());
  EXPECT_FALSE(list_of({"SwapEMAWeights"}).saves_average());
  EXPECT_TRUE(one("SwapEMAWeights", {{"swap_on_epoch", true}}).saves_average());
  EXPECT_FALSE(list_of({"History", "ProgbarLogger"}).evaluates_average());
}

TEST(Callbacks, GoOnFromWhatTheyRemember) {
  const Json both = Json::array({object("EarlyStopping", {{"patience", 2}}), "History"});
  CallbackList whole = list_of(both);
  CallbackList first = list_of(both);
  const std::vector<double> losses{3, 2, 2.5, 2.5};
  for (int64_t epoch = 0; epoch < 3; ++epoch)
    for (CallbackList* list : {&whole, &first})
      end_epoch(*list, epoch, {{"val_loss", losses[static_cast<size_t>(epoch)]}});
  CallbackList second = list_of(first.config());
  ASSERT_TRUE(second.set_memory(Json::parse(first.memory().dump())));
  EXPECT_TRUE(end_epoch(second, 3, {{"val_loss", 2.5}}).stop);
  EXPECT_TRUE(end_epoch(whole, 3, {{"val_loss", 2.5}}).stop);
}

TEST(Callbacks, TakeNoMemoryOfOthers) {
  CallbackList list = list_of({"EarlyStopping"});
  EXPECT_FALSE(list.set_memory(list_of({"History"}).memory()));
  EXPECT_FALSE(list.set_memory(Json::array()));
  EXPECT_FALSE(list.set_memory("text"));
  EXPECT_TRUE(list.set_memory(Json::array({{{"class_name", "EarlyStopping"}, {"memory", {{"wait", "ill"}}}}})));
  EXPECT_FALSE(end_epoch(list, 0, {{"val_loss", 1}}).stop);
}

TEST(Callbacks, AreComplainedOfByTheirPlace) {
  Diagnostics diagnostics;
  parse_callbacks(Json::array({"History", "Nothing", object("ModelCheckpoint")}),
                  ParseContext(diagnostics, "callbacks"));
  ASSERT_EQ(diagnostics.items().size(), 2u);
  EXPECT_EQ(diagnostics.items()[0].path, "callbacks[1]");
  EXPECT_EQ(diagnostics.items()[1].path, "callbacks[2].filepath");
}

}  // namespace
}  // namespace trainyard::testing
