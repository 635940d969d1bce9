#include "tests/train/loss_data.h"

#include <cmath>
#include <set>

namespace trainyard::testing {
namespace {

const Shape kShape{4, 3, 3};

Tensor one_hot_labels() {
  Tensor labels(DType::f64, kShape);
  for (int64_t row = 0; row < 12; ++row) labels.span<double>()[static_cast<size_t>(row * 3 + (row * 7 + 1) % 3)] = 1;
  return labels;
}

Tensor class_labels() {
  std::vector<int32_t> labels;
  for (int row = 0; row < 12; ++row) labels.push_back((row * 7 + 1) % 3);
  return Tensor::of<int32_t>({4, 3}, labels);
}

Tensor binary_labels(double no) {
  Tensor labels = uniform(kShape, 0, 1, 3);
  for (double& label : labels.span<double>()) label = label < 0.5 ? no : 1;
  return labels;
}

Tensor unit_rows(int64_t rows, int64_t size) {
  Tensor tensor = uniform({rows, size}, -1, 1, 5);
  for (int64_t r = 0; r < rows; ++r) {
    double length = 0;
    for (int64_t i = 0; i < size; ++i) length += std::pow(tensor.span<double>()[static_cast<size_t>(r * size + i)], 2);
    for (int64_t i = 0; i < size; ++i) tensor.span<double>()[static_cast<size_t>(r * size + i)] /= std::sqrt(length);
  }
  return tensor;
}

}  // namespace

LossData loss_data(const std::string& name) {
  const Tensor probabilities = uniform(kShape, 0.1, 0.9, 1);
  if (name == "BinaryCrossentropy" || name == "BinaryFocalCrossentropy") return {binary_labels(0), probabilities};
  if (name == "CategoricalCrossentropy" || name == "CategoricalFocalCrossentropy")
    return {one_hot_labels(), probabilities};
  if (name == "SparseCategoricalCrossentropy" || name == "CategoricalGeneralizedCrossEntropy")
    return {class_labels(), probabilities};
  if (name == "CategoricalHinge") return {one_hot_labels(), uniform(kShape, -1.7, 1.7, 1)};
  if (name == "Hinge" || name == "SquaredHinge") return {binary_labels(-1), uniform(kShape, -1.7, 1.7, 1)};
  if (name == "CTC") return {Tensor::of<int32_t>({3, 3}, {1, 2, 0, 3, 3, 1, 2, 0, 0}), uniform({3, 7, 4}, -1, 1, 1)};
  if (name == "Circle") return {Tensor::of<int32_t>({6}, {0, 0, 1, 1, 2, 0}), unit_rows(6, 4)};
  if (name == "CosineSimilarity") return {uniform(kShape, -1, 1, 2), uniform(kShape, -1, 1, 1)};
  return {uniform(kShape, 0.2, 2.5, 2), uniform(kShape, 0.2, 2.5, 1)};
}

const std::vector<ArgVariant>& loss_variants() {
  static const std::vector<ArgVariant> kVariants = [] {
    std::vector<ArgVariant> variants{
        {"BinaryCrossentropy", "from_logits", true},
        {"BinaryCrossentropy", "label_smoothing", 0.2},
        {"BinaryFocalCrossentropy", "apply_class_balancing", true},
        {"BinaryFocalCrossentropy", "alpha", 0.7, {{"apply_class_balancing", true}}},
        {"BinaryFocalCrossentropy", "gamma", 1.5},
        {"BinaryFocalCrossentropy", "from_logits", true},
        {"BinaryFocalCrossentropy", "label_smoothing", 0.2},
        {"CategoricalCrossentropy", "from_logits", true},
        {"CategoricalCrossentropy", "label_smoothing", 0.2},
        {"CategoricalFocalCrossentropy", "alpha", {0.2, 0.5, 0.9}},
        {"CategoricalFocalCrossentropy", "gamma", 1.5},
        {"CategoricalFocalCrossentropy", "from_logits", true},
        {"CategoricalFocalCrossentropy", "label_smoothing", 0.2},
        {"SparseCategoricalCrossentropy", "from_logits", true},
        {"SparseCategoricalCrossentropy", "ignore_class", 1},
        {"CategoricalGeneralizedCrossEntropy", "q", 0.8},
        {"Huber", "delta", 0.3},
        {"Circle", "gamma", 10.0},
        {"Circle", "margin", 0.25},
        {"Circle", "remove_diagonal", false, {{"gamma", 10.0}}},
        {"Dice", "axis", {1, 2}},
        {"Tversky", "alpha", 0.3},
        {"Tversky", "beta", 0.9},
        {"Tversky", "axis", {1, 2}},
    };
    for (const char* name : {"BinaryCrossentropy", "BinaryFocalCrossentropy", "CategoricalCrossentropy",
                             "CategoricalFocalCrossentropy", "SparseCategoricalCrossentropy", "CosineSimilarity"})
      variants.push_back({name, "axis", 1,
                          name == std::string("BinaryCrossentropy") || name == std::string("BinaryFocalCrossentropy")
                              ? Json{{"reduction", "none"}}
                              : Json::object()});
    for (const ClassInfo* info : Loss::registry().classes())
      for (const char* reduction : {"sum", "mean_with_sample_weight", "none"}) {
        // A loss of one number has nothing to reduce.
        if (info->class_name == "Dice" || info->class_name == "Tversky")
          variants.push_back({info->class_name, "reduction", reduction, {{"axis", {1, 2}}}});
        else
          variants.push_back({info->class_name, "reduction", reduction});
      }
    return variants;
  }();
  return kVariants;
}

namespace {

std::vector<double> evaluate(const Json& config, const LossData& data, const Tensor& weights) {
  const auto loss = parsed<Loss>(config);
  if (loss == nullptr) return {};
  Graph graph;
  std::vector<Tensor> inputs{data.y_true, data.y_pred};
  if (!weights.empty()) inputs.push_back(weights);
  std::vector<Value> values;
  for (const Tensor& input : inputs) values.push_back(graph.input("x", {input.dtype(), input.shape()}));
  const Value result = (*loss)(values[0], values[1], values.size() > 2 ? values[2] : Value());
  return as_doubles(run(graph, inputs, {result}).front());
}

}  // namespace

double loss_value(const Json& config, const LossData& data, const Tensor& weights) {
  const std::vector<double> values = evaluate(config, data, weights);
  EXPECT_EQ(values.size(), 1u);
  return values.empty() ? 0 : values.front();
}

std::vector<double> sample_losses(const std::string& class_name, Json config, const LossData& data) {
  if (config.is_null()) config = Json::object();
  config["reduction"] = "none";
  return evaluate(object(class_name, std::move(config)), data, {});
}

}  // namespace trainyard::testing
