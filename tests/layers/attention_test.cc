// Attention against its formulas, written out as loops over heads and positions.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

/// A tensor that is read by its indices.
class Numbers {
 public:
  explicit Numbers(const Tensor& tensor) : tensor_(tensor), strides_(tensor.shape().strides()) {}
  double operator()(const std::vector<int64_t>& at) const {
    int64_t offset = 0;
    for (size_t i = 0; i < at.size(); ++i) offset += at[i] * strides_[i];
    return element_as_double(tensor_.view(), offset);
  }
  int64_t size(int axis) const { return tensor_.shape()[axis]; }

 private:
  Tensor tensor_;
  std::vector<int64_t> strides_;
};

Tensor mask_of(Shape shape, const std::vector<int>& seen) {
  Tensor mask(DType::boolean, std::move(shape));
  for (size_t i = 0; i < seen.size(); ++i) mask.span<bool>()[i] = seen[i] != 0;
  return mask;
}

using Seen = std::function<bool(int64_t batch, int64_t head, int64_t query, int64_t key)>;

/// exp(score) of what is seen, divided by their sum.
std::vector<double> softmax_of(const std::vector<double>& scores, const std::vector<bool>& seen) {
  double total = 0;
  std::vector<double> weights(scores.size());
  for (size_t j = 0; j < scores.size(); ++j) total += weights[j] = seen[j] ? std::exp(scores[j]) : 0;
  for (double& weight : weights) weight /= total;
  return weights;
}

/// One call of MultiHeadAttention or GroupQueryAttention over [n, positions, features].
struct HeadsFormula {
  Numbers query, value, key;
  std::vector<Numbers> weights;  // in the layer's order
  bool bias = true;
  bool gate = false;
  Seen seen = [](int64_t, int64_t, int64_t, int64_t) { return true; };
  size_t next = 0;

  struct Projection {
    const Numbers* kernel;
    const Numbers* bias;
    double at(const Numbers& x, int64_t n, int64_t t, int64_t head, int64_t h) const {
      double sum = bias != nullptr ? (*bias)({head, h}) : 0;
      for (int64_t d = 0; d < x.size(2); ++d) sum += x({n, t, d}) * (*kernel)({d, head, h});
      return sum;
    }
  };
  Projection take() {
    Projection taken{&weights[next], bias ? &weights[next + 1] : nullptr};
    next += bias ? 2 : 1;
    return taken;
  }

  /// Compares with the layer's output [n, t, out] and scores [n, heads, t, s] (empty: not given).
  void expect(const Tensor& y, const Tensor& scores) {
    const Projection q = take();
    const Projection k = take();
    const Projection g = gate ? take() : Projection{};
    const Projection v = take();
    const Projection o = take();
    const Numbers got(y);
    const int64_t heads = q.kernel->size(1);
    const int64_t group = heads / k.kernel->size(1);
    for (int64_t n = 0; n < query.size(0); ++n)
      for (int64_t t = 0; t < query.size(1); ++t) {
        std::vector<double> out(static_cast<size_t>(o.kernel->size(2)));
        for (size_t e = 0; e < out.size() && bias; ++e) out[e] = (*o.bias)({static_cast<int64_t>(e)});
        for (int64_t head = 0; head < heads; ++head) {
          const std::vector<double> share = shares(q, k, n, t, head, head / group);
          for (size_t s = 0; s < share.size() && !scores.empty(); ++s)
            EXPECT_NEAR(Numbers(scores)({n, head, t, static_cast<int64_t>(s)}), share[s], 1e-9);
          for (int64_t h = 0; h < v.kernel->size(2); ++h) {
            double sum = 0;
            for (size_t s = 0; s < share.size(); ++s)
              sum += share[s] * v.at(value, n, static_cast<int64_t>(s), head / group, h);
            if (gate) sum /= 1 + std::exp(-g.at(query, n, t, head, h));
            for (size_t e = 0; e < out.size(); ++e) out[e] += sum * (*o.kernel)({head, h, static_cast<int64_t>(e)});
          }
        }
        for (size_t e = 0; e < out.size(); ++e) EXPECT_NEAR(got({n, t, static_cast<int64_t>(e)}), out[e], 1e-9);
      }
  }

