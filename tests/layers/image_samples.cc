// Samples of the layers over pictures and signals.
#include "tests/layers/layer_samples.h"

namespace trainyard::testing {
namespace {

/// Pictures of three channels, in both data formats.
const std::vector<std::vector<Shape>> kColours{{{2, 5, 4, 3}}, {{1, 8, 9, 3}}};
const std::vector<std::vector<Shape>> kColoursFirst{{{2, 3, 5, 4}}};
const std::vector<std::vector<Shape>> kAnyChannels{{{2, 5, 4, 2}}, {{1, 7, 9, 1}}};

/// Random in training: no finite differences. (Inference is the identity.)
LayerSample random_sample(const char* class_name, Json config, std::vector<std::vector<Shape>> inputs) {
  return {class_name, std::move(config), std::move(inputs), 0, false};
}

void add_sizes(std::vector<LayerSample>& samples) {
  for (const char* kernel : {"bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"})
    for (const bool antialias : {false, true})
      samples.push_back({"Resizing",
                         {{"height", 3}, {"width", 9}, {"interpolation", kernel}, {"antialias", antialias}},
                         {{{2, 7, 5, 2}}, {{1, 1, 2, 1}}}});
  samples.push_back(
      {"Resizing", {{"height", 4}, {"width", 2}, {"crop_to_aspect_ratio", true}}, {{{2, 5, 6, 2}}, {{1, 7, 2, 1}}}});
  samples.push_back({"Resizing",
                     {{"height", 4},
                      {"width", 3},
                      {"pad_to_aspect_ratio", true},
                      {"fill_value", 0.5},
                      {"fill_mode", "constant"},
                      {"data_format", "channels_first"}},
                     {{{2, 2, 5, 7}}, {{1, 1, 9, 2}}}});
  samples.push_back({"CenterCrop", {{"height", 3}, {"width", 4}}, {{{2, 6, 7, 2}}, {{1, 2, 9, 1}}, {{1, 2, 2, 1}}}});
  samples.push_back({"CenterCrop", {{"height", 2}, {"width", 2}, {"data_format", "channels_first"}}, {{{2, 3, 5, 4}}}});
  samples.push_back(random_sample("RandomCrop", {{"height", 3}, {"width", 4}}, {{{2, 6, 7, 2}}, {{1, 2, 9, 1}}}));
  samples.push_back(random_sample(
      "RandomCrop", {{"height", 3}, {"width", 2}, {"seed", 4}, {"data_format", "channels_first"}}, kColoursFirst));
}

void add_colors(std::vector<LayerSample>& samples) {
  const Json unit{0, 1};
  samples.push_back({"AutoContrast", Json::object(), {{{2, 5, 4, 3}}}, 0, false});
  samples.push_back(
      {"AutoContrast", {{"value_range", unit}, {"data_format", "channels_first"}}, {{{2, 3, 5, 4}}}, 0, false});
  samples.push_back(random_sample("Equalization", Json::object(), kAnyChannels));
  samples.push_back(random_sample(
      "Equalization", {{"value_range", unit}, {"bins", 16}, {"data_format", "channels_first"}}, kColoursFirst));
  samples.push_back(random_sample("Solarization", Json::object(), kAnyChannels));
  samples.push_back(random_sample("Solarization",
                                  {{"addition_factor", 0.2},
                                   {"threshold_factor", {0.3, 0.7}},
                                   {"value_range", unit},
                                   {"seed", 3},
                                   {"data_format", "channels_first"}},
                                  kColoursFirst));
  samples.push_back(random_sample("RandomGrayscale", {{"factor", 0.7}, {"seed", 3}}, kColours));
  samples.push_back(
      random_sample("RandomGrayscale", {{"factor", 1.0}, {"data_format", "channels_first"}}, kColoursFirst));
  for (const char* name : {"RandomBrightness", "RandomContrast", "RandomHue", "RandomSaturation", "RandomSharpness",
                           "RandomColorDegeneration", "RandomInvert"}) {
    samples.push_back(random_sample(name, {{"factor", 0.4}}, kColours));
    samples.push_back(random_sample(
        name, {{"factor", {0.1, 0.3}}, {"value_range", unit}, {"seed", 3}, {"data_format", "channels_first"}},
        kColoursFirst));
  }
  samples.push_back(random_sample("RandomPosterization", {{"factor", 6}}, kColours));
  samples.push_back(random_sample(
      "RandomPosterization",
      {{"factor", {3, 3}}, {"value_range", unit}, {"seed", 3}, {"data_format", "channels_first"}}, kColoursFirst));
  samples.push_back(random_sample("RandomColorJitter", Json::object(), kAnyChannels));
  samples.push_back(random_sample("RandomColorJitter",
                                  {{"brightness_factor", 0.3},
                                   {"contrast_factor", {0.1, 0.2}},
                                   {"saturation_factor", {0.4, 0.6}},
                                   {"hue_factor", 0.3},
                                   {"value_range", unit},
                                   {"seed", 3},
                                   {"data_format", "channels_first"}},
                                  kColoursFirst));
  const char* clahe = "ContrastLimitedAdaptiveHistogramEqualization";
  samples.push_back(random_sample(clahe, Json::object(), {{{2, 17, 16, 2}}}));
  samples.push_back(random_sample(
      clahe,
      {{"clip_limit", 1.5}, {"tile_grid_size", {2, 3}}, {"value_range", unit}, {"data_format", "channels_first"}},
      kColoursFirst));
}

void add_moves(std::vector<LayerSample>& samples) {
  for (const char* mode : {"horizontal", "vertical", "horizontal_and_vertical"})
    samples.push_back(random_sample("RandomFlip", {{"mode", mode}}, kAnyChannels));
  samples.push_back(random_sample("RandomFlip", {{"seed", 3}, {"data_format", "channels_first"}}, kColoursFirst));
  const std::vector<std::pair<const char*, Json>> factors{
      {"RandomTranslation", {{"height_factor", 0.3}, {"width_factor", {-0.1, 0.4}}}},
      {"RandomRotation", {{"factor", 0.2}}},
      {"RandomZoom", {{"height_factor", {-0.2, 0.4}}, {"width_factor", 0.3}}},
      {"RandomZoom", {{"height_factor", 0.3}, {"width_factor", nullptr}}},
      {"RandomShear", {{"x_factor", 0.3}, {"y_factor", {0.1, 0.2}}}},
      {"RandomElasticTransform", {{"factor", {1, 1}}, {"scale", 0.9}, {"value_range", {0, 1}}}}};
  for (const auto& [name, config] : factors) {
    for (const char* fill : {"constant", "nearest", "reflect", "wrap"}) {
      Json sample = config;
      sample["fill_mode"] = fill;
      sample["fill_value"] = 0.5;
      samples.push_back(random_sample(name, sample, kAnyChannels));
    }
    Json sample = config;
    sample["interpolation"] = "nearest";
    sample["seed"] = 3;
    sample["data_format"] = "channels_first";
    samples.push_back(random_sample(name, sample, kColoursFirst));
  }
  samples.push_back(random_sample("RandomElasticTransform", {{"fill_mode", "mirror"}}, {{{2, 20, 24, 1}}}));
  samples.push_back(random_sample("RandomPerspective", Json::object(), kAnyChannels));
  samples.push_back(random_sample("RandomPerspective",
                                  {{"factor", {0.5, 1}},
                                   {"scale", 0.4},
                                   {"interpolation", "nearest"},
                                   {"fill_value", 0.5},
                                   {"seed", 3},
                                   {"data_format", "channels_first"}},
                                  kColoursFirst));
}

void add_patches(std::vector<LayerSample>& samples) {
  samples.push_back(random_sample("RandomErasing", {{"value_range", {0, 1}}}, kAnyChannels));
  samples.push_back(random_sample("RandomErasing",
                                  {{"factor", {0.5, 1}},
                                   {"scale", {0.1, 0.5}},
                                   {"fill_value", {1, 2, 3}},
                                   {"seed", 3},
                                   {"data_format", "channels_first"}},
                                  kColoursFirst));
  samples.push_back(random_sample("RandomErasing", {{"fill_value", 7}}, kColours));
  samples.push_back(random_sample("CutMix", Json::object(), {{{5, 6, 4, 2}}}));
  samples.push_back(
      random_sample("CutMix", {{"factor", {0.2, 0.8}}, {"seed", 3}, {"data_format", "channels_first"}}, kColoursFirst));
  samples.push_back(random_sample("MixUp", Json::object(), {{{5, 6, 4, 2}}}));
  samples.push_back(
      random_sample("MixUp", {{"alpha", 0.9}, {"seed", 3}, {"data_format", "channels_first"}}, kColoursFirst));
  samples.push_back(random_sample("RandomGaussianBlur", Json::object(), kAnyChannels));
  samples.push_back(random_sample("RandomGaussianBlur",
                                  {{"factor", {0.5, 1}},
                                   {"kernel_size", {3, 5}},
                                   {"sigma", {0.5, 0.9}},
                                   {"value_range", {0, 1}},
                                   {"seed", 3},
                                   {"data_format", "channels_first"}},
                                  kColoursFirst));
}

void add_mixes(std::vector<LayerSample>& samples) {
  samples.push_back(random_sample("RandAugment", Json::object(), kColours));
  samples.push_back(random_sample("RandAugment",
                                  {{"value_range", {0, 1}},
                                   {"num_ops", 3},
                                   {"factor", 0.3},
                                   {"interpolation", "nearest"},
                                   {"seed", 3},
                                   {"data_format", "channels_first"}},
                                  kColoursFirst));
  samples.push_back(random_sample("AugMix", Json::object(), kColours));
  samples.push_back(random_sample("AugMix",
                                  {{"value_range", {0, 1}},
                                   {"num_chains", 2},
                                   {"chain_depth", 1},
                                   {"factor", 0.6},
                                   {"alpha", 0.5},
                                   {"all_ops", false},
                                   {"interpolation", "nearest"},
                                   {"seed", 3},
                                   {"data_format", "channels_first"}},
                                  kColoursFirst));
  const Json stages = {{{"class_name", "RandomFlip"}, {"config", {{"mode", "horizontal"}, {"seed", 5}}}},
                       {{"class_name", "Resizing"}, {"config", {{"height", 3}, {"width", 6}}}},
                       {{"class_name", "Rescaling"}, {"config", {{"scale", 0.5}}}}};
  samples.push_back(random_sample("Pipeline", {{"layers", stages}}, kColours));
  samples.push_back({"MaxNumBoundingBoxes", {{"max_number", 3}}, {{{2, 5, 4}}, {{2, 2, 4}, {2, 2}}, {{2, 3, 3, 1}}}});
  samples.push_back({"MaxNumBoundingBoxes",
                     {{"max_number", 3}, {"fill_value", 0.5}, {"data_format", "channels_first"}},
                     {{{2, 3, 3, 2}, {2, 1, 4}, {2, 1}}}});
  for (const char* kernel : {"bicubic", "lanczos3", "lanczos5"})
    samples.push_back({"UpSampling2D", {{"size", {2, 3}}, {"interpolation", kernel}}, {{{1, 4, 3, 2}}}});
  // what is trained inside is trained
  const Json dense = {{{"class_name", "Dense"}, {"config", {{"units", 4}}}},
                      {{"class_name", "ReLU"}, {"config", Json::object()}}};
  samples.push_back(random_sample("Pipeline", {{"layers", dense}}, {{{3, 5}}}));
}

void add_signals(std::vector<LayerSample>& samples) {
  for (const char* mode : {"log", "magnitude", "psd", "real", "imag", "angle", "stft"}) {
    samples.push_back({"STFTSpectrogram",
                       {{"mode", mode}, {"frame_length", 6}, {"padding", "same"}, {"expand_dims", true}},
                       {{{2, 19, 2}}, {{1, 9, 1}}}});
    samples.push_back({"STFTSpectrogram",
                       {{"mode", mode},
                        {"frame_length", 4},
                        {"frame_step", 3},
                        {"fft_length", 8},
                        {"window", "hamming"},
                        {"periodic", true},
                        {"scaling", "spectrum"},
                        {"data_format", "channels_first"}},
                       {{{2, 2, 17}}}});
  }
  samples.push_back({"STFTSpectrogram",
                     {{"frame_length", 4},
                      {"window", {0.5, 1, 1, 0.5}},
                      {"scaling", nullptr},
                      {"expand_dims", true},
                      {"data_format", "channels_first"}},
                     {{{2, 2, 17}}}});
  samples.push_back({"MelSpectrogram",
                     {{"fft_length", 16}, {"sequence_stride", 5}, {"num_mel_bins", 4}, {"power_to_db", false}},
                     {{{2, 40}}, {{1, 33}}}});
  samples.push_back({"MelSpectrogram",
                     {{"fft_length", 16},
                      {"sequence_stride", 7},
                      {"sequence_length", 12},
                      {"window", "hamming"},
                      {"sampling_rate", 400},
                      {"num_mel_bins", 5},
                      {"min_freq", 10.0},
                      {"max_freq", 150.0},
                      {"top_db", 40.0},
                      {"mag_exp", 1.5},
                      {"min_power", 1e-6},
                      {"ref_power", 2.0}},
                     {{{2, 40}}}});
}

}  // namespace

std::vector<LayerSample> image_samples() {
  std::vector<LayerSample> samples;
  add_sizes(samples);
  add_colors(samples);
  add_moves(samples);
  add_patches(samples);
  add_mixes(samples);
  add_signals(samples);
  return samples;
}

}  // namespace trainyard::testing
