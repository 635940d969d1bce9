#include "engine/api/known_terms.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "engine/data/number.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

constexpr size_t kComplaintLimit = 10;

// ---------------------------------------------------------------- classes

/// Class numbers in the order of `known`.
void renumber_classes(Dataset& dataset, const std::vector<std::string>& known, Diagnostics& diagnostics) {
  if (dataset.labels == known) return;
  std::map<std::string, int32_t> index;
  for (const std::string& label : known) index.emplace(label, static_cast<int32_t>(index.size()));
  std::vector<int32_t> numbers;
  for (const std::string& label : dataset.labels) {
    const auto found = index.find(label);
    if (found == index.end() && diagnostics.items().size() < kComplaintLimit)
      diagnostics.error("data.unknown_class", dataset.name, {{"class", printable(label)}});
    numbers.push_back(found == index.end() ? 0 : found->second);
  }
  if (diagnostics.has_errors()) return;
  for (Tensor* y : {&dataset.y_train, &dataset.y_test}) {
    const Tensor former = *y;
    *y = Tensor(DType::i32, former.shape());
    const auto classes = former.span<const int32_t>();
    std::transform(classes.begin(), classes.end(), y->span<int32_t>().begin(),
                   [&](int32_t label) { return numbers[static_cast<size_t>(label)]; });
  }
  dataset.labels = known;
}

std::string class_text(float value) {
  return value == std::floor(value) && std::abs(value) < 1e9F ? std::to_string(static_cast<int64_t>(value))
                                                              : std::to_string(value);
}

/// A target of quantities as one of classes, named as a table's whole numbers are.
void classify_quantities(Dataset& dataset) {
  std::set<float> values;
  for (const Tensor* y : {&dataset.y_train, &dataset.y_test})
    for (const float value : y->span<const float>()) values.insert(value);
  for (const float value : values) dataset.labels.push_back(class_text(value));
  for (Tensor* y : {&dataset.y_train, &dataset.y_test}) {
    const Tensor former = *y;
    const auto quantities = former.span<const float>();
    *y = Tensor(DType::i32, {static_cast<int64_t>(quantities.size())});
    std::transform(quantities.begin(), quantities.end(), y->span<int32_t>().begin(), [&](float value) {
      return static_cast<int32_t>(std::distance(values.begin(), values.find(value)));
    });
  }
  dataset.task = Task::classification;
}

/// A target of classes as the quantities that are their names.
void quantify_classes(Dataset& dataset, Diagnostics& diagnostics) {
  std::vector<float> quantities;
  for (const std::string& label : dataset.labels) {
    const std::optional<double> value = parse_number(label);
    if (!value)
      return diagnostics.error("csv.not_a_number", dataset.name,
                               {{"column", printable(dataset.target)}, {"value", printable(label)}});
    quantities.push_back(static_cast<float>(*value));
  }
  for (Tensor* y : {&dataset.y_train, &dataset.y_test}) {
    const Tensor former = *y;
    const auto classes = former.span<const int32_t>();
    *y = Tensor(DType::f32, {static_cast<int64_t>(classes.size()), 1});
    std::transform(classes.begin(), classes.end(), y->span<float>().begin(),
                   [&](int32_t label) { return quantities[static_cast<size_t>(label)]; });
  }
  dataset.labels.clear();
  dataset.task = Task::regression;
}

/// The model knows what the target is; where the table's own guess was another, its notes about that no longer hold.
void settle_task(Dataset& dataset, Task task, Diagnostics& diagnostics) {
  if (dataset.task == task) return;
  if (task == Task::classification)
    classify_quantities(dataset);
  else
    quantify_classes(dataset, diagnostics);
  if (diagnostics.has_errors()) return;
  auto& notes = dataset.notes.items();
  notes.erase(std::remove_if(notes.begin(), notes.end(),
                             [](const Diagnostic& note) {
                               return note.code == "csv.classified" || note.code == "csv.regressed_many" ||
                                      note.code == "csv.regressed_fractions";
                             }),
              notes.end());
}

// ---------------------------------------------------------------- columns

/// Where a feature's number comes from: a column of x, or a word in a column of words, where it is 1.
struct ColumnSource {
  size_t column = 0;
  std::optional<std::string> word;
};

std::optional<size_t> place_of_name(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<size_t>(found - names.begin());
}

