// The commands that answer: predict, evaluate, summary, schema, data.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/core/json.h"
#include "tests/native/run_trainyard.h"

namespace trainyard::testing {
namespace {

Json last_event(const RunResult& run) { return Json::parse(last_line(run.out)); }

TEST(PredictCommand, ReadsRowsOfATableByTheNamesOfItsColumns) {
  const Folder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    return run_trainyard(arguments, {.folder = folder.path()});
  };
  ASSERT_EQ(run({"train", "mlp", "--data", "iris", "--epochs", "60", "--save", "iris.safetensors"}).exit_code, 0);
  const Json info = last_event(run({"data", "info", "iris", "--json"}));
  // Three flowers of Fisher's table, a setosa, a versicolor and a virginica; columns turned round, one too many.
  std::vector<std::string> names;
  for (const Json& feature : info["features"])
    names.push_back(feature.is_string() ? feature.get<std::string>() : feature["name"].get<std::string>());
  ASSERT_EQ(names.size(), 4U);
  std::ofstream(folder.path("rows.csv")) << "note," << names[3] << "," << names[2] << "," << names[1] << "," << names[0]
                                         << "\n"
                                         << "a,0.2,1.4,3.5,5.1\nb,1.4,4.7,3.2,7.0\nc,2.5,6.0,3.3,6.3\n";
  const RunResult result = run({"predict", "iris.safetensors", "rows.csv", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  std::vector<std::string> classes;
  std::string line;
  std::istringstream lines(result.out);
  while (std::getline(lines, line))
    if (const Json event = Json::parse(line); event["event"] == "prediction") {
      classes.push_back(event["class"].get<std::string>());
      EXPECT_EQ(event["top"].size(), 3U);
      EXPECT_EQ(event["top"][0]["probability"], event["probability"]);
    }
  EXPECT_EQ(classes, (std::vector<std::string>{"setosa", "versicolor", "virginica"}));
  EXPECT_EQ(last_event(result)["samples"], 3);
}

TEST(EvaluateCommand, MeasuresAgainWhatTrainingMeasured) {
  const Folder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    return run_trainyard(arguments, {.folder = folder.path()});
  };
  const RunResult trained = run({"train", "lenet5", "--data", "digits", "--samples", "1280", "--epochs", "2", "--save",
                                 "m.safetensors", "--json"});
  ASSERT_EQ(trained.exit_code, 0) << trained.out;
  const RunResult measured = run({"evaluate", "m.safetensors", "--json"});
  ASSERT_EQ(measured.exit_code, 0) << measured.out;
  EXPECT_EQ(last_event(measured)["loss"], last_event(trained)["test_loss"]);
  EXPECT_EQ(last_event(measured)["accuracy"], last_event(trained)["test_accuracy"]);
  int64_t right = 0;
  for (size_t c = 0; c < 10; ++c) right += last_event(measured)["confusion"][c][c].get<int64_t>();
  EXPECT_NEAR(static_cast<double>(right) / 1000, last_event(measured)["accuracy"].get<double>(), 1e-9);
}

/// Rows of three classes that are far apart in `x`, each class named in `classes` `count` times.
std::string rows_of(const std::string& classes, int count, const std::string& header = "x,colour,k") {
  std::string text = header + "\n";
  for (int i = 0; i < count; ++i)
    for (const char c : classes)
      text += std::to_string(10 * (c - 'a') + 0.1 * i) + "," + (i % 2 == 0 ? "red" : "blue") + "," + c + "\n";
  return text;
}

TEST(EvaluateCommand, ReadsAnotherTableInTheTermsOfTheModel) {
  const Folder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    return run_trainyard(arguments, {.folder = folder.path()});
  };
  std::ofstream(folder.path("all.csv")) << rows_of("abc", 20);
  // One class, in another column than the last, so that neither its number nor mean and deviation are those of the training.
  std::ofstream(folder.path("some.csv")) << "k,x,colour\nc,20.3,red\nc,20.5,green\nc,21,red\n";
  std::ofstream(folder.path("more.csv")) << rows_of("ad", 3);
  std::ofstream(folder.path("less.csv")) << "x,k\n1,a\n20,c\n";
  ASSERT_EQ(run({"train", "mlp", "--data", "all.csv", "--epochs", "30", "--save", "m.safetensors"}).exit_code, 0);
  const std::vector<std::string> whole{"--split", "train", "--test-split", "0", "--json"};
  const auto evaluate = [&](const std::string& table) {
    std::vector<std::string> arguments{"evaluate", "m.safetensors", "--data", table};
    arguments.insert(arguments.end(), whole.begin(), whole.end());
    return run(arguments);
  };
  const RunResult some = evaluate("some.csv");
  ASSERT_EQ(some.exit_code, 0) << some.out;
  EXPECT_EQ(last_event(some)["confusion"], Json::parse("[[0,0,0],[0,0,0],[0,0,3]]"));
  EXPECT_EQ(last_event(some)["accuracy"], 1.0);
  // The training's own rows under another name are the same to the last bit.
  std::ofstream(folder.path("copy.csv")) << rows_of("abc", 20);
  EXPECT_EQ(last_event(evaluate("copy.csv"))["loss"], last_event(evaluate("all.csv"))["loss"]);

