// Training from the command line: what it prints, what it saves, how it stops and goes on.
#include <gtest/gtest.h>

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/core/json.h"
#include "engine/io/file.h"
#include "engine/io/safetensors.h"
#include "tests/core/sanitized.h"
#include "tests/native/run_trainyard.h"

namespace trainyard::testing {
namespace {

/// Every line of the output must be an object.
std::vector<Json> events_of(const std::string& text) {
  std::vector<Json> events;
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    events.push_back(Json::parse(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return events;
}

std::string tensors_of(const std::string& path) {
  std::string bytes;
  for (const auto& [name, tensor] : load_safetensors(path).tensors)
    bytes += name + std::string(static_cast<const char*>(tensor.data()), tensor.bytes());
  return bytes;
}

TEST(TrainCommand, WorksInAnEmptyFolder) {
  const Folder folder;
  const RunResult run = run_trainyard(
      {"train", "lenet5", "--data", "digits", "--samples", "640", "--epochs", "1", "--save", "model.safetensors"},
      {.folder = folder.path()});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("Epoch 1/1"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("Test  loss"), std::string::npos) << run.out;
  EXPECT_EQ(run.out.find('\x1b'), std::string::npos) << "colours without a terminal";
  EXPECT_TRUE(is_file(folder.path("model.safetensors")));
}

TEST(TrainCommand, SpeaksJsonALineAnEvent) {
  const RunResult run =
      run_trainyard({"train", "mlp", "--data", "iris", "--epochs", "20", "--validation-split", "0.1", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  const std::vector<Json> events = events_of(run.out);
  EXPECT_EQ(events.front()["event"], "start");
  const Json& done = events.back();
  EXPECT_EQ(done["event"], "done");
  EXPECT_EQ(done["state"], "finished");
  for (const char* key : {"train_loss", "train_accuracy", "test_loss", "test_accuracy", "val_loss", "images_per_second",
                          "seconds", "peak_memory"})
    EXPECT_TRUE(done.contains(key) && done[key].is_number()) << key;
  EXPECT_GT(done["test_accuracy"].get<double>(), 0.8);
  EXPECT_GT(done["peak_memory"].get<double>(), 1e6);
  EXPECT_EQ(std::count_if(events.begin(), events.end(), [](const Json& e) { return e["event"] == "epoch"; }), 20);
}

TEST(TrainCommand, LetsABuiltInNetsRateFallUnlessSomethingElseSetsIt) {
  const auto head = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"train", "lenet5", "--data", "digits", "--samples", "64", "--epochs", "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const RunResult run = run_trainyard(arguments);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return run.out.substr(0, run.out.find("batch"));
  };
  EXPECT_NE(head({}).find("Adam with InverseTimeDecay"), std::string::npos);
  EXPECT_EQ(head({"--learning-rate", "0.01"}).find("InverseTimeDecay"), std::string::npos);
  EXPECT_NE(head({"--optimizer", "sgd"}).find("sgd,"), std::string::npos);
  EXPECT_NE(head({"--callback", "ReduceLROnPlateau(monitor=loss)"}).find("adam,"), std::string::npos);
}

TEST(TrainCommand, StopsAtCtrlCSavesAndGoesOnAsIfItHadNot) {
  const Folder folder;
  // Long enough that the signal comes in the middle.
  const std::string samples = kSanitized ? "600" : "6000";
  const std::vector<std::string> common{"train", "lenet5", "--data", "digits", "--samples",    samples, "--epochs",
                                        "4",     "--json", "--seed", "9",      "--batch-size", "16"};
  std::vector<std::string> straight = common;
  straight.insert(straight.end(), {"--save", folder.path("straight.safetensors")});
  ASSERT_EQ(run_trainyard(straight).exit_code, 0);

  std::vector<std::string> stopped = common;
  stopped.insert(stopped.end(), {"--save", folder.path("stopped.safetensors")});
  const RunResult first = run_trainyard(stopped, {.interrupt_at = [](const std::string& line) {
                                          return line.find("\"event\":\"epoch\"") != std::string::npos;
                                        }});
  ASSERT_EQ(first.exit_code, 130) << first.out << first.err;
  const Json done = Json::parse(last_line(first.out));
  EXPECT_EQ(done["state"], "stopped");
  EXPECT_NE(done["resume"].get<std::string>().find("--resume"), std::string::npos);

  const RunResult second = run_trainyard({"train", "--resume", folder.path("stopped.safetensors"), "--json"});
  ASSERT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_EQ(tensors_of(folder.path("stopped.safetensors")), tensors_of(folder.path("straight.safetensors")));
}

TEST(TrainCommand, GoesOnWithMoreEpochs) {
  const Folder folder;
  const auto train = [&](std::vector<std::string> arguments) {
    return run_trainyard(arguments, {.folder = folder.path()}).exit_code;
  };
  ASSERT_EQ(train({"train", "mlp", "--data", "iris", "--epochs", "5", "--save", "long.safetensors"}), 0);
  ASSERT_EQ(train({"train", "mlp", "--data", "iris", "--epochs", "2", "--save", "short.safetensors"}), 0);
  EXPECT_EQ(train({"train", "--resume", "short.safetensors"}), 2) << "it has done all its epochs";
  ASSERT_EQ(train({"train", "mlp", "--resume", "short.safetensors", "--epochs", "5"}), 0);
  EXPECT_EQ(tensors_of(folder.path("short.safetensors")), tensors_of(folder.path("long.safetensors")));
}

TEST(TrainCommand, RefusesToChangeAResumedTraining) {
  const Folder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    std::vector<std::string> all{"train", "--resume", "m.safetensors", "--epochs", "9"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run_trainyard(all, {.folder = folder.path()});
  };
  ASSERT_EQ(run_trainyard({"train", "mlp", "--data", "iris", "--epochs", "1", "--save", "m.safetensors"},
                          {.folder = folder.path()})
                .exit_code,
            0);
  const std::string before = tensors_of(folder.path("m.safetensors"));
  for (const auto& change : std::vector<std::vector<std::string>>{{"--batch-size", "8"},
                                                                  {"--optimizer", "sgd"},
                                                                  {"--loss", "mse"},
                                                                  {"--seed", "4"},
                                                                  {"--learning-rate", "1"},
                                                                  {"--no-shuffle"},
                                                                  {"--class-weight", "0=2"},
                                                                  {"--metrics", "mse"},
                                                                  {"--test-split", "0.5"},
                                                                  {"--data-seed", "5"},
                                                                  {"--keep-order"}}) {
    const RunResult result = run(change);
    EXPECT_EQ(result.exit_code, 2) << change[0] << result.out << result.err;
    EXPECT_NE(result.err.find(change[0]), std::string::npos) << change[0] << ": " << result.err;
  }
  const RunResult other = run_trainyard({"train", "lenet5", "--resume", "m.safetensors"}, {.folder = folder.path()});
  EXPECT_EQ(other.exit_code, 2) << other.out;
  EXPECT_EQ(tensors_of(folder.path("m.safetensors")), before) << "a refused command changes nothing";
}

TEST(TrainCommand, StartsFromASavedModelsWeights) {
  const Folder folder;
  ASSERT_EQ(run_trainyard({"train", "mlp", "--data", "iris", "--epochs", "30", "--save", "m.safetensors"},
                          {.folder = folder.path()})
                .exit_code,
            0);
  const RunResult run = run_trainyard({"train", "m.safetensors", "--epochs", "1", "--json"}, {.folder = folder.path()});
  ASSERT_EQ(run.exit_code, 0) << run.out;
  EXPECT_LT(Json::parse(last_line(run.out))["train_loss"].get<double>(), 0.3);
}

TEST(TrainCommand, TakesKerasFilesOptimizersAsJsonAndTables) {
  const Folder folder;
  std::ofstream(folder.path("t.csv"))
      << "a,b,kind\n0,0,no\n0,1,yes\n1,0,yes\n1,1,no\n0.1,0,no\n0,0.9,yes\n1,0.1,yes\n0.9,1,no\n";
  std::ofstream(folder.path("net.json")) << R"({"class_name":"Sequential","config":{"name":"n","layers":[
    {"class_name":"InputLayer","config":{"batch_shape":[null,2],"name":"x"}},
    {"class_name":"Dense","config":{"name":"h","units":16,"activation":"tanh"}},
    {"class_name":"Dense","config":{"name":"o","units":2}}]}})";
  const RunResult run =
      run_trainyard({"train", "net.json", "--data", "t.csv", "--target", "kind", "--epochs", "100", "--test-split", "0",
                     "--optimizer", R"({"class_name":"SGD","config":{"momentum":0.9}})", "--learning-rate", "0.2",
                     "--class-weight", "no=2", "--json"},
                    {.folder = folder.path()});
  ASSERT_EQ(run.exit_code, 0) << run.out << run.err;
  const Json start = Json::parse(run.out.substr(0, run.out.find('\n')));
  EXPECT_EQ(Json::parse(last_line(run.out))["train_accuracy"], 1.0) << run.out;
  EXPECT_NE(run.out.find("from_logits"), std::string::npos) << "the last layer has no softmax";
}

TEST(TrainCommand, ReportsALossThatIsNoNumberAndKeepsTheFileOfTheEpochBefore) {
  const Folder folder;
  const RunResult run = run_trainyard({"train", "mlp", "--data", "iris", "--epochs", "3", "--optimizer", "sgd",
                                       "--learning-rate", "1e30", "--loss", "mse", "--save", "m.safetensors"},
                                      {.folder = folder.path()});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("the loss became"), std::string::npos) << run.err;
  EXPECT_NE(run.err.find("learning rate"), std::string::npos) << run.err;
}

