// Layers of no golden case, or arguments of none, against their formulas: batch renormalization, ternary weights, embeddings
// called in reverse or given, adaptive pooling, masks of merging layers, keyword arguments of calls.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

std::span<double> numbers(const Tensor& tensor) { return tensor.span<double>(); }

Tensor mask_of(Shape shape, const std::vector<int>& seen) {
  Tensor mask(DType::boolean, std::move(shape));
  for (size_t i = 0; i < seen.size(); ++i) mask.span<bool>()[i] = seen[i] != 0;
  return mask;
}

// ------------------------------------------------------------------ BatchNormalization(renorm=True)

TEST(BatchRenormalization, CorrectsTheBatchTowardTheMovingStatistics) {
  const LayerSample sample{
      "BatchNormalization", {{"renorm", true}, {"renorm_clipping", {{"rmax", 1.1}, {"rmin", 0.9}, {"dmax", 0.2}}}}, {}};
  LayerTrial trial(sample, {{6, 3}}, DType::f64);
  ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
  const auto& weights = trial.plan().weights;
  ASSERT_EQ(weights.size(), 7U);
  EXPECT_EQ(weights[4].spec.name, "moving_stddev");
  EXPECT_EQ(weights[5].spec.name, "renorm_mean");
  EXPECT_EQ(weights[6].spec.name, "renorm_stddev");
  const auto result = trial.run(true, false);
  const auto x = numbers(trial.operands()[0]);
  const auto weight = [&](size_t w, size_t c) { return numbers(trial.operands()[1 + w])[c]; };
  for (size_t c = 0; c < 3; ++c) {
    double mean = 0;
    double variance = 0;
    for (size_t n = 0; n < 6; ++n) mean += x[n * 3 + c] / 6;
    for (size_t n = 0; n < 6; ++n) variance += std::pow(x[n * 3 + c] - mean, 2) / 6;
    const double deviation = std::sqrt(variance + 1e-3);
    const double r = std::clamp(deviation / weight(6, c), 0.9, 1.1);
    const double d = std::clamp((mean - weight(5, c)) / weight(6, c), -0.2, 0.2);
    for (size_t n = 0; n < 6; ++n)
      EXPECT_NEAR(numbers(result.outputs[0])[n * 3 + c],
                  ((x[n * 3 + c] - mean) / deviation * r + d) * weight(0, c) + weight(1, c), 1e-12);
  }
}

/// y = x^ r gamma + .. with r and d held fixed: the gradient is r times that of plain batch normalization.
TEST(BatchRenormalization, TakesItsCorrectionsForConstants) {
  LayerTrial plain({"BatchNormalization", Json::object(), {}}, {{6, 3}}, DType::f64);
  LayerTrial renorm({"BatchNormalization", {{"renorm", true}}, {}}, {{6, 3}}, DType::f64);
  for (size_t i = 0; i < plain.operands().size(); ++i) plain.operands()[i] = renorm.operands()[i];
  const auto wanted = plain.run(true, true);
  const auto got = renorm.run(true, true);
  const auto x = numbers(renorm.operands()[0]);
  for (size_t c = 0; c < 3; ++c) {
    double mean = 0;
    double variance = 0;
    for (size_t n = 0; n < 6; ++n) mean += x[n * 3 + c] / 6;
    for (size_t n = 0; n < 6; ++n) variance += std::pow(x[n * 3 + c] - mean, 2) / 6;
    const double r = std::sqrt(variance + 1e-3) / numbers(renorm.operands()[7])[c];
    for (size_t n = 0; n < 6; ++n)
      EXPECT_NEAR(numbers(got.gradients[0])[n * 3 + c], r * numbers(wanted.gradients[0])[n * 3 + c], 1e-9);
  }
}

