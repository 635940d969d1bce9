// What people get wrong: each mistake is one clear message and an exit code, never a crash.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "engine/core/json.h"
#include "tests/native/run_trainyard.h"

namespace trainyard::testing {
namespace {

struct Mistake {
  const char* about;
  std::vector<std::string> arguments;
  /// What the message must name.
  std::string names;
  int exit_code = 2;
};

void write_files(const Folder& folder) {
  std::ofstream(folder.path("broken.json")) << "{\"class_name\": \"Sequential\", ";
  std::ofstream(folder.path("unknown.json")) << R"({"class_name":"Sequential","config":{"layers":[
    {"class_name":"InputLayer","config":{"batch_shape":[null,4]}},{"class_name":"Dance","config":{"units":3}}]}})";
  std::ofstream(folder.path("ill.json")) << R"({"class_name":"Sequential","config":{"layers":[
    {"class_name":"InputLayer","config":{"batch_shape":[null,8,8,4]}},
    {"class_name":"Conv2D","config":{"filters":6,"kernel_size":"three"}},
    {"class_name":"Conv2D","config":{"filters":6,"kernel_size":3,"groups":4,"colour":"red"}}]}})";
  std::ofstream(folder.path("shape.json")) << R"({"class_name":"Sequential","config":{"layers":[
    {"class_name":"InputLayer","config":{"batch_shape":[null,4]}},
    {"class_name":"Conv2D","config":{"filters":6,"kernel_size":3}}]}})";
  std::ofstream(folder.path("wide.json")) << R"({"class_name":"Sequential","config":{"layers":[
    {"class_name":"InputLayer","config":{"batch_shape":[null,7]}},{"class_name":"Dense","config":{"units":3}}]}})";
  std::ofstream(folder.path("narrow.json")) << R"({"class_name":"Sequential","config":{"layers":[
    {"class_name":"InputLayer","config":{"batch_shape":[null,4]}},{"class_name":"Dense","config":{"units":2,"activation":"softmax"}}]}})";
  std::ofstream(folder.path("ragged.csv")) << "a,b,c\n1,2,x\n3,y\n";
  std::ofstream(folder.path("empty.csv")) << "";
  std::ofstream(folder.path("german.csv")) << "gr\u00f6\u00dfe,art\n1,x\n2,y\n";
  std::ofstream(folder.path("noise.png")) << "\x89PNG\r\n\x1a\nnot really";
  std::ofstream(folder.path("cut.safetensors")) << std::string("\x10\0\0\0\0\0\0\0{}", 10);
}

class Mistakes : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new Folder();
    write_files(*folder_);
    ASSERT_EQ(run({"train", "mlp", "--data", "iris", "--epochs", "1", "--save", "iris.safetensors"}).exit_code, 0);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static RunResult run(const std::vector<std::string>& arguments) {
    return run_trainyard(arguments, {.folder = folder_->path()});
  }

  static Folder* folder_;
};
Folder* Mistakes::folder_ = nullptr;

