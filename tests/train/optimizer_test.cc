// Optimizers: the arguments they share, worked out by hand, and every argument of each making a difference.
#include <cmath>
#include <set>

#include "tests/train/host_update.h"
#include "tests/train/parts.h"

namespace trainyard::testing {
namespace {

using Doubles = std::vector<double>;

/// Two variables stepped with gradients that change from step to step.
struct Stepped {
  explicit Stepped(const Json& config, std::vector<std::string> paths = {"dense/kernel", "embedding/embeddings"})
      : optimizer(parsed<Optimizer>(config)),
        training(*optimizer, {uniform({3, 2}, -1, 1, 1), uniform({4}, -1, 1, 2)}, run, std::move(paths)) {}
  void steps(int count) {
    for (int i = 0; i < count; ++i, ++done) training.step({gradient(0, done), gradient(1, done)});
  }
  static Tensor gradient(uint32_t variable, int step) {
    return uniform(variable == 0 ? Shape{3, 2} : Shape{4}, -0.8, 1, 10 + 2 * static_cast<uint32_t>(step) + variable);
  }
  Doubles values(size_t variable) const { return as_doubles(training.variables()[variable]); }
  Doubles all() const {
    Doubles both = values(0);
    const Doubles second = values(1);
    both.insert(both.end(), second.begin(), second.end());
    return both;
  }
  std::shared_ptr<const Optimizer> optimizer;
  HostTraining training;
  int done = 0;
};

Doubles start(size_t variable) {
  return as_doubles(variable == 0 ? uniform({3, 2}, -1, 1, 1) : uniform({4}, -1, 1, 2));
}
Doubles gradient(size_t variable, int step) {
  return as_doubles(Stepped::gradient(static_cast<uint32_t>(variable), step));
}

Json sgd(Json config) {
  config["learning_rate"] = 0.1;
  return object("SGD", config);
}

double norm(const Doubles& x) {
  double total = 0;
  for (const double v : x) total += v * v;
  return std::sqrt(total);
}

TEST(Optimizer, ClipsEachEntry) {
  Stepped run(sgd({{"clipvalue", 0.3}}));
  run.steps(1);
  for (size_t v = 0; v < 2; ++v) {
    Doubles wanted = start(v);
    for (size_t i = 0; i < wanted.size(); ++i) wanted[i] -= 0.1 * std::max(-0.3, std::min(0.3, gradient(v, 0)[i]));
    expect_near(run.values(v), wanted);
  }
}

TEST(Optimizer, ClipsTheNormOfEachVariable) {
  EXPECT_TRUE(parsed<Optimizer>(sgd({{"clipnorm", 0.5}}))->needs_separate_variables());
  Stepped run(sgd({{"clipnorm", 0.5}}));
  run.steps(1);
  for (size_t v = 0; v < 2; ++v) {
    Doubles wanted = start(v);
    const double scale = 0.5 / std::max(0.5, norm(gradient(v, 0)));
    for (size_t i = 0; i < wanted.size(); ++i) wanted[i] -= 0.1 * scale * gradient(v, 0)[i];
    expect_near(run.values(v), wanted);
  }
}

TEST(Optimizer, ClipsTheNormOfAllVariables) {
  Stepped run(sgd({{"global_clipnorm", 0.5}}));
  run.steps(1);
  const double all = std::hypot(norm(gradient(0, 0)), norm(gradient(1, 0)));
  for (size_t v = 0; v < 2; ++v) {
    Doubles wanted = start(v);
    for (size_t i = 0; i < wanted.size(); ++i) wanted[i] -= 0.1 * 0.5 / all * gradient(v, 0)[i];
    expect_near(run.values(v), wanted);
  }
}

TEST(Optimizer, DecaysWeightsBeforeTheUpdate) {
  Stepped run(sgd({{"weight_decay", 0.2}}));
  run.steps(1);
  Doubles wanted = start(0);
  for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = wanted[i] * (1 - 0.2 * 0.1) - 0.1 * gradient(0, 0)[i];
  expect_near(run.values(0), wanted);
}

TEST(Optimizer, UnscalesTheGradientsOfAScaledLoss) {
  Stepped run(sgd({{"loss_scale_factor", 8.0}}));
  run.steps(1);
  Doubles wanted = start(0);
  for (size_t i = 0; i < wanted.size(); ++i) wanted[i] -= 0.1 * gradient(0, 0)[i] / 8;
  expect_near(run.values(0), wanted);
  Graph graph;
  EXPECT_FALSE(run.optimizer->scaled_loss(graph.scalar(2)) == graph.scalar(2));
}

TEST(Optimizer, AccumulatesGradientsOverBatches) {
  Stepped run(sgd({{"gradient_accumulation_steps", 3}}));
  run.steps(2);
  expect_near(run.values(0), start(0));
  run.steps(1);
  Doubles wanted = start(0);
  for (size_t i = 0; i < wanted.size(); ++i)
    wanted[i] -= 0.1 * (gradient(0, 0)[i] + gradient(0, 1)[i] + gradient(0, 2)[i]) / 3;
  expect_near(run.values(0), wanted);
  expect_near(as_doubles(run.training.slot(0, "accumulated")), Doubles(6, 0));
}

TEST(Optimizer, CountsUpdatesNotBatchesWhileAccumulating) {
  Stepped often(object("Adam"));
  Stepped seldom(object("Adam", {{"gradient_accumulation_steps", 2}}));
  for (int i = 0; i < 3; ++i) {
    const std::vector<Tensor> gradients{Stepped::gradient(0, i), Stepped::gradient(1, i)};
    seldom.training.step(gradients);
    expect_near(as_doubles(seldom.training.slot(0, "momentum")), as_doubles(often.training.slot(0, "momentum")));
    seldom.training.step(gradients);
    often.training.step(gradients);
    expect_near(seldom.all(), often.all());
  }
}

TEST(Optimizer, KeepsAMovingAverageOfTheWeights) {
  Stepped run(sgd({{"use_ema", true}, {"ema_momentum", 0.75}}));
  Stepped plain(sgd({}));
  run.steps(1);
  plain.steps(1);
  Doubles average = plain.values(0);  // the first step forgets the zero it began with
  for (int i = 0; i < 3; ++i) {
    run.steps(1);
    plain.steps(1);
    for (size_t k = 0; k < average.size(); ++k) average[k] = 0.75 * average[k] + 0.25 * plain.values(0)[k];
  }
  expect_near(run.values(0), plain.values(0));
  expect_near(as_doubles(run.training.slot(0, Optimizer::kAverageSlot)), average);
}

TEST(Optimizer, OverwritesTheWeightsWithTheirAverageAtTimes) {
  Stepped run(sgd({{"use_ema", true}, {"ema_momentum", 0.5}, {"ema_overwrite_frequency", 2}}));
  run.steps(1);
  const Doubles first = run.values(0);
  run.steps(1);
  Doubles wanted = first;
  for (size_t i = 0; i < wanted.size(); ++i) wanted[i] = 0.5 * first[i] + 0.5 * (first[i] - 0.1 * gradient(0, 1)[i]);
  expect_near(run.values(0), wanted);
}

TEST(Optimizer, FollowsASchedule) {
  Stepped run(object("SGD", {{"learning_rate", object("PiecewiseConstantDecay",
                                                      {{"boundaries", Json::array({0})}, {"values", {0.5, 0.25}}})}}));
  run.steps(2);
  Doubles wanted = start(0);
  for (size_t i = 0; i < wanted.size(); ++i) wanted[i] -= 0.5 * gradient(0, 0)[i] + 0.25 * gradient(0, 1)[i];
  expect_near(run.values(0), wanted);
}

TEST(Optimizer, IsOneEntryOrManyAndGivesTheSame) {
  for (const ClassInfo* info : Optimizer::registry().classes()) {
    if (info->class_name == "MultiOptimizer") continue;
    const Json config = object(info->class_name);
    if (parsed<Optimizer>(config)->needs_separate_variables()) continue;
    SCOPED_TRACE(info->class_name);
    Stepped apart(config);
    apart.steps(3);
    Doubles joined = start(0);
    const Doubles second = start(1);
    joined.insert(joined.end(), second.begin(), second.end());
    const auto optimizer = parsed<Optimizer>(config);
    HostTraining together(*optimizer, {doubles({10}, joined)}, run);
    for (int step = 0; step < 3; ++step) {
      Doubles g = gradient(0, step);
      const Doubles rest = gradient(1, step);
      g.insert(g.end(), rest.begin(), rest.end());
      together.step({doubles({10}, g)});
    }
    expect_near(as_doubles(together.variables()[0]), apart.all(), 1e-12);
  }
}

struct OptimizerVariant {
  std::string class_name;
  std::string arg;
  Json value;
  Json base = Json::object();
};

std::vector<OptimizerVariant> variants() {
  std::vector<OptimizerVariant> all{{"SGD", "momentum", 0.5},
                                    {"SGD", "nesterov", true, {{"momentum", 0.5}}},
                                    {"Adam", "amsgrad", true, {{"beta_2", 0.2}}},
                                    {"AdamW", "amsgrad", true, {{"beta_2", 0.2}}},
                                    {"RMSprop", "rho", 0.5},
                                    {"RMSprop", "momentum", 0.5},
                                    {"RMSprop", "centered", true},
                                    {"Adagrad", "initial_accumulator_value", 0.5},
                                    {"Adadelta", "rho", 0.5},
                                    {"Adafactor", "beta_2_decay", -0.4},
                                    {"Adafactor", "epsilon_1", 0.1},
                                    {"Adafactor", "epsilon_2", 2.0},
                                    {"Adafactor", "clip_threshold", 0.5},
                                    {"Ftrl", "learning_rate_power", -0.3},
                                    {"Ftrl", "initial_accumulator_value", 0.7},
                                    {"Ftrl", "l1_regularization_strength", 0.3},
                                    {"Ftrl", "l2_regularization_strength", 0.3},
                                    {"Ftrl", "l2_shrinkage_regularization_strength", 0.3},
                                    {"Ftrl", "beta", 0.3},
                                    {"Muon", "adam_beta_1", 0.5},
                                    {"Muon", "adam_beta_2", 0.5},
                                    {"Muon", "adam_weight_decay", 0.5},
                                    {"Muon", "exclude_layers", {"dense"}},
                                    {"Muon", "exclude_embeddings", false, {{"rms_rate", 0.3}}},
                                    {"Muon", "muon_a", 3.0},
                                    {"Muon", "muon_b", -4.0},
                                    {"Muon", "muon_c", 2.5},
                                    {"Muon", "adam_lr_ratio", 0.5},
                                    {"Muon", "momentum", 0.5},
                                    {"Muon", "ns_steps", 3},
                                    {"Muon", "nesterov", false},
                                    {"Muon", "rms_rate", nullptr},
                                    {"ScheduleFreeAdamW", "warmup_steps", 3}};
  const Json clip{{"epsilon", 0.1}};
  for (const ClassInfo* info : Optimizer::registry().classes()) {
    const std::string& name = info->class_name;
    if (name == "MultiOptimizer") continue;
    for (const auto& [arg, value] : std::vector<std::pair<std::string, Json>>{{"learning_rate", 0.2},
                                                                              {"weight_decay", 0.5},
                                                                              {"clipnorm", 0.3},
                                                                              {"clipvalue", 0.2},
                                                                              {"global_clipnorm", 0.3},
                                                                              {"loss_scale_factor", 4.0},
                                                                              {"gradient_accumulation_steps", 2},
                                                                              {"beta_1", 0.5},
                                                                              {"beta_2", 0.5},
                                                                              {"epsilon", 0.3}})
      if (info->find(arg) != nullptr) all.push_back({name, arg, value});
    all.push_back({name, "use_ema", true, {{"ema_overwrite_frequency", 2}}});
    all.push_back({name, "ema_momentum", 0.5, {{"use_ema", true}, {"ema_overwrite_frequency", 2}}});
    all.push_back({name, "ema_overwrite_frequency", 2, {{"use_ema", true}}});
  }
  return all;
}

TEST(Optimizer, ChangesWithEachArgument) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const OptimizerVariant& variant : variants()) {
    seen.insert({variant.class_name, variant.arg});
    Json config = variant.base;
    config["learning_rate"] = 0.1;
    // Sizes of gradients cancel in some; squares that are not negligible beside epsilon show the scale.
    const ClassInfo* info = Optimizer::registry().find(variant.class_name);
    if (info->find("epsilon") != nullptr) config["epsilon"] = 0.1;
    if (variant.class_name == "Adafactor") config["epsilon_1"] = 0.05;
    Json changed = config;
    changed[variant.arg] = variant.value;
    // Lion knows signs only: a clip acts where gradients of several steps are mixed.
    const int steps = 5;
    const std::vector<std::string> paths = variant.arg == "exclude_embeddings"
                                               ? std::vector<std::string>{"embedding/embeddings", "x"}
                                               : std::vector<std::string>{"dense/kernel", "dense/bias"};
    Stepped before(object(variant.class_name, config), paths);
    Stepped after(object(variant.class_name, changed), paths);
    before.steps(steps);
    after.steps(steps);
    double apart = 0;
    for (size_t i = 0; i < before.all().size(); ++i)
      apart = std::max(apart, std::abs(before.all()[i] - after.all()[i]));
    const bool scale_free =
        variant.class_name == "Lion" && (variant.arg == "loss_scale_factor" || variant.arg == "clipnorm" ||
                                         variant.arg == "global_clipnorm" || variant.arg == "clipvalue");
    if (!scale_free) {
      EXPECT_GT(apart, 1e-6) << object(variant.class_name, changed).dump();
    }
  }
  for (const ClassInfo* info : Optimizer::registry().classes())
    for (const ClassInfo::Arg& arg : info->args)
      if (info->class_name != "MultiOptimizer" && arg.spec.name != "name" && !arg.spec.options.hint) {
        EXPECT_TRUE(seen.count({info->class_name, arg.spec.name}))
            << info->class_name << "." << arg.spec.name << " is not tested";
      }
}