TEST(BatchRenormalization, BeginsItsDeviationsAtTheRootOfTheVariance) {
  const LayerTrial trial(
      {"BatchNormalization",
       {{"renorm", true}, {"moving_variance_initializer", {{"class_name", "Constant"}, {"config", {{"value", 9.0}}}}}},
       {}},
      {{6, 3}}, DType::f32);
  for (const size_t w : {4, 6}) {
    const Tensor made = trial.plan().weights[w].spec.initializer->make({3}, DType::f32, Philox{});
    EXPECT_EQ(made.span<float>()[1], 3) << w;
  }
}

TEST(BatchRenormalization, RefusesBoundsThatCross) {
  for (const Json& clipping : {Json{{"rmax", 1}, {"rmin", 2}}, Json{{"dmax", -1}}, Json{{"colour", 1}}, Json(3)}) {
    Diagnostics diagnostics;
    make_layer({"BatchNormalization", {{"renorm", true}, {"renorm_clipping", clipping}}, {}}, diagnostics);
    EXPECT_NE(diagnostics.text().find("layer.renorm_clipping"), std::string::npos) << clipping.dump();
  }
}

// ------------------------------------------------------------------ TernaryDense

TEST(TernaryDense, HasWeightsOfMinusOneZeroAndOne) {
  for (const bool given : {false, true}) {
    LayerSample sample{"TernaryDense", {{"units", 4}}, {}};
    if (given) sample.config["threshold"] = 0.6;
    LayerTrial trial(sample, {{3, 5}}, DType::f64);
    const auto result = trial.run(true, true);
    const auto x = numbers(trial.operands()[0]);
    const auto kernel = numbers(trial.operands()[1]);
    double size = 0;
    for (const double k : kernel) size += std::abs(k) / 20;
    const double threshold = given ? 0.6 : size / 2;
    for (size_t n = 0; n < 3; ++n)
      for (size_t u = 0; u < 4; ++u) {
        double y = 0;
        for (size_t i = 0; i < 5; ++i) {
          const double k = kernel[i * 4 + u];
          y += std::abs(k) > threshold ? (k > 0 ? x[n * 5 + i] : -x[n * 5 + i]) : 0;
        }
        EXPECT_NEAR(numbers(result.outputs[0])[n * 4 + u], y * (given ? 1 : size) + numbers(trial.operands()[2])[u],
                    1e-9);
      }
  }
}

TEST(TernaryDense, MayHaveNoBias) {
  LayerTrial with({"TernaryDense", {{"units", 4}, {"threshold", 0.6}}, {}}, {{3, 5}}, DType::f64);
  LayerTrial without({"TernaryDense", {{"units", 4}, {"threshold", 0.6}, {"use_bias", false}}, {}}, {{3, 5}},
                     DType::f64);
  ASSERT_EQ(without.operands().size(), 2u);
  for (size_t i = 0; i < 2; ++i) without.operands()[i] = with.operands()[i];
  const Tensor a = with.run(false, false).outputs[0];
  const Tensor b = without.run(false, false).outputs[0];
  for (size_t i = 0; i < 12; ++i) EXPECT_NEAR(numbers(a)[i] - numbers(b)[i], numbers(with.operands()[2])[i % 4], 1e-12);
}

TEST(TernaryDense, LearnsAsIfItsWeightsWereNotRounded) {
  LayerTrial ternary({"TernaryDense", {{"units", 4}, {"threshold", 0.6}}, {}}, {{3, 5}}, DType::f64);
  LayerTrial dense({"Dense", {{"units", 4}}, {}}, {{3, 5}}, DType::f64);
  for (size_t i = 0; i < 3; ++i) dense.operands()[i] = ternary.operands()[i];
  const auto wanted = dense.run(true, true);
  const auto got = ternary.run(true, true);
  for (size_t i = 0; i < 20; ++i) EXPECT_NEAR(numbers(got.gradients[1])[i], numbers(wanted.gradients[1])[i], 1e-12);
}

// ------------------------------------------------------------------ SpectralNormalization

