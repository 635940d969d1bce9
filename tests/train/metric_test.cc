// Metrics with other arguments than the golden cases have, counted by hand.
#include <cmath>
#include <set>

#include "tests/train/loss_data.h"

namespace trainyard::testing {
namespace {

using Doubles = std::vector<double>;

struct Batch {
  Tensor y_true;
  Tensor y_pred;
  Tensor weight = {};
};

std::shared_ptr<const Metric> metric_of(const Json& json, const Batch& batch) {
  Diagnostics diagnostics;
  auto metric = parse_metric(json, batch.y_true.shape(), batch.y_pred.shape(), ParseContext(diagnostics, "metric"));
  EXPECT_NE(metric, nullptr) << json.dump() << ": " << diagnostics.text();
  return metric;
}

/// All values after these batches.
Doubles results(const Json& json, const std::vector<Batch>& batches) {
  const auto metric = metric_of(json, batches.front());
  if (metric == nullptr) return {};
  std::vector<Tensor> state;
  for (const Shape& shape : metric->state(batches.front().y_pred.shape())) state.emplace_back(DType::f32, shape);
  for (const Batch& batch : batches) {
    Graph graph;
    std::vector<Tensor> inputs{batch.y_true, batch.y_pred};
    if (!batch.weight.empty()) inputs.push_back(batch.weight);
    inputs.insert(inputs.end(), state.begin(), state.end());
    std::vector<Value> values;
    for (const Tensor& tensor : inputs) values.push_back(graph.input("x", {tensor.dtype(), tensor.shape()}));
    const auto first = values.end() - static_cast<long>(state.size());
    state =
        run(graph, inputs,
            metric->update({first, values.end()}, values[0], values[1], batch.weight.empty() ? Value() : values[2]));
  }
  std::vector<TensorView> views;
  for (const Tensor& tensor : state) views.push_back(tensor.view());
  return metric->results(views);
}

Doubles results(const std::string& name, Json config, const Batch& batch) {
  return results(object(name, std::move(config)), {batch});
}

Tensor floats(Shape shape, const std::vector<float>& values) { return Tensor::of<float>(std::move(shape), values); }
Tensor ints(Shape shape, const std::vector<int32_t>& values) { return Tensor::of<int32_t>(std::move(shape), values); }

/// Yes-or-no labels: 0 1 1 0 1 against rising predictions.
Batch yes_or_no() { return {floats({5}, {0, 1, 1, 0, 1}), floats({5}, {0.1F, 0.3F, 0.45F, 0.6F, 0.9F})}; }

TEST(Accuracy, IsOfTheKindThatTheShapesAskFor) {
  const auto kind = [](const Shape& y_true, const Shape& y_pred, const char* word) {
    Diagnostics diagnostics;
    const auto metric = parse_metric(word, y_true, y_pred, ParseContext(diagnostics, "metrics"));
    EXPECT_EQ(metric->name, word);
    return metric->info().class_name;
  };
  EXPECT_EQ(kind({9, 1}, {kUnknown, 1}, "accuracy"), "BinaryAccuracy");
  EXPECT_EQ(kind({9}, {kUnknown, 4}, "acc"), "SparseCategoricalAccuracy");
  EXPECT_EQ(kind({9, 1}, {kUnknown, 4}, "accuracy"), "SparseCategoricalAccuracy");
  EXPECT_EQ(kind({9, 4}, {kUnknown, 4}, "accuracy"), "CategoricalAccuracy");
  EXPECT_EQ(kind({9}, {kUnknown, 4}, "crossentropy"), "SparseCategoricalCrossentropy");
  EXPECT_EQ(kind({9, 4}, {kUnknown, 4}, "ce"), "CategoricalCrossentropy");
}

TEST(Accuracy, CountsWhatIsEqual) {
  expect_near(results("Accuracy", {}, {ints({4, 1}, {1, 2, 3, 4}), floats({4, 1}, {1, 5, 3, 4})}), {0.75});
}

TEST(Accuracy, WeighsSamples) {
  const Batch batch{ints({3}, {0, 1, 1}), floats({3, 2}, {0.9F, 0.1F, 0.8F, 0.2F, 0.3F, 0.7F}), floats({3}, {1, 2, 5})};
  expect_near(results("SparseCategoricalAccuracy", {}, batch), {6.0 / 8});
}

TEST(Accuracy, AveragesOverTheStepsOfASample) {
  const Batch batch{ints({2, 2}, {0, 1, 1, 1}), floats({2, 2, 2}, {0.9F, 0.1F, 0.8F, 0.2F, 0.3F, 0.7F, 0.2F, 0.8F})};
  expect_near(results("SparseCategoricalAccuracy", {}, batch), {0.75});
}

TEST(BinaryAccuracy, TakesAThreshold) {
  const Batch batch{floats({3, 1}, {1, 0, 0}), floats({3, 1}, {0.5F, 0.5F, 0.8F})};
  expect_near(results("BinaryAccuracy", {}, batch), {1.0 / 3});
  expect_near(results("BinaryAccuracy", {{"threshold", 0.4}}, batch), {1.0 / 3});
  expect_near(results("BinaryAccuracy", {{"threshold", 0.7}}, batch), {1.0 / 3});
  expect_near(results("BinaryAccuracy", {{"threshold", 0.9}}, batch), {2.0 / 3});
}

TEST(TopK, LooksAtTheKHighest) {
  const Tensor scores = floats({2, 4}, {0.1F, 0.4F, 0.3F, 0.2F, 0.4F, 0.3F, 0.2F, 0.1F});
  const Batch sparse{ints({2}, {3, 1}), scores};
  expect_near(results("SparseTopKCategoricalAccuracy", {{"k", 1}}, sparse), {0});
  expect_near(results("SparseTopKCategoricalAccuracy", {{"k", 2}}, sparse), {0.5});
  expect_near(results("SparseTopKCategoricalAccuracy", {{"k", 3}}, sparse), {1});
  expect_near(results("TopKCategoricalAccuracy", {{"k", 2}}, {floats({2, 4}, {0, 0, 0, 1, 0, 1, 0, 0}), scores}),
              {0.5});
}

TEST(TopK, ReadsListsOfClassesWhereAsked) {
  const Batch batch{ints({3}, {3, 1, 0}), ints({3, 4}, {1, 2, 3, 0, 1, 0, 2, 3, 3, 2, 1, 0})};
  expect_near(results("SparseTopKCategoricalAccuracy", {{"k", 2}, {"from_sorted_ids", true}}, batch), {1.0 / 3});
  expect_near(results("SparseTopKCategoricalAccuracy", {{"k", 3}, {"from_sorted_ids", true}}, batch), {2.0 / 3});
}

TEST(Confusion, CountsAtEachThreshold) {
  const Json two{{"thresholds", {0.2, 0.5}}};
  expect_near(results("TruePositives", two, yes_or_no()), {3, 1});
  expect_near(results("FalsePositives", two, yes_or_no()), {1, 1});
  expect_near(results("TrueNegatives", two, yes_or_no()), {1, 1});
  expect_near(results("FalseNegatives", two, yes_or_no()), {0, 2});
  expect_near(results("Precision", two, yes_or_no()), {0.75, 0.5});
  expect_near(results("Recall", two, yes_or_no()), {1, 1.0 / 3}, 1e-6);
  expect_near(results("TruePositives", {{"thresholds", 0.4}}, yes_or_no()), {2});
}

TEST(Confusion, WeighsSamples) {
  Batch batch = yes_or_no();
  batch.weight = floats({5}, {1, 2, 3, 4, 5});
  expect_near(results("Precision", {}, batch), {5.0 / 9}, 1e-6);
  expect_near(results("FalseNegatives", {}, batch), {5});
}

TEST(Confusion, LooksAtTheTopK) {
  const Batch batch{floats({2, 3}, {1, 0, 1, 0, 1, 0}), floats({2, 3}, {0.1F, 0.2F, 0.3F, 0.9F, 0.8F, 0.1F})};
  expect_near(results("Recall", {{"top_k", 1}}, batch), {1.0 / 3}, 1e-6);
  expect_near(results("Recall", {{"top_k", 2}}, batch), {2.0 / 3}, 1e-6);
  expect_near(results("Precision", {{"top_k", 2}}, batch), {0.5});
  expect_near(results("Precision", {{"top_k", 2}, {"thresholds", 0.25}}, batch), {2.0 / 3}, 1e-6);
}

TEST(Confusion, LooksAtOneClass) {
  const Batch batch{floats({2, 3}, {1, 0, 1, 0, 1, 0}), floats({2, 3}, {0.9F, 0.2F, 0.3F, 0.9F, 0.8F, 0.1F})};
  expect_near(results("Precision", {{"class_id", 0}}, batch), {0.5});
  expect_near(results("Recall", {{"class_id", 2}}, batch), {0});
  expect_near(results("SensitivityAtSpecificity", {{"specificity", 0.0}, {"class_id", 1}}, batch), {1});
}

TEST(Confusion, FindsTheBestRateUnderADemand) {
  // Thresholds 0, 0.25, 0.5, 0.75, 1. Yes above them: 5, 4, 2, 1, 0 predictions.
  const Json five{{"num_thresholds", 5}};
  const auto with = [&](const char* arg, double demand) {
    Json config = five;
    config[arg] = demand;
    return config;
  };
  expect_near(results("SensitivityAtSpecificity", with("specificity", 0.5), yes_or_no()), {1});
  expect_near(results("SensitivityAtSpecificity", with("specificity", 0.9), yes_or_no()), {1.0 / 3}, 1e-6);
  expect_near(results("SpecificityAtSensitivity", with("sensitivity", 1.0), yes_or_no()), {0.5});
  expect_near(results("SpecificityAtSensitivity", with("sensitivity", 0.2), yes_or_no()), {1});
  expect_near(results("PrecisionAtRecall", with("recall", 0.9), yes_or_no()), {0.75});
  expect_near(results("PrecisionAtRecall", with("recall", 0.3), yes_or_no()), {1});
  expect_near(results("RecallAtPrecision", with("precision", 0.7), yes_or_no()), {1});
  expect_near(results("RecallAtPrecision", with("precision", 0.8), yes_or_no()), {1.0 / 3}, 1e-6);
  expect_near(results("RecallAtPrecision", {{"precision", 0.4}, {"num_thresholds", 1}}, yes_or_no()), {1.0 / 3}, 1e-6);
}

/// The area by comparing all pairs: the share of yeses above noes, ties half.
double ranked_area(const Batch& batch) {
  const Doubles t = as_doubles(batch.y_true);
  const Doubles p = as_doubles(batch.y_pred);
  double won = 0;
  double pairs = 0;
  for (size_t i = 0; i < t.size(); ++i)
    for (size_t j = 0; j < t.size(); ++j)
      if (t[i] == 1 && t[j] == 0) {
        pairs += 1;
        won += p[i] > p[j] ? 1 : p[i] == p[j] ? 0.5 : 0;
      }
  return won / pairs;
}

TEST(AUC, IsTheShareOfPairsInOrderWhereThresholdsAreFine) {
  expect_near(results("AUC", {{"num_thresholds", 1001}}, yes_or_no()), {ranked_area(yes_or_no())}, 1e-6);
  expect_near(results("AUC", {{"thresholds", {0.2, 0.4, 0.5, 0.7}}}, yes_or_no()), {ranked_area(yes_or_no())}, 1e-6);
}

TEST(AUC, TakesLogits) {
  Batch logits = yes_or_no();
  for (float& p : logits.y_pred.span<float>()) p = std::log(p / (1 - p));
  expect_near(results("AUC", {{"from_logits", true}}, logits), results("AUC", {}, yes_or_no()), 1e-6);
}

TEST(AUC, BoundsTheAreaFromBelowAndAbove) {
  for (const char* curve : {"ROC", "PR", "PRGAIN"}) {
    const Json coarse{{"num_thresholds", 4}, {"curve", curve}};
    const auto by = [&](const char* method) {
      Json config = coarse;
      config["summation_method"] = method;
      return results("AUC", config, yes_or_no())[0];
    };
    EXPECT_LE(by("minoring"), by("majoring")) << curve;
    if (std::string(curve) != "PR") {
      EXPECT_NEAR(by("interpolation"), (by("minoring") + by("majoring")) / 2, 1e-9) << curve;
    }
  }
}

TEST(AUC, FollowsTheFormulasOfPrecisionAndRecall) {
  // Thresholds -e, 1/2, 1 + e: tp 3 1 0, fp 2 1 0; recall 1, 1/3, 0, precision 3/5, 1/2, 0.
  const Json base{{"num_thresholds", 3}, {"curve", "PR"}};
  Json config = base;
  config["summation_method"] = "majoring";
  expect_near(results("AUC", config, yes_or_no()), {2.0 / 3 * 0.6 + 1.0 / 3 * 0.5}, 1e-6);
  // Interpolated: slope 2/3 and 1/2; (slope (dTP + intercept log(P_a / P_b))) / 3.
  const double first = 2.0 / 3 * (2 + (1 - 2.0 / 3 * 2) * std::log(5.0 / 2)) / 3;
  const double second = 0.5 * 1 / 3;
  expect_near(results("AUC", base, yes_or_no()), {first + second}, 1e-6);
}

TEST(AUC, TakesEachLabelForItself) {
  const Batch batch{floats({4, 2}, {0, 1, 1, 0, 1, 1, 0, 0}),
                    floats({4, 2}, {0.2F, 0.9F, 0.7F, 0.6F, 0.1F, 0.4F, 0.3F, 0.2F})};
  const Batch first{floats({4}, {0, 1, 1, 0}), floats({4}, {0.2F, 0.7F, 0.1F, 0.3F})};
  const Batch second{floats({4}, {1, 0, 1, 0}), floats({4}, {0.9F, 0.6F, 0.4F, 0.2F})};
  const double a = ranked_area(first);
  const double b = ranked_area(second);
  expect_near(results("AUC", {{"multi_label", true}, {"num_labels", 2}}, batch), {(a + b) / 2}, 1e-6);
  expect_near(results("AUC", {{"multi_label", true}, {"label_weights", {1.0, 3.0}}}, batch), {(a + 3 * b) / 4}, 1e-6);
  Batch weighted{floats({8}, {0, 1, 1, 0, 1, 1, 0, 0}), batch.y_pred.reshaped({8}),
                 floats({8}, {1, 3, 1, 3, 1, 3, 1, 3})};
  expect_near(results("AUC", {{"label_weights", {1.0, 3.0}}}, batch), results("AUC", {}, weighted), 1e-6);
}

TEST(AUC, RefusesLabelsThatDoNotFit) {
  Diagnostics diagnostics;
  const ParseContext context(diagnostics, "metrics");
  EXPECT_EQ(parse_metric(object("AUC", {{"num_labels", 2}}), {4, 2}, {4, 2}, context), nullptr);
  EXPECT_EQ(parse_metric(object("AUC", {{"multi_label", true}, {"num_labels", 3}}), {4, 2}, {4, 2}, context), nullptr);
  EXPECT_EQ(parse_metric(object("AUC", {{"label_weights", {1.0}}}), {4, 2}, {4, 2}, context), nullptr);
  EXPECT_EQ(diagnostics.items().size(), 3u);
}

TEST(FScores, AverageAsAsked) {
  const Batch batch{floats({4, 2}, {1, 0, 1, 0, 1, 1, 0, 1}),
                    floats({4, 2}, {0.8F, 0.1F, 0.4F, 0.6F, 0.9F, 0.7F, 0.6F, 0.2F})};
  // Above 0.5: class 0 tp 2 fp 1 fn 1, class 1 tp 1 fp 1 fn 1.
  const auto with = [](const Json& average, double beta) {
    Json config{{"threshold", 0.5}, {"average", average}};
    if (beta != 1) config["beta"] = beta;
    return config;
  };
  expect_near(results("F1Score", with(nullptr, 1), batch), {2.0 / 3, 0.5}, 1e-6);
  expect_near(results("F1Score", with("macro", 1), batch), {(2.0 / 3 + 0.5) / 2}, 1e-6);
  expect_near(results("F1Score", with("weighted", 1), batch), {(3 * 2.0 / 3 + 2 * 0.5) / 5}, 1e-6);
  expect_near(results("F1Score", with("micro", 1), batch), {0.6}, 1e-6);
  expect_near(results("FBetaScore", with("micro", 2), batch), {5 * 0.36 / (4 * 0.6 + 0.6)}, 1e-6);
}

TEST(IoU, CountsOverlaps) {
  const Batch batch{ints({6}, {0, 0, 1, 1, 2, 2}), ints({6}, {0, 1, 1, 1, 2, 0})};
  // 0: 1 of 3; 1: 2 of 3; 2: 1 of 2.
  expect_near(results("IoU", {{"num_classes", 3}, {"target_class_ids", Json::array({0})}}, batch), {1.0 / 3}, 1e-6);
  expect_near(results("IoU", {{"num_classes", 3}, {"target_class_ids", {1, 2}}}, batch), {(2.0 / 3 + 0.5) / 2}, 1e-6);
  expect_near(results("MeanIoU", {{"num_classes", 3}}, batch), {(1.0 / 3 + 2.0 / 3 + 0.5) / 3}, 1e-6);
  expect_near(results("MeanIoU", {{"num_classes", 3}, {"ignore_class", 2}}, batch), {(0.5 + 2.0 / 3) / 2}, 1e-6);
  Batch weighted = batch;
  weighted.weight = floats({6}, {1, 1, 1, 1, 1, 0});
  expect_near(results("IoU", {{"num_classes", 3}, {"target_class_ids", Json::array({2})}}, weighted), {1}, 1e-6);
}

TEST(Accuracy, OfOneHotLabelsWantsTheirClasses) {
  Diagnostics diagnostics;
  const ParseContext context(diagnostics, "metrics");
  for (const char* name : {"CategoricalAccuracy", "TopKCategoricalAccuracy"}) {
    EXPECT_NE(parse_metric(name, {8, 2, 3}, {kUnknown, 2, 3}, context), nullptr) << name;
    EXPECT_TRUE(diagnostics.items().empty()) << diagnostics.text();
    EXPECT_EQ(parse_metric(name, {8, 2}, {kUnknown, 2, 1}, context), nullptr) << name;
    EXPECT_EQ(parse_metric(name, {8, 2, 1}, {kUnknown, 2}, context), nullptr) << name;
    diagnostics = {};
  }
}

TEST(IoU, RefusesLabelsOfOtherPlacesThanThePredictions) {
  Diagnostics diagnostics;
  const ParseContext context(diagnostics, "metrics");
  const auto takes = [&](Json config, const Shape& y_true, const Shape& y_pred) {
    config["num_classes"] = 3;
    return parse_metric(object("MeanIoU", config), y_true, y_pred, context) != nullptr;
  };
  EXPECT_TRUE(takes({}, {8, 5}, {kUnknown, 5}));
  EXPECT_TRUE(takes({}, {8, 5}, {kUnknown, 5, 1}));
  EXPECT_TRUE(takes({{"sparse_y_pred", false}}, {8, 5}, {kUnknown, 5, 3}));
  EXPECT_TRUE(takes({{"sparse_y_pred", false}, {"axis", 1}}, {8, 5, 1}, {kUnknown, 3, 5}));
  EXPECT_TRUE(diagnostics.items().empty()) << diagnostics.text();
  EXPECT_FALSE(takes({}, {8, 5, 1}, {kUnknown, 5, 3}));
  EXPECT_FALSE(takes({}, {8, 4}, {kUnknown, 5}));
  EXPECT_FALSE(takes({{"sparse_y_pred", false}}, {8, 5}, {kUnknown, 4, 3}));
  EXPECT_FALSE(takes({{"sparse_y_true", false}}, {8}, {kUnknown, 1}));
  EXPECT_EQ(diagnostics.items().size(), 4U) << diagnostics.text();
}

TEST(IoU, CountsWholeWeightsUnlessToldFloat32) {
  const Batch batch{ints({3}, {0, 0, 1}), ints({3}, {0, 1, 1}), floats({3}, {2.9F, 1.5F, 0.5F})};
  const Batch hot{floats({3, 2}, {1, 0, 1, 0, 0, 1}), floats({3, 2}, {1, 0, 0, 1, 0, 1}), batch.weight};
  // Class 0: 2 of 2 + 1 as whole numbers; 2.9 of 2.9 + 1.5 as floats.
  const Json first{{"num_classes", 2}, {"target_class_ids", Json::array({0})}};
  for (const auto& [name, data] : {std::pair{"IoU", batch}, std::pair{"OneHotIoU", hot}}) {
    expect_near(results(name, first, data), {2.0 / 3}, 1e-6);
    Json wide = first;
    wide["dtype"] = "float32";
    expect_near(results(name, wide, data), {2.9 / 4.4}, 1e-6);
  }
}

TEST(IoU, ReadsScoresAndOneHotLabels) {
  const Batch hot{floats({2, 3}, {1, 0, 0, 0, 1, 0}), floats({2, 3}, {0.7F, 0.2F, 0.1F, 0.5F, 0.3F, 0.2F})};
  expect_near(results("OneHotMeanIoU", {{"num_classes", 3}}, hot), {0.25}, 1e-6);
  expect_near(results("OneHotIoU", {{"num_classes", 3}, {"target_class_ids", Json::array({0})}}, hot), {0.5}, 1e-6);
  const Batch numbers{hot.y_true, ints({2}, {0, 0})};
  expect_near(results("OneHotIoU",
                      {{"num_classes", 3}, {"target_class_ids", Json::array({0})}, {"sparse_y_pred", true}}, numbers),
              {0.5}, 1e-6);
  expect_near(results("OneHotMeanIoU", {{"num_classes", 3}, {"sparse_y_pred", true}}, numbers), {0.25}, 1e-6);
  expect_near(results("MeanIoU", {{"num_classes", 3}, {"sparse_y_true", false}, {"sparse_y_pred", false}}, hot), {0.25},
              1e-6);
  expect_near(results("IoU", {{"num_classes", 3}, {"target_class_ids", Json::array({0})}, {"sparse_y_pred", false}},
                      {ints({2}, {0, 1}), hot.y_pred}),
              {0.5}, 1e-6);
  // Classes along the first axis after the batch.
  const Batch turned{floats({1, 3, 2}, {1, 0, 0, 1, 0, 0}), floats({1, 3, 2}, {0.7F, 0.5F, 0.2F, 0.3F, 0.1F, 0.2F})};
  expect_near(results("OneHotMeanIoU", {{"num_classes", 3}, {"axis", 1}}, turned), {0.25}, 1e-6);
}

TEST(BinaryIoU, TakesAThreshold) {
  const Batch batch{ints({4}, {0, 1, 0, 1}), floats({4}, {0.1F, 0.2F, 0.4F, 0.7F})};
  expect_near(results("BinaryIoU", {{"threshold", 0.3}}, batch), {(1.0 / 3 + 1.0 / 3) / 2}, 1e-6);
  expect_near(results("BinaryIoU", {{"target_class_ids", Json::array({1})}, {"threshold", 0.15}}, batch), {2.0 / 3},
              1e-6);
}

TEST(R2Score, AggregatesAndAdjustsAsAsked) {
  const Batch batch{floats({4, 2}, {1, 10, 2, 20, 3, 30, 6, 80}), floats({4, 2}, {1, 20, 2, 20, 4, 30, 6, 70})};
  const double variance0 = 14;    // of 1 2 3 6 around 3
  const double variance1 = 2900;  // of 10 20 30 80 around 35
  const Doubles each{1 - 1 / variance0, 1 - 200 / variance1};
  expect_near(results("R2Score", {{"class_aggregation", nullptr}}, batch), each, 1e-5);
  expect_near(results("R2Score", {}, batch), {(each[0] + each[1]) / 2}, 1e-5);
  const double weighted = (variance0 * each[0] + variance1 * each[1]) / (variance0 + variance1);
  expect_near(results("R2Score", {{"class_aggregation", "variance_weighted_average"}}, batch), {weighted}, 1e-5);
  expect_near(results("R2Score", {{"class_aggregation", "variance_weighted_average"}, {"num_regressors", 3}}, batch),
              {1 - (1 - weighted) * 7 / 4}, 1e-5);  // Keras counts every label as a sample: 8
}

TEST(Correlation, FollowsItsFormulas) {
  const Batch batch{floats({2, 3}, {0, 1, 0.5F, 1, 1, 0.2F}), floats({2, 3}, {0.1F, 0.9F, 0.5F, 1, 0.9F, 0.2F})};
  expect_near(results("PearsonCorrelation", {}, batch), {0.9966996}, 1e-5);  // the example of Keras's documentation
  expect_near(results("ConcordanceCorrelation", {}, batch), {0.98163205}, 1e-5);  // and this one
  const Batch turned{floats({1, 3, 2}, {0, 1, 1, 1, 0.5F, 0.2F}), floats({1, 3, 2}, {0.1F, 1, 0.9F, 0.9F, 0.5F, 0.2F})};
  expect_near(results("PearsonCorrelation", {{"axis", 1}}, turned), {0.9966996}, 1e-5);
  expect_near(results("ConcordanceCorrelation", {{"axis", Json::array({1})}}, turned), {0.98163205}, 1e-5);
}

TEST(LossMetrics, AreTheMeanOfTheLossOverAllSamples) {
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"MeanSquaredError", "MeanSquaredError"},
      {"MeanAbsoluteError", "MeanAbsoluteError"},
      {"Poisson", "Poisson"},
      {"MeanAbsolutePercentageError", "MeanAbsolutePercentageError"},
      {"MeanSquaredLogarithmicError", "MeanSquaredLogarithmicError"},
      {"LogCoshError", "LogCosh"},
      {"Hinge", "Hinge"},
      {"SquaredHinge", "SquaredHinge"},
      {"CategoricalHinge", "CategoricalHinge"},
      {"KLDivergence", "KLDivergence"},
      {"BinaryCrossentropy", "BinaryCrossentropy"},
      {"CategoricalCrossentropy", "CategoricalCrossentropy"},
      {"SparseCategoricalCrossentropy", "SparseCategoricalCrossentropy"}};
  for (const auto& [metric, loss] : pairs) {
    SCOPED_TRACE(metric);
    const LossData data = loss_data(loss);
    const double wanted = loss_value(object(loss), data);
    expect_near(results(metric, {}, {data.y_true, data.y_pred}), {wanted}, 1e-5 * std::max(1.0, std::abs(wanted)));
    for (const auto& [arg, value] :
         std::vector<std::pair<std::string, Json>>{{"from_logits", true}, {"label_smoothing", 0.2}, {"axis", 1}}) {
      if (Metric::registry().find(metric)->find(arg) == nullptr) continue;
      const double with = loss_value(object(loss, {{arg, value}}), data);
      expect_near(results(metric, {{arg, value}}, {data.y_true, data.y_pred}), {with},
                  1e-5 * std::max(1.0, std::abs(with)));
    }
  }
  const LossData data = loss_data("CosineSimilarity");
  expect_near(results("CosineSimilarity", {{"axis", 1}}, {data.y_true, data.y_pred}),
              {-loss_value(object("CosineSimilarity", {{"axis", 1}}), data)}, 1e-5);
  expect_near(results("RootMeanSquaredError", {}, {data.y_true, data.y_pred}),
              {std::sqrt(loss_value(object("MeanSquaredError"), data))}, 1e-5);
}