  const RunResult more = evaluate("more.csv");
  EXPECT_EQ(more.exit_code, 2);
  EXPECT_NE(more.out.find("has not learnt the class 'd'"), std::string::npos) << more.out;
  const RunResult less = evaluate("less.csv");
  EXPECT_EQ(less.exit_code, 2);
  EXPECT_EQ(last_event(less)["diagnostics"].size(), 1U) << less.out;
  EXPECT_NE(less.out.find("has no column 'colour'"), std::string::npos) << less.out;
}

TEST(PredictCommand, NotesAWordThatTheTrainingNeverHeld) {
  const Folder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    return run_trainyard(arguments, {.folder = folder.path()});
  };
  std::ofstream(folder.path("all.csv")) << rows_of("ab", 10);
  std::ofstream(folder.path("ask.csv")) << "x,colour\n0,red\n10,green\n";
  ASSERT_EQ(run({"train", "mlp", "--data", "all.csv", "--epochs", "5", "--save", "m.safetensors"}).exit_code, 0);
  const RunResult answer = run({"predict", "m.safetensors", "ask.csv"});
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_NE((answer.out + answer.err).find("ask.csv:3: 'green' in column 'colour'"), std::string::npos) << answer.out;
  EXPECT_EQ((answer.out + answer.err).find("'red'"), std::string::npos) << answer.out;
}

TEST(EvaluateCommand, MeasuresAllOfATableThatTheTrainingDidNotUse) {
  const Folder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    return run_trainyard(arguments, {.folder = folder.path()});
  };
  std::ofstream(folder.path("all.csv")) << rows_of("abc", 20);
  std::ofstream(folder.path("other.csv")) << rows_of("abc", 5);
  ASSERT_EQ(run({"train", "mlp", "--data", "all.csv", "--epochs", "5", "--save", "m.safetensors"}).exit_code, 0);
  const auto measured = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"evaluate", "m.safetensors", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Json done = last_event(run(arguments));
    return std::make_pair(done["split"], done["samples"]);
  };
  EXPECT_EQ(measured({}), std::make_pair(Json("test"), Json(12)));
  EXPECT_EQ(measured({"--split", "all"}), std::make_pair(Json("all"), Json(60)));
  EXPECT_EQ(measured({"--data", "other.csv"}), std::make_pair(Json("all"), Json(15)));
  EXPECT_EQ(measured({"--data", "other.csv", "--split", "test"}), std::make_pair(Json("test"), Json(3)));
  EXPECT_EQ(measured({"--data", "other.csv", "--test-split", "0.4"}), std::make_pair(Json("test"), Json(6)));
}