  std::vector<double> shares(const Projection& q, const Projection& k, int64_t n, int64_t t, int64_t head,
                             int64_t shared) const {
    const int64_t size = q.kernel->size(2);
    std::vector<double> scores;
    std::vector<bool> visible;
    for (int64_t s = 0; s < key.size(1); ++s) {
      double score = 0;
      for (int64_t h = 0; h < size; ++h) score += q.at(query, n, t, head, h) * k.at(key, n, s, shared, h);
      scores.push_back(score / std::sqrt(static_cast<double>(size)));
      visible.push_back(seen(n, head, t, s));
    }
    return softmax_of(scores, visible);
  }
};

constexpr int64_t kQueries = 4;
constexpr int64_t kKeys = 5;
const std::vector<Shape> kInputs{{2, kQueries, 4}, {2, kKeys, 6}, {2, kKeys, 3}};

struct Kind {
  const char* name;
  Json config;
};
const std::vector<Kind> kKinds{
    {"MultiHeadAttention", {{"num_heads", 2}, {"key_dim", 3}, {"value_dim", 2}}},
    {"GroupQueryAttention", {{"head_dim", 3}, {"num_query_heads", 4}, {"num_key_value_heads", 2}}}};

/// Runs a sample in float64 and compares it with the formula.
void expect_formula(LayerSample sample, const Seen& seen, std::vector<Tensor> masks = {},
                    std::vector<Tensor> last_inputs = {}) {
  sample.call["return_attention_scores"] = true;
  for (const Tensor& input : last_inputs) sample.inputs.front().push_back(input.shape());
  LayerTrial trial(sample, sample.inputs.front(), DType::f64);
  ASSERT_FALSE(trial.diagnostics().has_errors()) << sample.text() << trial.diagnostics().text();
  trial.set_masks(std::move(masks));
  for (size_t i = 0; i < last_inputs.size(); ++i)
    trial.operands()[trial.input_count() - last_inputs.size() + i] = last_inputs[i].cast(DType::f64);
  const auto result = trial.run(false, false);
  const auto& operands = trial.operands();
  const bool with_key = trial.input_count() - last_inputs.size() == 3;
  HeadsFormula formula{.query = Numbers(operands[0]),
                       .value = Numbers(operands[1]),
                       .key = Numbers(operands[with_key ? 2 : 1]),
                       .weights = {},
                       .bias = sample.config.value("use_bias", true),
                       .gate = sample.config.value("use_gate", false),
                       .seen = seen};
  for (size_t i = trial.input_count(); i < operands.size(); ++i) formula.weights.emplace_back(operands[i]);
  SCOPED_TRACE(sample.text());
  formula.expect(result.outputs[0], result.outputs[1]);
}

LayerSample sample_of(const Kind& kind, Json more = Json::object(), std::vector<Shape> inputs = kInputs) {
  LayerSample sample{kind.name, kind.config, {std::move(inputs)}};
  sample.config.update(more);
  return sample;
}

const Seen kAll = [](int64_t, int64_t, int64_t, int64_t) { return true; };

TEST(HeadsOfAttention, FollowTheFormula) {
  for (const Kind& kind : kKinds) {
    expect_formula(sample_of(kind), kAll);
    expect_formula(sample_of(kind, Json::object(), {{2, 4, 4}, {2, 5, 6}}), kAll);
    expect_formula(sample_of(kind, {{"use_bias", false}}), kAll);
    expect_formula(sample_of(kind, {{"use_gate", true}}), kAll);
  }
}

TEST(HeadsOfAttention, LookBackOnlyWhenCausal) {
  for (const Kind& kind : kKinds) {
    LayerSample sample = sample_of(kind);
    sample.call = {{"use_causal_mask", true}};
    expect_formula(sample, [](int64_t, int64_t, int64_t i, int64_t j) { return j <= i; });
  }
}

TEST(HeadsOfAttention, LookNoFurtherThanTheirWindow) {
  for (const Kind& kind : kKinds) {
    LayerSample sample = sample_of(kind, {{"sliding_window", 2}});
    expect_formula(sample, [](int64_t, int64_t, int64_t i, int64_t j) { return std::abs(i - j) <= 1; });
    sample.call = {{"use_causal_mask", true}};
    expect_formula(sample, [](int64_t, int64_t, int64_t i, int64_t j) { return j <= i && i - j <= 1; });
  }
}