TEST(ScheduleFreeAdamW, StandsBetweenItsStepsAndTheirAverage) {
  Stepped run(
      object("ScheduleFreeAdamW",
             {{"learning_rate", 0.1}, {"beta_1", 0.8}, {"beta_2", 0.9}, {"epsilon", 1e-8}, {"warmup_steps", 2}}));
  Doubles z = start(0);
  Doubles x = z;
  Doubles v(z.size(), 0);
  for (int step = 0; step < 4; ++step) {
    run.steps(1);
    const double t = step + 1;
    const double rate = 0.1 * std::min(1.0, t / 2);
    Doubles y(z.size());
    for (size_t i = 0; i < z.size(); ++i) {
      const double g = gradient(0, step)[i];
      v[i] = 0.9 * v[i] + 0.1 * g * g;
      z[i] -= rate * g / (std::sqrt(v[i] / (1 - std::pow(0.9, t))) + 1e-8);
      x[i] += (z[i] - x[i]) / t;
      y[i] = 0.2 * z[i] + 0.8 * x[i];
    }
    expect_near(run.values(0), y, 1e-9);
  }
}

TEST(Muon, MakesTheStepNearlyOrthogonal) {
  Stepped run(object("Muon", {{"learning_rate", 1.0},
                              {"weight_decay", nullptr},
                              {"rms_rate", nullptr},
                              {"ns_steps", 12},
                              {"momentum", 0.0},
                              {"muon_a", 1.875},
                              {"muon_b", -1.25},
                              {"muon_c", 0.375}}));  // these coefficients converge to 1
  run.steps(1);
  const Doubles before = start(0);
  const Doubles after = run.values(0);
  double dot00 = 0, dot01 = 0, dot11 = 0;  // columns of the [3, 2] step
  for (size_t r = 0; r < 3; ++r) {
    const double a = before[2 * r] - after[2 * r];
    const double b = before[2 * r + 1] - after[2 * r + 1];
    dot00 += a * a;
    dot01 += a * b;
    dot11 += b * b;
  }
  EXPECT_NEAR(dot00, 1, 1e-3);
  EXPECT_NEAR(dot11, 1, 1e-3);
  EXPECT_NEAR(dot01, 0, 1e-3);
}

