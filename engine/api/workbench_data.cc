#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/api/known_terms.h"
#include "engine/api/model_inputs.h"
#include "engine/api/request.h"
#include "engine/api/workbench.h"
#include "engine/data/digits.h"
#include "engine/data/iris.h"
#include "engine/data/mnist.h"

namespace trainyard {
namespace {

// A page asks for a screenful; more at once would only stop it.
constexpr int64_t kMostSamples = 4096;

/// The four files of MNIST in their order, found by name.
Dataset mnist_of(const std::vector<NamedBytes>& files) {
  std::array<std::span<const uint8_t>, 4> ordered;
  for (size_t i = 0; i < kMnistFiles.size(); ++i) {
    const auto found = std::find_if(files.begin(), files.end(), [&](const NamedBytes& file) {
      return file.name.find(kMnistFiles[i].name) != std::string::npos;
    });
    if (found == files.end()) throw UserError("file.missing", std::string(kMnistFiles[i].name));
    ordered[i] = found->bytes;
  }
  return mnist_from_files(ordered, "files");
}

Dataset load(const Json& request, const std::vector<NamedBytes>& files, ThreadPool& pool) {
  const std::string kind = text_or(request, "kind", "");
  const auto seed = static_cast<uint64_t>(integer_or(request, "seed", 0, 0));
  if (kind == "digits")
    return digits({.train = integer_or(request, "train", 60'000, 1),
                   .test = integer_or(request, "test", 10'000, 0),
                   .seed = seed},
                  &pool);
  DatasetOptions options;
  options.seed = seed;
  options.test_split = number_or(request, "test_fraction", 0.2, 0, 0.9);
  options.target = text_or(request, "label", "");
  options.shuffle = flag_or(request, "shuffle", true);
  options.download = false;
  options.pool = &pool;
  if (kind == "iris") return iris(seed, options.test_split, options.shuffle);
  if (kind == "mnist") return mnist_of(files);
  if (kind == "idx" || kind == "csv" || kind == "files")
    return dataset_from_files(text_or(request, "name", files.empty() ? kind : files.front().name), files, options);
  throw UserError("argument.choice", "kind",
                  {{"choices", "digits, iris, mnist, idx, csv, files"}, {"value", "\"" + kind + "\""}});
}

/// Columns of numbers, by name: what an output can learn besides the label.
Json numeric_columns(const Dataset& data) {
  Json names = Json::array();
  for (const size_t column : number_columns(table_of(data, DataPart::train))) names.push_back(data.features[column]);
  return names;
}

}  // namespace

Json Workbench::data_info() const {
  const Dataset& data = dataset();
  Json info = {{"name", data.name},
               {"source", data.source},
               {"task", data.task == Task::classification ? "classification" : "regression"},
               {"input_shape", ArgTraits<Shape>::print(data.sample_shape())},
               {"train_count", data.train_count()},
               {"test_count", data.test_count()},
               {"labels", data.labels},
               {"class_counts",
                data.task == Task::classification ? Json(class_counts(data.y_train, data.classes())) : Json::array()},
               {"features", data.features},
               {"columns", numeric_columns(data)},
               {"target", data.target},
               {"mixed", data.mixed},
               {"bytes", data.x_train.bytes() + data.y_train.bytes() + data.x_test.bytes() + data.y_test.bytes()},
               {"notes", Json::array()}};
  if (!data.standardization.empty())
    info["standardization"] = {{"mean", data.standardization.mean}, {"deviation", data.standardization.deviation}};
  for (const Diagnostic& note : data.notes.items()) info["notes"].push_back(to_json(note));
  return info;
}

Json Workbench::load_data(const Json& request, const std::vector<NamedBytes>& files) {
  dataset_ = load(request, files, device_->pool);
  if (learned_terms_) put_in_terms_if_alike(*dataset_, *learned_terms_, label_first());
  return data_info();
}

Answer Workbench::samples(const Json& request) const {
  const Dataset& data = dataset();
  const bool train = is_train_split(request);
  const Tensor& x = train ? data.x_train : data.x_test;
  const Tensor& y = train ? data.y_train : data.y_test;
  const int64_t start = std::min(integer_or(request, "start", 0, 0), x.shape().front());
  const int64_t count = std::min({integer_or(request, "count", 1, 0), kMostSamples, x.shape().front() - start});
  Answer answer;
  Tensor values(DType::f32, data.sample_shape().with_front(count));
  const int64_t row = data.sample_shape().elements();
  const auto out = values.span<float>();
  for (int64_t i = 0; i < count * row; ++i)
    out[static_cast<size_t>(i)] = static_cast<float>(element_as_double(x.view(), start * row + i) * data.scale);
  answer.json["samples"] = Json::array();
  for (int64_t i = start; i < start + count; ++i) {
    const double label = element_as_double(y.view(), i);
    answer.json["samples"].push_back({{"index", i}, {"label", label}});
  }
  answer.tensors = {values};
  return answer;
}

}  // namespace trainyard
