// Calls of layers over pictures with dictionaries.
#pragma once

#include <map>

#include "tests/layers/pictures.h"

namespace trainyard::testing {

inline constexpr const char* kBoxes = "bounding_boxes.boxes";
inline constexpr const char* kBoxLabels = "bounding_boxes.labels";
inline constexpr const char* kImages = "images";
inline constexpr const char* kLabels = "labels";
inline constexpr const char* kMasks = "segmentation_masks";

/// By the names of entries: any tensors.
using Dictionary = std::map<std::string, Picture>;

inline LayerSample dictionary_call(const std::string& class_name, const Json& config, const Dictionary& given) {
  LayerSample sample{class_name, config, {}};
  for (const auto& [name, value] : given) sample.keywords.push_back(name);
  return sample;
}

inline std::vector<Shape> shapes_of(const Dictionary& given) {
  std::vector<Shape> shapes;
  for (const auto& [name, value] : given) shapes.push_back(value.shape);
  return shapes;
}

inline Dictionary apply(const std::string& class_name, const Json& config, const Dictionary& given,
                        bool training = true) {
  const LayerSample sample = dictionary_call(class_name, config, given);
  LayerTrial trial(sample, shapes_of(given), DType::f64);
  EXPECT_FALSE(trial.diagnostics().has_errors()) << sample.text() << "\n" << trial.diagnostics().text();
  if (trial.diagnostics().has_errors()) return given;
  size_t next = 0;
  for (const auto& [name, value] : given) trial.operands()[next++] = Tensor::of<double>(value.shape, value.values);
  const auto outputs = trial.run(training, false).outputs;
  Dictionary result;
  next = 0;
  EXPECT_EQ(outputs.size(), given.size());
  if (outputs.size() != given.size()) return given;
  for (const auto& [name, value] : given) {
    const auto values = outputs[next].span<double>();
    result[name] = {outputs[next].shape(), {values.begin(), values.end()}};
    ++next;
  }
  return result;
}

/// A box by its edges.
struct Edges {
  double left = 0, top = 0, right = 0, bottom = 0;
  double area() const { return (right - left) * (bottom - top); }
};

inline Edges edges_at(const Picture& boxes, int64_t n, int64_t k) {
  const double* at = &boxes.values[static_cast<size_t>((n * boxes.shape[1] + k) * 4)];
  return {at[0], at[1], at[2], at[3]};
}

/// What encloses the pixels above a half; nothing of nothing.
inline Edges marked(const Picture& x, int64_t n) {
  Edges around{1e9, 1e9, -1e9, -1e9};
  for (int64_t r = 0; r < x.shape[1]; ++r)
    for (int64_t c = 0; c < x.shape[2]; ++c) {
      if (x.at(n, r, c) <= 0.5) continue;
      around.left = std::min(around.left, static_cast<double>(c));
      around.top = std::min(around.top, static_cast<double>(r));
      around.right = std::max(around.right, static_cast<double>(c + 1));
      around.bottom = std::max(around.bottom, static_cast<double>(r + 1));
    }
  return around.right < 0 ? Edges{} : around;
}

}  // namespace trainyard::testing
