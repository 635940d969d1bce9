// Callbacks, several inputs and outputs, coverage: what the command line passes on to training.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/core/diagnostic.h"
#include "engine/io/file.h"
#include "engine/io/safetensors.h"
#include "native/cli/call_expression.h"
#include "tests/native/run_trainyard.h"

namespace trainyard::testing {
namespace {

std::string text_of(const std::string& path) {
  const std::vector<uint8_t> bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

std::string complaint_of(const std::string& call) {
  try {
    cli::parse_call(call, "--callback");
  } catch (const UserError& mistake) {
    return mistake.what();
  }
  return "";
}

TEST(Calls, AreReadAsPeopleTypeThem) {
  EXPECT_EQ(cli::parse_call("adam", "o"), Json("adam"));
  EXPECT_EQ(cli::parse_call(R"({"class_name": "SGD"})", "o"), (Json{{"class_name", "SGD"}}));
  EXPECT_EQ(cli::parse_call("TerminateOnNaN()", "o"),
            (Json{{"class_name", "TerminateOnNaN"}, {"config", Json::object()}}));
  const Json all = cli::parse_call("X(a=3, b=0.5, c=True, d=None, e='f, g', h=val_loss, i=[1, 2], j=Y(k=\"l\"))", "o");
  EXPECT_EQ(all["config"], (Json{{"a", 3},
                                 {"b", 0.5},
                                 {"c", true},
                                 {"d", nullptr},
                                 {"e", "f, g"},
                                 {"h", "val_loss"},
                                 {"i", {1, 2}},
                                 {"j", {{"class_name", "Y"}, {"config", {{"k", "l"}}}}}}));
}

TEST(Calls, AreComplainedOfWhereTheyEnd) {
  for (const char* bad : {"", "X(", "X(a)", "X(a=", "X(a=1", "X(a=1 b=2)", "X(a=1)y", "X(a='b)", "X(a=[1)", "X(=1)"})
    EXPECT_NE(complaint_of(bad), "") << bad;
  std::string deep = "1";
  for (int i = 0; i < 100; ++i) deep = "X(a=" + deep + ")";
  EXPECT_NE(complaint_of(deep).find("fewer calls"), std::string::npos);
}

TEST(Calls, MayBeSeveralInOneText) {
  const Json auc{{"class_name", "AUC"}, {"config", {{"curve", "PR"}, {"num_thresholds", 5}}}};
  EXPECT_EQ(cli::parse_calls({"mae, AUC(curve=PR, num_thresholds=5),mse", "acc"}, "o"),
            (Json{"mae", auc, "mse", "acc"}));
  EXPECT_EQ(cli::parse_calls({auc.dump(), "mae"}, "o"), (Json{auc, "mae"}));
  const Json by_output{{"kind", {"mae", auc}}};
  EXPECT_EQ(cli::parse_calls({by_output.dump()}, "o"), by_output);
  for (const std::vector<std::string>& bad : {std::vector<std::string>{by_output.dump(), "mae"}, {"mae,"}, {"mae)"}})
    EXPECT_THROW(cli::parse_calls(bad, "o"), UserError) << bad[0];
}

TEST(TrainCommand, MeasuresWithMetricsThatHaveArguments) {
  const Folder folder;
  const std::vector<std::string> train{"train",          "mlp",      "--data", "iris", "--epochs", "1",
                                       "--class-weight", "setosa=3", "--json"};
  std::vector<std::string> with = train;
  with.insert(with.end(), {"--metrics", "accuracy, SparseTopKCategoricalAccuracy(k=3, name=among_three)",
                           "--weighted-metrics", "accuracy"});
  const RunResult run = run_trainyard(with, {.folder = folder.path()});
  ASSERT_EQ(run.exit_code, 0) << run.err << run.out;
  const Json done = Json::parse(last_line(run.out));
  EXPECT_EQ(done["train_among_three"], 1.0) << done;
  EXPECT_NE(done["train_weighted_accuracy"], done["train_accuracy"]) << done;
}

TEST(TrainCommand, CallsCallbacks) {
  const Folder folder;
  const RunResult run =
      run_trainyard({"train", "mlp", "--data", "iris", "--epochs", "30", "--validation-split", "0.2", "--callback",
                     "EarlyStopping(monitor=val_loss, min_delta=100, patience=2, verbose=1)", "--callback",
                     "CSVLogger(filename=logs/log.csv)", "--callback",
                     "ModelCheckpoint(filepath='best.safetensors', save_best_only=True)", "--callback",
                     R"({"class_name": "ReduceLROnPlateau", "config": {"patience": 1, "min_delta": 100}})", "--json"},
                    {.folder = folder.path()});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const Json done = Json::parse(last_line(run.out));
  EXPECT_EQ(done["state"], "finished");
  EXPECT_EQ(done["epochs"], 3);
  EXPECT_NE(run.out.find("Epoch 3: early stopping"), std::string::npos);
  const std::string log = text_of(folder.path("logs/log.csv"));
  EXPECT_EQ(log.rfind("epoch,accuracy,", 0), 0U) << log;
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 4);
  EXPECT_EQ(run_trainyard({"evaluate", "best.safetensors"}, {.folder = folder.path()}).exit_code, 0);
}

TEST(TrainCommand, StopsEarlyWhereAsked) {
  const RunResult run = run_trainyard({"train", "mlp", "--data", "iris", "--epochs", "500", "--learning-rate", "0.01",
                                       "--validation-split", "0.3", "--early-stopping", "2", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  EXPECT_LT(Json::parse(last_line(run.out))["epochs"].get<int>(), 500);
}

TEST(TrainCommand, GoesOnFromABackup) {
  const Folder folder;
  const auto train = [&](const std::string& epochs, const std::string& name, const std::string& callback) {
    return run_trainyard(
        {"train", "mlp", "--data", "iris", "--epochs", epochs, "--save", name, "--callback", callback, "--json"},
        {.folder = folder.path()});
  };
  const std::string keep = "BackupAndRestore(backup_dir=kept, delete_checkpoint=False)";
  ASSERT_EQ(train("2", "short.safetensors", keep).exit_code, 0);
  ASSERT_TRUE(is_file(folder.path("kept/latest.safetensors")));
  const RunResult second = train("4", "long.safetensors", keep);
  ASSERT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_NE(second.out.find("\"resumed\":true"), std::string::npos);
  ASSERT_EQ(train("4", "straight.safetensors", "BackupAndRestore(backup_dir=other)").exit_code, 0);
  EXPECT_FALSE(is_folder(folder.path("other"))) << "removed when the training had ended";
  const auto weights = [&](const std::string& name) {
    std::string bytes;
    for (const auto& [path, tensor] : load_safetensors(folder.path(name)).tensors)
      bytes += path + std::string(static_cast<const char*>(tensor.data()), tensor.bytes());
    return bytes;
  };
  EXPECT_EQ(weights("long.safetensors"), weights("straight.safetensors"));
  EXPECT_EQ(run_trainyard({"train", "mlp", "--data", "iris", "--epochs", "9", "--seed", "4", "--callback", keep},
                          {.folder = folder.path()})
                .exit_code,
            2)
      << "a backup of another training";
}

TEST(TrainCommand, NamesMistakesInCallbacks) {
  const auto error_of = [](const std::string& callback) {
    const RunResult run = run_trainyard({"train", "mlp", "--data", "iris", "--epochs", "1", "--callback", callback});
    EXPECT_EQ(run.exit_code, 2) << run.out;
    return run.err;
  };
  EXPECT_NE(error_of("Nothing").find("callbacks[0]"), std::string::npos);
  EXPECT_NE(error_of("EarlyStopping(patience=-1)").find("callbacks[0].patience"), std::string::npos);
  EXPECT_NE(error_of("ModelCheckpoint(filepath=m.keras)").find(".safetensors"), std::string::npos);
  EXPECT_NE(error_of("SwapEMAWeights").find("use_ema"), std::string::npos);
}

// ---------------------------------------------------------------- several inputs and outputs

constexpr const char* kForked = R"({"class_name": "Functional", "config": {"name": "forked", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "name": "left"}, "name": "left", "inbound_nodes": []},
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "right"}, "name": "right", "inbound_nodes": []},
  {"class_name": "Concatenate", "config": {"name": "both"}, "name": "both", "inbound_nodes": [[["left", 0, 0, {}], ["right", 0, 0, {}]]]},
  {"class_name": "Dense", "config": {"name": "kind", "units": 2, "activation": "softmax"}, "name": "kind", "inbound_nodes": [[["both", 0, 0, {}]]]},
  {"class_name": "Dense", "config": {"name": "size", "units": 1}, "name": "size", "inbound_nodes": [[["both", 0, 0, {}]]]}],
  "input_layers": [["left", 0, 0], ["right", 0, 0]], "output_layers": [["kind", 0, 0], ["size", 0, 0]]}})";

