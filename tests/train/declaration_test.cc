// What is declared of losses, metrics, optimizers and schedules, against the list of Keras's classes.
#include <cstdlib>
#include <set>

#include "engine/io/file.h"
#include "engine/io/json_reader.h"
#include "engine/train/callbacks.h"
#include "tests/train/parts.h"

namespace trainyard::testing {
namespace {

struct Group {
  const char* keras;
  const Registry& registry;
};

std::vector<Group> groups() {
  return {{"losses", Loss::registry()},
          {"metrics", Metric::registry()},
          {"optimizers", Optimizer::registry()},
          {"learning_rate_schedules", Schedule::registry()},
          {"callbacks", Callback::registry()}};
}

std::string api_path() {
  const char* shared = std::getenv("TRAINYARD_SHARED");
  return std::string(shared != nullptr ? shared : "../shared") + "/keras-api.json";
}

/// A value for each argument that must be given.
Json required_config(const ClassInfo& info) {
  static const Json kValues{
      {"num_classes", 3},
      {"target_class_ids", {0, 1}},
      {"precision", 0.5},
      {"recall", 0.5},
      {"specificity", 0.5},
      {"sensitivity", 0.5},
      {"initial_learning_rate", 0.1},
      {"decay_steps", 10},
      {"first_decay_steps", 10},
      {"decay_rate", 0.5},
      {"boundaries", {3, 6}},
      {"values", {0.3, 0.2, 0.1}},
      {"filepath", "model.safetensors"},
      {"filename", "log.csv"},
      {"backup_dir", "backup"},
      {"schedule", {{"class_name", "CosineDecay"}, {"config", {{"initial_learning_rate", 0.1}, {"decay_steps", 5}}}}},
      {"optimizer_map",
       {{"class_name", "OptimizerMap"},
        {"config", {{"default_optimizer", "sgd"}, {"optimizer_map", {{"a/.*", "adam"}}}}}}}};
  Json config = Json::object();
  for (const ClassInfo::Arg& arg : info.args)
    if (arg.spec.options.required) config[arg.spec.name] = kValues.at(arg.spec.name);
  return config;
}

std::unique_ptr<Declared> made(const Registry& registry, const ClassInfo& info, const Json& config) {
  Diagnostics diagnostics;
  auto made = registry.parse(object(info.class_name, config), ParseContext(diagnostics, registry.group()));
  EXPECT_NE(made, nullptr) << info.class_name << ": " << diagnostics.text();
  return made;
}

TEST(Declarations, HoldWhatKerasHas) {
  if (!is_file(api_path())) GTEST_SKIP() << "no list of Keras's classes at " << api_path();
  const Json api = read_json(read_file(api_path()), api_path());
  for (const Group& group : groups()) {
    const Json& excluded = api["excluded"][group.keras];
    for (const auto& [name, entry] : api[group.keras].items()) {
      if (std::find(excluded.begin(), excluded.end(), Json(name)) != excluded.end()) continue;
      SCOPED_TRACE(std::string(group.keras) + " " + name);
      const ClassInfo* info = group.registry.find(name);
      if (info == nullptr) {
        ADD_FAILURE() << "is missing";
        continue;
      }
      for (const auto& [arg, properties] : entry["args"].items()) {
        const ClassInfo::Arg* declared = info->find(arg);
        if (declared == nullptr) {
          ADD_FAILURE() << arg << " is missing";
          continue;
        }
        EXPECT_EQ(declared->spec.options.required, properties.contains("required")) << arg;
        if (!properties.contains("default")) continue;
        const Json mine = declared->print(*info->make());
        const Json& keras = properties["default"];
        if (keras.is_null() && !mine.is_null()) {
          Json config = required_config(*info);
          config[arg] = nullptr;
          EXPECT_EQ(made(group.registry, *info, config)->config(true)[arg], mine) << arg << ": None is not taken";
        } else {
          EXPECT_EQ(mine, keras) << arg;
        }
      }
    }
  }
}

TEST(Declarations, SurviveTheWayThroughJson) {
  for (const Group& group : groups())
    for (const ClassInfo* info : group.registry.classes()) {
      SCOPED_TRACE(info->class_name);
      const auto first = made(group.registry, *info, required_config(*info));
      ASSERT_NE(first, nullptr);
      const auto second = made(group.registry, *info, first->config());
      ASSERT_NE(second, nullptr);
      EXPECT_EQ(first->config(true), second->config(true));
    }
}

TEST(Declarations, RefuseWhatIsIllTyped) {
  for (const Group& group : groups())
    for (const ClassInfo* info : group.registry.classes())
      for (const ClassInfo::Arg& arg : info->args)
        for (const Json& bad : {Json({{"no", "value"}}), Json::array({Json::array({"deep"})})}) {
          Json config = required_config(*info);
          config[arg.spec.name] = bad;
          Diagnostics diagnostics;
          EXPECT_EQ(group.registry.parse(object(info->class_name, config), ParseContext(diagnostics, "here")), nullptr)
              << info->class_name << "." << arg.spec.name << " takes " << bad.dump();
          ASSERT_TRUE(diagnostics.has_errors());
          EXPECT_EQ(diagnostics.items().front().path.rfind("here." + arg.spec.name, 0), 0u) << diagnostics.text();
        }
}

TEST(Declarations, SayWhatEachArgumentIsFor) {
  for (const Group& group : groups())
    for (const ClassInfo* info : group.registry.classes()) {
      EXPECT_FALSE(info->doc.empty()) << info->class_name;
      EXPECT_FALSE(info->family.empty()) << info->class_name;
      for (const ClassInfo::Arg& arg : info->args)
        EXPECT_FALSE(arg.spec.doc.empty()) << info->class_name << "." << arg.spec.name;
    }
}

TEST(Names, AreThoseThatKerasTakes) {
  const auto class_of = [](const Registry& registry, const char* name) {
    const ClassInfo* info = registry.find(name);
    return info == nullptr ? std::string() : info->class_name;
  };
  for (const auto& [name, wanted] : std::vector<std::pair<const char*, const char*>>{
           {"mse", "MeanSquaredError"},
           {"MAE", "MeanAbsoluteError"},
           {"mape", "MeanAbsolutePercentageError"},
           {"msle", "MeanSquaredLogarithmicError"},
           {"bce", "BinaryCrossentropy"},
           {"kld", "KLDivergence"},
           {"sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"},
           {"kl_divergence", "KLDivergence"},
           {"log_cosh", "LogCosh"},
           {"huber", "Huber"},
           {"dice", "Dice"},
           {"ctc", "CTC"},
           {"categorical_focal_crossentropy", "CategoricalFocalCrossentropy"}})
    EXPECT_EQ(class_of(Loss::registry(), name), wanted);
  for (const auto& [name, wanted] :
       std::vector<std::pair<const char*, const char*>>{{"adam", "Adam"},
                                                        {"rmsprop", "RMSprop"},
                                                        {"sgd", "SGD"},
                                                        {"adamw", "AdamW"},
                                                        {"nadam", "Nadam"},
                                                        {"ftrl", "Ftrl"},
                                                        {"schedulefreeadamw", "ScheduleFreeAdamW"}})
    EXPECT_EQ(class_of(Optimizer::registry(), name), wanted);
  for (const auto& [name, wanted] : std::vector<std::pair<const char*, const char*>>{
           {"mse", "MeanSquaredError"},
           {"mean_io_u", "MeanIoU"},
           {"auc", "AUC"},
           {"f1_score", "F1Score"},
           {"sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy"},
           {"cosine_similarity", "CosineSimilarity"}})
    EXPECT_EQ(class_of(Metric::registry(), name), wanted);
}

TEST(Names, ComeFromTheClassWhereNoneIsGiven) {
  EXPECT_EQ(parsed<Metric>("AUC")->name, "auc");
  EXPECT_EQ(parsed<Metric>(object("Precision", {{"name", nullptr}}))->name, "precision");
  EXPECT_EQ(parsed<Loss>(object("Huber", {{"name", "mine"}}))->name, "mine");
  EXPECT_EQ(parsed<Optimizer>("rmsprop")->name, "rm_sprop");
}

TEST(Dtypes, AreTakenOrRefusedByName) {
  EXPECT_EQ(
      parsed<Loss>(object("Huber", {{"dtype", {{"class_name", "DTypePolicy"}, {"config", {{"name", "float32"}}}}}}))
          ->dtype.dtype,
      DType::f32);
  for (const char* dtype : {"float16", "mixed_bfloat16", "nonsense"}) {
    Diagnostics diagnostics;
    const ParseContext context(diagnostics, "x");
    EXPECT_EQ(Loss::registry().parse(object("Huber", {{"dtype", dtype}}), context), nullptr);
    EXPECT_EQ(Metric::registry().parse(object("AUC", {{"dtype", dtype}}), context), nullptr);
  }
}

}  // namespace
}  // namespace trainyard::testing
