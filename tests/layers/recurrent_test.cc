// Recurrent layers against their formulas, written out as loops over steps and units.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

using Row = std::vector<double>;

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }
double softsign_of(double x) { return x / (1 + std::abs(x)); }
double tanh_of(double x) { return std::tanh(x); }

/// The functions of the formulas below: `activation` and `recurrent_activation`.
struct Functions {
  double (*content)(double) = tanh_of;
  double (*gate)(double) = sigmoid_of;
};
Functions functions;

/// A matrix [rows, columns], or a vector [columns] as one row.
struct Matrix {
  explicit Matrix(const Tensor& tensor)
      : columns(static_cast<size_t>(tensor.shape().back())),
        values(tensor.span<double>().begin(), tensor.span<double>().end()) {}
  double at(size_t row, size_t column) const { return values[row * columns + column]; }
  size_t columns;
  Row values;
};

/// x matrix, columns [first, first + count)
Row product(const Row& x, const Matrix& matrix, size_t first, size_t count) {
  Row y(count, 0);
  for (size_t j = 0; j < count; ++j)
    for (size_t i = 0; i < x.size(); ++i) y[j] += x[i] * matrix.at(i, first + j);
  return y;
}

/// One step of a cell with weights kernel, recurrent_kernel, bias. Gives the new states.
using CellFormula = std::vector<Row> (*)(const Row& x, const std::vector<Row>& states, const std::vector<Matrix>& w);

std::vector<Row> simple_formula(const Row& x, const std::vector<Row>& states, const std::vector<Matrix>& w) {
  const size_t units = states[0].size();
  const Row a = product(x, w[0], 0, units);
  const Row b = product(states[0], w[1], 0, units);
  Row h(units);
  for (size_t j = 0; j < units; ++j) h[j] = functions.content(a[j] + b[j] + w[2].at(0, j));
  return {h};
}

std::vector<Row> lstm_formula(const Row& x, const std::vector<Row>& states, const std::vector<Matrix>& w) {
  const size_t units = states[0].size();
  Row z[4];
  for (size_t g = 0; g < 4; ++g) {
    z[g] = product(x, w[0], g * units, units);
    const Row recurrent = product(states[0], w[1], g * units, units);
    for (size_t j = 0; j < units; ++j) z[g][j] += recurrent[j] + w[2].at(0, g * units + j);
  }
  Row h(units), c(units);
  for (size_t j = 0; j < units; ++j) {
    c[j] = functions.gate(z[1][j]) * states[1][j] + functions.gate(z[0][j]) * functions.content(z[2][j]);
    h[j] = functions.gate(z[3][j]) * functions.content(c[j]);
  }
  return {h, c};
}

template <bool ResetAfter>
std::vector<Row> gru_formula(const Row& x, const std::vector<Row>& states, const std::vector<Matrix>& w) {
  const Row& h = states[0];
  const size_t units = h.size();
  Row gate[2];
  for (size_t g = 0; g < 2; ++g) {
    gate[g] = product(x, w[0], g * units, units);
    const Row recurrent = product(h, w[1], g * units, units);
    for (size_t j = 0; j < units; ++j) {
      const double bias = w[2].at(0, g * units + j) + (ResetAfter ? w[2].at(1, g * units + j) : 0);
      gate[g][j] = functions.gate(gate[g][j] + recurrent[j] + bias);
    }
  }
  Row reset_state = h;
  for (size_t j = 0; j < units; ++j) reset_state[j] *= gate[1][j];
  const Row inner = product(ResetAfter ? h : reset_state, w[1], 2 * units, units);
  const Row content = product(x, w[0], 2 * units, units);
  Row after(units);
  for (size_t j = 0; j < units; ++j) {
    const double recurrent = ResetAfter ? gate[1][j] * (inner[j] + w[2].at(1, 2 * units + j)) : inner[j];
    const double fresh = functions.content(content[j] + w[2].at(0, 2 * units + j) + recurrent);
    after[j] = gate[0][j] * h[j] + (1 - gate[0][j]) * fresh;
  }
  return {after};
}

struct SequenceOptions {
  bool backwards = false;
  bool zero_output = false;
};

struct SequenceResult {
  std::vector<Row> outputs;  // by step
  std::vector<Row> states;
};