TEST(HeadsOfAttention, LeaveOutWhatTheMasksOfValuesAndKeysSay) {
  const std::vector<int> value{1, 1, 1, 0, 0, 1, 1, 1, 1, 0};
  const std::vector<int> key{1, 1, 0, 1, 1, 0, 1, 1, 1, 1};
  const auto at = [](const std::vector<int>& mask, int64_t n, int64_t j) {
    return mask[static_cast<size_t>(n * kKeys + j)] != 0;
  };
  for (const Kind& kind : kKinds) {
    expect_formula(sample_of(kind), [&](int64_t n, int64_t, int64_t, int64_t j) { return at(value, n, j); },
                   {{}, mask_of({2, kKeys}, value)});
    expect_formula(sample_of(kind),
                   [&](int64_t n, int64_t, int64_t, int64_t j) { return at(value, n, j) && at(key, n, j); },
                   {{}, mask_of({2, kKeys}, value), mask_of({2, kKeys}, key)});
    LayerSample named = sample_of(kind);
    named.keywords = {"value_mask", "key_mask"};
    expect_formula(named, [&](int64_t n, int64_t, int64_t, int64_t j) { return at(value, n, j) && at(key, n, j); }, {},
                   {mask_of({2, kKeys}, value), mask_of({2, kKeys}, key)});
  }
}

TEST(HeadsOfAttention, TakeAMaskOfPairsForSamplesForHeadsOrForAll) {
  const auto some = [](int64_t i) { return i % 3 != 1; };
  for (const Kind& kind : kKinds)
    for (const Shape& shape : {Shape{2, kQueries, kKeys}, Shape{kQueries, kKeys}, Shape{2, 1, 1, kKeys},
                               Shape{1, kQueries, 1}, Shape{1, 1, kQueries, kKeys}}) {
      Tensor mask(DType::boolean, shape);
      for (int64_t i = 0; i < mask.elements(); ++i) mask.span<bool>()[static_cast<size_t>(i)] = some(i);
      if (shape == Shape{1, kQueries, 1})
        for (bool& seen : mask.span<bool>()) seen = true;  // else a query would see nothing
      const bool by_batch = shape.front() == 2;
      const bool by_query = shape[shape.rank() - 2] != 1;
      LayerSample sample = sample_of(kind);
      sample.keywords = {"attention_mask"};
      const bool all = shape == Shape{1, kQueries, 1};
      expect_formula(sample,
                     [&](int64_t n, int64_t, int64_t i, int64_t j) {
                       return all ||
                              some(((by_batch ? n : 0) * (by_query ? kQueries : 1) + (by_query ? i : 0)) * kKeys + j);
                     },
                     {}, {mask});
    }
}

// Where a query is masked, nothing is seen: Keras's Softmax layer, which the scores are asked of, weighs nothing then.
TEST(HeadsOfAttention, WeighNothingForAMaskedQueryWhereTheScoresAreAskedFor) {
  for (const Kind& kind : kKinds) {
    LayerSample sample = sample_of(kind);
    sample.call = {{"return_attention_scores", true}};
    LayerTrial trial(sample, kInputs, DType::f32);
    trial.set_masks({mask_of({2, kQueries}, {1, 1, 1, 0, 1, 0, 0, 0})});
    const Numbers scores(trial.run(false, false).outputs[1]);
    double total = 0;
    for (int64_t j = 0; j < kKeys; ++j) {
      EXPECT_EQ(scores({0, 1, 3, j}), 0) << kind.name;
      EXPECT_EQ(scores({1, 0, 2, j}), 0) << kind.name;
      total += scores({0, 0, 0, j});
    }
    EXPECT_NEAR(total, 1, 1e-6);
  }
}

// Keras's fused attention adds a large negative number instead, which leaves all keys alike; with dropout it is not used.
TEST(HeadsOfAttention, SpreadEvenlyOverAllKeysForAMaskedQueryWhereNobodyAsks) {
  for (const Kind& kind : kKinds)
    for (const double rate : {0.0, 0.5}) {
      LayerTrial trial(sample_of(kind, {{"dropout", rate}, {"use_bias", false}}), kInputs, DType::f32);
      trial.set_masks({mask_of({2, kQueries}, {1, 1, 1, 0, 1, 0, 0, 0})});
      const Numbers y(trial.run(false, false).outputs[0]);
      for (int64_t e = 0; e < y.size(2); ++e) {
        EXPECT_EQ(y({1, 1, e}), y({1, 2, e})) << kind.name;
        EXPECT_EQ(y({1, 1, e}) == 0, rate > 0) << kind.name;
      }
    }
}