TEST(SpectralNormalization, DividesTheKernelByItsLargestSingularValue) {
  const LayerSample sample{
      "SpectralNormalization",
      {{"layer", {{"class_name", "Dense"}, {"config", {{"name", "d"}, {"units", 2}}}}}, {"power_iterations", 60}},
      {}};
  LayerTrial trial(sample, {{1, 2}}, DType::f64);
  ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
  ASSERT_EQ(trial.plan().weights.size(), 3U);
  EXPECT_EQ(trial.plan().weights[1].spec.name, "vector_u");
  auto& operands = trial.operands();
  operands[1] = Tensor::of<double>({2, 2}, {3, 0, 4, 5});  // singular values sqrt(45) and sqrt(5)
  const auto x = numbers(operands[0]);
  const auto bias = numbers(operands[3]);
  const auto plain = trial.run(false, false);
  const auto training = trial.run(true, false);
  const double y0 = 3 * x[0] + 4 * x[1];
  const double y1 = 5 * x[1];
  EXPECT_NEAR(numbers(plain.outputs[0])[0], y0 + bias[0], 1e-9);
  EXPECT_NEAR(numbers(training.outputs[0])[0], y0 / std::sqrt(45) + bias[0], 1e-9);
  EXPECT_NEAR(numbers(training.outputs[0])[1], y1 / std::sqrt(45) + bias[1], 1e-9);
}

TEST(SpectralNormalization, NeedsALayerWithAKernel) {
  const LayerTrial trial(
      {"SpectralNormalization", {{"layer", {{"class_name", "ReLU"}, {"config", {{"name", "r"}}}}}}, {}}, {{1, 2}},
      DType::f32);
  EXPECT_NE(trial.diagnostics().text().find("layer.layer: ReLU has no kernel"), std::string::npos)
      << trial.diagnostics().text();
}

// ------------------------------------------------------------------ Embeddings

TEST(ReversibleEmbedding, ScoresEveryNumberWhenCalledInReverse) {
  for (const bool tied : {true, false})
    for (const bool capped : {true, false}) {
      LayerSample sample{
          "ReversibleEmbedding", {{"input_dim", 7}, {"output_dim", 3}, {"tie_weights", tied}}, {}, 0, true,
          {{"reverse", true}}};
      if (capped) sample.config["logit_soft_cap"] = 0.5;
      LayerTrial trial(sample, {{2, 3}}, DType::f64);
      const auto result = trial.run(false, false);
      const auto x = numbers(trial.operands()[0]);
      const auto table = numbers(trial.operands()[tied ? 1 : 2]);
      for (size_t n = 0; n < 2; ++n)
        for (size_t w = 0; w < 7; ++w) {
          double score = 0;
          for (size_t d = 0; d < 3; ++d) score += x[n * 3 + d] * (tied ? table[w * 3 + d] : table[d * 7 + w]);
          if (capped) score = 0.5 * std::tanh(score / 0.5);
          EXPECT_NEAR(numbers(result.outputs[0])[n * 7 + w], score, 1e-12);
        }
    }
}

TEST(ReversibleEmbedding, GoesBackInThePrecisionItIsTold) {
  LayerSample sample{"ReversibleEmbedding",
                     {{"input_dim", 3}, {"output_dim", 2}, {"reverse_dtype", "float32"}, {"mask_zero", true}},
                     {}};
  sample.call = {{"reverse", true}};
  LayerTrial trial(sample, {{1, 2}}, DType::f64);
  ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
  EXPECT_EQ(trial.planned_outputs()[0].dtype, DType::f32);
  const Tensor y = trial.run(false, false).outputs[0];
  const auto x = numbers(trial.operands()[0]);
  const auto table = numbers(trial.operands()[1]);
  for (size_t i = 0; i < 3; ++i) EXPECT_NEAR(y.span<float>()[i], x[0] * table[2 * i] + x[1] * table[2 * i + 1], 1e-6);
}