/// Only matrices take Muon's step, and those of embeddings, however their path writes it, do not.
TEST(Muon, LeavesWhatIsNoMatrixToAdam) {
  const auto step_of = [](const char* name, const Shape& shape, const std::string& path) {
    const auto optimizer =
        parsed<Optimizer>(object(name, {{"learning_rate", 0.1}, {"weight_decay", nullptr}, {"epsilon", 1e-7}}));
    HostTraining training(*optimizer, {uniform(shape, -1, 1, 1)}, run, {path});
    training.step({uniform(shape, -1, 1, 2)});
    return as_doubles(training.variables()[0]);
  };
  const Json no_decay{{"learning_rate", 0.1}, {"weight_decay", nullptr}, {"adam_weight_decay", nullptr}};
  const auto muon_of = [&](const Shape& shape, const std::string& path) {
    const auto optimizer = parsed<Optimizer>(object("Muon", no_decay));
    HostTraining training(*optimizer, {uniform(shape, -1, 1, 1)}, run, {path});
    training.step({uniform(shape, -1, 1, 2)});
    return as_doubles(training.variables()[0]);
  };
  for (const Shape& shape : {Shape{4}, Shape{2, 3, 2}, Shape{2, 2, 3, 2}})
    expect_near(muon_of(shape, "conv/kernel"), step_of("Adam", shape, ""), 1e-9);
  expect_near(muon_of({3, 2}, "EMBEDDING/table"), step_of("Adam", {3, 2}, ""), 1e-9);
  EXPECT_GT(std::abs(muon_of({3, 2}, "dense/kernel")[0] - step_of("Adam", {3, 2}, "")[0]), 1e-4);
}

