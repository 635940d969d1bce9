// What each output of a network learns of a data set, through the requests of a page.
#include "engine/api/targets.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/api/diagnosis.h"
#include "engine/api/session_factory.h"
#include "engine/api/training_data.h"
#include "engine/api/workbench.h"
#include "engine/data/digits.h"
#include "engine/data/iris.h"
#include "tests/train/training_fixture.h"

namespace trainyard::testing {
namespace {

Json tensor(const std::string& layer) {
  return {{"class_name", "__keras_tensor__"},
          {"config", {{"shape", nullptr}, {"dtype", "float32"}, {"keras_history", {layer, 0, 0}}}}};
}

Json call(const std::string& class_name, const std::string& name, Json config, const std::vector<std::string>& from) {
  config["name"] = name;
  Json args = Json::array();
  for (const std::string& layer : from) args.push_back(tensor(layer));
  if (from.size() > 1) args = Json::array({args});
  Json nodes = Json::array();
  if (!from.empty()) nodes.push_back({{"args", args}, {"kwargs", Json::object()}});
  return {{"class_name", class_name}, {"name", name}, {"config", config}, {"inbound_nodes", nodes}};
}

Json functional(Json layers, const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  Json config = {{"name", "net"}, {"layers", std::move(layers)}};
  for (const std::string& name : inputs) config["input_layers"].push_back({name, 0, 0});
  for (const std::string& name : outputs) config["output_layers"].push_back({name, 0, 0});
  return {{"class_name", "Functional"}, {"config", config}};
}

Json input(const std::string& name, Json shape) {
  shape.insert(shape.begin(), nullptr);
  return call("InputLayer", name, {{"batch_shape", shape}}, {});
}

Json dense(const std::string& name, int units, const std::string& activation, const std::string& from) {
  return call("Dense", name, {{"units", units}, {"activation", activation}}, {from});
}

/// The kind of an iris from all it measures, and the petal's length from its width alone.
Json flower_model() {
  return functional(
      {input("petal_length", {1}), input("petal_width", {1}),
       call("Concatenate", "both", Json::object(), {"petal_length", "petal_width"}), dense("hidden", 8, "relu", "both"),
       dense("kind", 3, "softmax", "hidden"), dense("size", 1, "linear", "petal_width")},
      {"petal_length", "petal_width"}, {"kind", "size"});
}

/// Digits through a few numbers and back, and their class.
Json autoencoder_model() {
  return functional({input("picture", {28, 28, 1}), call("Flatten", "pixels", Json::object(), {"picture"}),
                     dense("code", 16, "relu", "pixels"), dense("copy", 784, "sigmoid", "code"),
                     dense("digit", 10, "softmax", "code")},
                    {"picture"}, {"digit", "copy"});
}

Json flower_fit() {
  return {{"epochs", 40},
          {"batch_size", 16},
          {"optimizer", {{"class_name", "Adam"}, {"config", {{"learning_rate", 0.02}}}}},
          {"loss", {{"kind", "sparse_categorical_crossentropy"}, {"size", "mse"}}},
          {"metrics", {{"kind", {"accuracy"}}, {"size", {"mae"}}}},
          {"targets", {{"kind", "label"}, {"size", "petal_length"}}}};
}

Json digit_fit() {
  return {{"epochs", 2},
          {"batch_size", 32},
          {"optimizer", "adam"},
          {"loss", {{"digit", "sparse_categorical_crossentropy"}, {"copy", "mse"}}},
          {"metrics", {{"digit", {"accuracy"}}}},
          {"targets", {{"digit", "label"}, {"copy", "input"}}}};
}

Workbench fresh() { return Workbench(make_device({.backend = "cpu", .threads = 1})); }

void load(Workbench& bench, const Json& data, const Json& model) {
  bench.load_data(data, {});
  EXPECT_TRUE(bench.load_model({{"model", model}, {"seed", 1}})["ok"].get<bool>());
}

const Json kIris = {{"kind", "iris"}, {"seed", 1}};
const Json kDigits = {{"kind", "digits"}, {"seed", 1}, {"train", 400}, {"test", 60}};

void train(Workbench& bench, const Json& options) {
  bench.begin_fit(options);
  while (bench.train_for(1)["more"].get<bool>()) {
  }
}

Json last_logs(const Workbench& bench) { return bench.fit_result()["history"].back()["logs"]; }

/// Codes and paths of what a diagnosis says.
std::vector<std::pair<std::string, std::string>> said(const Workbench& bench, const Json& model, const Json& training) {
  std::vector<std::pair<std::string, std::string>> list;
  const Json diagnosis = bench.diagnose({{"model", model}, {"revision", 1}, {"batch_size", 8}, {"training", training}});
  for (const Json& item : diagnosis["diagnostics"]) list.emplace_back(item["code"], item["path"]);
  return list;
}

using Said = std::vector<std::pair<std::string, std::string>>;

TEST(Inputs, PicturesAloneFeedOneInput) {
  Workbench bench = fresh();
  bench.load_data(kDigits, {});
  const Json model = functional(
      {input("picture", {28, 28, 1}), input("other", {10}), call("Flatten", "pixels", Json::object(), {"picture"}),
       call("Concatenate", "both", Json::object(), {"pixels", "other"}), dense("digit", 10, "softmax", "both")},
      {"picture", "other"}, {"digit"});
  EXPECT_EQ(said(bench, model, {{"epochs", 1}}), (Said{{"data.input_count", "data"}}));
}

TEST(Targets, ALabelAndAColumnAreLearnedTogether) {
  Workbench bench = fresh();
  load(bench, kIris, flower_model());
  train(bench, flower_fit());
  const Json logs = last_logs(bench);
  EXPECT_GT(logs["kind_accuracy"].get<double>(), 0.9) << logs;
  EXPECT_LT(logs["size_loss"].get<double>(), 0.15) << "the width tells most of the length";
  EXPECT_NEAR(logs["loss"].get<double>(), logs["kind_loss"].get<double>() + logs["size_loss"].get<double>(), 1e-5);
  const Json evaluation = bench.evaluate({{"split", "test"}});
  EXPECT_TRUE(evaluation["logs"].contains("size_mae")) << evaluation["logs"];
  ASSERT_EQ(evaluation["confusion"].size(), 3U);
}

TEST(Targets, AnAutoencoderLearnsItsInputAsTheNetworkGetsIt) {
  Workbench bench = fresh();
  load(bench, kDigits, autoencoder_model());
  train(bench, digit_fit());
  EXPECT_LT(last_logs(bench)["copy_loss"].get<double>(), 0.25) << "bytes would be thousands of times that";
  const Dataset data = digits({.train = 400, .test = 60, .seed = 1});
  const auto pixels = data.x_test.span<uint8_t>();
  Tensor x(DType::f32, {60, 28, 28, 1});
  for (size_t i = 0; i < pixels.size(); ++i) x.span<float>()[i] = static_cast<float>(pixels[i]) / 255.0F;
  const Answer answer = bench.predict({x});
  double squares = 0;
  const auto copies = answer.tensors[1].span<float>();
  for (size_t i = 0; i < pixels.size(); ++i) squares += std::pow(copies[i] - x.span<float>()[i], 2);
  const double mse = squares / static_cast<double>(pixels.size());
  EXPECT_NEAR(bench.evaluate({{"split", "test"}})["logs"]["copy_loss"].get<double>(), mse, 1e-5);
}

TEST(Targets, OfANetworkThatOnlyCopiesNoClassesAreTold) {
  const Json model = functional({input("picture", {28, 28, 1}), call("Flatten", "pixels", Json::object(), {"picture"}),
                                 dense("code", 8, "relu", "pixels"), dense("copy", 784, "sigmoid", "code")},
                                {"picture"}, {"copy"});
  Workbench bench = fresh();
  load(bench, kDigits, model);
  train(bench, {{"epochs", 1}, {"batch_size", 32}, {"optimizer", "adam"}, {"loss", "mse"}, {"targets", "input"}});
  const Json evaluation = bench.evaluate({{"split", "test"}});
  EXPECT_TRUE(evaluation["confusion"].empty());
  EXPECT_TRUE(evaluation["mistakes"].empty());
  Tensor ink(DType::f32, {28, 28});
  EXPECT_TRUE(bench.predict_drawing(ink).json["labels"].empty());
}

TEST(Targets, OutputsThatAreNotNamedLearnWhatSuitsThem) {
  const Dataset data = digits({.train = 40, .test = 10, .seed = 1});
  Diagnostics diagnostics;
  const auto model = parse_model(autoencoder_model(), diagnostics);
  const ModelPlan plan = plan_model(*model, diagnostics);
  const std::vector<Target> targets = parse_targets(nullptr, data, *model, plan, diagnostics);
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(targets[0].kind, TargetKind::label);
  EXPECT_EQ(targets[1].kind, TargetKind::input);
  const Json setup = default_setup(samples_of(data, DataPart::train, *model, plan, nullptr), *model, plan);
  EXPECT_EQ(setup["loss"]["digit"], "sparse_categorical_crossentropy");
  EXPECT_EQ(setup["loss"]["copy"], "mean_squared_error");
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(Targets, ALabelIsMadeOfRowsWhereItsLossComparesThem) {
  const Dataset data = iris(1);
  Diagnostics diagnostics;
  const auto model = parse_model(flower_model(), diagnostics);
  const ModelPlan plan = plan_model(*model, diagnostics);
  const Json setup = {{"loss", {{"kind", "categorical_crossentropy"}, {"size", "mse"}}},
                      {"targets", {{"size", "petal_width"}}}};
  const Samples samples = samples_of(data, DataPart::test, *model, plan, setup);
  EXPECT_EQ(samples.y[0].shape(), (Shape{30, 3}));
  ASSERT_EQ(samples.y[1].shape(), (Shape{30, 1}));
  for (size_t row = 0; row < 30; ++row)
    EXPECT_EQ(samples.y[1].span<float>()[row], data.x_test.span<float>()[4 * row + 3]);
}

TEST(Targets, AreTheInputsOwnMemoryWhereTheyAreTheInput) {
  const Dataset data = digits({.train = 40, .test = 10, .seed = 1});
  Diagnostics diagnostics;
  const auto model = parse_model(autoencoder_model(), diagnostics);
  const ModelPlan plan = plan_model(*model, diagnostics);
  const Samples samples = samples_of(data, DataPart::train, *model, plan, nullptr);
  EXPECT_EQ(samples.y[1].data(), samples.x[0].data());
  EXPECT_EQ(samples.y[1].shape(), (Shape{40, 784}));
  EXPECT_DOUBLE_EQ(samples.target_scale(1), 1.0 / 255);
  EXPECT_EQ(samples.target_scale(0), 0);
}

TEST(TargetMistakes, AreToldAtTheirOption) {
  Workbench bench = fresh();
  load(bench, kIris, flower_model());
  const auto with = [&](const char* output, const Json& target) {
    Json fit = flower_fit();
    fit["targets"][output] = target;
    return said(bench, flower_model(), fit);
  };
  EXPECT_EQ(with("size", "petal_length"), Said{});
  EXPECT_EQ(with("size", "petal_depth"), (Said{{"target.unknown", "targets.size"}}));
  EXPECT_EQ(with("size", 3), (Said{{"argument.type", "targets.size"}}));
  EXPECT_EQ(with("length", "label"), (Said{{"setup.unknown_output", "targets"}}));
  EXPECT_EQ(with("kind", "input"), (Said{{"loss.shapes", "metrics.kind[0]"}, {"loss.shapes", "targets.kind"}}));
  EXPECT_EQ(with("size", "input"), (Said{{"loss.shapes", "metrics.size[0]"}, {"loss.shapes", "targets.size"}}));
  Json classes = flower_fit();
  classes["loss"]["size"] = "sparse_categorical_crossentropy";
  EXPECT_EQ(said(bench, flower_model(), classes), (Said{{"loss.fractions", "targets.size"}}));
  // A metric that measures nothing is a mistake too.
  EXPECT_EQ(with("size", nullptr),
            (Said{{"data.target_missing", "metrics.size"}, {"data.target_missing", "targets.size"}}));
}

TEST(TargetMistakes, NameWhatThereIs) {
  Workbench bench = fresh();
  load(bench, kIris, flower_model());
  Json fit = flower_fit();
  fit["targets"]["size"] = "depth";
  const Json diagnosis = bench.diagnose({{"model", flower_model()}, {"revision", 1}, {"training", fit}});
  EXPECT_EQ(diagnosis["diagnostics"][0]["fix"],
            "choose one of: label, input, sepal_length, sepal_width, petal_length, petal_width");
}

TEST(TargetMistakes, AColumnThatTheNetworkIsShownIsWarnedOf) {
  Workbench bench = fresh();
  load(bench, kIris, flower_model());
  Json fit = flower_fit();
  fit["targets"]["size"] = "petal_width";
  EXPECT_EQ(said(bench, flower_model(), fit), (Said{{"target.seen", "targets.size"}}));
  EXPECT_NO_THROW(bench.begin_fit(fit)) << "a warning stops nothing";
  fit["targets"]["size"] = "sepal_width";  // goes into no Input
  EXPECT_EQ(said(bench, flower_model(), fit), Said{});
}

TEST(TargetMistakes, StopAFitBeforeItBegins) {
  Workbench bench = fresh();
  load(bench, kDigits, autoencoder_model());
  Json fit = digit_fit();
  fit["targets"]["copy"] = "width";
  try {
    bench.begin_fit(fit);
    FAIL() << "pictures have no columns";
  } catch (const UserError& mistake) {
    EXPECT_EQ(mistake.diagnostics().items().front().path, "targets.copy");
    EXPECT_EQ(mistake.diagnostics().items().front().fix(), "choose one of: label, input");
  }
}

TEST(TargetMistakes, ClassWeightsNeedTheLabel) {
  const Json model = sequential(
      {28, 28, 1}, {keras_layer("Flatten", {{"name", "f"}}), keras_layer("Dense", {{"units", 784}, {"name", "o"}})});
  Workbench bench = fresh();
  load(bench, kDigits, model);
  const Json fit = {{"epochs", 1},
                    {"batch_size", 8},
                    {"optimizer", "adam"},
                    {"loss", "mse"},
                    {"metrics", Json::array()},
                    {"class_weight", {{"1", 2}}},
                    {"targets", {{"o", "input"}}}};
  EXPECT_EQ(said(bench, model, fit), (Said{{"train.class_weight_target", "class_weight"}}));
}

TEST(Targets, AreMeasuredBeforeTraining) {
  Workbench bench = fresh();
  load(bench, kDigits, autoencoder_model());
  const Json diagnosis =
      bench.diagnose({{"model", autoencoder_model()}, {"revision", 1}, {"batch_size", 32}, {"training", digit_fit()}});
  EXPECT_TRUE(diagnosis["ok"].get<bool>()) << diagnosis["diagnostics"];
  EXPECT_GT(diagnosis["totals"]["training_bytes"].get<double>(), 1e5);
}

TEST(Targets, GoOnFromAFileAsIfNothingHadHappened) {
  Json fit = digit_fit();
  fit["validation_split"] = 0.2;
  Workbench whole = fresh();
  load(whole, kDigits, autoencoder_model());
  train(whole, fit);
  Workbench first = fresh();
  load(first, kDigits, autoencoder_model());
  first.begin_fit(fit);
  first.train_for(0);  // one step
  const std::vector<uint8_t> file = first.save();

  Workbench second = fresh();
  const Json opened = second.open(file);
  EXPECT_EQ(opened["fit"]["targets"], fit["targets"]) << "the page shows what was asked for";
  EXPECT_TRUE(opened["resumable"].get<bool>());
  second.load_data(kDigits, {});
  EXPECT_TRUE(second.evaluate({{"split", "test"}})["logs"].contains("copy_loss"));
  train(second, {{"resume", true}});
  for (const char* log : {"copy_loss", "digit_loss", "val_copy_loss"})
    EXPECT_EQ(last_logs(second)[log], last_logs(whole)[log]) << log;
  const SavedModel a = open_model(whole.save(), "a");
  const SavedModel b = open_model(second.save(), "b");
  for (const WeightInfo& weight : a.plan.weights)
    EXPECT_EQ(std::memcmp(a.file.find(weight.path)->data(), b.file.find(weight.path)->data(),
                          a.file.find(weight.path)->bytes()),
              0)
        << weight.path;
}

}  // namespace
}  // namespace trainyard::testing