TEST(TrainCommand, GoesOnWithAnotherTableInTheTermsOfTheModel) {
  const Folder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    return run_trainyard(arguments, {.folder = folder.path()});
  };
  std::ofstream(folder.path("all.csv")) << rows_of("abc", 20);
  // The classes stand in another order in the column, the target is the first.
  std::string other = "k,colour,x\n";
  for (int i = 0; i < 10; ++i)
    other += "c,red," + std::to_string(20 + 0.1 * i) + "\nb,red," + std::to_string(10 + 0.1 * i) + "\n";
  std::ofstream(folder.path("other.csv")) << other;
  ASSERT_EQ(run({"train", "mlp", "--data", "all.csv", "--epochs", "30", "--save", "m.safetensors"}).exit_code, 0);
  // A step that changes nothing: what the model knew of the classes holds for them here.
  const RunResult on = run({"train", "m.safetensors", "--data", "other.csv", "--epochs", "1", "--optimizer", "sgd",
                            "--learning-rate", "0", "--save", "n.safetensors", "--json"});
  ASSERT_EQ(on.exit_code, 0) << on.out;
  EXPECT_EQ(last_event(on)["test_accuracy"], 1.0) << on.out;
  EXPECT_EQ(last_event(run({"evaluate", "n.safetensors", "--json"}))["accuracy"], 1.0);
}

TEST(EvaluateCommand, TakesNumbersForWhatTheTrainingTookThem) {
  const Folder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    return run_trainyard(arguments, {.folder = folder.path()});
  };
  std::string many = "x,n\n";
  for (int i = 0; i < 40; ++i) many += std::to_string(i % 2) + "," + std::to_string(5 + i % 2) + "\n";
  std::ofstream(folder.path("classes.csv")) << many;
  std::ofstream(folder.path("few.csv")) << "x,n\n0,5\n1,6\n";
  std::ofstream(folder.path("quantities.csv")) << "x,n\n0,5\n1,6\n2,7\n3,8\n4,9\n";
  const std::vector<std::string> whole{"--split", "train", "--test-split", "0", "--json"};
  const auto evaluate = [&](const std::string& model, const std::string& table) {
    std::vector<std::string> arguments{"evaluate", model, "--data", table};
    arguments.insert(arguments.end(), whole.begin(), whole.end());
    const RunResult result = run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.out;
    EXPECT_EQ(result.out.find("is taken for"), std::string::npos) << result.out;
    return last_event(result);
  };
  ASSERT_EQ(run({"train", "mlp", "--data", "classes.csv", "--epochs", "20", "--save", "c.safetensors"}).exit_code, 0);
  EXPECT_EQ(evaluate("c.safetensors", "few.csv")["confusion"], Json::parse("[[1,0],[0,1]]"));
  ASSERT_EQ(run({"train", "mlp", "--data", "quantities.csv", "--epochs", "1", "--save", "q.safetensors"}).exit_code, 0);
  const Json measured = evaluate("q.safetensors", "classes.csv");
  EXPECT_TRUE(measured.contains("mean_absolute_error")) << measured;
  EXPECT_FALSE(measured.contains("confusion")) << measured;
}

TEST(PredictCommand, RefusesNumbersThatAreTooLargeAndNamesAColumnOnce) {
  const Folder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    return run_trainyard(arguments, {.folder = folder.path()});
  };
  std::ofstream(folder.path("all.csv")) << rows_of("abc", 5);
  ASSERT_EQ(run({"train", "mlp", "--data", "all.csv", "--epochs", "1", "--save", "m.safetensors"}).exit_code, 0);
  std::ofstream(folder.path("huge.csv")) << "x,colour\n1,red\n1e39,red\n";
  const RunResult huge = run({"predict", "m.safetensors", "huge.csv"});
  EXPECT_EQ(huge.exit_code, 2);
  EXPECT_NE(huge.err.find("huge.csv:3: '1e39'"), std::string::npos) << huge.err;
  std::ofstream(folder.path("bare.csv")) << "x\n1\n";
  const RunResult bare = run({"predict", "m.safetensors", "bare.csv", "--json"});
  EXPECT_EQ(bare.exit_code, 2);
  EXPECT_EQ(last_event(bare)["diagnostics"].size(), 1U) << bare.out;
}

