#include "engine/api/tensor_set.h"

#include <algorithm>

#include "engine/data/split.h"
#include "engine/io/safetensors.h"
#include "engine/io/text.h"
#include "engine/train/setup.h"

namespace trainyard {
namespace {

constexpr const char* kTest = "test/";
constexpr const char* kWeights = "sample_weight";

std::vector<std::string> names_of(const Model& model, const std::vector<TensorRef>& ends) {
  std::vector<std::string> names;
  for (const TensorRef& ref : ends) {
    const int layer = model.nodes[static_cast<size_t>(ref.node)].layer;
    names.push_back(model.layers[static_cast<size_t>(layer)].layer->name);
  }
  return names;
}

class SetReader {
 public:
  SetReader(const std::string& path, const Model& model)
      : path_(path),
        file_(load_safetensors(path)),
        inputs_(names_of(model, model.inputs)),
        outputs_(output_names(model)) {}

  bool has_test() const {
    return std::any_of(inputs_.begin(), inputs_.end(),
                       [&](const std::string& name) { return file_.find(kTest + name) != nullptr; });
  }

  Samples read(const std::string& prefix, bool with_targets) const {
    Diagnostics diagnostics;
    Samples samples;
    const auto take = [&](const std::string& name, std::vector<Tensor>& to) {
      const Tensor* tensor = file_.find(prefix + name);
      if (tensor == nullptr || tensor->shape().rank() == 0)
        diagnostics.error("data.tensor_missing", path_, {{"name", prefix + name}, {"known", known()}});
      else
        to.push_back(tensor->dtype() == DType::i64 ? tensor->cast(DType::i32) : *tensor);
    };
    for (const std::string& name : inputs_) take(name, samples.x);
    if (with_targets)
      for (const std::string& name : outputs_) take(name, samples.y);
    throw_if_errors(diagnostics);
    if (const Tensor* weights = file_.find(prefix + kWeights); weights != nullptr && with_targets) {
      if (weights->shape().rank() == 0)
        throw UserError("data.tensor_missing", path_, {{"name", prefix + kWeights}, {"known", known()}});
      samples.sample_weight = weights->cast(DType::f32);
    }
    check_counts(samples, prefix);
    return samples;
  }

  /// Notes of tensors that nothing reads: a name may be misspelt.
  Diagnostics unused() const {
    Diagnostics notes;
    const auto among = [](const std::vector<std::string>& names, const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const auto& [name, tensor] : file_.tensors) {
      const bool test = name.rfind(kTest, 0) == 0 && has_test();
      const std::string bare = test ? name.substr(std::string(kTest).size()) : name;
      if (bare != kWeights && !among(inputs_, bare) && !among(outputs_, bare) && notes.items().size() < 10)
        notes.warn("data.tensor_unused", path_, {{"name", printable(name)}});
    }
    return notes;
  }

 private:
  std::string known() const {
    std::string text;
    for (const auto& [name, tensor] : file_.tensors) text += (text.empty() ? "" : ", ") + name;
    return text.size() > 200 ? text.substr(0, 197) + "..." : text;
  }

  void check_counts(const Samples& samples, const std::string& prefix) const {
    Diagnostics diagnostics;
    const auto compare = [&](const std::string& name, const Tensor& tensor) {
      if (tensor.shape().front() != samples.count())
        diagnostics.error(
            "data.samples_differ", path_ + ": " + prefix + name,
            {{"got", std::to_string(tensor.shape().front())}, {"wanted", std::to_string(samples.count())}});
    };
    for (size_t i = 0; i < samples.x.size(); ++i) compare(inputs_[i], samples.x[i]);
    for (size_t o = 0; o < samples.y.size(); ++o) compare(outputs_[o], samples.y[o]);
    if (!samples.sample_weight.empty()) compare(kWeights, samples.sample_weight);
    if (samples.count() == 0) diagnostics.error("data.empty", path_);
    throw_if_errors(diagnostics);
  }

  std::string path_;
  SafetensorsFile file_;
  std::vector<std::string> inputs_, outputs_;
};

Samples rows_of_set(const Samples& samples, std::span<const int32_t> rows) {
  Samples part;
  for (const Tensor& x : samples.x) part.x.push_back(gather_rows(x, rows));
  for (const Tensor& y : samples.y) part.y.push_back(gather_rows(y, rows));
  if (!samples.sample_weight.empty()) part.sample_weight = gather_rows(samples.sample_weight, rows);
  return part;
}

/// Class numbers as names, as far as the first target has them.
std::vector<std::string> class_names(const Tensor& y) {
  std::vector<std::string> names;
  double largest = -1;
  for (int64_t i = 0; i < y.elements(); ++i) largest = std::max(largest, element_as_double(y.view(), i));
  for (int64_t c = 0; c <= static_cast<int64_t>(std::min(largest, 9999.0)); ++c) names.push_back(std::to_string(c));
  return names;
}

}  // namespace

bool is_tensor_set(const std::string& path) {
  constexpr std::string_view kEnding = ".safetensors";
  return path.size() > kEnding.size() && path.compare(path.size() - kEnding.size(), kEnding.size(), kEnding) == 0;
}

TensorSet read_tensor_set(const std::string& path, const Model& model, const TensorSetOptions& options) {
  const SetReader reader(path, model);
  TensorSet set;
  set.train = reader.read("", true);
  if (reader.has_test()) {
    set.test = reader.read(kTest, true);
  } else {
    const TestSplit split = random_split(set.train.count(), options.test_split, options.seed);
    const Samples all = set.train;
    set.train = rows_of_set(all, split.train);
    set.test = rows_of_set(all, split.test);
  }
  Dataset& dataset = set.dataset;
  dataset.name = path.substr(path.find_last_of('/') + 1);
  dataset.source = path;
  dataset.notes = reader.unused();
  dataset.x_train = set.train.x.front();
  dataset.x_test = set.test.x.front();
  dataset.y_train = set.train.y.front();
  dataset.y_test = set.test.y.front();
  dataset.target = output_names(model).front();
  const bool classes = !is_floating(dataset.y_train.dtype()) && dataset.y_train.shape().rank() == 1;
  dataset.task = classes ? Task::classification : Task::regression;
  if (classes) dataset.labels = class_names(dataset.y_train);
  return set;
}

Samples read_tensor_inputs(const std::string& path, const Model& model) {
  return SetReader(path, model).read("", false);
}

}  // namespace trainyard
