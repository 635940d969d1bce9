// Samples of the layers of attention and of others that came with it.
#include "tests/layers/layer_samples.h"

namespace trainyard::testing {
namespace {

/// Initializer, regularizer and constraint of a kernel and a bias, away from their defaults.
Json with_busy_weights(Json config) {
  config["kernel_initializer"] = "he_uniform";
  config["bias_initializer"] = {{"class_name", "Constant"}, {"config", {{"value", 0.5}}}};
  config["kernel_regularizer"] = "l2";
  config["bias_regularizer"] = "l1";
  config["kernel_constraint"] = "non_neg";
  config["bias_constraint"] = {{"class_name", "MaxNorm"}, {"config", {{"max_value", 1.5}}}};
  return config;
}

void add_einsum_dense(std::vector<LayerSample>& samples) {
  const auto add = [&](const char* equation, Json output_shape, Json bias_axes,
                       std::vector<std::vector<Shape>> inputs) {
    samples.push_back(
        {"EinsumDense",
         {{"equation", equation}, {"output_shape", std::move(output_shape)}, {"bias_axes", std::move(bias_axes)}},
         std::move(inputs)});
  };
  add("ab,bc->ac", 4, nullptr, {{{3, 5}}});
  add("abc,cd->abd", {nullptr, 4}, "d", {{{2, 3, 5}}});
  add("abc,cde->abde", {nullptr, 2, 3}, "de", {{{2, 3, 5}}});
  add("abc,cde->adbe", {2, nullptr, 3}, "de", {{{2, 3, 5}}});
  add("abcd,cde->abe", {nullptr, 3}, "e", {{{2, 3, 2, 4}}});
  add("abc,bcd->ad", 3, "d", {{{2, 3, 4}}});
  add("abc,dc->abd", {3, 2}, "bd", {{{2, 3, 4}}});
  add("abc,b->ac", 4, nullptr, {{{2, 3, 4}}});
  add("abc,c->abc", {3, 4}, nullptr, {{{2, 3, 4}}});
  add("abc,bcd->abd", {3, 2}, nullptr, {{{2, 3, 4}}});
  add("abb,bc->abc", {3, 2}, "c", {{{2, 3, 3}}});
  add("abb,bc->ac", 2, nullptr, {{{2, 3, 3}}});
  add("abc,bb->abc", {3, 4}, nullptr, {{{2, 3, 4}}});
  add("abcd,bf->af", 2, nullptr, {{{2, 3, 4, 2}}});
  add("...x,xy->...y", 4, "y", {{{3, 5}}, {{2, 3, 5}}, {{2, 3, 2, 5}}});
  add("...xy,yz->...zx", {4, 3}, "z", {{{2, 3, 5}}, {{2, 2, 3, 5}}});
  add("ab...,bc->ac...", 4, "c", {{{3, 5}}, {{2, 3, 5}}, {{2, 3, 2, 5}}});
  samples.push_back({"EinsumDense",
                     with_busy_weights({{"equation", "abc,cd->abd"},
                                        {"output_shape", {3, 4}},
                                        {"bias_axes", "bd"},
                                        {"activation", "tanh"},
                                        {"gptq_unpacked_column_size", 8}}),
                     {{{2, 3, 5}}}});
}

void add_dot(std::vector<LayerSample>& samples) {
  const auto add = [&](Json axes, bool normalize, std::vector<std::vector<Shape>> inputs) {
    samples.push_back({"Dot", {{"axes", std::move(axes)}, {"normalize", normalize}}, std::move(inputs)});
  };
  add(1, false, {{{3, 4}, {3, 4}}, {{2, 3, 4}, {2, 3, 5}}, {{2, 3, 4}, {2, 3}}});
  add(-1, true, {{{3, 4}, {3, 4}}, {{2, 3, 4}, {2, 5, 4}}, {{2, 3, 4}, {2, 4}}, {{2, 2, 3, 4}, {2, 5, 2, 4}}});
  add({1, 2}, false, {{{2, 3, 4}, {2, 5, 3}}, {{2, 3, 4, 2}, {2, 5, 3}}});
  add({-2, 1}, true, {{{2, 3, 4}, {2, 3, 5}}, {{2, 3}, {2, 2}}});
  samples.back().inputs.pop_back();  // axis -2 of a matrix is the batch
}

void add_ternary(std::vector<LayerSample>& samples) {
  // Its gradient is by design not that of its output.
  samples.push_back({"TernaryDense", {{"units", 4}}, {{{3, 5}}, {{2, 3, 5}}}, 0, false});
  samples.push_back({"TernaryDense",
                     with_busy_weights({{"units", 4}, {"threshold", 0.3}, {"activation", "tanh"}}),
                     {{{3, 5}}},
                     0,
                     false});
  samples.push_back({"TernaryDense", {{"units", 4}, {"use_bias", false}}, {{{3, 5}}}, 0, false});
}

void add_adaptive_pooling(std::vector<LayerSample>& samples) {
  const std::vector<Shape> shapes{{2, 7, 3}, {2, 6, 5, 2}, {1, 4, 5, 3, 2}};
  const std::vector<Shape> first{{2, 3, 7}, {2, 2, 6, 5}, {1, 2, 4, 5, 3}};
  for (const char* kind : {"Average", "Max"})
    for (size_t n = 0; n < shapes.size(); ++n) {
      const std::string name = std::string("Adaptive") + kind + "Pooling" + std::to_string(n + 1) + "D";
      samples.push_back({name, {{"output_size", 3}}, {{shapes[n]}}});
      samples.push_back({name, {{"output_size", 2}, {"data_format", "channels_first"}}, {{first[n]}}});
      samples.push_back({name, {{"output_size", 1}}, {{shapes[n]}}});
    }
  samples.push_back({"AdaptiveMaxPooling2D", {{"output_size", {3, 5}}}, {{{2, 6, 10, 2}}, {{1, 2, 3, 2}}}});
  samples.push_back({"AdaptiveAveragePooling2D", {{"output_size", {3, 5}}}, {{{2, 6, 10, 2}}, {{1, 2, 3, 2}}}});
}

/// query, value and key.
const std::vector<Shape> kTwo{{2, 3, 4}, {2, 5, 4}};
const std::vector<Shape> kThree{{2, 3, 4}, {2, 5, 6}, {2, 5, 4}};

void add_attention(std::vector<LayerSample>& samples) {
  const auto add = [&](const char* name, Json config, Json call = Json::object(), bool smooth = true) {
    samples.push_back({name, std::move(config), {kTwo, kThree}, 0, smooth, std::move(call)});
  };
  add("Attention", Json::object());
  add("Attention", {{"use_scale", true}}, {{"use_causal_mask", true}});
  add("Attention", {{"score_mode", "concat"}}, {{"return_attention_scores", true}});
  add("Attention", {{"score_mode", "concat"}, {"use_scale", true}});
  add("Attention", {{"dropout", 0.4}, {"seed", 3}}, {{"return_attention_scores", true}}, false);
  add("AdditiveAttention", Json::object());
  add("AdditiveAttention", {{"use_scale", false}}, {{"use_causal_mask", true}, {"return_attention_scores", true}});
  add("AdditiveAttention", {{"dropout", 0.4}, {"seed", 3}}, Json::object(), false);
}

void add_heads(std::vector<LayerSample>& samples) {
  const Json all = {{"use_causal_mask", true}, {"return_attention_scores", true}};
  const auto add = [&](const char* name, Json config, Json call, std::vector<std::vector<Shape>> inputs,
                       std::vector<std::string> keywords = {}, bool smooth = true) {
    samples.push_back({name, std::move(config), std::move(inputs), 0, smooth, std::move(call), std::move(keywords)});
  };
  const Json heads = {{"num_heads", 2}, {"key_dim", 3}};
  const auto with = [](Json base, const Json& more) {
    base.update(more);
    return base;
  };
  const Json grouped = {{"head_dim", 3}, {"num_query_heads", 4}, {"num_key_value_heads", 2}};
  for (const auto& [name, base] : {std::pair{"MultiHeadAttention", heads}, std::pair{"GroupQueryAttention", grouped}}) {
    add(name, base, Json::object(), {kTwo, kThree});
    add(name, with(base, {{"sliding_window", 2}, {"flash_attention", true}}), all, {kTwo, kThree});
    add(name, with(base, {{"use_gate", true}, {"use_bias", false}}), Json::object(), {kThree});
    add(name, with_busy_weights(with(base, {{"use_gate", true}, {"activity_regularizer", "l2"}})), all, {kTwo});
    add(name, with(base, {{"dropout", 0.4}, {"seed", 3}}), all, {kTwo}, {}, false);
    add(name, base, all, {{kTwo[0], kTwo[1], {2, 3, 5}}, {kTwo[0], kTwo[1], {2, 1, 1, 5}}, {kTwo[0], kTwo[1], {3, 5}}},
        {"attention_mask"});
    add(name, base, Json::object(), {{kTwo[0], kTwo[1], {2, 3}, {2, 5}}}, {"query_mask", "value_mask"});
  }
  add("MultiHeadAttention", with(heads, {{"value_dim", 5}, {"output_shape", {2, 3}}}), all, {kThree});
  add("MultiHeadAttention", with(heads, {{"output_shape", 7}, {"attention_axes", 1}}), all, {kThree});
  const std::vector<Shape> pictures{{2, 3, 2, 4}, {2, 3, 2, 4}};
  add("MultiHeadAttention", heads, {{"return_attention_scores", true}}, {pictures});
  add("MultiHeadAttention", with(heads, {{"attention_axes", -2}, {"use_gate", true}}), all, {pictures});
  add("MultiHeadAttention", with(heads, {{"attention_axes", {2, 1}}, {"value_dim", 2}}),
      {{"return_attention_scores", true}}, {{{2, 3, 2, 4}, {2, 2, 3, 4}, {2, 2, 3, 5}}});
}

void add_embeddings(std::vector<LayerSample>& samples) {
  samples.push_back(
      {"Embedding", {{"input_dim", 2}, {"output_dim", 3}, {"weights", {{0.1, 0.2, 0.3}, {1, 2, 3}}}}, {{{2, 4}}}, 2});
  const Json sizes = {{"input_dim", 7}, {"output_dim", 3}};
  samples.push_back({"ReversibleEmbedding", sizes, {{{2, 4}}, {{3}}}, 7});
  Json busy = sizes;
  busy.update({{"mask_zero", true},
               {"embeddings_initializer", "he_uniform"},
               {"embeddings_regularizer", "l2"},
               {"embeddings_constraint", "non_neg"},
               {"tie_weights", false}});
  samples.push_back({"ReversibleEmbedding", busy, {{{2, 4}}}, 7});
  for (const bool tie : {true, false})
    for (const bool cap : {true, false}) {
      Json config = sizes;
      config["tie_weights"] = tie;
      if (cap) config["logit_soft_cap"] = 0.7;
      samples.push_back({"ReversibleEmbedding", config, {{{2, 4, 3}}, {{2, 3}}}, 0, true, {{"reverse", true}}});
    }
  Json wide = sizes;
  wide["reverse_dtype"] = "float64";
  samples.push_back({"ReversibleEmbedding", wide, {{{2, 4, 3}}}, 0, true, {{"reverse", true}}});
}

void add_renormalization(std::vector<LayerSample>& samples) {
  // What it counts as constants depends on the batch.
  samples.push_back({"BatchNormalization", {{"renorm", true}}, {{{6, 3}}, {{2, 3, 4, 2}}}, 0, false});
  samples.push_back({"BatchNormalization",
                     {{"renorm", true},
                      {"renorm_momentum", 0.7},
                      {"renorm_clipping", {{"rmax", 1.2}, {"rmin", 0.8}, {"dmax", 0.3}}},
                      {"center", false},
                      {"scale", false}},
                     {{{6, 3}}},
                     0,
                     false});
}

void add_spectral_normalization(std::vector<LayerSample>& samples) {
  // What divides the kernel counts as a constant in training.
  const auto wrapped = [](const char* name, Json config) {
    config["name"] = "inner";
    return Json{{"layer", {{"class_name", name}, {"config", std::move(config)}}}};
  };
  samples.push_back({"SpectralNormalization", wrapped("Dense", {{"units", 3}}), {{{4, 5}}, {{2, 3, 5}}}, 0, false});
  Json more = wrapped("Conv2D", {{"filters", 3}, {"kernel_size", 2}});
  more["power_iterations"] = 3;
  samples.push_back({"SpectralNormalization", more, {{{2, 4, 3, 2}}}, 0, false});
  samples.push_back(
      {"SpectralNormalization", wrapped("Embedding", {{"input_dim", 5}, {"output_dim", 3}}), {{{2, 4}}}, 5, false});
}

}  // namespace

std::vector<LayerSample> attention_samples() {
  std::vector<LayerSample> samples;
  add_attention(samples);
  add_heads(samples);
  add_embeddings(samples);
  add_renormalization(samples);
  add_spectral_normalization(samples);
  samples.push_back({"InputLayer", {{"shape", {5}}, {"optional", true}}, {}});
  add_einsum_dense(samples);
  add_dot(samples);
  add_ternary(samples);
  add_adaptive_pooling(samples);
  return samples;
}

}  // namespace trainyard::testing