TEST(ReversibleEmbedding, NeedsVectorsOfItsLengthInReverse) {
  const LayerTrial trial(
      {"ReversibleEmbedding", {{"input_dim", 7}, {"output_dim", 3}}, {}, 0, true, {{"reverse", true}}}, {{2, 4}},
      DType::f32);
  EXPECT_NE(trial.diagnostics().text().find("layer.output_dim"), std::string::npos) << trial.diagnostics().text();
}

TEST(Embedding, BeginsWithTheWeightsItIsGiven) {
  const Json rows = {{0.5, 1, 2}, {3, 4, -5}};
  for (const Json& given : {rows, Json::array({rows})}) {
    const LayerTrial trial({"Embedding", {{"input_dim", 2}, {"output_dim", 3}, {"weights", given}}, {}, 2}, {{2, 4}},
                           DType::f32);
    ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
    const Tensor made = trial.plan().weights[0].spec.initializer->make({2, 3}, DType::f32, Philox{});
    EXPECT_EQ(made.span<float>()[0], 0.5F);
    EXPECT_EQ(made.span<float>()[5], -5);
  }
  for (const Json& wrong : {Json{{1, 2}, {3, 4}}, Json{1, 2, 3}, Json("rows"), Json{{1, 2, "c"}, {3, 4, 5}}}) {
    const LayerTrial trial({"Embedding", {{"input_dim", 2}, {"output_dim", 3}, {"weights", wrong}}, {}, 2}, {{2, 4}},
                           DType::f32);
    EXPECT_TRUE(trial.diagnostics().has_errors()) << wrong.dump();
  }
}

// ------------------------------------------------------------------ Adaptive pooling

TEST(AdaptivePooling, CoversTheInputWithPartsAsEqualAsCanBe) {
  for (const char* kind : {"Average", "Max"})
    for (const int64_t size : {3, 7, 8, 12})
      for (const int64_t parts : {1, 2, 3, 5, 8}) {
        LayerTrial trial({std::string("Adaptive") + kind + "Pooling1D", {{"output_size", parts}}, {}}, {{2, size, 3}},
                         DType::f64);
        const auto result = trial.run(false, false);
        const auto x = numbers(trial.operands()[0]);
        for (int64_t n = 0; n < 2; ++n)
          for (int64_t i = 0; i < parts; ++i)
            for (int64_t c = 0; c < 3; ++c) {
              const auto begin =
                  static_cast<int64_t>(std::floor(static_cast<double>(i * size) / static_cast<double>(parts)));
              const auto end =
                  static_cast<int64_t>(std::ceil(static_cast<double>((i + 1) * size) / static_cast<double>(parts)));
              double largest = -1e30;
              double sum = 0;
              for (int64_t j = begin; j < end; ++j) {
                const double value = x[static_cast<size_t>((n * size + j) * 3 + c)];
                largest = std::max(largest, value);
                sum += value;
              }
              EXPECT_NEAR(numbers(result.outputs[0])[static_cast<size_t>((n * parts + i) * 3 + c)],
                          kind[0] == 'M' ? largest : sum / static_cast<double>(end - begin), 1e-12);
            }
      }
}

// ------------------------------------------------------------------ Models: masks and keyword arguments

