// Losses against finite differences and against formulas written out by hand.
#include <cmath>
#include <set>

#include "engine/ops/gradient.h"
#include "tests/core/sanitized.h"
#include "tests/train/loss_data.h"

namespace trainyard::testing {
namespace {

using Doubles = std::vector<double>;

struct Evaluated {
  double sum = 0;  // of all losses, each by a weight of its own
  Tensor gradient;
};

/// The weighted sum of what the loss gives, and its gradient by the predictions.
Evaluated evaluate(const Loss& loss, const LossData& data) {
  Graph graph;
  const Value t = graph.input("t", {data.y_true.dtype(), data.y_true.shape()});
  const Value p = graph.input("p", {data.y_pred.dtype(), data.y_pred.shape()});
  const Value value = loss(t, p);
  const Tensor weights = uniform(value.shape(), 0.5, 1.5, 9);
  const Value total = sum(value * graph.constant(weights));
  const Value dp = gradients(total, {p}).front();
  const std::vector<Tensor> results = run(graph, {data.y_true, data.y_pred}, {total, dp});
  return {results[0].span<double>()[0], results[1]};
}

void expect_gradient(const Json& config, LossData data) {
  SCOPED_TRACE(config.dump());
  const auto loss = parsed<Loss>(config);
  ASSERT_NE(loss, nullptr);
  const Tensor gradient = evaluate(*loss, data).gradient;
  constexpr double kStep = 1e-6;
  const Tensor original = data.y_pred;
  const int64_t stride = kSanitized ? std::max<int64_t>(1, original.elements() / 2) : 1;
  for (int64_t i = 0; i < original.elements(); i += stride) {
    const auto shifted = [&](double by) {
      data.y_pred = original.clone();
      data.y_pred.span<double>()[static_cast<size_t>(i)] += by;
      return evaluate(*loss, data).sum;
    };
    const double difference = (shifted(kStep) - shifted(-kStep)) / (2 * kStep);
    EXPECT_NEAR(gradient.span<double>()[static_cast<size_t>(i)], difference, 1e-5 * std::max(1.0, std::abs(difference)))
        << "at " << i;
  }
}

Json variant_config(const ArgVariant& variant) {
  Json config = variant.base;
  config[variant.arg] = variant.value;
  return object(variant.class_name, config);
}

TEST(Losses, HaveTheGradientsOfFiniteDifferences) {
  for (const ClassInfo* info : Loss::registry().classes())
    expect_gradient(object(info->class_name), loss_data(info->class_name));
}

TEST(Losses, HaveTheGradientsOfFiniteDifferencesWhateverTheArguments) {
  for (const ArgVariant& variant : loss_variants())
    expect_gradient(variant_config(variant), loss_data(variant.class_name));
}

TEST(Losses, ChangeWithEachOfTheirArguments) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const ArgVariant& variant : loss_variants()) {
    SCOPED_TRACE(variant_config(variant).dump());
    seen.insert({variant.class_name, variant.arg});
    const LossData data = loss_data(variant.class_name);
    const auto before = parsed<Loss>(object(variant.class_name, variant.base));
    const auto after = parsed<Loss>(variant_config(variant));
    if (variant.value == "mean_with_sample_weight")
      continue;  // the mean where there are no weights; tested by hand below
    EXPECT_GT(std::abs(evaluate(*before, data).sum - evaluate(*after, data).sum), 1e-6);
  }
  for (const ClassInfo* info : Loss::registry().classes())
    for (const ClassInfo::Arg& arg : info->args)
      if (arg.spec.name != "name" && arg.spec.name != "dtype") {
        EXPECT_TRUE(seen.count({info->class_name, arg.spec.name}))
            << info->class_name << "." << arg.spec.name << " is not tested";
      }
}