std::vector<ColumnSource> sources_in(const Dataset& dataset, const std::vector<std::string>& features,
                                     Diagnostics& diagnostics) {
  std::vector<ColumnSource> sources;
  std::set<std::string> missing;
  for (const std::string& feature : features) {
    if (const auto column = place_of_name(dataset.features, feature)) {
      sources.push_back({*column, std::nullopt});
      continue;
    }
    const std::string name = feature.substr(0, feature.find('='));
    const auto column = name == feature ? std::nullopt : place_of_name(dataset.text_columns, name);
    if (column)
      sources.push_back({*column, feature.substr(name.size() + 1)});
    else
      missing.insert(name);
  }
  for (const std::string& name : missing)
    if (diagnostics.items().size() < kComplaintLimit)
      diagnostics.error("predict.no_column", dataset.name, {{"column", printable(name)}});
  return sources;
}

/// f32 [n, features] of the sources, as `known` standardises them.
Tensor gather_features(const Dataset& dataset, const Tensor& x, const TextTensor& text,
                       const std::vector<ColumnSource>& sources, const Standardization& known) {
  const Standardization& own = dataset.standardization;
  const auto rows = static_cast<size_t>(x.shape()[0]);
  Tensor gathered(DType::f32, {x.shape()[0], static_cast<int64_t>(sources.size())});
  const float* values = x.view().as<float>();
  auto* next = gathered.view().as<float>();
  for (size_t row = 0; row < rows; ++row)
    for (size_t f = 0; f < sources.size(); ++f) {
      const auto& [column, word] = sources[f];
      double value = 0;
      if (word)
        value = text.values[row * text.row_size() + column] == *word ? 1 : 0;
      else
        value = values[row * dataset.features.size() + column] * own.deviation[column] + own.mean[column];
      *next++ = static_cast<float>((value - known.mean[f]) / known.deviation[f]);
    }
  return gathered;
}

bool same(const Standardization& a, const Standardization& b) { return a.mean == b.mean && a.deviation == b.deviation; }

void arrange_columns(Dataset& dataset, const Preprocessing& known, Diagnostics& diagnostics) {
  if (dataset.is_image() ||
      (dataset.features == known.features && same(dataset.standardization, known.standardization)))
    return;
  const auto sources = sources_in(dataset, known.features, diagnostics);
  if (diagnostics.has_errors()) return;
  const Tensor train = gather_features(dataset, dataset.x_train, dataset.text_train, sources, known.standardization);
  const Tensor test = gather_features(dataset, dataset.x_test, dataset.text_test, sources, known.standardization);
  dataset.x_train = train;
  dataset.x_test = test;
  dataset.features = known.features;
  dataset.standardization = known.standardization;
}

bool is_table(const Preprocessing& known) { return !known.features.empty() && !known.standardization.empty(); }

/// Names of a table's columns, those of words as they stand in it.
std::set<std::string> columns_of(const std::vector<std::string>& features,
                                 const std::vector<std::string>& text_columns) {
  std::set<std::string> columns(text_columns.begin(), text_columns.end());
  for (const std::string& feature : features)
    if (columns.count(feature.substr(0, feature.find('='))) == 0) columns.insert(feature);
  return columns;
}

}  // namespace

bool put_in_terms(Dataset& dataset, const Preprocessing& known, bool label_first, Diagnostics& diagnostics) {
  Dataset changed = dataset;
  Diagnostics found;
  if (label_first && is_table(known)) settle_task(changed, known.task, found);
  if (!found.has_errors() && changed.task == Task::classification && !known.labels.empty())
    renumber_classes(changed, known.labels, found);
  if (is_table(known)) arrange_columns(changed, known, found);
  diagnostics.add_all(found);
  if (found.has_errors()) return false;
  dataset = std::move(changed);
  return true;
}

bool put_in_terms_if_alike(Dataset& dataset, const Preprocessing& known, bool label_first) {
  Diagnostics unheard;
  return columns_of(dataset.features, dataset.text_columns) == columns_of(known.features, known.text_columns) &&
         put_in_terms(dataset, known, label_first, unheard);
}

void check_in_terms(const Dataset& dataset, const Preprocessing& known, bool label_first) {
  Diagnostics diagnostics;
  Dataset meant = dataset;
  put_in_terms(meant, known, label_first, diagnostics);
  if (is_table(known) && !diagnostics.has_errors() && meant.features != dataset.features) {
    std::set<std::string> further = columns_of(dataset.features, dataset.text_columns);
    for (const std::string& column : columns_of(known.features, known.text_columns)) further.erase(column);
    for (const std::string& column : further)
      if (diagnostics.items().size() < kComplaintLimit)
        diagnostics.error("data.further_column", dataset.name, {{"column", printable(column)}});
  }
  throw_if_errors(diagnostics);
}

bool learns_label_first(const Json& setup) {
  return !setup.is_object() || !setup.contains("targets") || setup["targets"].is_null();
}

}  // namespace trainyard