void write_set(const std::string& path) {
  SafetensorsFile file;
  constexpr int64_t kRows = 200;
  Tensor left(DType::f32, {kRows, 3}), right(DType::f32, {kRows, 2}), size(DType::f32, {kRows, 1});
  Tensor kind(DType::i64, {kRows});
  for (size_t i = 0; i < kRows; ++i) {
    for (size_t j = 0; j < 3; ++j) left.span<float>()[3 * i + j] = static_cast<float>((i * (j + 3)) % 7) / 7 - 0.5F;
    for (size_t j = 0; j < 2; ++j) right.span<float>()[2 * i + j] = static_cast<float>((i * (j + 2)) % 5) / 5 - 0.5F;
    kind.span<int64_t>()[i] = left.span<float>()[3 * i] > 0 ? 1 : 0;
    size.span<float>()[i] = left.span<float>()[3 * i + 1] + right.span<float>()[2 * i];
  }
  file.add("left", left);
  file.add("right", right);
  file.add("kind", kind);
  file.add("size", size);
  save_safetensors(path, file);
}

TEST(TrainCommand, FeedsSeveralInputsAndTargetsByName) {
  const Folder folder;
  std::ofstream(folder.path("forked.json")) << kForked;
  write_set(folder.path("set.safetensors"));
  const RunResult run =
      run_trainyard({"train", "forked.json", "--data", "set.safetensors", "--epochs", "40", "--learning-rate", "0.02",
                     "--loss-weights", R"({"kind": 1, "size": 0.5})", "--save", "m.safetensors", "--json"},
                    {.folder = folder.path()});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const Json done = Json::parse(last_line(run.out));
  EXPECT_GT(done["test_kind_accuracy"].get<double>(), 0.8);
  EXPECT_LT(done["test_size_loss"].get<double>(), 0.1);
  EXPECT_NEAR(done["test_loss"].get<double>(),
              done["test_kind_loss"].get<double>() + done["test_size_loss"].get<double>(), 1e-4);
  const RunResult evaluated = run_trainyard({"evaluate", "m.safetensors", "--json"}, {.folder = folder.path()});
  EXPECT_EQ(evaluated.exit_code, 0) << evaluated.out;
  const RunResult predicted =
      run_trainyard({"predict", "m.safetensors", "set.safetensors", "--json"}, {.folder = folder.path()});
  EXPECT_EQ(predicted.exit_code, 0) << predicted.out;
  EXPECT_NE(predicted.out.find("set.safetensors[199].size"), std::string::npos);
}