/// One sample along time, as Keras says: masked steps keep the states and repeat the output, which begins at zero.
SequenceResult run_formula(CellFormula cell, const std::vector<Row>& x, const std::vector<bool>& mask,
                           std::vector<Row> states, const std::vector<Matrix>& weights,
                           const SequenceOptions& options) {
  SequenceResult result{{}, std::move(states)};
  Row output(result.states[0].size(), 0);
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t t = options.backwards ? x.size() - 1 - i : i;
    if (mask[t]) {
      result.states = cell(x[t], result.states, weights);
      output = result.states[0];
    } else if (options.zero_output) {
      output.assign(output.size(), 0);
    }
    result.outputs.push_back(output);
  }
  return result;
}

constexpr int64_t kBatch = 3, kSteps = 4, kFeatures = 2, kUnits = 3;

Row row_of(const Tensor& tensor, int64_t row) {
  const auto width = static_cast<size_t>(tensor.shape().back());
  const auto all = tensor.span<double>();
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(static_cast<size_t>(row) * width);
  return {first, first + static_cast<std::ptrdiff_t>(width)};
}

/// Runs a layer with a mask and initial states, and compares outputs of all steps, states and the last output.
void expect_formula(const std::string& class_name, CellFormula cell, size_t states, Json config,
                    const SequenceOptions& options) {
  config.update({{"units", kUnits},
                 {"return_state", true},
                 {"go_backwards", options.backwards},
                 {"zero_output_for_mask", options.zero_output}});
  // The first sample begins masked, the second ends masked, the third is whole.
  const std::vector<bool> masks[] = {{false, true, false, true}, {true, true, false, false}, {true, true, true, true}};
  Tensor mask(DType::boolean, {kBatch, kSteps});
  for (size_t n = 0; n < 3; ++n)
    for (size_t t = 0; t < 4; ++t) mask.span<bool>()[n * 4 + t] = masks[n][t];
  std::vector<Shape> inputs{{kBatch, kSteps, kFeatures}};
  for (size_t i = 0; i < states; ++i) inputs.push_back({kBatch, kUnits});
  for (const bool sequences : {false, true}) {
    config["return_sequences"] = sequences;
    LayerTrial trial({class_name, config, {}}, inputs, DType::f64);
    ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
    trial.set_masks({mask});
    const std::vector<Tensor> outputs = trial.run(false, false).outputs;
    ASSERT_EQ(outputs.size(), 1 + states);
    std::vector<Matrix> weights;
    for (size_t i = 1 + states; i < trial.operands().size(); ++i) weights.emplace_back(trial.operands()[i]);
    if (weights.size() == 2)  // use_bias=False: two rows of zeros, as many as a GRU's
      weights.emplace_back(Tensor(DType::f64, {2, static_cast<int64_t>(weights[0].columns)}));
    for (int64_t n = 0; n < kBatch; ++n) {
      std::vector<Row> x, before;
      for (int64_t t = 0; t < kSteps; ++t) x.push_back(row_of(trial.operands()[0], n * kSteps + t));
      for (size_t i = 0; i < states; ++i) before.push_back(row_of(trial.operands()[1 + i], n));
      const SequenceResult wanted = run_formula(cell, x, masks[n], before, weights, options);
      const auto expect_row = [&](const Row& got, const Row& want, const std::string& what) {
        for (size_t j = 0; j < want.size(); ++j)
          EXPECT_NEAR(got[j], want[j], 1e-12) << class_name << " " << config.dump() << " " << what << " sample " << n;
      };
      if (sequences)
        for (int64_t t = 0; t < kSteps; ++t)
          expect_row(row_of(outputs[0], n * kSteps + t), wanted.outputs[static_cast<size_t>(t)], "step");
      else
        expect_row(row_of(outputs[0], n), wanted.outputs.back(), "last");
      for (size_t i = 0; i < states; ++i) expect_row(row_of(outputs[1 + i], n), wanted.states[i], "state");
    }
  }
}

TEST(RecurrentLayers, FollowTheirFormulasWithMasksStatesAndBothDirections) {
  for (const bool backwards : {false, true})
    for (const bool zero_output : {false, true}) {
      const SequenceOptions options{backwards, zero_output};
      expect_formula("SimpleRNN", simple_formula, 1, Json::object(), options);
      expect_formula("LSTM", lstm_formula, 2, Json::object(), options);
      expect_formula("GRU", gru_formula<true>, 1, Json::object(), options);
      expect_formula("GRU", gru_formula<false>, 1, {{"reset_after", false}}, options);
    }
}