TEST(SummaryCommand, CountsWhatKerasCounts) {
  const RunResult run = run_trainyard({"summary", "lenet5", "--json"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const Json done = last_event(run);
  EXPECT_EQ(done["parameters"], 61706);
  // 28*28*6*25 + 10*10*16*150 + 400*120 + 120*84 + 84*10
  EXPECT_EQ(done["macs"], 117600 + 240000 + 48000 + 10080 + 840);
  EXPECT_EQ(done["layers"].size(), 9U);
  EXPECT_NE(run_trainyard({"summary", "lenet5"}).out.find("61,706"), std::string::npos);
}

TEST(SchemaCommand, ShowsGroupsAndClasses) {
  const RunResult all = run_trainyard({"schema", "--json"});
  ASSERT_EQ(all.exit_code, 0);
  EXPECT_TRUE(last_event(all)["groups"].contains("layers"));
  const RunResult one = run_trainyard({"schema", "Conv2D"});
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_NE(one.out.find("kernel_size"), std::string::npos);
  EXPECT_EQ(one.out.find("registered_name"), std::string::npos) << one.out;
}

TEST(SchemaCommand, ComparesWithAListOfKeras) {
  const Folder folder;
  std::ofstream(folder.path("api.json"))
      << R"({"keras_version": "3", "layers": {"Dense": {"args": {"units": {}, "warp": {}}}, "Lambda": {}, "Warp": {}},
    "activations": ["relu"], "excluded": {"layers": ["Lambda"]}})";
  const RunResult some = run_trainyard({"schema", "--coverage", folder.path("api.json"), "--json"});
  EXPECT_EQ(some.exit_code, 1);
  const Json done = last_event(some);
  EXPECT_EQ(done["wanted"], 3);
  EXPECT_EQ(done["present"], 2);
  EXPECT_EQ(done["groups"][0]["missing"], Json::array({"Warp"}));
  EXPECT_EQ(done["groups"][0]["missing_arguments"], Json::array({"Dense.warp"}));
  std::ofstream(folder.path("met.json")) << R"({"layers": {"Dense": {"args": {"units": {}}}}})";
  EXPECT_EQ(run_trainyard({"schema", "--coverage", folder.path("met.json")}).exit_code, 0);
}

TEST(DataCommand, ListsAndDescribes) {
  const RunResult list = run_trainyard({"data", "list"});
  EXPECT_EQ(list.exit_code, 0);
  for (const char* name : {"iris", "digits", "mnist"}) EXPECT_NE(list.out.find(name), std::string::npos) << name;
  const RunResult info = run_trainyard({"data", "info", "iris"});
  EXPECT_EQ(info.exit_code, 0) << info.err;
  EXPECT_NE(info.out.find("setosa"), std::string::npos) << info.out;
}

TEST(Help, IsThereForEveryCommandWithExamples) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{{},
                                                                                       {"train"},
                                                                                       {"evaluate"},
                                                                                       {"predict"},
                                                                                       {"summary"},
                                                                                       {"schema"},
                                                                                       {"data"},
                                                                                       {"data", "info"},
                                                                                       {"data", "list"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back("--help");
    const RunResult run = run_trainyard(arguments);
    EXPECT_EQ(run.exit_code, 0);
    const bool has_examples = command.size() < 2;
    EXPECT_TRUE(!has_examples || run.out.find("trainyard train") != std::string::npos ||
                run.out.find("  trainyard ") != std::string::npos)
        << run.out;
  }
  EXPECT_EQ(run_trainyard({"--version"}).out.rfind("trainyard ", 0), 0U);
}

}  // namespace
}  // namespace trainyard::testing