TEST(SparseCategoricalCrossentropyMetric, CountsIgnoredClassesAsKerasDoes) {
  Batch batch{ints({2}, {0, 1}), floats({2, 2}, {0.5F, 0.5F, 0.9F, 0.1F})};
  const Json config{{"ignore_class", 1}};
  expect_near(results("SparseCategoricalCrossentropy", config, batch), {-std::log(0.5) / 2},
              1e-6);  // costs nothing, counts
  batch.weight = floats({2}, {1, 1});
  expect_near(results("SparseCategoricalCrossentropy", config, batch), {-std::log(0.5)},
              1e-6);  // beside weights it does not
}

/// keras.metrics.Mean(values, sample_weight), fed by compile with (y_true, y_pred).
TEST(MeanAndSum, TakeLabelsAsValuesAndPredictionsAsWeights) {
  const Batch batch{floats({2, 2}, {5, 1, 2, 4}), floats({2, 2}, {1, 2, 3, 6})};
  // Rows of values * weights: (5, 2), (6, 24); Mean takes the mean of each row, and of each row's weights.
  expect_near(results("Mean", {}, batch), {(3.5 + 15) / (1.5 + 4.5)}, 1e-6);
  expect_near(results("Sum", {}, batch), {5 + 2 + 6 + 24});
  Batch weighted = batch;
  weighted.weight = floats({2}, {1, 3});
  expect_near(results("Mean", {}, weighted), {(3.5 + 3 * 15) / (1.5 + 3 * 4.5)}, 1e-6);
  expect_near(results("Sum", {}, weighted), {7 + 3 * 30});
  expect_near(results("Mean", {}, {ints({3}, {1, 2, 3}), floats({3, 1}, {1, 1, 2})}), {9.0 / 4});
}