/// The same layer over inputs of another shape but with as many elements.
Tensor run_like(const LayerTrial& trial, const Json& config, const std::vector<Shape>& inputs) {
  LayerTrial other({"MultiHeadAttention", config, {inputs}}, inputs, DType::f64);
  EXPECT_FALSE(other.diagnostics().has_errors()) << other.diagnostics().text();
  auto& operands = other.operands();
  const auto& from = const_cast<LayerTrial&>(trial).operands();
  for (size_t i = 0; i < operands.size(); ++i) operands[i] = i < inputs.size() ? from[i].reshaped(inputs[i]) : from[i];
  return other.run(false, false).outputs[0];
}

void expect_equal_elements(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.elements(), b.elements());
  for (int64_t i = 0; i < a.elements(); ++i)
    EXPECT_NEAR(element_as_double(a.view(), i), element_as_double(b.view(), i), 1e-12);
}

TEST(AttentionAxes, AreOneLongSequenceWhenNoneIsNamed) {
  const Json config = {{"num_heads", 2}, {"key_dim", 3}};
  const std::vector<Shape> pictures{{2, 3, 2, 4}, {2, 3, 2, 4}};
  LayerTrial trial({"MultiHeadAttention", config, {pictures}}, pictures, DType::f64);
  expect_equal_elements(trial.run(false, false).outputs[0], run_like(trial, config, {{2, 6, 4}, {2, 6, 4}}));
}

TEST(AttentionAxes, LeaveTheOthersToTheBatch) {
  Json config = {{"num_heads", 2}, {"key_dim", 3}};
  const std::vector<Shape> pictures{{2, 3, 2, 4}, {2, 3, 2, 4}};
  for (const int axis : {2, -2}) {
    config["attention_axes"] = axis;
    LayerTrial trial({"MultiHeadAttention", config, {pictures}}, pictures, DType::f64);
    expect_equal_elements(trial.run(false, false).outputs[0],
                          run_like(trial, {{"num_heads", 2}, {"key_dim", 3}}, {{6, 2, 4}, {6, 2, 4}}));
  }
}

TEST(AttentionAxes, MustBeBetweenTheBatchAndTheFeatures) {
  for (const int axis : {0, 2, 3, -1}) {
    const LayerSample sample{
        "MultiHeadAttention", {{"num_heads", 2}, {"key_dim", 3}, {"attention_axes", axis}}, {kInputs}};
    const LayerTrial trial(sample, kInputs, DType::f32);
    EXPECT_NE(trial.diagnostics().text().find("layer.attention_axes"), std::string::npos) << axis;
  }
}

TEST(AttentionMistakes, AreNamed) {
  const auto complaint = [](const LayerSample& sample) {
    return LayerTrial(sample, sample.inputs.front(), DType::f32).diagnostics().text();
  };
  const Json heads = {{"num_heads", 2}, {"key_dim", 3}};
  EXPECT_NE(complaint({"MultiHeadAttention", heads, {{{2, 3, 4}, {2, 5, 4}, {2, 6, 4}}}}).find("do not fit together"),
            std::string::npos);
  EXPECT_NE(complaint({"Attention", Json::object(), {{{2, 3, 4}, {2, 5, 3}}}}).find("do not fit together"),
            std::string::npos);
  EXPECT_NE(complaint({"MultiHeadAttention",
                       heads,
                       {{kInputs[0], kInputs[1], {2, 3, 5}}},
                       0,
                       true,
                       Json::object(),
                       {"attention_mask"}})
                .find("a mask of shape"),
            std::string::npos);
  EXPECT_NE(
      complaint({"MultiHeadAttention", heads, {{{2, 3, 2, 4}, {2, 3, 2, 4}}}, 0, true, {{"use_causal_mask", true}}})
          .find("several"),
      std::string::npos);
  EXPECT_NE(complaint({"GroupQueryAttention",
                       {{"head_dim", 2}, {"num_query_heads", 4}, {"num_key_value_heads", 3}},
                       {{{2, 3, 4}, {2, 3, 4}}}})
                .find("must divide num_query_heads (4)"),
            std::string::npos);
}