const std::vector<Mistake>& mistakes() {
  static const std::vector<Mistake> kMistakes{
      {"no command", {}, "subcommand"},
      {"unknown command", {"fly"}, "fly"},
      {"unknown option", {"train", "mlp", "--speed", "9"}, "--speed"},
      {"no model", {"train"}, "MODEL"},
      {"unknown model", {"train", "resnet9000"}, "resnet9000"},
      {"JSON that ends early", {"summary", "broken.json"}, "broken.json"},
      {"unknown layer", {"summary", "unknown.json"}, "Dance"},
      {"ill-typed argument", {"summary", "ill.json"}, "layers[1].kernel_size"},
      {"argument that does not divide", {"summary", "ill.json"}, "groups"},
      {"unknown argument", {"summary", "ill.json"}, "colour"},
      {"impossible shape", {"summary", "shape.json"}, "layers[1]"},
      {"a file that is no model", {"evaluate", "cut.safetensors"}, "cut.safetensors"},
      {"a model without weights", {"evaluate", "mlp"}, "no trained weights"},
      {"unknown data", {"train", "mlp", "--data", "nowhere.csv"}, "nowhere.csv"},
      {"ragged table", {"train", "mlp", "--data", "ragged.csv"}, "ragged.csv:3"},
      {"empty table", {"train", "mlp", "--data", "empty.csv"}, "empty.csv"},
      {"data of another width", {"train", "wide.json", "--data", "iris"}, "data.x[0]"},
      {"too few classes", {"train", "narrow.json", "--data", "iris"}, "is not one of the 2 classes"},
      {"no data for the model", {"train", "wide.json"}, "--data"},
      {"batch larger than the data", {"train", "mlp", "--data", "iris", "--batch-size", "500"}, "batch_size"},
      {"no batch", {"train", "mlp", "--data", "iris", "--batch-size", "0"}, "batch_size"},
      {"no epochs", {"train", "mlp", "--data", "iris", "--epochs", "0"}, "epochs"},
      {"epochs in words", {"train", "mlp", "--data", "iris", "--epochs", "many"}, "--epochs"},
      {"zero samples", {"train", "lenet5", "--data", "digits", "--samples", "0"}, "samples"},
      {"everything validated", {"train", "mlp", "--data", "iris", "--validation-split", "1"}, "validation_split"},
      {"a sliver of training",
       {"train", "mlp", "--data", "iris", "--batch-size", "1", "--validation-split", "0.999"},
       "validation_split"},
      {"unknown optimizer", {"train", "mlp", "--data", "iris", "--optimizer", "sdg"}, "sdg"},
      {"broken optimizer", {"train", "mlp", "--data", "iris", "--optimizer", "{\"class_name\": "}, "--optimizer"},
      {"unknown loss", {"train", "mlp", "--data", "iris", "--loss", "mess"}, "mess"},
      {"unknown metric", {"train", "mlp", "--data", "iris", "--metrics", "luck"}, "luck"},
      {"unknown backend", {"train", "mlp", "--data", "iris", "--backend", "abacus"}, "abacus"},
      {"negative seed", {"train", "mlp", "--data", "iris", "--seed", "-1"}, "seed"},
      {"class weight of no class", {"train", "mlp", "--data", "iris", "--class-weight", "7=2"}, "class 7"},
      {"class weight by a wrong name", {"train", "mlp", "--data", "iris", "--class-weight", "tulip=2"}, "tulip"},
      {"class weight without a weight", {"train", "mlp", "--data", "iris", "--class-weight", "setosa"}, "CLASS=WEIGHT"},
      {"an option that changes nothing", {"train", "mlp", "--data", "iris", "--samples", "100"}, "--samples"},
      {"nothing to resume", {"train", "--resume", "nowhere.safetensors"}, "nowhere.safetensors"},
      {"a folder that is not there",
       {"train", "mlp", "--data", "iris", "--save", "no/such/folder/m.safetensors"},
       "no/such/folder",
       1},
      {"a column with a name of no ASCII",
       {"train", "mlp", "--data", "german.csv", "--target", "b"},
       "gr\u00f6\u00dfe"},
      {"an empty name to save under", {"train", "mlp", "--data", "iris", "--save", ""}, "--save: is empty"},
      {"data of an empty name", {"train", "mlp", "--data", ""}, "--data: is empty"},
      {"nothing to resume by an empty name", {"train", "--resume", ""}, "--resume: is empty"},
      {"a rate that is no number", {"train", "mlp", "--data", "iris", "--learning-rate", "nan"}, "(got NaN)"},
      {"a page of no comparison", {"schema", "--markdown"}, "--coverage"},
      {"a comparison of one class", {"schema", "Dense", "--coverage", "list.json"}, "NAME"},
      {"a damaged picture", {"predict", "iris.safetensors", "noise.png"}, "noise.png"},
      {"a picture for a table's model", {"predict", "iris.safetensors", "nowhere.png"}, "nowhere.png"},
      {"a table without the features", {"predict", "iris.safetensors", "ragged.csv"}, "ragged.csv"},
      {"unknown class", {"schema", "Conv7D"}, "Conv7D"},
      {"unknown data set", {"data", "info", "nowhere"}, "nowhere"},
      {"coverage of nothing", {"schema", "--coverage", "nowhere.json"}, "nowhere.json"},
  };
  return kMistakes;
}

TEST_F(Mistakes, AreNamedWithThingAndPlace) {
  for (const Mistake& mistake : mistakes()) {
    const RunResult result = run(mistake.arguments);
    EXPECT_EQ(result.exit_code, mistake.exit_code) << mistake.about << "\n" << result.out << result.err;
    EXPECT_NE(result.err.find(mistake.names), std::string::npos) << mistake.about << "\n" << result.err;
    EXPECT_FALSE(std::regex_search(result.err, std::regex("\\{[a-z_]+\\}"))) << "a hole was left: " << result.err;
    EXPECT_FALSE(std::regex_search(result.err, std::regex(": [a-z_]+\\.[a-z_]+\n")))
        << "a code has no sentence: " << result.err;
  }
}

TEST_F(Mistakes, AreDiagnosticsInJson) {
  for (const Mistake& mistake : mistakes()) {
    std::vector<std::string> arguments = mistake.arguments;
    if (arguments.empty()) continue;
    arguments.push_back("--json");
    const RunResult result = run(arguments);
    EXPECT_EQ(result.exit_code, mistake.exit_code) << mistake.about;
    const Json error = Json::parse(last_line(result.out), nullptr, false);
    ASSERT_TRUE(error.is_object()) << mistake.about << "\n" << result.out << result.err;
    EXPECT_EQ(error["event"], "error") << mistake.about;
    ASSERT_FALSE(error["diagnostics"].empty()) << mistake.about;
    EXPECT_NE(error["diagnostics"][0]["message"], "") << mistake.about;
  }
}

TEST_F(Mistakes, AreAllReportedNotOnlyTheFirst) {
  const RunResult result = run({"summary", "ill.json"});
  EXPECT_NE(result.err.find("layers[1]"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("layers[2]"), std::string::npos) << result.err;
}

}  // namespace
}  // namespace trainyard::testing
