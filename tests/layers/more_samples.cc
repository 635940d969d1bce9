// Samples of the layers beyond the main job.
#include "tests/layers/layer_samples.h"

namespace trainyard::testing {
namespace {

/// Initializer, regularizer and constraint of each weight, away from their defaults.
Json busy(Json config, const std::vector<std::string>& weights) {
  for (const std::string& weight : weights) {
    config[weight + "_initializer"] = "he_uniform";
    config[weight + "_regularizer"] = "l2";
    config[weight + "_constraint"] = "non_neg";
  }
  return config;
}

Json busy_vector(Json config, const std::vector<std::string>& weights) {
  config = busy(std::move(config), weights);
  for (const std::string& weight : weights)
    config[weight + "_initializer"] = {{"class_name", "Constant"}, {"config", {{"value", 0.5}}}};
  return config;
}

void add_convolutions(std::vector<LayerSample>& samples) {
  const std::vector<Shape> shapes{{2, 6, 3}, {2, 5, 4, 3}, {1, 3, 4, 3, 2}};
  const std::vector<Shape> first{{2, 3, 6}, {2, 3, 5, 4}, {1, 2, 3, 4, 3}};
  for (size_t n = 0; n < 3; ++n) {
    const std::string name = "Conv" + std::to_string(n + 1) + "DTranspose";
    samples.push_back({name, {{"filters", 2}, {"kernel_size", 3}}, {{shapes[n]}}});
    samples.push_back({name, {{"filters", 2}, {"kernel_size", 2}, {"strides", 3}, {"padding", "same"}}, {{shapes[n]}}});
    samples.push_back({name,
                       busy({{"filters", 2},
                             {"kernel_size", 3},
                             {"strides", 2},
                             {"output_padding", 1},
                             {"activation", "tanh"},
                             {"padding", "same"}},
                            {"kernel", "bias"}),
                       {{shapes[n]}}});
    samples.push_back({name,
                       {{"filters", 2},
                        {"kernel_size", 2},
                        {"dilation_rate", 2},
                        {"data_format", "channels_first"},
                        {"use_bias", false}},
                       {{first[n]}}});
  }
  for (size_t n = 0; n < 2; ++n) {
    const std::string rank = std::to_string(n + 1) + "D";
    const std::string depthwise = "DepthwiseConv" + rank;
    samples.push_back({depthwise, {{"kernel_size", 2}, {"depth_multiplier", 2}, {"strides", 2}}, {{shapes[n]}}});
    samples.push_back(
        {depthwise,
         busy({{"kernel_size", 3}, {"padding", "same"}, {"activation", "tanh"}, {"data_format", "channels_first"}},
              {"depthwise", "bias"}),
         {{first[n]}}});
    samples.push_back({depthwise, {{"kernel_size", 2}, {"dilation_rate", 2}, {"use_bias", false}}, {{shapes[n]}}});
    const std::string separable = "SeparableConv" + rank;
    samples.push_back(
        {separable, {{"filters", 4}, {"kernel_size", 2}, {"depth_multiplier", 2}, {"strides", 2}}, {{shapes[n]}}});
    samples.push_back({separable,
                       busy({{"filters", 2},
                             {"kernel_size", 3},
                             {"padding", "same"},
                             {"activation", "tanh"},
                             {"data_format", "channels_first"}},
                            {"depthwise", "pointwise", "bias"}),
                       {{first[n]}}});
    samples.push_back(
        {separable, {{"filters", 2}, {"kernel_size", 2}, {"dilation_rate", 2}, {"use_bias", false}}, {{shapes[n]}}});
  }
}

void add_resizing(std::vector<LayerSample>& samples) {
  samples.push_back({"Cropping1D", {{"cropping", {1, 2}}}, {{{2, 5, 3}}}});
  samples.push_back({"Cropping2D", {{"cropping", {{1, 0}, {0, 2}}}}, {{{2, 5, 4, 3}}}});
  samples.push_back({"Cropping2D", {{"cropping", 1}, {"data_format", "channels_first"}}, {{{2, 3, 5, 4}}}});
  samples.push_back({"Cropping3D", {{"cropping", {{1, 0}, {0, 1}, {1, 1}}}}, {{{1, 3, 4, 4, 2}}}});
  samples.push_back({"Cropping3D", {{"cropping", 1}, {"data_format", "channels_first"}}, {{{1, 2, 3, 4, 4}}}});
  samples.push_back({"UpSampling1D", {{"size", 3}}, {{{2, 3, 2}}}});
  samples.push_back({"UpSampling2D", {{"size", {2, 3}}}, {{{2, 3, 2, 2}}}});
  samples.push_back({"UpSampling2D",
                     {{"size", 2}, {"interpolation", "bilinear"}, {"data_format", "channels_first"}},
                     {{{2, 2, 3, 2}}}});
  samples.push_back({"UpSampling3D", {{"size", {2, 1, 3}}, {"data_format", "channels_first"}}, {{{1, 2, 2, 3, 2}}}});
  samples.push_back({"RepeatVector", {{"n", 3}}, {{{2, 4}}}});
}

void add_normalizations(std::vector<LayerSample>& samples) {
  for (const char* name : {"LayerNormalization", "GroupNormalization"}) {
    const bool groups = std::string(name) == "GroupNormalization";
    const auto with = [&](Json config) {
      if (groups) config["groups"] = 2;
      return config;
    };
    samples.push_back({name, with(Json::object()), {{{3, 4}}, {{2, 3, 4}}}});
    samples.push_back({name, with(busy_vector({{"axis", 1}, {"epsilon", 0.1}}, {"gamma", "beta"})), {{{2, 4, 3}}}});
    samples.push_back({name, with({{"center", false}, {"scale", false}}), {{{3, 4}}}});
  }
  samples.push_back({"LayerNormalization", {{"axis", {1, 2}}}, {{{2, 3, 4}}}});
  samples.push_back({"GroupNormalization", {{"groups", -1}}, {{{2, 3, 4}}}});
  samples.push_back({"RMSNormalization", Json::object(), {{{3, 4}}, {{2, 3, 4}}}});
  samples.push_back({"RMSNormalization", {{"axis", {1}}, {"epsilon", 0.1}}, {{{2, 3, 4}}}});
  samples.push_back({"UnitNormalization", Json::object(), {{{3, 4}}}});
  samples.push_back({"UnitNormalization", {{"axis", {1, 2}}}, {{{2, 3, 4}}}});
}

void add_noise(std::vector<LayerSample>& samples) {
  samples.push_back({"GaussianNoise", {{"stddev", 0.4}, {"seed", 3}}, {{{3, 5}}}});
  samples.push_back({"GaussianDropout", {{"rate", 0.4}, {"seed", 3}}, {{{3, 5}}}});
  samples.push_back({"AlphaDropout", {{"rate", 0.4}, {"seed", 3}}, {{{3, 5}}}});
  samples.push_back({"AlphaDropout", {{"rate", 0.4}, {"noise_shape", {nullptr, 1, 4}}}, {{{2, 3, 4}}}});
  samples.push_back({"SpatialDropout1D", {{"rate", 0.4}, {"seed", 3}}, {{{2, 3, 4}}}});
  samples.push_back(
      {"SpatialDropout2D", {{"rate", 0.4}, {"seed", 3}, {"data_format", "channels_first"}}, {{{2, 4, 2, 3}}}});
  samples.push_back(
      {"SpatialDropout3D", {{"rate", 0.4}, {"seed", 3}, {"data_format", "channels_first"}}, {{{2, 4, 2, 2, 2}}}});
  samples.push_back({"ActivityRegularization", {{"l1", 0.1}, {"l2", 0.2}}, {{{3, 5}}}});
  samples.push_back({"Identity", Json::object(), {{{3, 5}}}});
  samples.push_back({"Masking", {{"mask_value", 0.5}}, {{{2, 3, 4}}}});
}

}  // namespace

std::vector<LayerSample> more_samples() {
  std::vector<LayerSample> samples;
  add_convolutions(samples);
  add_resizing(samples);
  add_normalizations(samples);
  add_noise(samples);
  samples.push_back({"Embedding", {{"input_dim", 7}, {"output_dim", 3}}, {{{2, 4}}}, 7});
  samples.push_back(
      {"Embedding", busy({{"input_dim", 7}, {"output_dim", 3}, {"mask_zero", true}}, {"embeddings"}), {{{2, 4}}}, 7});
  return samples;
}

}  // namespace trainyard::testing
