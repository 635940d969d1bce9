#include "engine/data/dataset.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace trainyard {
namespace {

void check_labels(const Dataset& dataset, const Tensor& y, const std::string& path) {
  check(y.dtype() == DType::i32 && y.shape().rank() == 1, "class indices are i32 [n]");
  const auto labels = y.span<int32_t>();
  for (size_t row = 0; row < labels.size(); ++row)
    if (labels[row] < 0 || labels[row] >= dataset.classes())
      throw UserError("data.label_range", path,
                      {{"label", std::to_string(labels[row])},
                       {"row", std::to_string(row)},
                       {"classes", std::to_string(dataset.classes())}});
}

void check_finite(const Tensor& tensor, const std::string& path) {
  if (tensor.dtype() != DType::f32 || tensor.elements() == 0) return;
  const auto values = tensor.span<float>();
  const auto row_size = static_cast<size_t>(tensor.shape().drop_front().elements());
  for (size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i])) throw UserError("data.not_finite", path, {{"row", std::to_string(i / row_size)}});
}

void check_part(const Dataset& dataset, const Tensor& x, const Tensor& y, const char* part) {
  check(!x.empty() && !y.empty(), "a data set's tensors are allocated");
  const std::string path = dataset.name + "." + part;
  if (x.shape().front() != y.shape().front())
    throw UserError("data.count_mismatch", path,
                    {{"samples", std::to_string(x.shape().front())}, {"targets", std::to_string(y.shape().front())}});
  if (dataset.task == Task::classification) {
    check_labels(dataset, y, path);
  } else {
    check(y.dtype() == DType::f32 && y.shape().rank() == 2, "regression targets are f32 [n, 1]");
    check_finite(y, path);
  }
  check_finite(x, path);
}

Json labels_info(const Dataset& dataset) {
  const std::vector<int64_t> train = class_counts(dataset.y_train, dataset.classes());
  const std::vector<int64_t> test = class_counts(dataset.y_test, dataset.classes());
  Json result = Json::array();
  for (size_t i = 0; i < dataset.labels.size(); ++i)
    result.push_back({{"name", dataset.labels[i]}, {"train", train[i]}, {"test", test[i]}});
  return result;
}

Json features_info(const Dataset& dataset) {
  Json result = Json::array();
  for (size_t i = 0; i < dataset.features.size(); ++i) {
    Json feature{{"name", dataset.features[i]}};
    if (!dataset.standardization.empty()) {
      feature["mean"] = dataset.standardization.mean[i];
      feature["deviation"] = dataset.standardization.deviation[i];
    }
    result.push_back(std::move(feature));
  }
  return result;
}

}  // namespace

std::vector<int64_t> class_counts(const Tensor& y, int64_t classes) {
  std::vector<int64_t> counts(static_cast<size_t>(classes), 0);
  for (const int32_t label : y.span<int32_t>()) ++counts.at(static_cast<size_t>(label));
  return counts;
}

void check_dataset(const Dataset& dataset) {
  check_part(dataset, dataset.x_train, dataset.y_train, "train");
  check_part(dataset, dataset.x_test, dataset.y_test, "test");
  if (dataset.train_count() == 0) throw UserError("data.no_samples", dataset.name);
  if (dataset.x_test.shape().drop_front() != dataset.sample_shape() ||
      dataset.x_test.dtype() != dataset.x_train.dtype())
    throw UserError("data.shape_mismatch", dataset.name,
                    {{"train", dataset.sample_shape().text()}, {"test", dataset.x_test.shape().drop_front().text()}});
}

Json dataset_info(const Dataset& dataset) {
  Json notes = Json::array();
  for (const Diagnostic& note : dataset.notes.items()) notes.push_back(to_json(note));
  const size_t bytes =
      dataset.x_train.bytes() + dataset.y_train.bytes() + dataset.x_test.bytes() + dataset.y_test.bytes();
  Json info{{"name", dataset.name},
            {"source", dataset.source},
            {"task", dataset.task == Task::classification ? "classification" : "regression"},
            {"train", dataset.train_count()},
            {"test", dataset.test_count()},
            {"shape", dataset.sample_shape().dims()},
            {"dtype", std::string(name_of(dataset.x_train.dtype()))},
            {"scale", dataset.scale},
            {"bytes", bytes}};
  if (dataset.task == Task::classification) info["labels"] = labels_info(dataset);
  if (!dataset.features.empty()) info["features"] = features_info(dataset);
  if (!dataset.target.empty()) info["target"] = dataset.target;
  info["order"] = dataset.mixed ? "mixed when loaded" : "as it comes";
  info["notes"] = std::move(notes);
  return info;
}

}  // namespace trainyard