/// A Functional model of inputs and layers, run in float32 on ref.
class SmallModel {
 public:
  SmallModel& input(const std::string& name, Json shape, const std::string& dtype = "float32", bool optional = false) {
    layers_.push_back(
        {{"class_name", "InputLayer"},
         {"name", name},
         {"config", {{"name", name}, {"batch_shape", std::move(shape)}, {"dtype", dtype}, {"optional", optional}}},
         {"inbound_nodes", Json::array()}});
    inputs_.push_back({name, 0, 0});
    return *this;
  }
  static Json tensor(const std::string& layer, int output = 0) {
    return {{"class_name", "__keras_tensor__"},
            {"config", {{"shape", nullptr}, {"dtype", "float32"}, {"keras_history", {layer, 0, output}}}}};
  }
  SmallModel& layer(const std::string& class_name, const std::string& name, Json config, Json args,
                    Json kwargs = Json::object()) {
    config["name"] = name;
    layers_.push_back({{"class_name", class_name},
                       {"name", name},
                       {"config", std::move(config)},
                       {"inbound_nodes", {{{"args", std::move(args)}, {"kwargs", std::move(kwargs)}}}}});
    return *this;
  }
  /// Parses with this layer as the only output; null after complaining.
  std::unique_ptr<Model> parse(const std::string& output, Diagnostics& diagnostics) const {
    return parse_model(
        {{"class_name", "Functional"},
         {"config",
          {{"name", "m"}, {"layers", layers_}, {"input_layers", inputs_}, {"output_layers", {{output, 0, 0}}}}}},
        diagnostics);
  }

 private:
  Json layers_ = Json::array();
  Json inputs_ = Json::array();
};

/// Output and mask of a model without weights.
struct Answer {
  std::vector<double> values;
  std::vector<int> mask;  // empty: none
};

