// Cells, RNN and convolutional LSTMs against layers that recurrent_test.cc and the golden cases hold against formulas, with the
// arguments that those leave at their defaults.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/layers/layer_trial.h"

namespace trainyard::testing {
namespace {

std::string what(const LayerSample& sample) { return sample.text(); }

void expect_equal(const Tensor& got, const Tensor& wanted, const std::string& of) {
  ASSERT_EQ(got.elements(), wanted.elements()) << of;
  for (size_t i = 0; i < got.span<double>().size(); ++i)
    ASSERT_NEAR(got.span<double>()[i], wanted.span<double>()[i], 1e-12) << of << " at " << i;
}

/// The same numbers under another shape.
Tensor shaped(const Tensor& x, const Shape& shape) {
  const auto values = x.span<double>();
  return Tensor::of<double>(shape, {values.begin(), values.end()});
}

/// Runs a layer on the operands of another, each in the shape that this one wants.
std::vector<Tensor> run_on(const LayerSample& sample, const std::vector<Shape>& inputs,
                           const std::vector<Tensor>& operands, const std::vector<Tensor>& masks = {}) {
  LayerTrial trial(sample, inputs, DType::f64);
  EXPECT_FALSE(trial.diagnostics().has_errors()) << what(sample) << trial.diagnostics().text();
  EXPECT_EQ(trial.operands().size(), operands.size()) << what(sample);
  for (size_t i = 0; i < trial.operands().size(); ++i)
    trial.operands()[i] = shaped(operands[i], trial.operands()[i].shape());
  trial.set_masks(masks);
  return trial.run(false, false).outputs;
}

struct Family {
  const char* layer;
  const char* cell;
  size_t states;
  std::vector<Json> configs;
};

const std::vector<Family>& families() {
  static const Json linear{{"activation", "softsign"}, {"use_bias", false}};
  static const std::vector<Family> kFamilies{
      {"SimpleRNN", "SimpleRNNCell", 1, {Json::object(), linear}},
      {"LSTM",
       "LSTMCell",
       2,
       {Json::object(), linear, {{"recurrent_activation", "tanh"}, {"unit_forget_bias", false}}}},
      {"GRU",
       "GRUCell",
       1,
       {Json::object(),
        linear,
        {{"recurrent_activation", "tanh"}, {"reset_after", false}},
        {{"recurrent_activation", "softsign"}, {"activation", "sigmoid"}}}}};
  return kFamilies;
}

TEST(Cells, AreTheirLayersForOneStep) {
  for (const Family& family : families())
    for (Json config : family.configs) {
      config["units"] = 3;
      std::vector<Shape> inputs{{2, 4}};
      for (size_t i = 0; i < family.states; ++i) inputs.push_back({2, 3});
      const LayerSample sample{family.cell, config, {}};
      LayerTrial cell(sample, inputs, DType::f64);
      ASSERT_FALSE(cell.diagnostics().has_errors()) << what(sample) << cell.diagnostics().text();
      const std::vector<Tensor> got = cell.run(false, false).outputs;
      config["return_state"] = true;
      inputs[0] = {2, 1, 4};
      const std::vector<Tensor> wanted = run_on({family.layer, config, {}}, inputs, cell.operands());
      ASSERT_EQ(got.size(), wanted.size());
      for (size_t i = 0; i < got.size(); ++i) expect_equal(got[i], wanted[i], what(sample));
    }
}

/// A mask of [2, 5]: the first sample begins and the second ends without data.
Tensor some_steps() {
  Tensor mask(DType::boolean, {2, 5});
  for (size_t i = 0; i < 10; ++i) mask.span<bool>()[i] = i != 0 && i != 3 && i != 9;
  return mask;
}

TEST(RNN, IsTheLayerOfItsCell) {
  const Tensor mask = some_steps();
  for (const Family& family : families())
    for (Json config : family.configs)
      for (const int flags : {0, 1, 2, 4, 7, 15}) {
        config["units"] = 3;
        const Json run{{"return_sequences", (flags & 1) != 0},
                       {"go_backwards", (flags & 2) != 0},
                       {"return_state", (flags & 4) != 0},
                       {"zero_output_for_mask", (flags & 8) != 0}};
        Json layer = config;
        layer.update(run);
        Json rnn = run;
        rnn["cell"] = {{"class_name", family.cell}, {"config", config}};
        const LayerSample sample{"RNN", rnn, {}};
        LayerTrial trial(sample, {{2, 5, 4}}, DType::f64);
        ASSERT_FALSE(trial.diagnostics().has_errors()) << what(sample) << trial.diagnostics().text();
        trial.set_masks({mask});
        const std::vector<Tensor> got = trial.run(false, false).outputs;
        const std::vector<Tensor> wanted = run_on({family.layer, layer, {}}, {{2, 5, 4}}, trial.operands(), {mask});
        ASSERT_EQ(got.size(), wanted.size());
        for (size_t i = 0; i < got.size(); ++i) expect_equal(got[i], wanted[i], what(sample));
      }
}

Shape with_ones(const Shape& shape, size_t rank) {
  Shape result = shape.slice(0, shape.rank() - 1);
  for (size_t i = 0; i < rank; ++i) result.push_back(1);
  result.push_back(shape.back());
  return result;
}

/// A picture of one pixel is a vector: then the convolution is a product, whatever the padding.
TEST(ConvLSTM, OfOnePixelIsAnLSTM) {
  const Json plain{{"recurrent_activation", "sigmoid"}};
  const Json other{{"recurrent_activation", "tanh"}, {"activation", "softsign"}, {"use_bias", false}};
  for (size_t rank = 1; rank <= 3; ++rank)
    for (const Json& arguments : {plain, other})
      for (const int flags : {0, 1, 2, 4, 7, 9, 15}) {
        Json config = arguments;
        config.update({{"return_sequences", (flags & 1) != 0},
                       {"go_backwards", (flags & 2) != 0},
                       {"return_state", (flags & 4) != 0},
                       {"zero_output_for_mask", (flags & 8) != 0}});
        Json vectors = config;
        vectors["units"] = 3;
        LayerTrial lstm({"LSTM", vectors, {}}, {{2, 5, 4}, {2, 3}, {2, 3}}, DType::f64);
        ASSERT_FALSE(lstm.diagnostics().has_errors()) << lstm.diagnostics().text();
        lstm.set_masks({some_steps()});
        const std::vector<Tensor> wanted = lstm.run(false, false).outputs;
        config.update({{"filters", 3}, {"kernel_size", 1}, {"padding", flags == 4 ? "same" : "valid"}});
        const LayerSample sample{"ConvLSTM" + std::to_string(rank) + "D", config, {}};
        const std::vector<Tensor> got =
            run_on(sample, {with_ones({2, 5, 4}, rank), with_ones({2, 3}, rank), with_ones({2, 3}, rank)},
                   lstm.operands(), {some_steps()});
        ASSERT_EQ(got.size(), wanted.size());
        for (size_t i = 0; i < got.size(); ++i) expect_equal(got[i], wanted[i], what(sample));
      }
}

/// One step of a convolutional LSTM from the outputs of two convolutions, [.., 4 filters] each.
double gate(double z) { return 1 / (1 + std::exp(-z)); }

TEST(ConvLSTM, ConvolvesItsInputAsItIsToldAndItsStateWithThePaddingThatKeepsIt) {
  const std::vector<Shape> inputs{{2, 1, 9, 3}, {2, 1, 7, 8, 3}, {1, 1, 5, 6, 7, 3}};
  for (size_t rank = 1; rank <= 3; ++rank)
    for (const char* padding : {"valid", "same"})
      for (const bool dilated : {false, true}) {
        const std::string dimensions = std::to_string(rank) + "D";
        const Json window{
            {"kernel_size", 3}, {"padding", padding}, {"strides", dilated ? 1 : 2}, {"dilation_rate", dilated ? 2 : 1}};
        Json config = window;
        config.update({{"filters", 2}, {"recurrent_activation", "sigmoid"}, {"return_state", true}});
        const LayerSample sample{"ConvLSTM" + dimensions, config, {}};
        const Shape& x = inputs[rank - 1];
        LayerTrial probe(sample, {x}, DType::f64);
        ASSERT_FALSE(probe.diagnostics().has_errors()) << what(sample) << probe.diagnostics().text();
        const Shape state = probe.planned_outputs()[1].shape;
        LayerTrial trial(sample, {x, state, state}, DType::f64);
        const std::vector<Tensor> got = trial.run(false, false).outputs;
        const std::vector<Tensor>& o = trial.operands();  // x, h, c, kernel, recurrent kernel, bias
        Json input = window;
        input["filters"] = 8;
        const Shape frame = x.slice(2, x.rank()).with_front(x[0]);
        const Tensor a = run_on({"Conv" + dimensions, input, {}}, {frame}, {o[0], o[3], o[5]}).at(0);
        const Json around{{"filters", 8}, {"kernel_size", 3}, {"padding", "same"}, {"use_bias", false}};
        const Tensor b = run_on({"Conv" + dimensions, around, {}}, {state}, {o[1], o[4]}).at(0);
        for (size_t pixel = 0; pixel < a.span<double>().size() / 8; ++pixel)
          for (size_t f = 0; f < 2; ++f) {
            const auto z = [&](size_t g) {
              return a.span<double>()[pixel * 8 + g * 2 + f] + b.span<double>()[pixel * 8 + g * 2 + f];
            };
            const double c = gate(z(1)) * o[2].span<double>()[pixel * 2 + f] + gate(z(0)) * std::tanh(z(2));
            ASSERT_NEAR(got[2].span<double>()[pixel * 2 + f], c, 1e-9) << what(sample);
            ASSERT_NEAR(got[0].span<double>()[pixel * 2 + f], gate(z(3)) * std::tanh(c), 1e-9) << what(sample);
          }
      }
}

}  // namespace
}  // namespace trainyard::testing
