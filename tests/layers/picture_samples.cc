// Samples of the layers over pictures that are called with dictionaries: every layer with every entry that it takes.
#include "tests/layers/layer_samples.h"

namespace trainyard::testing {
namespace {

const Shape kImagesShape{3, 6, 8, 3};
const Shape kBoxesShape{3, 2, 4};
const Shape kBoxLabelsShape{3, 2};
const Shape kLabelsShape{3, 5};
const Shape kMasksShape{3, 6, 8, 1};

LayerSample dictionary_sample(const char* class_name, Json config, bool boxes = true) {
  LayerSample sample{class_name, std::move(config), {{kImagesShape, kLabelsShape, kMasksShape}}, 0, false};
  sample.keywords = {"images", "labels", "segmentation_masks"};
  if (!boxes) return sample;
  sample.config["bounding_box_format"] = "rel_center_xywh";
  sample.inputs = {{kBoxesShape, kBoxLabelsShape, kImagesShape, kLabelsShape, kMasksShape}};
  sample.keywords.insert(sample.keywords.begin(), {"bounding_boxes.boxes", "bounding_boxes.labels"});
  return sample;
}

}  // namespace

std::vector<LayerSample> picture_samples() {
  std::vector<LayerSample> samples;
  const Json size{{"height", 4}, {"width", 5}};
  for (const char* name : {"Resizing", "CenterCrop", "RandomCrop"}) {
    samples.push_back(dictionary_sample(name, size));
    samples.push_back(dictionary_sample(name, {{"height", 9}, {"width", 7}}));
  }
  for (const char* ratio : {"crop_to_aspect_ratio", "pad_to_aspect_ratio"}) {
    Json config = size;
    config[ratio] = true;
    samples.push_back(dictionary_sample("Resizing", config));
  }
  for (const char* name : {"RandomBrightness", "RandomContrast", "RandomHue", "RandomSaturation", "RandomSharpness",
                           "RandomColorDegeneration", "RandomInvert", "RandomRotation"})
    samples.push_back(dictionary_sample(name, {{"factor", 0.3}}));
  samples.push_back(dictionary_sample("RandomPosterization", {{"factor", 4}}));
  for (const char* name : {"RandomGrayscale", "RandomColorJitter", "Solarization", "Equalization", "AutoContrast",
                           "RandomErasing", "RandomGaussianBlur", "AugMix", "RandAugment", "RandomFlip",
                           "RandomPerspective", "ContrastLimitedAdaptiveHistogramEqualization"})
    samples.push_back(dictionary_sample(name, Json::object()));
  samples.push_back(dictionary_sample("RandomTranslation", {{"height_factor", 0.3}, {"width_factor", 0.3}}));
  samples.push_back(dictionary_sample("RandomZoom", {{"height_factor", 0.3}}));
  samples.push_back(dictionary_sample("RandomShear", {{"x_factor", 0.3}, {"y_factor", 0.2}}));
  samples.push_back(dictionary_sample("MaxNumBoundingBoxes", {{"max_number", 3}}));
  for (const char* name : {"CutMix", "MixUp", "RandomElasticTransform"}) {
    samples.push_back(dictionary_sample(name, Json::object(), false));
    LayerSample alone{name, {{"bounding_box_format", "xywh"}}, {{kImagesShape}}, 0, false};
    samples.push_back(alone);
  }
  const Json flip{{"class_name", "RandomFlip"}, {"config", {{"bounding_box_format", "rel_center_xywh"}}}};
  const Json limit{{"class_name", "MaxNumBoundingBoxes"}, {"config", {{"max_number", 1}}}};
  LayerSample row = dictionary_sample("Pipeline", {{"layers", {flip, limit}}});
  row.config.erase("bounding_box_format");
  samples.push_back(row);
  return samples;
}

}  // namespace trainyard::testing