/// Attention and AdditiveAttention: query, value, key of two or three inputs.
void expect_list_formula(const LayerSample& sample,
                         const std::function<double(const std::vector<Numbers>& weights, const std::vector<double>& q,
                                                    const std::vector<double>& k)>& score) {
  const std::vector<Shape> inputs{{2, kQueries, 3}, {2, kKeys, 4}, {2, kKeys, 3}};
  LayerTrial trial(sample, inputs, DType::f64);
  ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
  const std::vector<int> asked{1, 0, 1, 1, 1, 1, 1, 0};
  const std::vector<int> known{1, 1, 1, 0, 0, 1, 0, 1, 1, 1};
  trial.set_masks({mask_of({2, kQueries}, asked), mask_of({2, kKeys}, known)});
  const auto result = trial.run(false, false);
  const Numbers query(trial.operands()[0]), value(trial.operands()[1]), key(trial.operands()[2]);
  std::vector<Numbers> weights;
  for (size_t i = 3; i < trial.operands().size(); ++i) weights.emplace_back(trial.operands()[i]);
  for (int64_t n = 0; n < 2; ++n)
    for (int64_t i = 0; i < kQueries; ++i) {
      std::vector<double> scores;
      std::vector<bool> seen;
      for (int64_t j = 0; j < kKeys; ++j) {
        scores.push_back(score(weights, {query({n, i, 0}), query({n, i, 1}), query({n, i, 2})},
                               {key({n, j, 0}), key({n, j, 1}), key({n, j, 2})}));
        seen.push_back(known[static_cast<size_t>(n * kKeys + j)] != 0 && j <= i);
      }
      const std::vector<double> share = softmax_of(scores, seen);
      for (int64_t d = 0; d < 4; ++d) {
        double y = 0;
        for (int64_t j = 0; j < kKeys; ++j) y += share[static_cast<size_t>(j)] * value({n, j, d});
        y *= asked[static_cast<size_t>(n * kQueries + i)];
        EXPECT_NEAR(Numbers(result.outputs[0])({n, i, d}), y, 1e-9) << sample.text();
      }
      for (int64_t j = 0; j < kKeys; ++j)
        EXPECT_NEAR(Numbers(result.outputs[1])({n, i, j}), share[static_cast<size_t>(j)], 1e-9) << sample.text();
    }
}

TEST(ListAttention, FollowsTheFormulaWithMasks) {
  const Json call = {{"use_causal_mask", true}, {"return_attention_scores", true}};
  const auto run = [&](const char* name, Json config, const auto& score) {
    expect_list_formula({name, std::move(config), {}, 0, true, call}, score);
  };
  using W = const std::vector<Numbers>&;
  using V = const std::vector<double>&;
  const auto dot = [](V q, V k) { return q[0] * k[0] + q[1] * k[1] + q[2] * k[2]; };
  const auto sum_of_tanh = [](V q, V k, const std::vector<double>& inner, const std::vector<double>& outer) {
    double sum = 0;
    for (size_t d = 0; d < 3; ++d) sum += outer[d] * std::tanh(inner[d] * (q[d] + k[d]));
    return sum;
  };
  const std::vector<double> ones{1, 1, 1};
  run("Attention", Json::object(), [&](W, V q, V k) { return dot(q, k); });
  run("Attention", {{"use_scale", true}}, [&](W w, V q, V k) { return w[0]({}) * dot(q, k); });
  run("Attention", {{"score_mode", "concat"}}, [&](W w, V q, V k) { return w[0]({}) * sum_of_tanh(q, k, ones, ones); });
  run("Attention", {{"score_mode", "concat"}, {"use_scale", true}}, [&](W w, V q, V k) {
    return w[1]({}) * sum_of_tanh(q, k, {w[0]({}), w[0]({}), w[0]({})}, ones);
  });
  run("AdditiveAttention", {{"use_scale", false}}, [&](W, V q, V k) { return sum_of_tanh(q, k, ones, ones); });
  run("AdditiveAttention", Json::object(), [&](W w, V q, V k) {
    return sum_of_tanh(q, k, ones, {w[0]({0}), w[0]({1}), w[0]({2})});
  });
}