Answer answer_of(const SmallModel& description, const std::string& output, const std::vector<Tensor>& inputs,
                 bool training = false) {
  Diagnostics diagnostics;
  const auto model = description.parse(output, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  if (model == nullptr) return {};
  const ModelPlan plan = plan_model(*model, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  Graph graph;
  std::vector<Value> values;
  std::vector<Tensor> given;
  for (const Tensor& input : inputs) {
    values.push_back(input.empty() ? Value() : graph.input("x", {input.dtype(), input.shape()}));
    if (!input.empty()) given.push_back(input);
  }
  std::vector<Value> weights;
  for (const WeightInfo& weight : plan.weights) {
    const Tensor made = weight.spec.initializer->make(
        weight.spec.shape, DType::f32, Philox{.seed = 3, .stream = static_cast<uint32_t>(weights.size())});
    weights.push_back(graph.constant(made));
  }
  const LoweredModel lowered = lower_model(*model, plan, values, weights, training);
  const Value mask = lowered.output_masks.front();
  std::vector<Value> wanted{lowered.outputs.front()};
  if (mask) wanted.push_back(mask);
  const std::vector<Tensor> results = run_graph(std::move(graph), given, wanted);
  Answer answer;
  for (int64_t i = 0; i < results[0].elements(); ++i) answer.values.push_back(element_as_double(results[0].view(), i));
  for (int64_t i = 0; mask && i < results[1].elements(); ++i)
    answer.mask.push_back(element_as_double(results[1].view(), i) != 0);
  return answer;
}

/// [1, 3, 1] of which a Masking layer leaves out the zeros.
Tensor steps(const std::vector<float>& values) {
  return Tensor::of<float>({1, static_cast<int64_t>(values.size()), 1}, values);
}

SmallModel masked_pair(const char* merge, Json config = Json::object()) {
  SmallModel model;
  model.input("a", {nullptr, 3, 1}).input("b", {nullptr, 3, 1});
  model.layer("Masking", "ma", Json::object(), {SmallModel::tensor("a")});
  model.layer("Masking", "mb", Json::object(), {SmallModel::tensor("b")});
  model.layer(merge, "y", std::move(config), {{SmallModel::tensor("ma"), SmallModel::tensor("mb")}});
  return model;
}

using Values = std::vector<double>;
using Mask = std::vector<int>;

TEST(MergedMasks, CountWhereAnyInputDoes) {
  for (const char* name : {"Add", "Subtract", "Average", "Multiply", "Maximum", "Minimum"})
    EXPECT_EQ(answer_of(masked_pair(name), "y", {steps({1, 0, 0}), steps({2, 3, 0})}).mask, (Mask{1, 1, 0})) << name;
}

TEST(MergedMasks, AreNoneWhereAnInputHasNone) {
  SmallModel model;
  model.input("a", {nullptr, 3, 1}).input("b", {nullptr, 3, 1});
  model.layer("Masking", "ma", Json::object(), {SmallModel::tensor("a")});
  model.layer("Add", "y", Json::object(), {{SmallModel::tensor("ma"), SmallModel::tensor("b")}});
  EXPECT_TRUE(answer_of(model, "y", {steps({1, 0, 0}), steps({2, 3, 0})}).mask.empty());
}

TEST(MergedMasks, LeaveMaskedValuesOutOfProductsAndExtremes) {
  const std::vector<Tensor> inputs{steps({-2, 0, 0}), steps({3, -4, 0})};
  EXPECT_EQ(answer_of(masked_pair("Multiply"), "y", inputs).values, (Values{-6, -4, 0}));
  EXPECT_EQ(answer_of(masked_pair("Maximum"), "y", inputs).values, (Values{3, -4, 0}));
  EXPECT_EQ(answer_of(masked_pair("Minimum"), "y", {steps({-2, 0, 0}), steps({3, 4, 0})}).values, (Values{-2, 4, 0}));
  EXPECT_EQ(answer_of(masked_pair("Add"), "y", inputs).values, (Values{1, -4, 0}));
}

TEST(MergedMasks, StandSideBySideAlongTheConcatenatedAxis) {
  EXPECT_EQ(answer_of(masked_pair("Concatenate", {{"axis", 1}}), "y", {steps({1, 0, 0}), steps({2, 3, 0})}).mask,
            (Mask{1, 0, 0, 1, 1, 0}));
  EXPECT_EQ(answer_of(masked_pair("Concatenate"), "y", {steps({1, 0, 0}), steps({2, 3, 0})}).mask, (Mask{1, 1, 0}));
  SmallModel half;
  half.input("a", {nullptr, 3, 1}).input("b", {nullptr, 3, 1});
  half.layer("Masking", "ma", Json::object(), {SmallModel::tensor("a")});
  half.layer("Concatenate", "y", {{"axis", 1}}, {{SmallModel::tensor("ma"), SmallModel::tensor("b")}});
  EXPECT_EQ(answer_of(half, "y", {steps({1, 0, 0}), steps({2, 3, 0})}).mask, (Mask{1, 0, 0, 1, 1, 1}));
}

TEST(CallArguments, GiveAMaskByName) {
  SmallModel model;
  model.input("x", {nullptr, 3}).input("m", {nullptr, 3}, "bool");
  model.layer("Softmax", "y", Json::object(), {SmallModel::tensor("x")}, {{"mask", SmallModel::tensor("m")}});
  const Answer answer = answer_of(model, "y", {Tensor::of<float>({1, 3}, {2, 7, 2}), mask_of({1, 3}, {1, 0, 1})});
  EXPECT_NEAR(answer.values[0], 0.5, 1e-6);
  EXPECT_EQ(answer.values[1], 0);
  EXPECT_EQ(answer_of(model, "y", {Tensor::of<float>({1, 3}, {2, 7, 2}), mask_of({1, 3}, {0, 0, 0})}).values,
            (std::vector<double>{0, 0, 0}));  // nothing has a share
}

TEST(CallArguments, SayWhetherALayerIsTraining) {
  for (const bool training : {true, false}) {
    SmallModel model;
    model.input("x", {nullptr, 3});
    model.layer("Dropout", "y", {{"rate", 0.999}}, {SmallModel::tensor("x")}, {{"training", training}});
    const Answer answer = answer_of(model, "y", {Tensor::of<float>({1, 3}, {2, 7, 2})}, !training);
    EXPECT_EQ(answer.values[1], training ? 0 : 7);
  }
}

/// The same attention, its inputs given by position, by name, or behind a None.
TEST(CallArguments, NameTheInputsOfAttention) {
  const Json config = {{"num_heads", 2}, {"key_dim", 3}};
  const auto call = [&](Json args, Json kwargs) {
    SmallModel model;
    model.input("q", {nullptr, 2, 2}).input("v", {nullptr, 3, 2}).input("m", {nullptr, 3}, "bool");
    model.layer("MultiHeadAttention", "y", config, std::move(args), std::move(kwargs));
    Diagnostics diagnostics;
    const auto parsed = model.parse("y", diagnostics);
    // what is printed reads back as the same calls
    EXPECT_EQ(model_to_json(*parse_model(model_to_json(*parsed, false), diagnostics), false),
              model_to_json(*parsed, false));
    return answer_of(model, "y",
                     {Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4}), Tensor::of<float>({1, 3, 2}, {1, 0, 2, 5, 7, 1}),
                      mask_of({1, 3}, {1, 0, 1})})
        .values;
  };
  const Json q = SmallModel::tensor("q");
  const Json v = SmallModel::tensor("v");
  const Json m = SmallModel::tensor("m");
  const Values by_name = call({q}, {{"value", v}, {"value_mask", m}});
  EXPECT_EQ(call({q, v}, {{"value_mask", m}}), by_name);
  EXPECT_EQ(call(Json::array(), {{"query", q}, {"value", v}, {"value_mask", m}}), by_name);
  EXPECT_EQ(call({q, v, nullptr, nullptr, m}, Json::object()), by_name);
  EXPECT_NE(call({q, v}, Json::object()), by_name);
}