TEST(RecurrentLayers, TakeOtherActivationsAndNoBias) {
  const Json other{{"activation", "softsign"}, {"use_bias", false}};
  Json gated = other;
  gated["recurrent_activation"] = "tanh";
  Json before = gated;
  before["reset_after"] = false;
  functions = {softsign_of, tanh_of};
  expect_formula("SimpleRNN", simple_formula, 1, other, {});
  expect_formula("LSTM", lstm_formula, 2, gated, {});
  expect_formula("GRU", gru_formula<true>, 1, gated, {});
  expect_formula("GRU", gru_formula<false>, 1, before, {});
  functions = {};
}

TEST(Bidirectional, PutsTwoLayersTogetherInEachOfItsWays) {
  const Json inner = {{"units", kUnits}, {"return_sequences", true}};
  const Json wrapped = {{"class_name", "GRU"}, {"config", inner}};
  const std::vector<Shape> shapes{{kBatch, kSteps, kFeatures}};
  for (const Json& mode : {Json("sum"), Json("mul"), Json("concat"), Json("ave"), Json(nullptr)}) {
    LayerTrial both({"Bidirectional", {{"layer", wrapped}, {"merge_mode", mode}}, {}}, shapes, DType::f64);
    ASSERT_FALSE(both.diagnostics().has_errors()) << both.diagnostics().text();
    ASSERT_EQ(both.operands().size(), 7u);
    Json backwards = inner;
    backwards["go_backwards"] = true;
    LayerTrial there({"GRU", inner, {}}, shapes, DType::f64);
    LayerTrial back({"GRU", backwards, {}}, shapes, DType::f64);
    for (size_t i = 0; i < 4; ++i) {
      there.operands()[i] = both.operands()[i];
      back.operands()[i] = both.operands()[i == 0 ? 0 : 3 + i];
    }
    const std::vector<Tensor> got = both.run(false, false).outputs;
    const Tensor a = there.run(false, false).outputs[0];
    const Tensor b = back.run(false, false).outputs[0];
    ASSERT_EQ(got.size(), mode.is_null() ? 2u : 1u);
    for (int64_t n = 0; n < kBatch; ++n)
      for (int64_t t = 0; t < kSteps; ++t) {
        const Row x = row_of(a, n * kSteps + t);
        const Row y = row_of(b, n * kSteps + kSteps - 1 - t);  // it read from the end
        const Row merged = row_of(got[0], n * kSteps + t);
        for (size_t j = 0; j < static_cast<size_t>(kUnits); ++j) {
          if (mode.is_null()) {
            EXPECT_DOUBLE_EQ(merged[j], x[j]);
            EXPECT_DOUBLE_EQ(row_of(got[1], n * kSteps + t)[j], y[j]);
          } else if (mode == "concat") {
            EXPECT_DOUBLE_EQ(merged[j], x[j]);
            EXPECT_DOUBLE_EQ(merged[j + static_cast<size_t>(kUnits)], y[j]);
          } else {
            const double wanted = mode == "sum" ? x[j] + y[j] : mode == "mul" ? x[j] * y[j] : (x[j] + y[j]) / 2;
            EXPECT_NEAR(merged[j], wanted, 1e-15) << mode;
          }
        }
      }
  }
}

TEST(Bidirectional, JoinsCellsOfTwoKinds) {
  const Json backwards = {{"units", 3}, {"go_backwards", true}};
  const std::vector<Shape> shapes{{kBatch, kSteps, kFeatures}};
  LayerTrial both({"Bidirectional",
                   {{"layer", {{"class_name", "LSTM"}, {"config", {{"units", 2}}}}},
                    {"backward_layer", {{"class_name", "GRU"}, {"config", backwards}}}},
                   {}},
                  shapes, DType::f64);
  ASSERT_FALSE(both.diagnostics().has_errors()) << both.diagnostics().text();
  LayerTrial there({"LSTM", {{"units", 2}}, {}}, shapes, DType::f64);
  LayerTrial back({"GRU", backwards, {}}, shapes, DType::f64);
  for (size_t i = 0; i < 4; ++i) {
    there.operands()[i] = both.operands()[i];
    back.operands()[i] = both.operands()[i == 0 ? 0 : 3 + i];
  }
  const Tensor got = both.run(false, false).outputs[0];
  const Tensor a = there.run(false, false).outputs[0];
  const Tensor b = back.run(false, false).outputs[0];
  for (int64_t n = 0; n < kBatch; ++n) {
    Row wanted = row_of(a, n);
    for (const double value : row_of(b, n)) wanted.push_back(value);
    EXPECT_EQ(row_of(got, n), wanted);
  }
}

