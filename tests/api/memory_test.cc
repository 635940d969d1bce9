// What a page is told beforehand that a training needs is what the training takes.
#include <gtest/gtest.h>
#include <malloc.h>

#include <nlohmann/json.hpp>

#include "engine/api/builtin_models.h"
#include "engine/api/session_factory.h"
#include "engine/api/workbench.h"
#include "tests/core/sanitized.h"

namespace trainyard::testing {
namespace {

constexpr int kBatch = 128;
constexpr double kTolerance = 0.05;

/// Bytes that the program holds from the C library.
double heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

/// The built-in net on pictures: rows of 784 numbers come out of a Flatten.
Json net_on_pictures(const std::string& name) {
  Json model = builtin_model(name);
  Json& layers = model["config"]["layers"];
  Json& shape = layers[0]["config"]["batch_shape"];
  if (shape.size() == 4) return model;
  shape = {nullptr, 28, 28, 1};
  layers.insert(layers.begin() + 1, Json{{"class_name", "Flatten"}, {"config", {{"name", "pictures"}}}});
  return model;
}

struct Bytes {
  double predicted = 0;  // before anything is taken
  double used = 0;       // what the heap grew by
};

Bytes bytes_of_training(const std::string& name) {
  Workbench workbench(make_device({.backend = "cpu", .threads = 2}));
  const Json options = {{"epochs", 1},
                        {"batch_size", kBatch},
                        {"optimizer", "adam"},
                        {"loss", "sparse_categorical_crossentropy"},
                        {"metrics", {"accuracy"}}};
  const Json model = net_on_pictures(name);
  workbench.load_data({{"kind", "digits"}, {"seed", 1}, {"train", 4 * kBatch}, {"test", kBatch}}, {});
  const Json diagnosis =
      workbench.diagnose({{"model", model}, {"revision", 1}, {"batch_size", kBatch}, {"training", options}});
  EXPECT_TRUE(diagnosis["ok"].get<bool>()) << diagnosis["diagnostics"].dump();
  const double before = heap_bytes();
  workbench.load_model({{"model", model}, {"seed", 1}});
  workbench.begin_fit(options);
  workbench.train_for(0);
  return {diagnosis["totals"]["training_bytes"].get<double>(), heap_bytes() - before};
}

class TrainingMemory : public ::testing::TestWithParam<const char*> {};

TEST_P(TrainingMemory, IsWhatWasPredicted) {
  const Bytes bytes = bytes_of_training(GetParam());
  EXPECT_GT(bytes.predicted, 1e6);
  if (kSanitized) GTEST_SKIP() << "the heap cannot be read under a sanitizer";
  EXPECT_NEAR(bytes.used, bytes.predicted, kTolerance * bytes.predicted);
}

INSTANTIATE_TEST_SUITE_P(Nets, TrainingMemory, ::testing::Values("mlp", "lenet5", "cnn"),
                         [](const auto& net) { return std::string(net.param); });

}  // namespace
}  // namespace trainyard::testing