TEST(TrainCommand, NamesTensorsThatAreMissing) {
  const Folder folder;
  std::ofstream(folder.path("forked.json")) << kForked;
  SafetensorsFile file;
  file.add("left", Tensor(DType::f32, {4, 3}));
  save_safetensors(folder.path("set.safetensors"), file);
  const RunResult run = run_trainyard({"train", "forked.json", "--data", "set.safetensors"}, {.folder = folder.path()});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("'right'"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("'size'"), std::string::npos) << run.err;
}

TEST(TrainCommand, NamesTensorsThatNothingReadsAndAWeightOfNoSample) {
  const Folder folder;
  std::ofstream(folder.path("forked.json")) << kForked;
  write_set(folder.path("set.safetensors"));
  const auto train_with = [&](const std::string& name, const Shape& shape) {
    SafetensorsFile file = load_safetensors(folder.path("set.safetensors"));
    file.add(name, Tensor(DType::f32, shape));
    save_safetensors(folder.path("more.safetensors"), file);
    return run_trainyard({"train", "forked.json", "--data", "more.safetensors", "--epochs", "1"},
                         {.folder = folder.path()});
  };
  const RunResult misspelt = train_with("sample_weights", {200});
  EXPECT_EQ(misspelt.exit_code, 0) << misspelt.err;
  EXPECT_NE(misspelt.err.find("'sample_weights' is neither"), std::string::npos) << misspelt.err;
  EXPECT_EQ(train_with("sample_weight", {200}).err, "");
  const RunResult scalar = train_with("sample_weight", {});
  EXPECT_EQ(scalar.exit_code, 2);
  EXPECT_NE(scalar.err.find("no tensor 'sample_weight' with samples"), std::string::npos) << scalar.err;
}