TEST(Losses, ReduceAsTheyAreTold) {
  const LossData data{doubles({3, 1}, {0, 0, 0}), doubles({3, 1}, {1, 2, 3})};  // squares 1, 4, 9
  const auto value = [&](const char* reduction, const Tensor& weights = {}) {
    return loss_value(object("MeanSquaredError", {{"reduction", reduction}}), data, weights);
  };
  const Tensor weights = doubles({3}, {1, 0, 2});
  EXPECT_DOUBLE_EQ(value("sum_over_batch_size"), 14.0 / 3);
  EXPECT_DOUBLE_EQ(value("mean"), 14.0 / 3);
  EXPECT_DOUBLE_EQ(value("sum"), 14);
  EXPECT_DOUBLE_EQ(value("mean_with_sample_weight"), 14.0 / 3);
  EXPECT_DOUBLE_EQ(value("sum_over_batch_size", weights), 19.0 / 3);
  EXPECT_DOUBLE_EQ(value("sum", weights), 19);
  EXPECT_DOUBLE_EQ(value("mean_with_sample_weight", weights), 19.0 / 3);
  EXPECT_DOUBLE_EQ(value("mean_with_sample_weight", doubles({3}, {0, 0, 0})), 0);
  expect_near(sample_losses("MeanSquaredError", {}, data), {1, 4, 9});
}

TEST(Losses, TakeNoneForNoReduction) {
  EXPECT_EQ(parsed<Loss>(object("MeanSquaredError", {{"reduction", nullptr}}))->reduction, LossReduction::none);
}

TEST(Losses, AreComputedInTheDtypeTheyAreGiven) {
  // The square is no float, its half is.
  const LossData large{Tensor::of<float>({1, 2}, {0, 0}), Tensor::of<float>({1, 2}, {2e19F, 0})};
  EXPECT_TRUE(std::isinf(loss_value(object("MeanSquaredError"), large)));
  EXPECT_NEAR(loss_value(object("MeanSquaredError", {{"dtype", "float64"}}), large) / 2e38, 1, 1e-6);
}

TEST(Losses, LetAMaskCountOnlyWhatIsValid) {
  Graph graph;
  const Value t = graph.input("t", {DType::f64, {4, 1}});
  const Value p = graph.input("p", {DType::f64, {4, 1}});
  Tensor valid(DType::boolean, {4});
  valid.span<bool>()[0] = valid.span<bool>()[2] = true;
  const auto loss = parsed<Loss>("mse");
  const Value value = (*loss)(t, p, {}, graph.constant(valid));
  expect_near(as_doubles(run(graph, {doubles({4, 1}, {0, 0, 0, 0}), doubles({4, 1}, {1, 2, 3, 4})}, {value}).front()),
              {5});
}

TEST(Losses, SqueezeOrExpandLabelsAsKerasDoes) {
  const LossData flat{doubles({3}, {1, 2, 3}), doubles({3, 1}, {1, 2, 5})};
  EXPECT_DOUBLE_EQ(loss_value(object("MeanSquaredError"), flat), 4.0 / 3);
  const LossData tall{doubles({2, 2, 1}, {1, 2, 3, 4}), doubles({2, 2}, {1, 2, 3, 6})};
  EXPECT_DOUBLE_EQ(loss_value(object("MeanSquaredError"), tall), 1);
}

TEST(Crossentropy, OfLogitsIsThatOfTheirProbabilities) {
  const Tensor logits = uniform({4, 3, 3}, -2, 2, 8);
  Tensor sigmoids = logits.clone();
  Tensor softmaxes = logits.clone();
  for (double& x : sigmoids.span<double>()) x = 1 / (1 + std::exp(-x));
  for (size_t row = 0; row < 12; ++row) {
    double total = 0;
    for (size_t c = 0; c < 3; ++c) total += std::exp(logits.span<double>()[row * 3 + c]);
    for (size_t c = 0; c < 3; ++c)
      softmaxes.span<double>()[row * 3 + c] = std::exp(logits.span<double>()[row * 3 + c]) / total;
  }
  for (const char* name : {"BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
                           "CategoricalFocalCrossentropy", "SparseCategoricalCrossentropy"}) {
    SCOPED_TRACE(name);
    const Tensor labels = loss_data(name).y_true;
    const bool binary = std::string(name).rfind("Binary", 0) == 0;
    expect_near(sample_losses(name, {{"from_logits", true}}, {labels, logits}),
                sample_losses(name, {}, {labels, binary ? sigmoids : softmaxes}));
  }
}