/// A layer in a model of its own, with an Input of a known batch.
std::unique_ptr<Model> model_of(const Json& layer, const Json& batch_shape, Diagnostics& diagnostics) {
  const Json input = {{"class_name", "InputLayer"}, {"config", {{"batch_shape", batch_shape}, {"dtype", "float64"}}}};
  return parse_model({{"class_name", "Sequential"}, {"config", {{"layers", Json::array({input, layer})}}}},
                     diagnostics);
}

/// The steps [first, first + count) of x: [n, t, ..].
Tensor steps_of(const Tensor& x, int64_t first, int64_t count) {
  Shape shape = x.shape();
  const int64_t steps = shape[1];
  const int64_t inner = x.elements() / shape[0] / steps;
  shape[1] = count;
  Tensor part(DType::f64, shape);
  for (int64_t i = 0; i < part.elements(); ++i)
    part.span<double>()[static_cast<size_t>(i)] =
        x.span<double>()[static_cast<size_t>((i / (inner * count) * steps + first) * inner + i % (inner * count))];
  return part;
}

/// One sequence of six steps, and the same in two halves whose states go on.
void expect_to_go_on(const std::string& class_name, Json config, Shape shape, size_t weights) {
  config["dtype"] = "float64";
  config["return_sequences"] = true;
  LayerTrial whole({class_name, config, {}}, {shape}, DType::f64);
  ASSERT_FALSE(whole.diagnostics().has_errors()) << class_name << whole.diagnostics().text();
  const Tensor wanted = whole.run(false, false).outputs[0];
  config["stateful"] = true;
  shape[1] = 3;
  Diagnostics diagnostics;
  const auto model =
      model_of({{"class_name", class_name}, {"config", config}}, ArgTraits<Shape>::print(shape), diagnostics);
  ASSERT_NE(model, nullptr) << diagnostics.text();
  const ModelPlan plan = plan_model(*model, diagnostics);
  ASSERT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  std::vector<Tensor> inputs{Tensor(DType::f64, shape)};
  inputs.insert(inputs.end(), whole.operands().begin() + 1, whole.operands().end());
  for (size_t i = weights; i < plan.weights.size(); ++i) {
    EXPECT_EQ(plan.weights[i].spec.kind, VariableKind::state);
    EXPECT_FALSE(plan.weights[i].trainable);
    inputs.emplace_back(DType::f64, plan.weights[i].spec.shape);
  }
  ASSERT_GT(plan.weights.size(), weights) << class_name;
  for (const int64_t half : {0, 1}) {
    inputs[0] = steps_of(whole.operands()[0], half * 3, 3);
    Graph graph;
    std::vector<Value> values;
    for (const Tensor& tensor : inputs) values.push_back(graph.input("x", {tensor.dtype(), tensor.shape()}));
    const LoweredModel lowered = lower_model(*model, plan, {values[0]}, {values.begin() + 1, values.end()}, false);
    ASSERT_EQ(lowered.updates.size(), plan.weights.size() - weights);
    std::vector<Value> results{lowered.outputs[0]};
    for (const LoweredModel::Update& update : lowered.updates) results.push_back(update.value);
    const std::vector<Tensor> got = run_graph(std::move(graph), inputs, results);
    const Tensor part = steps_of(wanted, half * 3, 3);
    ASSERT_EQ(got[0].shape(), part.shape());
    for (size_t i = 0; i < part.span<double>().size(); ++i)
      EXPECT_NEAR(got[0].span<double>()[i], part.span<double>()[i], 1e-12) << class_name << " half " << half;
    for (size_t i = 0; i < lowered.updates.size(); ++i)
      inputs[1 + static_cast<size_t>(lowered.updates[i].weight)] = got[1 + i];
  }
}