/// Share of zeros and mean of the attention weights' sums, with values of 1.
TEST(AttentionDropout, DropsItsRateAndKeepsTheMean) {
  const LayerSample sample{"Attention", {{"dropout", 0.3}, {"seed", 5}},    {}, 0,
                           true,        {{"return_attention_scores", true}}};
  const std::vector<Shape> inputs{{4, 40, 3}, {4, 50, 3}};
  LayerTrial trial(sample, inputs, DType::f64);
  for (double& value : trial.operands()[1].span<double>()) value = 1;
  const auto result = trial.run(true, false);
  double zeros = 0;
  double mean = 0;
  for (const double weight : result.outputs[1].span<double>()) zeros += weight == 0;
  for (const double y : result.outputs[0].span<double>()) mean += y;
  EXPECT_NEAR(zeros / (4 * 40 * 50), 0.3, 0.02);
  EXPECT_NEAR(mean / (4 * 40 * 3), 1, 0.02);
  EXPECT_NEAR(trial.run(false, false).outputs[0].span<double>()[0], 1, 1e-12);
}

TEST(AttentionDropout, LeavesTheScoresThatHeadsGiveBackWhole) {
  for (const Kind& kind : kKinds) {
    LayerSample sample = sample_of(kind, {{"dropout", 0.5}, {"seed", 5}});
    sample.call = {{"return_attention_scores", true}};
    LayerTrial trial(sample, kInputs, DType::f64);
    const auto training = trial.run(true, false);
    const auto using_it = trial.run(false, false);
    expect_equal_elements(training.outputs[1], using_it.outputs[1]);
    double difference = 0;
    for (int64_t i = 0; i < training.outputs[0].elements(); ++i)
      difference +=
          std::abs(element_as_double(training.outputs[0].view(), i) - element_as_double(using_it.outputs[0].view(), i));
    EXPECT_GT(difference, 0.1) << kind.name;
  }
}

TEST(MultiHeadAttention, GivesTheShapeItIsTold) {
  const Json heads{{"num_heads", 2}, {"key_dim", 3}};
  Json flat = heads;
  flat["output_shape"] = 6;
  Json grid = heads;
  grid["output_shape"] = {2, 3};
  const std::vector<Shape> inputs{{2, 4, 5}, {2, 3, 5}};
  LayerTrial first({"MultiHeadAttention", flat, {}}, inputs, DType::f64);
  LayerTrial second({"MultiHeadAttention", grid, {}}, inputs, DType::f64);
  ASSERT_FALSE(second.diagnostics().has_errors()) << second.diagnostics().text();
  for (size_t i = 0; i < first.operands().size(); ++i) {
    const auto values = first.operands()[i].span<double>();
    second.operands()[i] = Tensor::of<double>(second.operands()[i].shape(), {values.begin(), values.end()});
  }
  const Tensor one = first.run(false, false).outputs[0];
  const Tensor two = second.run(false, false).outputs[0];
  ASSERT_EQ(one.shape(), (Shape{2, 4, 6}));
  ASSERT_EQ(two.shape(), (Shape{2, 4, 2, 3}));
  for (size_t i = 0; i < 48; ++i) EXPECT_NEAR(one.span<double>()[i], two.span<double>()[i], 1e-12);
  Kind kind{"MultiHeadAttention", flat};
  expect_formula(sample_of(kind), kAll);
}

/// L2's penalty: 0.01 * the sum of squares, divided by the batch.
TEST(AttentionPenalty, IsOnEachPartAndForGroupsOnTheOutputToo) {
  for (const Kind& kind : kKinds) {
    const bool grouped = std::string(kind.name) == "GroupQueryAttention";
    LayerTrial plain(sample_of(kind), kInputs, DType::f64);
    LayerTrial penalised(sample_of(kind, {{"activity_regularizer", "l2"}}), kInputs, DType::f64);
    const auto difference = penalised.run(true, false).score - plain.run(true, false).score;
    const auto& operands = plain.operands();
    double squares = 0;
    size_t weight = 3;
    for (const size_t input : {0, 2, 1}) {
      const Numbers x(operands[input]), kernel(operands[weight]), bias(operands[weight + 1]);
      const HeadsFormula::Projection projection{&kernel, &bias};
      for (int64_t n = 0; n < x.size(0); ++n)
        for (int64_t t = 0; t < x.size(1); ++t)
          for (int64_t head = 0; head < kernel.size(1); ++head)
            for (int64_t h = 0; h < kernel.size(2); ++h) squares += std::pow(projection.at(x, n, t, head, h), 2);
      weight += 2;
    }
    const auto result = plain.run(true, false);
    for (const double y : result.outputs[0].span<double>()) squares += (grouped ? 2 : 1) * y * y;
    EXPECT_NEAR(difference, 0.01 * squares / 2, 1e-9) << kind.name;
  }
}

}  // namespace
}  // namespace trainyard::testing