Json map_of(Json entries, Json fallback) {
  return object(
      "MultiOptimizer",
      {{"optimizer_map",
        {{"class_name", "OptimizerMap"}, {"config", {{"default_optimizer", fallback}, {"optimizer_map", entries}}}}}});
}

TEST(MultiOptimizer, GivesEachVariableItsOptimizer) {
  Stepped run(
      map_of({{"embedding/.*", object("Adam", {{"learning_rate", 0.05}})}}, object("SGD", {{"learning_rate", 0.2}})));
  Stepped adam(object("Adam", {{"learning_rate", 0.05}}));
  Stepped plain(object("SGD", {{"learning_rate", 0.2}}));
  for (Stepped* each : {&run, &adam, &plain}) each->steps(3);
  expect_near(run.values(0), plain.values(0));
  expect_near(run.values(1), adam.values(1));
}

TEST(MultiOptimizer, ScalesTheLossForAllItsParts) {
  Json config = map_of({{"embedding/.*", object("Adam", {{"loss_scale_factor", 16.0}})}}, object("SGD"));
  config["config"]["loss_scale_factor"] = 4.0;
  Stepped scaled(config);
  Stepped plain(map_of({{"embedding/.*", object("Adam")}}, object("SGD")));
  for (int i = 0; i < 3; ++i) {
    const auto four = [](Tensor g) {
      for (double& x : g.span<double>()) x *= 4;
      return g;
    };
    scaled.training.step({four(Stepped::gradient(0, i)), four(Stepped::gradient(1, i))});
    plain.training.step({Stepped::gradient(0, i), Stepped::gradient(1, i)});
  }
  expect_near(scaled.all(), plain.all());
}

