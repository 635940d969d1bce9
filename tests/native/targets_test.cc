// What outputs learn of a data set, and in which order its rows stand, as the command line says it.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/core/json.h"
#include "tests/native/run_trainyard.h"

namespace trainyard::testing {
namespace {

// The kind of an iris from its petals, and the length of a petal from its width.
constexpr const char* kFlowers = R"({"class_name": "Functional", "config": {"name": "flowers", "layers": [
  {"class_name": "InputLayer", "name": "petal_length", "config": {"name": "petal_length", "batch_shape": [null, 1]}, "inbound_nodes": []},
  {"class_name": "InputLayer", "name": "petal_width", "config": {"name": "petal_width", "batch_shape": [null, 1]}, "inbound_nodes": []},
  {"class_name": "Concatenate", "name": "both", "config": {"name": "both"},
   "inbound_nodes": [[["petal_length", 0, 0, {}], ["petal_width", 0, 0, {}]]]},
  {"class_name": "Dense", "name": "kind", "config": {"name": "kind", "units": 3, "activation": "softmax"},
   "inbound_nodes": [[["both", 0, 0, {}]]]},
  {"class_name": "Dense", "name": "size", "config": {"name": "size", "units": 1}, "inbound_nodes": [[["petal_width", 0, 0, {}]]]}],
  "input_layers": [["petal_length", 0, 0], ["petal_width", 0, 0]], "output_layers": [["kind", 0, 0], ["size", 0, 0]]}})";

constexpr const char* kCopier = R"({"class_name": "Sequential", "config": {"name": "copier", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 28, 28, 1], "name": "picture"}},
  {"class_name": "Flatten", "config": {"name": "pixels"}},
  {"class_name": "Dense", "config": {"name": "code", "units": 8, "activation": "relu"}},
  {"class_name": "Dense", "config": {"name": "copy", "units": 784, "activation": "sigmoid"}}]}})";

class TargetOption : public ::testing::Test {
 protected:
  TargetOption() {
    std::ofstream(folder_.path("flowers.json")) << kFlowers;
    std::ofstream(folder_.path("copier.json")) << kCopier;
  }
  RunResult run(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    return run_trainyard(arguments, {.folder = folder_.path()});
  }
  /// The last event.
  Json done(const std::vector<std::string>& arguments) {
    const RunResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    return Json::parse(last_line(result.out));
  }

  Folder folder_;
};

TEST_F(TargetOption, TellsOutputsWhatToLearn) {
  const Json trained =
      done({"train", "flowers.json", "--data", "iris", "--target", "kind=label", "--target", "size=petal_length",
            "--epochs", "60", "--learning-rate", "0.02", "--save", "m.safetensors"});
  EXPECT_GT(trained["test_kind_accuracy"].get<double>(), 0.8) << trained;
  EXPECT_LT(trained["test_size_loss"].get<double>(), 0.2) << trained;

  const Json evaluated = done({"evaluate", "m.safetensors"});
  EXPECT_EQ(evaluated["size_loss"], trained["test_size_loss"]) << "the file says what the outputs learned";
  EXPECT_EQ(evaluated["confusion"].size(), 3U);
}

TEST_F(TargetOption, GoesOnWithTheTargetsOfTheFile) {
  const std::vector<std::string> target{"--target", "size=petal_length"};
  done({"train", "flowers.json", "--data", "iris", "--epochs", "4", target[0], target[1], "--save",
        "whole.safetensors"});
  done(
      {"train", "flowers.json", "--data", "iris", "--epochs", "2", target[0], target[1], "--save", "half.safetensors"});
  const Json resumed = done({"train", "--resume", "half.safetensors", "--epochs", "4"});
  const Json whole = done({"evaluate", "whole.safetensors"});
  EXPECT_EQ(resumed["test_size_loss"], whole["size_loss"]);
  EXPECT_EQ(run({"train", "--resume", "half.safetensors", "--epochs", "6", target[0], target[1]}).exit_code, 0);
  const RunResult other =
      run({"train", "--resume", "half.safetensors", "--epochs", "8", "--target", "size=sepal_width"});
  EXPECT_EQ(other.exit_code, 2) << other.out;
  EXPECT_NE(other.out.find("--target"), std::string::npos) << other.out;
}

TEST_F(TargetOption, IsNotNeededWhereAnOutputCopiesThePicture) {
  const Json trained = done(
      {"train", "copier.json", "--data", "digits", "--samples", "320", "--epochs", "1", "--save", "m.safetensors"});
  EXPECT_LT(trained["test_loss"].get<double>(), 0.3) << trained;
  const Json evaluated = done({"evaluate", "m.safetensors"});
  EXPECT_FALSE(evaluated.contains("confusion")) << "there are no classes to tell apart";
}

TEST_F(TargetOption, NamesWhatIsWrong) {
  const auto complaint = [&](const std::vector<std::string>& arguments) {
    const RunResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.out;
    return last_line(result.out);
  };
  const std::string unknown = complaint({"train", "flowers.json", "--data", "iris", "--target", "size=depth"});
  EXPECT_NE(unknown.find("targets.size"), std::string::npos) << unknown;
  EXPECT_NE(unknown.find("petal_length"), std::string::npos) << "what there is: " << unknown;
  EXPECT_NE(complaint({"train", "flowers.json", "--data", "iris", "--target", "a", "--target", "b"}).find("only one"),
            std::string::npos);
  const RunResult seen =
      run({"train", "flowers.json", "--data", "iris", "--epochs", "1", "--target", "size=petal_width"});
  EXPECT_EQ(seen.exit_code, 0);
  EXPECT_NE(seen.out.find("target.seen"), std::string::npos) << "a warning: " << seen.out;
}

TEST_F(TargetOption, RowsOfATableAreMixedUnlessTheyAreToKeepTheirOrder) {
  std::ofstream table(folder_.path("sorted.csv"));
  table << "a,kind\n";
  for (int i = 0; i < 100; ++i) table << i % 7 << (i < 50 ? ",first\n" : ",last\n");
  table.close();
  EXPECT_EQ(done({"data", "info", "sorted.csv"})["order"], "mixed when loaded");
  EXPECT_EQ(done({"data", "info", "sorted.csv", "--keep-order"})["order"], "as it comes");
  EXPECT_EQ(done({"data", "info", "iris"})["order"], "mixed when loaded");
  EXPECT_EQ(run({"data", "info", "digits", "--keep-order"}).exit_code, 2);

  // With weights that stay as they are drawn the loss of the last fifth tells which rows it holds.
  const auto validation_loss = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"train",    "mlp", "--data",          "sorted.csv", "--test-split", "0",
                                       "--epochs", "1",   "--learning-rate", "0",          "--batch-size", "8"};
    arguments.insert(arguments.end(), {"--validation-split", "0.2"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return done(arguments)["val_loss"];
  };
  const Json kept = validation_loss({"--keep-order"});
  EXPECT_NE(validation_loss({}), kept);
  EXPECT_EQ(validation_loss({"--no-shuffle"}), kept) << "whoever wants no shuffling wants the file's order";
}

}  // namespace
}  // namespace trainyard::testing
