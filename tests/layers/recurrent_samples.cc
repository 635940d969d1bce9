// Samples of recurrent layers, their cells, and of layers that wrap layers.
#include "tests/layers/layer_samples.h"

namespace trainyard::testing {
namespace {

Json layer_json(const char* class_name, Json config) {
  return {{"class_name", class_name}, {"config", std::move(config)}};
}

/// What all cells know, away from its default; nothing random.
Json busy_cell(Json config) {
  config["activation"] = "softsign";
  config["kernel_initializer"] = "he_normal";
  config["recurrent_initializer"] = "glorot_normal";
  config["bias_initializer"] = {{"class_name", "Constant"}, {"config", {{"value", 0.1}}}};
  config["kernel_regularizer"] = {{"class_name", "L2"}, {"config", {{"l2", 0.02}}}};
  config["recurrent_regularizer"] = {{"class_name", "L2"}, {"config", {{"l2", 0.03}}}};
  config["bias_regularizer"] = "l1";
  config["kernel_constraint"] = {{"class_name", "MaxNorm"}, {"config", {{"max_value", 1.5}}}};
  config["recurrent_constraint"] = "unit_norm";
  config["bias_constraint"] = "non_neg";
  return config;
}

Json busy_gates(Json config) {
  config["recurrent_activation"] = "hard_sigmoid";
  return busy_cell(std::move(config));
}

Json with(Json config, const Json& more) {
  config.update(more);
  return config;
}

const Json kDropout = {{"dropout", 0.3}, {"recurrent_dropout", 0.4}, {"seed", 7}};
const Json kAllSequences = {{"return_sequences", true}, {"return_state", true}, {"go_backwards", true}};

std::vector<LayerSample> time_distributed_samples() {
  return {
      {"TimeDistributed", {{"layer", layer_json("Dense", {{"units", 2}, {"activation", "tanh"}})}}, {{{2, 3, 4}}}},
      {"TimeDistributed",
       {{"layer", layer_json("Dense", {{"units", 2}, {"activation", "softmax"}})}},
       {{{2, 3, 4}}, {{2, 3, 2, 4}}}},
      {"TimeDistributed", {{"layer", layer_json("BatchNormalization", Json::object())}}, {{{4, 2, 3}}}},
      {"TimeDistributed",
       {{"layer",
         layer_json("TimeDistributed", {{"layer", layer_json("Conv1D", {{"filters", 2}, {"kernel_size", 2}})}})}},
       {{{2, 2, 2, 3, 2}}}},
      {"TimeDistributed", {{"layer", layer_json("Dropout", {{"rate", 0.5}})}}, {{{2, 3, 4}}}},
      {"TimeDistributed", {{"layer", layer_json("LSTM", {{"units", 2}})}}, {{{2, 2, 3, 4}}}},
  };
}

/// Cells called by themselves: input, then states.
std::vector<LayerSample> cell_samples() {
  const std::vector<std::vector<Shape>> one_state = {{{2, 4}, {2, 3}}};
  const std::vector<std::vector<Shape>> two_states = {{{2, 4}, {2, 3}, {2, 3}}};
  const Json units = {{"units", 3}};
  const Json stack = Json::array({layer_json("LSTMCell", {{"units", 3}}), layer_json("GRUCell", {{"units", 2}}),
                                  layer_json("LSTMCell", {{"units", 2}})});
  return {
      {"SimpleRNNCell", units, one_state},
      {"SimpleRNNCell", with(busy_cell(units), {{"use_bias", false}}), one_state},
      {"SimpleRNNCell", with(busy_cell(units), kDropout), one_state},
      {"LSTMCell", units, two_states},
      {"LSTMCell", with(busy_gates(units), {{"use_bias", false}}), two_states},
      {"LSTMCell", with(busy_gates(units), kDropout), two_states},
      {"LSTMCell", {{"units", 3}, {"dropout", 0.5}, {"implementation", 1}, {"unit_forget_bias", false}}, two_states},
      {"GRUCell", units, one_state},
      {"GRUCell", with(busy_gates(units), {{"use_bias", false}, {"reset_after", false}}), one_state},
      {"GRUCell", with(busy_gates(units), kDropout), one_state},
      {"GRUCell", {{"units", 3}, {"dropout", 0.5}, {"implementation", 1}}, one_state},
      {"StackedRNNCells", {{"cells", stack}}, {{{2, 4}, {2, 3}, {2, 3}, {2, 2}, {2, 2}, {2, 2}}}},
  };
}

std::vector<LayerSample> sequence_samples() {
  const std::vector<std::vector<Shape>> x = {{{2, 3, 4}}, {{1, 1, 2}}};
  const std::vector<std::vector<Shape>> x_and_state = {{{2, 3, 4}, {2, 3}}};
  const std::vector<std::vector<Shape>> x_and_states = {{{2, 3, 4}, {2, 3}, {2, 3}}};
  const Json units = {{"units", 3}};
  std::vector<LayerSample> samples = {
      {"SimpleRNN", units, x},
      {"SimpleRNN", with(with(busy_cell(units), kAllSequences), {{"use_bias", false}, {"unroll", true}}), x_and_state},
      {"SimpleRNN", with(busy_cell(units), with(kDropout, {{"zero_output_for_mask", true}})), x},
      {"LSTM", units, x},
      {"LSTM", with(with(busy_gates(units), kAllSequences), {{"use_bias", false}, {"unroll", true}}), x_and_states},
      {"LSTM", with(busy_gates(units), with(kDropout, {{"zero_output_for_mask", true}})), x},
      {"LSTM", with(units, kAllSequences), x_and_states},
      {"LSTM",
       {{"units", 3},
        {"dropout", 0.5},
        {"implementation", 1},
        {"unit_forget_bias", false},
        {"use_cudnn", false},
        {"activity_regularizer", "l2"}},
       x},
      {"GRU", units, x},
      {"GRU", with(with(busy_gates(units), kAllSequences), {{"use_bias", false}, {"unroll", true}}), x_and_state},
      {"GRU", with(busy_gates(units), with(kDropout, {{"zero_output_for_mask", true}, {"reset_after", false}})), x},
      {"GRU", with(with(units, kAllSequences), {{"reset_after", false}}), x_and_state},
      {"GRU",
       {{"units", 3}, {"dropout", 0.5}, {"implementation", 1}, {"use_cudnn", true}, {"return_sequences", true}},
       x},
      {"RNN", {{"cell", layer_json("GRUCell", units)}}, x},
      {"RNN",
       with({{"cell", layer_json("LSTMCell", with(units, {{"activity_regularizer", "l2"}}))},
             {"zero_output_for_mask", true},
             {"unroll", true}},
            kAllSequences),
       x_and_states},
  };
  return samples;
}

/// Stateful layers know their batch, so they are tried apart from an open one.
std::vector<LayerSample> bidirectional_samples() {
  const std::vector<std::vector<Shape>> x = {{{2, 3, 4}}};
  const Json lstm = layer_json("LSTM", {{"units", 2}});
  const Json sequences = layer_json("GRU", {{"units", 2}, {"return_sequences", true}, {"return_state", true}});
  const Json backwards = layer_json("GRU", {{"units", 2},
                                            {"return_sequences", true},
                                            {"return_state", true},
                                            {"go_backwards", true},
                                            {"activation", "softsign"}});
  return {
      {"Bidirectional", {{"layer", lstm}}, x},
      {"Bidirectional", {{"layer", lstm}, {"merge_mode", "sum"}}, x},
      {"Bidirectional", {{"layer", lstm}, {"merge_mode", "ave"}}, {{{2, 3, 4}, {2, 2}, {2, 2}, {2, 2}, {2, 2}}}},
      {"Bidirectional", {{"layer", sequences}, {"merge_mode", "mul"}}, x},
      {"Bidirectional", {{"layer", sequences}, {"merge_mode", nullptr}, {"backward_layer", backwards}}, x},
      {"Bidirectional",
       {{"layer", layer_json("LSTM", {{"units", 3}, {"return_sequences", true}, {"return_state", true}})},
        {"backward_layer", backwards}},
       x},
  };
}

Json busy_convolution(Json config) {
  config.update(busy_gates(Json::object()));
  config["data_format"] = "channels_first";
  config["padding"] = "same";
  config["unit_forget_bias"] = false;
  return config;
}

std::vector<LayerSample> conv_lstm_samples() {
  const Json small = {{"filters", 2}, {"kernel_size", 2}};
  return {
      {"ConvLSTM1D", small, {{{2, 2, 4, 2}}}},
      {"ConvLSTM1D",
       with(busy_convolution(small), with(kAllSequences, {{"strides", 2}, {"unroll", true}})),
       {{{2, 2, 2, 4}}}},
      {"ConvLSTM1D",
       with(with(small, kDropout), {{"dilation_rate", 2}, {"use_bias", false}, {"zero_output_for_mask", true}}),
       {{{2, 2, 4, 2}}}},
      {"ConvLSTM2D", small, {{{1, 2, 3, 3, 2}}}},
      {"ConvLSTM2D",
       with(busy_convolution(small), with(kAllSequences, {{"strides", 2}, {"unroll", true}})),
       {{{1, 2, 2, 3, 3}}}},
      {"ConvLSTM2D",
       with(with(small, kDropout), {{"dilation_rate", 2}, {"use_bias", false}, {"zero_output_for_mask", true}}),
       {{{1, 2, 3, 3, 2}}}},
      {"ConvLSTM3D", small, {{{1, 2, 2, 2, 2, 1}}}},
      {"ConvLSTM3D",
       with(busy_convolution(small), with(kAllSequences, {{"strides", 2}, {"unroll", true}})),
       {{{1, 2, 1, 2, 2, 3}}}},
      {"ConvLSTM3D",
       with(with(small, kDropout), {{"dilation_rate", 2}, {"use_bias", false}, {"zero_output_for_mask", true}}),
       {{{1, 2, 3, 3, 3, 1}}}},
  };
}

/// A batch that is known is a part of what these declare.
std::vector<LayerSample> stateful_samples() {
  const Json conv = {{"filters", 2}, {"kernel_size", 2}, {"stateful", true}};
  std::vector<LayerSample> samples = {
      {"SimpleRNN", {{"units", 3}, {"stateful", true}}, {{{2, 3, 4}}}},
      {"LSTM", {{"units", 3}, {"stateful", true}}, {{{2, 3, 4}}}},
      {"GRU", {{"units", 3}, {"stateful", true}}, {{{2, 3, 4}}}},
      {"RNN", {{"cell", layer_json("SimpleRNNCell", {{"units", 3}})}, {"stateful", true}}, {{{2, 3, 4}}}},
      {"ConvLSTM1D", conv, {{{2, 2, 4, 2}}}},
      {"ConvLSTM2D", conv, {{{1, 2, 3, 3, 2}}}},
      {"ConvLSTM3D", conv, {{{1, 2, 2, 2, 2, 1}}}},
  };
  for (LayerSample& sample : samples) sample.fixed_batch = true;
  return samples;
}

}  // namespace

std::vector<LayerSample> recurrent_samples() {
  std::vector<LayerSample> samples = time_distributed_samples();
  for (const auto& family :
       {cell_samples(), sequence_samples(), bidirectional_samples(), conv_lstm_samples(), stateful_samples()})
    samples.insert(samples.end(), family.begin(), family.end());
  return samples;
}

}  // namespace trainyard::testing