TEST(StatefulLayers, GoOnWhereTheBatchBeforeEnded) {
  const Json two{{"units", 2}};
  const Json window{{"filters", 2}, {"kernel_size", 2}};
  expect_to_go_on("LSTM", two, {2, 6, 1}, 3);
  expect_to_go_on("GRU", two, {2, 6, 1}, 3);
  expect_to_go_on("SimpleRNN", two, {2, 6, 1}, 3);
  expect_to_go_on("ConvLSTM1D", window, {2, 6, 4, 1}, 3);
  expect_to_go_on("ConvLSTM2D", window, {2, 6, 4, 3, 1}, 3);
  expect_to_go_on("ConvLSTM3D", window, {1, 6, 3, 3, 2, 1}, 3);
  const Json cell{{"class_name", "LSTMCell"}, {"config", {{"units", 2}, {"dtype", "float64"}}}};
  expect_to_go_on("RNN", {{"cell", cell}}, {2, 6, 1}, 3);
}

TEST(StatefulLayers, NeedToKnowTheirBatch) {
  LayerTrial trial({"GRU", {{"units", 2}, {"stateful", true}}, {}}, {{2, 3, 1}}, DType::f32, true);
  EXPECT_NE(trial.diagnostics().text().find("layer.stateful"), std::string::npos) << trial.diagnostics().text();
}

TEST(RecurrentDropout, DropsTheSameInputsAtEveryStepAndKeepsTheMean) {
  constexpr int64_t kWide = 400;
  const Json config = {{"units", kWide},  {"activation", "linear"},   {"use_bias", false},
                       {"dropout", 0.25}, {"recurrent_dropout", 0.4}, {"return_sequences", true}};
  LayerTrial trial({"SimpleRNN", config, {}}, {{4, 2, kWide}, {4, kWide}}, DType::f64);
  ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
  // kernel and recurrent kernel are the identity: y1 = x d + h r, y2 = x d + y1 r, with the masks d and r.
  for (const size_t operand : {size_t{2}, size_t{3}})
    for (int64_t i = 0; i < kWide; ++i)
      for (int64_t j = 0; j < kWide; ++j)
        trial.operands()[operand].span<double>()[static_cast<size_t>(i * kWide + j)] = i == j ? 1 : 0;
  for (double& x : trial.operands()[0].span<double>()) x = 1;
  for (double& h : trial.operands()[1].span<double>()) h = 10;
  const Tensor y = trial.run(true, false).outputs[0];
  double dropped = 0, recurrent_dropped = 0, sum = 0;
  for (int64_t n = 0; n < 4; ++n) {
    const Row first = row_of(y, n * 2);
    const Row second = row_of(y, n * 2 + 1);
    for (size_t j = 0; j < first.size(); ++j) {
      const double r = first[j] > 5 ? 1 / 0.6 : 0;  // 10 r is 0 or 16.7; x d at most 1.34
      const double d = first[j] - 10 * r;
      EXPECT_TRUE(std::abs(d) < 1e-9 || std::abs(d - 1 / 0.75) < 1e-9) << d;
      EXPECT_NEAR(second[j], d + first[j] * r, 1e-9);
      dropped += d < 0.5;
      recurrent_dropped += r == 0;
      sum += first[j];
    }
  }
  // 1600 draws: five standard deviations are 0.054 and 0.061; of the mean of y1, 11, they are about 1.05.
  EXPECT_NEAR(dropped / 1600, 0.25, 0.054);
  EXPECT_NEAR(recurrent_dropped / 1600, 0.4, 0.061);
  EXPECT_NEAR(sum / 1600, 11, 1.05);
  const Tensor still = trial.run(false, false).outputs[0];
  for (const double value : row_of(still, 0)) EXPECT_NEAR(value, 11, 1e-12);
}

TEST(StackedCells, AreLayersOneOnTopOfTheOther) {
  const Json cells = Json::array({{{"class_name", "GRUCell"}, {"config", {{"units", 3}}}},
                                  {{"class_name", "SimpleRNNCell"}, {"config", {{"units", 2}}}}});
  const Json stack = {{"class_name", "StackedRNNCells"}, {"config", {{"cells", cells}}}};
  LayerTrial stacked({"RNN", {{"cell", stack}}, {}}, {{2, 4, 3}}, DType::f64);
  ASSERT_FALSE(stacked.diagnostics().has_errors()) << stacked.diagnostics().text();
  LayerTrial lower({"GRU", {{"units", 3}, {"return_sequences", true}}, {}}, {{2, 4, 3}}, DType::f64);
  LayerTrial upper({"SimpleRNN", {{"units", 2}}, {}}, {{2, 4, 3}}, DType::f64);
  for (size_t i = 0; i < 4; ++i) lower.operands()[i] = stacked.operands()[i];
  for (size_t i = 1; i < 4; ++i) upper.operands()[i] = stacked.operands()[3 + i];
  upper.operands()[0] = lower.run(false, false).outputs[0];
  const Tensor wanted = upper.run(false, false).outputs[0];
  const Tensor got = stacked.run(false, false).outputs[0];
  for (int64_t i = 0; i < got.elements(); ++i)
    EXPECT_NEAR(element_as_double(got.view(), i), element_as_double(wanted.view(), i), 1e-12);
}