TEST(Crossentropy, AlongAnotherAxisIsThatOfTheTurnedPredictions) {
  const auto turned = [](const Tensor& x) {  // [4, 3, 3] with the last two swapped
    Tensor y = x.clone();
    for (size_t n = 0; n < 4; ++n)
      for (size_t i = 0; i < 3; ++i)
        for (size_t j = 0; j < 3; ++j) y.span<double>()[n * 9 + i * 3 + j] = x.span<double>()[n * 9 + j * 3 + i];
    return y;
  };
  for (const char* name : {"BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
                           "CategoricalFocalCrossentropy", "SparseCategoricalCrossentropy", "CosineSimilarity"}) {
    SCOPED_TRACE(name);
    const LossData data = loss_data(name);
    const bool sparse = !is_floating(data.y_true.dtype());
    expect_near(sample_losses(name, {{"axis", 1}}, {sparse ? data.y_true : turned(data.y_true), turned(data.y_pred)}),
                sample_losses(name, {}, data));
  }
}

TEST(Crossentropy, SmoothsLabelsOverTheClassesWhereverTheyLie) {
  // x: [1, 3 classes, 2]
  const LossData along{doubles({1, 3, 2}, {1, 0, 0, 0, 0, 1}), doubles({1, 3, 2}, {0.5, 0.2, 0.3, 0.3, 0.2, 0.5})};
  const LossData last{doubles({1, 2, 3}, {1, 0, 0, 0, 0, 1}), doubles({1, 2, 3}, {0.5, 0.3, 0.2, 0.2, 0.3, 0.5})};
  for (const char* name : {"CategoricalCrossentropy", "CategoricalFocalCrossentropy"})
    expect_near(sample_losses(name, {{"label_smoothing", 0.3}, {"axis", 1}}, along),
                sample_losses(name, {{"label_smoothing", 0.3}}, last));
}

TEST(Crossentropy, SmoothsLabels) {
  const LossData binary{doubles({1, 2}, {1, 0}), doubles({1, 2}, {0.8, 0.3})};
  EXPECT_NEAR(loss_value(object("BinaryCrossentropy", {{"label_smoothing", 0.2}}), binary),
              -(0.9 * std::log(0.8) + 0.1 * std::log(0.2) + 0.1 * std::log(0.3) + 0.9 * std::log(0.7)) / 2, 1e-12);
  const LossData classes{doubles({1, 2}, {1, 0}), doubles({1, 2}, {0.8, 0.2})};
  EXPECT_NEAR(loss_value(object("CategoricalCrossentropy", {{"label_smoothing", 0.2}}), classes),
              -(0.9 * std::log(0.8) + 0.1 * std::log(0.2)), 1e-12);
  EXPECT_NEAR(
      loss_value(object("CategoricalFocalCrossentropy", {{"label_smoothing", 0.2}, {"gamma", 0.0}, {"alpha", 1.0}}),
                 classes),
      -(0.9 * std::log(0.8) + 0.1 * std::log(0.2)), 1e-12);
}

TEST(Crossentropy, LeavesOutAnIgnoredClass) {
  const LossData data{Tensor::of<int32_t>({3}, {0, 1, 0}), doubles({3, 2}, {0.5, 0.5, 0.9, 0.1, 0.25, 0.75})};
  const Json ignoring = object("SparseCategoricalCrossentropy", {{"ignore_class", 1}});
  EXPECT_NEAR(loss_value(ignoring, data), -(std::log(0.5) + std::log(0.25)) / 2, 1e-12);
  expect_near(sample_losses("SparseCategoricalCrossentropy", {{"ignore_class", 1}}, data),
              {-std::log(0.5), 0, -std::log(0.25)});
  const LossData outside{Tensor::of<int32_t>({2}, {0, -1}), doubles({2, 2}, {0.5, 0.5, 0.9, 0.1})};
  EXPECT_NEAR(loss_value(object("SparseCategoricalCrossentropy", {{"ignore_class", -1}}), outside), -std::log(0.5),
              1e-12);
}