TEST(Metrics, HeedMasksWhereTheyWrapAFunction) {
  const Batch batch{floats({2, 2}, {0, 0, 0, 0}), floats({2, 2}, {1, 2, 3, 6})};
  EXPECT_TRUE(metric_of("MeanSquaredError", batch)->heeds_mask());
  for (const char* name : {"RootMeanSquaredError", "Mean", "Sum", "AUC"})
    EXPECT_FALSE(metric_of(name, batch)->heeds_mask()) << name;
}

TEST(Metrics, GoOnFromBatchToBatch) {
  const Batch first{floats({1, 1}, {0}), floats({1, 1}, {2})};
  const Batch second{floats({3, 1}, {0, 0, 0}), floats({3, 1}, {1, 1, 1})};
  expect_near(results(Json("mse"), {first, second}), {7.0 / 4});
}

TEST(Metrics, TakeAMaskAsWeights) {
  Graph graph;
  Tensor valid(DType::boolean, {2});
  valid.span<bool>()[1] = true;
  const Value mask = graph.constant(valid);
  EXPECT_FALSE(masked_weight({}, {}));
  const Value weight = graph.constant(floats({2}, {3, 4}));
  const std::vector<Tensor> got = run(graph, {}, {masked_weight({}, mask), masked_weight(weight, mask)});
  expect_near(as_doubles(got[0]), {0, 1});
  expect_near(as_doubles(got[1]), {0, 4});
}

TEST(Metrics, RefuseShapesThatDoNotFit) {
  for (const auto& [name, config] : std::vector<std::pair<std::string, Json>>{{"CategoricalAccuracy", {}},
                                                                              {"Precision", {}},
                                                                              {"F1Score", {}},
                                                                              {"MeanSquaredError", {}},
                                                                              {"Precision", {{"class_id", 7}}}}) {
    Diagnostics diagnostics;
    EXPECT_EQ(parse_metric(object(name, config), {8}, {8, 3}, ParseContext(diagnostics, "metrics[0]")), nullptr)
        << name;
    EXPECT_TRUE(diagnostics.has_errors());
  }
}

}  // namespace
}  // namespace trainyard::testing
