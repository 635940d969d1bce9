// Text from a CSV file to an answer, by the command line alone.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/core/json.h"
#include "tests/native/run_trainyard.h"

namespace trainyard::testing {
namespace {

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string table() {
  std::string text = "review,verdict\n";
  for (int i = 0; i < 60; ++i)
    text += (i % 2 == 0 ? "\"truly great, number " : "\"truly boring, number ") + std::to_string(i) +
            (i % 2 == 0 ? "\",good\n" : "\",bad\n");
  return text;
}

constexpr const char* kModel = R"({"class_name": "Sequential", "config": {"name": "net", "layers": [
  {"class_name": "InputLayer", "config": {"batch_shape": [null, 1], "dtype": "string", "name": "review"}},
  {"class_name": "TextVectorization", "config": {"max_tokens": 50, "output_mode": "multi_hot", "name": "words"}},
  {"class_name": "Dense", "config": {"units": 2, "activation": "softmax", "name": "output"}}]}})";

TEST(TextCommand, TrainsOnATableAndAnswersTypedTextAndTables) {
  const Folder folder;
  write(folder.path("reviews.csv"), table());
  write(folder.path("net.json"), kModel);
  const RunResult train =
      run_trainyard({"train", "net.json", "--data", "reviews.csv", "--epochs", "20", "--batch-size", "8", "--optimizer",
                     "adam", "--learning-rate", "0.05", "--save", "m.safetensors"},
                    {.folder = folder.path()});
  ASSERT_EQ(train.exit_code, 0) << train.err;
  EXPECT_NE(train.out.find("adapted words: a vocabulary of"), std::string::npos) << train.out;
  const RunResult typed = run_trainyard(
      {"predict", "m.safetensors", "--text", "great!", "--text", "How boring.", "--json"}, {.folder = folder.path()});
  ASSERT_EQ(typed.exit_code, 0) << typed.err;
  EXPECT_NE(typed.out.find("\"class\":\"good\""), std::string::npos) << typed.out;
  EXPECT_NE(typed.out.find("\"class\":\"bad\""), std::string::npos) << typed.out;
  write(folder.path("new.csv"), "id,review\n1,\"so boring, so boring\"\n");
  const RunResult rows = run_trainyard({"predict", "m.safetensors", "new.csv"}, {.folder = folder.path()});
  ASSERT_EQ(rows.exit_code, 0) << rows.err;
  EXPECT_NE(rows.out.find("new.csv:2: bad"), std::string::npos) << rows.out;
  const RunResult measured = run_trainyard({"evaluate", "m.safetensors"}, {.folder = folder.path()});
  EXPECT_EQ(measured.exit_code, 0) << measured.err;
}

TEST(TextCommand, SaysWhatATextIsGoodFor) {
  const Folder folder;
  const RunResult train = run_trainyard({"train", "mlp", "--data", "iris", "--epochs", "1", "--save", "m.safetensors"},
                                        {.folder = folder.path()});
  ASSERT_EQ(train.exit_code, 0) << train.err;
  const RunResult typed = run_trainyard({"predict", "m.safetensors", "--text", "hello"}, {.folder = folder.path()});
  EXPECT_EQ(typed.exit_code, 2);
  EXPECT_NE(typed.err.find("typed text goes to a model with one input"), std::string::npos) << typed.err;
}

}  // namespace
}  // namespace trainyard::testing