TEST(MultiOptimizer, RefusesPatternsThatOverlap) {
  const Json config = map_of({{"embedding/.*", "adam"}, {".*embeddings", "sgd"}}, "rmsprop");
  EXPECT_THROW(Stepped{config}, UserError);
}

TEST(MultiOptimizer, RefusesWhatIsNoMap) {
  for (const Json& map :
       {Json(3), Json::object(), Json{{"class_name", "OptimizerMap"}, {"config", {{"default_optimizer", "nothing"}}}},
        Json{{"class_name", "OptimizerMap"},
             {"config", {{"default_optimizer", "adam"}, {"optimizer_map", {{"(", "sgd"}}}}}}}) {
    Diagnostics diagnostics;
    EXPECT_EQ(Optimizer::registry().parse(object("MultiOptimizer", {{"optimizer_map", map}}),
                                          ParseContext(diagnostics, "optimizer")),
              nullptr);
    EXPECT_TRUE(diagnostics.has_errors()) << map.dump();
  }
}

TEST(Optimizer, RefusesTwoKindsOfClipping) {
  Diagnostics diagnostics;
  EXPECT_EQ(Optimizer::registry().parse(object("SGD", {{"clipnorm", 1.0}, {"clipvalue", 1.0}}),
                                        ParseContext(diagnostics, "optimizer")),
            nullptr);
  EXPECT_EQ(diagnostics.items().front().code, "optimizer.clipping");
}

}  // namespace
}  // namespace trainyard::testing