TEST(OptionalInputs, MayBeLeftOut) {
  SmallModel model;
  model.input("q", {nullptr, 2, 2}).input("m", {nullptr, 2}, "bool", true);
  model.layer("MultiHeadAttention", "y", {{"num_heads", 1}, {"key_dim", 3}},
              {SmallModel::tensor("q"), SmallModel::tensor("q")}, {{"value_mask", SmallModel::tensor("m")}});
  const Tensor query = Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(answer_of(model, "y", {query, Tensor()}).values,
            answer_of(model, "y", {query, mask_of({1, 2}, {1, 1})}).values);
  EXPECT_NE(answer_of(model, "y", {query, Tensor()}).values,
            answer_of(model, "y", {query, mask_of({1, 2}, {0, 1})}).values);
}

// ------------------------------------------------------------------ InputLayer

TEST(InputLayer, SaysWhatEntersInEachOfItsWays) {
  const auto entering = [](const Json& config) {
    Diagnostics diagnostics;
    Model model;
    model.layers.push_back({make_layer({"InputLayer", config, {}}, diagnostics), "", "layer"});
    EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
    model.layers.back().layer->name = "input";
    model.nodes.push_back({0, {}});
    model.inputs = model.outputs = {{0, 0}};
    return plan_model(model, diagnostics).node_outputs.at(0).at(0);
  };
  EXPECT_EQ(entering({{"shape", {4, 3}}}).shape, (Shape{kUnknown, 4, 3}));
  EXPECT_EQ(entering({{"shape", {nullptr, 3}}, {"batch_size", 8}}).shape, (Shape{8, kUnknown, 3}));
  EXPECT_EQ(entering({{"batch_shape", {2, 5}}}).shape, (Shape{2, 5}));
  EXPECT_EQ(entering({{"shape", Json::array()}}).shape, (Shape{kUnknown}));
  for (const char* dtype : {"float32", "float64", "int32", "int64", "uint8", "bool"})
    EXPECT_EQ(name_of(entering({{"shape", {4}}, {"dtype", dtype}}).dtype), dtype);
  EXPECT_TRUE(entering({{"shape", {1}}, {"dtype", "string"}}).text);
  EXPECT_FALSE(entering({{"shape", {1}}}).text);
}

}  // namespace
}  // namespace trainyard::testing