// ---------------------------------------------------------------- the rest

TEST(TrainCommand, SpeaksJsonOfPathsThatAreNoText) {
  const Folder folder;
  const std::string model = folder.path("m\xff.safetensors");
  const auto last = [](const std::vector<std::string>& arguments) {
    return Json::parse(last_line(run_trainyard(arguments).out));
  };
  EXPECT_EQ(last({"train", "mlp", "--data", "iris", "--epochs", "1", "--save", model, "--json"})["event"], "done");
  EXPECT_EQ(last({"evaluate", model, "--json"})["event"], "done");
  EXPECT_EQ(last({"train", "mlp", "--data", "no\xff.csv", "--json"})["event"], "error");
  EXPECT_EQ(last({"train", "mlp", "--callback", "\xff", "--json"})["event"], "error");
  EXPECT_EQ(last({"train", "mlp", "--optimizer", "SGD(momentum='\xff')", "--json"})["event"], "error");
}

TEST(SchemaCommand, ComparesWithKeras) {
  const char* given = std::getenv("TRAINYARD_SHARED");
  const std::string list = std::string(given != nullptr ? given : "../shared") + "/keras-api.json";
  if (!is_file(list)) GTEST_SKIP() << "no file " << list;
  const RunResult run = run_trainyard({"schema", "--coverage", list, "--json"});
  const Json done = Json::parse(last_line(run.out));
  EXPECT_EQ(run.exit_code, 0) << run.out;
  EXPECT_TRUE(done["complete"].get<bool>());
  EXPECT_GT(done["present"].get<int>(), 200);
  const RunResult page = run_trainyard({"schema", "--coverage", list, "--markdown"});
  ASSERT_TRUE(is_file("docs/coverage.md"));
  EXPECT_EQ(page.out, text_of("docs/coverage.md")) << "stale: run scripts/coverage";
}

TEST(SchemaCommand, TellsWhatIsMissingAndWhatDiffers) {
  const Folder folder;
  std::ofstream(folder.path("list.json")) << R"({"keras_version": "9", "excluded": {"losses": ["Out"]},
    "losses": {"Out": {}, "Nothing": {}, "Huber": {"args": {"delta": {"default": 2.0}, "more": {"default": null},
      "reduction": {"default": "sum_over_batch_size"}}}}})";
  const RunResult run = run_trainyard({"schema", "--coverage", folder.path("list.json"), "--json"});
  EXPECT_EQ(run.exit_code, 1);
  const Json group = Json::parse(last_line(run.out))["groups"][0];
  EXPECT_EQ(group["missing"], Json::array({"Nothing"}));
  EXPECT_EQ(group["missing_arguments"], Json::array({"Huber.more"}));
  EXPECT_EQ(group["other_defaults"], Json::array({"Huber.delta: 1.0 instead of 2.0"}));
}

}  // namespace
}  // namespace trainyard::testing
