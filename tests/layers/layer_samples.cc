#include "tests/layers/layer_samples.h"

namespace trainyard::testing {
namespace {

/// Regularizers, constraints and initializers of a kernel and a bias, all away from their defaults.
Json busy_kernel_and_bias(Json config) {
  config["kernel_initializer"] = "he_normal";
  config["bias_initializer"] = {{"class_name", "Constant"}, {"config", {{"value", 0.1}}}};
  config["kernel_regularizer"] = {{"class_name", "L2"}, {"config", {{"l2", 0.02}}}};
  config["bias_regularizer"] = "l1";
  config["activity_regularizer"] = {{"class_name", "L1L2"}, {"config", {{"l1", 0.01}, {"l2", 0.02}}}};
  config["kernel_constraint"] = {{"class_name", "MaxNorm"}, {"config", {{"max_value", 1.5}}}};
  config["bias_constraint"] = "non_neg";
  return config;
}

}  // namespace

std::vector<LayerSample> core_samples() {
  return {
      {"Dense", {{"units", 4}}, {{{3, 5}}, {{2, 3, 5}}, {{2, 3, 2, 5}}}},
      {"Dense",
       busy_kernel_and_bias({{"units", 3}, {"activation", "tanh"}, {"name", "head"}, {"trainable", false}}),
       {{{3, 5}}}},
      {"Dense", {{"units", 6}, {"activation", "softmax"}, {"use_bias", false}}, {{{3, 5}}}},
      {"Dense", {{"units", 6}, {"activation", "glu"}}, {{{3, 5}}}},
      {"Activation", {{"activation", "relu"}}, {{{3, 5}}, {{2, 3, 4, 2}}}},
      {"Activation", {{"activation", "gelu"}, {"activity_regularizer", "l2"}}, {{{3, 5}}}},
      {"Activation", {{"activation", {{"class_name", "softmax"}, {"config", {{"axis", 1}}}}}}, {{{3, 5, 2}}}},
      {"ReLU", Json::object(), {{{3, 5}}}},
      {"ReLU", {{"max_value", 0.7}, {"negative_slope", 0.2}, {"threshold", 0.3}}, {{{3, 5}}, {{2, 3, 2}}}},
      {"LeakyReLU", {{"negative_slope", 0.1}}, {{{3, 5}}, {{2, 3, 2}}}},
      {"ELU", {{"alpha", 0.5}}, {{{3, 5}}, {{2, 3, 2}}}},
      {"PReLU", Json::object(), {{{3, 5}}, {{2, 3, 2}}}},
      {"PReLU",
       {{"alpha_initializer", "ones"},
        {"alpha_regularizer", "l2"},
        {"alpha_constraint", "non_neg"},
        {"shared_axes", {1, 2}}},
       {{{2, 3, 4, 2}}}},
      {"Softmax", Json::object(), {{{3, 5}}, {{2, 3, 4}}}},
      {"Softmax", {{"axis", 1}}, {{{3, 5}}, {{2, 3, 4}}}},
      {"Softmax", {{"axis", {1, -1}}}, {{{2, 3, 4}}, {{2, 3, 2, 2}}}},
      {"Rescaling", {{"scale", 0.5}, {"offset", -0.25}}, {{{3, 5}}, {{2, 3, 4}}}},
      {"Rescaling", {{"scale", {0.5, 2.0}}, {"offset", {0.1, -3.0}}}, {{{3, 2}}, {{2, 3, 2}}}},
      {"Dropout", {{"rate", 0.4}}, {{{3, 5}}, {{2, 3, 4}}}},
      {"Dropout", {{"rate", 0.5}, {"seed", 7}, {"noise_shape", {nullptr, 1, 4}}}, {{{2, 3, 4}}}},
      {"InputLayer", {{"batch_shape", {nullptr, 5}}, {"dtype", "int32"}, {"name", "in"}}, {}},
      {"InputLayer", {{"shape", {5}}, {"batch_size", 2}}, {}},
      {"InputLayer", {{"shape", {5}}, {"trainable", false}, {"activity_regularizer", "l2"}}, {}},
  };
}

std::vector<LayerSample> window_samples() {
  std::vector<LayerSample> samples{
      {"Conv1D",
       {{"filters", 3}, {"kernel_size", 3}, {"padding", "causal"}, {"dilation_rate", 2}},
       {{{2, 7, 2}}, {{1, 9, 3}}}},
      {"Conv2D", {{"filters", 4}, {"kernel_size", {2, 3}}, {"strides", {2, 1}}}, {{{2, 6, 5, 3}}, {{1, 7, 8, 2}}}},
      {"Conv2D",
       busy_kernel_and_bias(
           {{"filters", 4}, {"kernel_size", 3}, {"activation", "relu"}, {"padding", "same"}, {"groups", 2}}),
       {{{2, 5, 4, 4}}}},
      {"Conv2D",
       {{"filters", 4},
        {"kernel_size", 2},
        {"data_format", "channels_first"},
        {"activation", "softmax"},
        {"use_bias", false}},
       {{{2, 3, 5, 4}}}},
      {"Conv2D", {{"filters", 2}, {"kernel_size", 2}, {"dilation_rate", {2, 1}}}, {{{1, 5, 4, 2}}}},
      {"Conv3D",
       {{"filters", 2}, {"kernel_size", 2}, {"padding", "same"}, {"strides", {2, 1, 2}}},
       {{{1, 4, 3, 5, 2}}}},
  };
  const std::vector<Shape> shapes{{2, 7, 2}, {2, 6, 5, 2}, {1, 4, 5, 3, 2}};
  const std::vector<Shape> shapes_first{{2, 2, 7}, {2, 2, 6, 5}, {1, 2, 4, 5, 3}};
  for (size_t n = 0; n < shapes.size(); ++n) {
    const std::string rank = std::to_string(n + 1) + "D";
    samples.push_back(
        {"Conv" + rank,
         busy_kernel_and_bias({{"filters", 2}, {"kernel_size", 2}, {"activation", "sigmoid"}, {"strides", 2}}),
         {{shapes[n]}}});
    samples.push_back({"Conv" + rank,
                       {{"filters", 4},
                        {"kernel_size", 3},
                        {"padding", "same"},
                        {"data_format", "channels_first"},
                        {"groups", 2},
                        {"use_bias", false}},
                       {{shapes_first[n]}}});
    samples.push_back({"Conv" + rank,
                       {{"filters", 2}, {"kernel_size", 2}, {"dilation_rate", 2}, {"padding", "same"}},
                       {{shapes[n]}}});
    for (const std::string kind : {"Max", "Average"}) {
      samples.push_back({kind + "Pooling" + rank, {{"pool_size", 2}}, {{shapes[n]}}});
      samples.push_back(
          {kind + "Pooling" + rank, {{"pool_size", 3}, {"strides", 2}, {"padding", "same"}}, {{shapes[n]}}});
      samples.push_back({kind + "Pooling" + rank,
                         {{"pool_size", 2}, {"strides", 1}, {"data_format", "channels_first"}},
                         {{shapes_first[n]}}});
      samples.push_back({"Global" + kind + "Pooling" + rank, Json::object(), {{shapes[n]}}});
      samples.push_back({"Global" + kind + "Pooling" + rank,
                         {{"keepdims", true}, {"data_format", "channels_first"}},
                         {{shapes_first[n]}}});
    }
  }
  return samples;
}

std::vector<LayerSample> shape_samples() {
  std::vector<LayerSample> samples{
      {"Flatten", Json::object(), {{{3, 5}}, {{2, 3, 4}}, {{2, 3, 2, 2}}}},
      {"Flatten", {{"data_format", "channels_first"}}, {{{2, 3, 4, 2}}}},
      {"Reshape", {{"target_shape", {6, 2}}}, {{{2, 3, 4}}, {{3, 12}}}},
      {"Reshape", {{"target_shape", {2, -1, 3}}}, {{{2, 3, 4}}, {{3, 6}}}},
      {"Permute", {{"dims", {2, 1}}}, {{{2, 3, 4}}}},
      {"Permute", {{"dims", {3, 1, 2}}}, {{{2, 3, 4, 2}}}},
      {"ZeroPadding1D", {{"padding", {2, 1}}}, {{{2, 3, 4}}}},
      {"ZeroPadding1D", {{"padding", 2}, {"data_format", "channels_first"}}, {{{2, 3, 4}}}},
      {"ZeroPadding2D", {{"padding", {{1, 0}, {2, 3}}}}, {{{2, 3, 4, 2}}}},
      {"ZeroPadding2D", {{"padding", {1, 2}}, {"data_format", "channels_first"}}, {{{2, 2, 3, 4}}}},
      {"ZeroPadding3D",
       {{"padding", {{1, 0}, {2, 3}, {0, 1}}}, {"data_format", "channels_first"}},
       {{{1, 2, 3, 2, 2}}}},
      {"Concatenate", Json::object(), {{{2, 3, 4}, {2, 3, 1}}, {{2, 3}, {2, 2}, {2, 1}}}},
      {"Concatenate", {{"axis", 1}}, {{{2, 3, 4}, {2, 1, 4}}}},
  };
  for (const char* name : {"Add", "Average", "Maximum", "Minimum", "Multiply"})
    samples.push_back(
        {name, Json::object(), {{{2, 3, 4}, {2, 3, 4}, {2, 3, 4}}, {{2, 3, 4}, {2, 1, 4}}, {{2, 3, 4}, {2, 4}}}});
  samples.push_back({"Subtract", Json::object(), {{{2, 3, 4}, {2, 3, 4}}, {{2, 3, 4}, {2, 1, 4}}}});
  return samples;
}

std::vector<LayerSample> normalization_samples() {
  return {
      {"BatchNormalization", Json::object(), {{{6, 3}}, {{2, 3, 4, 2}}}},
      {"BatchNormalization",
       {{"axis", 1}, {"momentum", 0.8}, {"epsilon", 0.01}, {"scale", false}, {"synchronized", true}},
       {{{6, 3}}, {{2, 3, 4, 2}}}},
      {"BatchNormalization",
       {{"center", false},
        {"beta_initializer", "ones"},
        {"gamma_initializer", "zeros"},
        {"moving_mean_initializer", "ones"},
        {"moving_variance_initializer", {{"class_name", "Constant"}, {"config", {{"value", 2.0}}}}},
        {"beta_regularizer", "l2"},
        {"gamma_regularizer", "l2"},
        {"beta_constraint", "non_neg"},
        {"gamma_constraint", "non_neg"}},
       {{{6, 3}}}},
      {"BatchNormalization", {{"trainable", false}}, {{{6, 3}}}},
  };
}

const std::vector<LayerSample>& layer_samples() {
  static const std::vector<LayerSample> kAll = [] {
    std::vector<LayerSample> all;
    for (const auto& family :
         {core_samples(), window_samples(), shape_samples(), normalization_samples(), more_samples(), text_samples(),
          recurrent_samples(), attention_samples(), image_samples(), picture_samples()})
      all.insert(all.end(), family.begin(), family.end());
    return all;
  }();
  return kAll;
}

std::vector<LayerSample> samples_of(const std::string& class_name) {
  std::vector<LayerSample> found;
  for (const LayerSample& sample : layer_samples())
    if (sample.class_name == class_name) found.push_back(sample);
  return found;
}

}  // namespace trainyard::testing