TEST(ForgetBias, IsOneForTheForgetGateAlone) {
  for (const char* class_name : {"LSTM", "LSTMCell"}) {
    const bool cell = class_name == std::string("LSTMCell");
    const std::vector<Shape> inputs = cell ? std::vector<Shape>{{2, 3}, {2, 2}, {2, 2}} : std::vector<Shape>{{2, 4, 3}};
    LayerTrial trial({class_name, {{"units", 2}}, {}}, inputs, DType::f32);
    ASSERT_FALSE(trial.diagnostics().has_errors()) << trial.diagnostics().text();
    const WeightSpec& bias = trial.plan().weights.back().spec;
    const Tensor values = bias.initializer->make(bias.shape, DType::f32, Philox{.seed = 1});
    const std::vector<float> wanted = {0, 0, 1, 1, 0, 0, 0, 0};
    for (size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(values.span<float>()[i], wanted[i]);
  }
}

TEST(RecurrentMistakes, AreNamedAtTheirPlace) {
  const auto complaint = [](const char* class_name, const Json& config, const std::vector<Shape>& inputs) {
    LayerTrial trial({class_name, config, {}}, inputs, DType::f32);
    return trial.diagnostics().text();
  };
  const Json dense = {{"class_name", "Dense"}, {"config", {{"units", 2}}}};
  const Json gru = {{"class_name", "GRU"}, {"config", {{"units", 2}}}};
  EXPECT_NE(complaint("RNN", {{"cell", dense}}, {{2, 3, 4}}).find("layer.cell"), std::string::npos);
  EXPECT_NE(complaint("StackedRNNCells", {{"cells", Json::array({dense})}}, {{2, 3}, {2, 3}}).find("cells[0]"),
            std::string::npos);
  EXPECT_NE(complaint("Bidirectional", {{"layer", dense}}, {{2, 3, 4}}).find("layer.layer"), std::string::npos);
  EXPECT_NE(complaint("Bidirectional", {{"layer", gru}, {"backward_layer", gru}}, {{2, 3, 4}}).find("backward_layer"),
            std::string::npos);
  const Json lstm_backwards = {{"class_name", "LSTM"}, {"config", {{"units", 2}, {"go_backwards", true}}}};
  EXPECT_NE(
      complaint("Bidirectional", {{"layer", gru}, {"backward_layer", lstm_backwards}}, {{2, 3, 4}, {2, 2}, {2, 2}})
          .find("as many states"),
      std::string::npos);
  EXPECT_NE(complaint("LSTM", {{"units", 2}}, {{2, 3, 4}, {2, 2}}).find("initial states"), std::string::npos);
  EXPECT_NE(complaint("GRU", {{"units", 2}}, {{2, 3, 4}, {2, 5}}).find("(2, 2)"), std::string::npos);
  EXPECT_NE(complaint("LSTM", {{"units", 2}}, {{2, 3}}).find("3 dimensions"), std::string::npos);
  const Json no_bias_initializer = {{"units", 2}, {"bias_initializer", nullptr}};
  EXPECT_NE(complaint("LSTM", no_bias_initializer, {{2, 3, 4}}).find("bias_initializer: is required"),
            std::string::npos);
  EXPECT_EQ(complaint("GRU", no_bias_initializer, {{2, 3, 4}}), "");
  EXPECT_NE(complaint("ConvLSTM1D", {{"filters", 2}, {"kernel_size", 2}, {"bias_initializer", nullptr}}, {{2, 3, 4, 1}})
                .find("bias_initializer: is required"),
            std::string::npos);
  EXPECT_NE(complaint("ConvLSTM1D", {{"filters", 2}, {"kernel_size", 9}}, {{2, 3, 4, 1}}).find("kernel_size"),
            std::string::npos);
}

}  // namespace
}  // namespace trainyard::testing