TEST(FocalCrossentropy, WeighsBySureness) {
  const double p = 0.7;
  const LossData yes{doubles({1, 1}, {1}), doubles({1, 1}, {p})};
  EXPECT_NEAR(loss_value(object("BinaryFocalCrossentropy", {{"gamma", 1.5}}), yes), -std::pow(1 - p, 1.5) * std::log(p),
              1e-12);
  EXPECT_NEAR(loss_value(object("BinaryFocalCrossentropy", {{"apply_class_balancing", true}, {"alpha", 0.6}}), yes),
              -0.6 * std::pow(1 - p, 2) * std::log(p), 1e-12);
  const LossData no{doubles({1, 1}, {0}), doubles({1, 1}, {p})};
  EXPECT_NEAR(loss_value(object("BinaryFocalCrossentropy", {{"apply_class_balancing", true}, {"alpha", 0.6}}), no),
              -0.4 * std::pow(p, 2) * std::log(1 - p), 1e-12);
  const LossData classes{doubles({1, 3}, {0, 1, 0}), doubles({1, 3}, {0.2, 0.5, 0.3})};
  EXPECT_NEAR(loss_value(object("CategoricalFocalCrossentropy", {{"alpha", {0.1, 0.6, 0.9}}, {"gamma", 3.0}}), classes),
              -0.6 * std::pow(0.5, 3) * std::log(0.5), 1e-12);
}

TEST(GeneralizedCrossentropy, FollowsItsFormula) {
  const LossData data{Tensor::of<int32_t>({2, 1}, {1, 0}), doubles({2, 2}, {0.3, 0.7, 0.4, 0.6})};
  expect_near(sample_losses("CategoricalGeneralizedCrossEntropy", {{"q", 0.8}}, data),
              {(1 - std::pow(0.7, 0.8)) / 0.8, (1 - std::pow(0.4, 0.8)) / 0.8});
}

TEST(OverlapLosses, FollowTheirFormulas) {
  const LossData data{doubles({2, 2}, {1, 0, 1, 1}), doubles({2, 2}, {0.8, 0.3, 0.4, 0.9})};
  constexpr double e = 1e-7;
  expect_near(sample_losses("Dice", {{"axis", 1}}, data), {1 - 2 * 0.8 / (1 + 1.1 + e), 1 - 2 * 1.3 / (2 + 1.3 + e)});
  expect_near(sample_losses("Tversky", {{"axis", Json::array({1})}, {"alpha", 0.3}, {"beta", 0.9}}, data),
              {1 - 0.8 / (0.8 + 0.3 * 0.3 + 0.9 * 0.2 + e), 1 - 1.3 / (1.3 + 0.9 * 0.7 + e)});
}

TEST(HingeLosses, TurnZerosAndOnesIntoSigns) {
  const LossData data{doubles({1, 3}, {0, 1, 1}), doubles({1, 3}, {0.5, 0.5, 2})};
  expect_near(sample_losses("Hinge", {}, data), {(1.5 + 0.5 + 0) / 3});
  expect_near(sample_losses("SquaredHinge", {}, data), {(2.25 + 0.25 + 0) / 3});
}

/// Minus the log of the summed probabilities of all paths that collapse to `labels`.
double ctc_by_enumeration(const Doubles& logits, size_t steps, size_t classes, const std::vector<int>& labels) {
  Doubles p(logits.size());
  for (size_t t = 0; t < steps; ++t) {
    double total = 0;
    for (size_t c = 0; c < classes; ++c) total += std::exp(logits[t * classes + c]);
    for (size_t c = 0; c < classes; ++c) p[t * classes + c] = std::exp(logits[t * classes + c]) / total;
  }
  size_t paths = 1;
  for (size_t t = 0; t < steps; ++t) paths *= classes;
  double sum = 0;
  for (size_t path = 0; path < paths; ++path) {
    double probability = 1;
    std::vector<int> spelled;
    size_t rest = path;
    int before = 0;
    for (size_t t = 0; t < steps; ++t, rest /= classes) {
      const int c = static_cast<int>(rest % classes);
      probability *= p[t * classes + static_cast<size_t>(c)];
      if (c != 0 && c != before) spelled.push_back(c);
      before = c;
    }
    if (spelled == labels) sum += probability;
  }
  return -std::log(sum);
}