TEST(TrainCommand, SaysThatAModelIsTooLargeForTheMemory) {
  const Folder folder;
  std::ofstream(folder.path("huge.json")) << R"({"class_name":"Sequential","config":{"name":"huge","layers":[
    {"class_name":"InputLayer","config":{"batch_shape":[null,4],"name":"x"}},
    {"class_name":"Dense","config":{"name":"a","units":200000}},
    {"class_name":"Dense","config":{"name":"b","units":200000}},
    {"class_name":"Dense","config":{"name":"o","units":3}}]}})";
  const RunResult run = run_trainyard({"train", "huge.json", "--data", "iris"}, {.folder = folder.path()});
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_NE(run.err.find("not enough memory"), std::string::npos) << run.err;
}

TEST(TrainCommand, NotesATargetOfOneClass) {
  const Folder folder;
  std::ofstream(folder.path("same.csv")) << "x,k\n1,a\n2,a\n3,a\n4,a\n";
  const RunResult run =
      run_trainyard({"train", "mlp", "--data", "same.csv", "--epochs", "1"}, {.folder = folder.path()});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.err.find("every sample is of the class 'a'"), std::string::npos) << run.err;
}

TEST(Answers, ThatDoNotReachStandardOutputAreAFailure) {
  const std::string binary = TRAINYARD_BINARY;
  EXPECT_EQ(WEXITSTATUS(std::system((binary + " data list > /dev/null").c_str())), 0);
  EXPECT_EQ(WEXITSTATUS(std::system((binary + " data list > /dev/full 2> /dev/null").c_str())), 1);
  EXPECT_EQ(WEXITSTATUS(std::system((binary + " data list --json > /dev/full 2> /dev/null").c_str())), 1);
}

}  // namespace
}  // namespace trainyard::testing
