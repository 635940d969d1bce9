#include "engine/data/csv_dataset.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "engine/data/number.h"
#include "engine/data/split.h"
#include "engine/data/table.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

constexpr size_t kMistakeLimit = 10;
constexpr size_t kWordLimit = 100;          // different words of a feature column
constexpr size_t kWordClassLimit = 10'000;  // of a target
constexpr size_t kNumberClassLimit = 20;    // of a target of numbers
constexpr size_t kValueLimit = size_t{1} << 28;

bool is_missing(const std::string& text) {
  for (const char* sign : {"", "NA", "N/A", "na", "NaN", "nan", "null", "NULL", "None", "?"})
    if (text == sign) return true;
  return false;
}

/// One column: numbers for every row, or words.
struct Column {
  std::string name;
  std::vector<double> numbers;
  std::vector<const std::string*> words;
  bool is_numeric() const { return words.empty(); }
};

/// Reads columns and gathers their mistakes.
class ColumnReader {
 public:
  ColumnReader(const CsvTable& table, const std::string& path) : table_(table), path_(path) {}

  Column read(size_t index) {
    Column column{table_.header[index], {}, {}};
    std::vector<size_t> words;  // rows
    for (size_t row = 0; row < table_.rows.size(); ++row) {
      const std::string& field = table_.rows[row][index];
      if (is_missing(field)) {
        fail("csv.missing_value", row, index);
        continue;
      }
      const std::optional<double> number = parse_number(field);
      if (!number || !std::isfinite(static_cast<float>(*number))) words.push_back(row);
      column.numbers.push_back(number.value_or(0));
    }
    if (words.empty()) return column;
    // A few words among numbers are slips, not names of things.
    if (words.size() * 2 < table_.rows.size()) {
      for (const size_t row : words) fail("csv.not_a_number", row, index);
      return column;
    }
    column.numbers.clear();
    for (const auto& row : table_.rows) column.words.push_back(&row[index]);
    return column;
  }

  const Diagnostics& mistakes() const { return mistakes_; }

 private:
  void fail(const char* code, size_t row, size_t index) {
    if (mistakes_.items().size() >= kMistakeLimit) return;
    mistakes_.error(code, path_ + ":" + std::to_string(table_.lines[row]),
                    {{"column", printable(table_.header[index])}, {"value", printable(table_.rows[row][index])}});
  }

  const CsvTable& table_;
  const std::string& path_;
  Diagnostics mistakes_;
};

size_t find_target(const CsvTable& table, const std::string& path, const CsvDatasetOptions& options) {
  if (table.header.size() < 2) throw UserError("csv.one_column", path);
  const std::string& target = options.target.empty() ? options.usual_target : options.target;
  const auto found = std::find(table.header.begin(), table.header.end(), target);
  if (!target.empty() && found != table.header.end()) return static_cast<size_t>(found - table.header.begin());
  if (options.target.empty()) return table.header.size() - 1;
  std::string known;
  for (size_t i = 0; i < std::min<size_t>(table.header.size(), 20); ++i)
    known += (i == 0 ? "" : ", ") + printable(table.header[i], 40);
  throw UserError("csv.unknown_column", path, {{"column", printable(target)}, {"known", known}});
}

std::map<std::string, int32_t> index_words(const std::vector<const std::string*>& words) {
  std::map<std::string, int32_t> index;
  for (const std::string* word : words) index.emplace(*word, 0);
  int32_t next = 0;
  for (auto& [word, position] : index) position = next++;
  return index;
}

/// Feature columns side by side: f32 [rows, features]; names go into dataset.features.
Tensor join_features(const std::vector<Column>& columns, int64_t rows, const std::string& path, Dataset& dataset) {
  std::vector<std::map<std::string, int32_t>> indices;
  for (const Column& column : columns) {
    indices.push_back(index_words(column.words));
    if (indices.back().size() > kWordLimit) {
      // Sentences, or names: for layers that read text, not a feature for each.
      dataset.notes.warn("csv.text", path,
                         {{"column", printable(column.name)}, {"count", std::to_string(indices.back().size())}});
      indices.back().clear();
      continue;
    }
    if (column.is_numeric()) dataset.features.push_back(column.name);
    for (const auto& [word, position] : indices.back()) dataset.features.push_back(column.name + "=" + word);
  }
  const size_t width = dataset.features.size();
  if (width * static_cast<size_t>(rows) > kValueLimit)
    throw UserError("csv.too_large", path, {{"rows", std::to_string(rows)}, {"features", std::to_string(width)}});

  Tensor x(DType::f32, {rows, static_cast<int64_t>(width)});
  float* values = x.span<float>().data();
  size_t offset = 0;
  for (size_t c = 0; c < columns.size(); ++c) {
    const Column& column = columns[c];
    for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
      if (column.is_numeric())
        values[row * width + offset] = static_cast<float>(column.numbers[row]);
      else if (!indices[c].empty())
        values[row * width + offset + static_cast<size_t>(indices[c].at(*column.words[row]))] = 1;
    }
    offset += column.is_numeric() ? 1 : indices[c].size();
  }
  return x;
}