TEST(CTC, SumsOverAllPathsThatSpellTheLabels) {
  const Tensor logits = uniform({4, 5, 3}, -1, 1, 4);
  const LossData data{Tensor::of<int32_t>({4, 3}, {1, 2, 0, 2, 2, 0, 1, 2, 1, 0, 0, 0}), logits};
  const Doubles losses = sample_losses("CTC", {}, data);
  const std::vector<std::vector<int>> labels{{1, 2}, {2, 2}, {1, 2, 1}, {}};
  for (size_t n = 0; n < 4; ++n) {
    const Doubles all = as_doubles(logits);
    const Doubles mine(all.begin() + static_cast<long>(n * 15), all.begin() + static_cast<long>((n + 1) * 15));
    EXPECT_NEAR(losses[n], ctc_by_enumeration(mine, 5, 3, labels[n]), 1e-9) << "sample " << n;
  }
}

TEST(CTC, IsInfiniteWhereThereIsNoTimeForTheLabels) {
  const LossData data{Tensor::of<int32_t>({1, 3}, {1, 1, 1}),
                      uniform({1, 4, 3}, -1, 1, 4)};  // 1 0 1 0 1 needs five steps
  EXPECT_TRUE(std::isinf(sample_losses("CTC", {}, data)[0]));
}

TEST(Circle, FollowsItsFormula) {
  const LossData data = loss_data("Circle");
  const Doubles x = as_doubles(data.y_pred);
  const std::vector<int> group{0, 0, 1, 1, 2, 0};
  for (const bool remove : {true, false}) {
    Doubles wanted;
    for (size_t i = 0; i < 6; ++i) {
      double pull = 0;
      double push = 0;
      for (size_t j = 0; j < 6; ++j) {
        double cosine = 0;
        for (size_t k = 0; k < 4; ++k) cosine += x[i * 4 + k] * x[j * 4 + k];
        const double d = std::max(0.0, 1 - cosine);
        if (group[i] != group[j])
          push += std::exp(10 * std::max(0.0, 1.25 - d) * (0.75 - d));
        else if (i != j || !remove)
          pull += std::exp(-10 * std::max(0.0, d + 0.25) * (0.25 - d));
      }
      wanted.push_back(std::log1p(pull * push));
    }
    const Json config{{"gamma", 10.0}, {"margin", 0.25}, {"remove_diagonal", remove}};
    expect_near(sample_losses("Circle", config, data), wanted, 1e-8);
    double total = 0;
    int counted = 0;
    for (const double loss : wanted) {
      total += loss;
      counted += loss > 0 ? 1 : 0;
    }
    EXPECT_NEAR(loss_value(object("Circle", config), data), total / counted, 1e-8);
  }
}

TEST(Losses, TakePredictionsThatAreNoFloats) {
  const LossData numbers{Tensor::of<float>({4}, {1, 2, 3, 4}), Tensor::of<int32_t>({4}, {1, 2, 3, 6})};
  EXPECT_EQ(loss_value("mse", numbers), 1);
  Tensor answers(DType::boolean, {4});
  answers.view().as<bool>()[1] = true;
  EXPECT_EQ(loss_value("mae", {Tensor::of<float>({4}, {1, 1, 0, 0}), answers}), 0.25);
}

TEST(Losses, RefuseLabelsOfTheWrongShape) {
  Diagnostics diagnostics;
  const ParseContext context(diagnostics, "loss");
  EXPECT_TRUE(parsed<Loss>("mse")->accepts({kUnknown, 3}, {kUnknown, 3}, context));
  EXPECT_TRUE(parsed<Loss>("sparse_categorical_crossentropy")->accepts({8}, {kUnknown, 3}, context));
  EXPECT_TRUE(diagnostics.items().empty());
  EXPECT_FALSE(parsed<Loss>("categorical_crossentropy")->accepts({8}, {kUnknown, 3}, context));
  EXPECT_FALSE(parsed<Loss>("sparse_categorical_crossentropy")->accepts({8, 3}, {kUnknown, 3}, context));
  EXPECT_FALSE(
      parsed<Loss>(object("CategoricalFocalCrossentropy", {{"alpha", {0.1, 0.2}}}))->accepts({8, 3}, {8, 3}, context));
  EXPECT_FALSE(axes_exist(*parsed<Loss>(object("Dice", {{"axis", 4}})), {8, 3}, context));
  EXPECT_EQ(diagnostics.items().size(), 4u) << diagnostics.text();
}

}  // namespace
}  // namespace trainyard::testing