/// The columns of words as they are, of these rows.
TextTensor gather_text(const std::vector<Column>& columns, std::span<const int32_t> rows) {
  TextTensor text;
  int64_t count = 0;
  for (const Column& column : columns) count += column.is_numeric() ? 0 : 1;
  text.shape = {static_cast<int64_t>(rows.size()), count};
  for (const int32_t row : rows)
    for (const Column& column : columns)
      if (!column.is_numeric()) text.values.push_back(*column.words[static_cast<size_t>(row)]);
  return text;
}

void note_target(Dataset& dataset, const char* code, const std::string& path, size_t values) {
  dataset.notes.warn(code, path, {{"column", printable(dataset.target)}, {"count", std::to_string(values)}});
}

Tensor classify_words(const Column& target, const std::string& path, Dataset& dataset) {
  const std::map<std::string, int32_t> index = index_words(target.words);
  if (index.size() > kWordClassLimit)
    throw UserError("csv.too_many_words", path,
                    {{"column", printable(target.name)},
                     {"count", std::to_string(index.size())},
                     {"limit", std::to_string(kWordClassLimit)}});
  for (const auto& [word, position] : index) dataset.labels.push_back(word);
  Tensor y(DType::i32, {static_cast<int64_t>(target.words.size())});
  std::transform(target.words.begin(), target.words.end(), y.span<int32_t>().begin(),
                 [&](const std::string* word) { return index.at(*word); });
  return y;
}

/// Classes or quantities, as the numbers suggest.
Tensor read_number_target(const Column& target, const std::string& path, Dataset& dataset) {
  const auto rows = static_cast<int64_t>(target.numbers.size());
  const std::set<double> values(target.numbers.begin(), target.numbers.end());
  const bool whole =
      std::all_of(values.begin(), values.end(), [](double v) { return v == std::floor(v) && std::abs(v) < 1e9; });
  if (whole && values.size() <= kNumberClassLimit && values.size() * 2 <= target.numbers.size()) {
    Tensor y(DType::i32, {rows});
    for (const double value : values) dataset.labels.push_back(std::to_string(static_cast<int64_t>(value)));
    std::transform(target.numbers.begin(), target.numbers.end(), y.span<int32_t>().begin(), [&](double value) {
      return static_cast<int32_t>(std::distance(values.begin(), values.find(value)));
    });
    note_target(dataset, "csv.classified", path, values.size());
    return y;
  }
  dataset.task = Task::regression;
  Tensor y(DType::f32, {rows, 1});
  std::transform(target.numbers.begin(), target.numbers.end(), y.span<float>().begin(),
                 [](double value) { return static_cast<float>(value); });
  note_target(dataset, whole ? "csv.regressed_many" : "csv.regressed_fractions", path, values.size());
  return y;
}

}  // namespace

Dataset dataset_from_csv(std::string name, const CsvTable& table, const std::string& path_for_messages,
                         const CsvDatasetOptions& options) {
  const size_t target_index = find_target(table, path_for_messages, options);
  ColumnReader reader(table, path_for_messages);
  std::vector<Column> columns;
  for (size_t i = 0; i < table.header.size(); ++i)
    if (i != target_index) columns.push_back(reader.read(i));
  const Column target = reader.read(target_index);
  throw_if_errors(reader.mistakes());

  Dataset dataset;
  dataset.name = std::move(name);
  dataset.source = path_for_messages;
  dataset.target = target.name;
  const auto rows = static_cast<int64_t>(table.rows.size());
  const Tensor y = target.is_numeric() ? read_number_target(target, path_for_messages, dataset)
                                       : classify_words(target, path_for_messages, dataset);
  const Tensor x = join_features(columns, rows, path_for_messages, dataset);
  TestSplit split = dataset.task == Task::classification
                        ? stratified_split(y.span<int32_t>(), dataset.classes(), options.test_split, options.seed)
                        : random_split(rows, options.test_split, options.seed);
  dataset.mixed = options.shuffle;
  if (options.shuffle) mix(split.train, options.seed);
  dataset.x_train = gather_rows(x, split.train);
  dataset.y_train = gather_rows(y, split.train);
  dataset.x_test = gather_rows(x, split.test);
  dataset.y_test = gather_rows(y, split.test);
  for (const Column& column : columns)
    if (!column.is_numeric()) dataset.text_columns.push_back(column.name);
  dataset.text_train = gather_text(columns, split.train);
  dataset.text_test = gather_text(columns, split.test);
  standardize(dataset);
  check_dataset(dataset);
  return dataset;
}

}  // namespace trainyard
