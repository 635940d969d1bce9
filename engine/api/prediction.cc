#include "engine/api/prediction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "engine/data/csv.h"
#include "engine/data/idx.h"
#include "engine/data/image.h"
#include "engine/data/ink.h"
#include "engine/data/number.h"
#include "engine/data/table.h"
#include "engine/io/file.h"
#include "engine/io/picture.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

constexpr uint64_t kQuestionFileLimit = uint64_t{1} << 30;
constexpr size_t kNoteLimit = 10;

bool is_csv_name(const std::string& path) {
  return path.ends_with(".csv") || path.ends_with(".tsv") || path.ends_with(".txt");
}

// ---------------------------------------------------------------- pictures

Tensor read_one_picture(const std::string& path, std::span<const uint8_t> bytes, const Shape& input,
                        const Preprocessing& preprocessing) {
  if (is_handwriting(preprocessing, input)) return ink_of_picture(decode_picture(bytes, 1, path));
  if (input.rank() != 3 || (input[2] != 1 && input[2] != 3))
    throw UserError("predict.no_picture", path, {{"shape", input.text()}});
  return read_picture(bytes, std::max<int64_t>(0, input[0]), std::max<int64_t>(0, input[1]), static_cast<int>(input[2]),
                      path);
}

// ---------------------------------------------------------------- tables

/// Where a feature's number comes from: a column, and the word that makes it 1 where the column holds words.
struct FeatureSource {
  size_t column = 0;
  std::optional<std::string> word;
};

std::optional<size_t> column_named(const CsvTable& table, const std::string& name) {
  const auto found = std::find(table.header.begin(), table.header.end(), name);
  if (found == table.header.end()) return std::nullopt;
  return static_cast<size_t>(found - table.header.begin());
}

std::vector<FeatureSource> sources_of(const CsvTable& table, const std::vector<std::string>& features,
                                      const std::string& path) {
  std::vector<FeatureSource> sources;
  std::set<std::string> missing;
  for (const std::string& feature : features) {
    if (const auto column = column_named(table, feature)) {
      sources.push_back({*column, std::nullopt});
      continue;
    }
    const size_t equals = feature.find('=');
    const auto column = equals == std::string::npos ? std::nullopt : column_named(table, feature.substr(0, equals));
    if (column)
      sources.push_back({*column, feature.substr(equals + 1)});
    else
      missing.insert(feature.substr(0, equals));
  }
  Diagnostics diagnostics;
  for (const std::string& name : missing) diagnostics.error("predict.no_column", path, {{"column", name}});
  throw_if_errors(diagnostics);
  return sources;
}

std::vector<FeatureSource> columns_in_order(size_t count) {
  std::vector<FeatureSource> sources(count);
  for (size_t i = 0; i < count; ++i) sources[i].column = i;
  return sources;
}

/// A word that the training never held is none of its features: the model sees no word at all.
void note_unknown_words(const CsvTable& table, size_t row, const std::vector<FeatureSource>& sources,
                        const std::string& name, Diagnostics& notes) {
  std::map<size_t, bool> known;  // by column of words
  for (const FeatureSource& source : sources)
    if (source.word) known[source.column] |= table.rows[row][source.column] == *source.word;
  for (const auto& [column, found] : known)
    if (!found && notes.items().size() < kNoteLimit)
      notes.warn("predict.unknown_word", name,
                 {{"column", printable(table.header[column])}, {"value", printable(table.rows[row][column])}});
}

/// The features of every row, standardised as in training; rows get their names.
Tensor read_features(const CsvTable& table, const std::vector<FeatureSource>& sources, const std::string& path,
                     const Preprocessing& preprocessing, std::vector<std::string>& names, Diagnostics& notes) {
  Tensor x(DType::f32, {static_cast<int64_t>(table.rows.size()), static_cast<int64_t>(sources.size())});
  float* next = x.view().as<float>();
  Diagnostics diagnostics;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    names.push_back(path + ":" + std::to_string(table.lines[row]));
    note_unknown_words(table, row, sources, names.back(), notes);
    for (const FeatureSource& source : sources) {
      const std::string& field = table.rows[row][source.column];
      const auto value = source.word ? std::optional<double>(field == *source.word ? 1 : 0) : parse_number(field);
      const auto number = static_cast<float>(value.value_or(0));
      if ((!value || !std::isfinite(number)) && diagnostics.items().size() < 10)
        diagnostics.error("predict.not_a_number", names.back(), {{"value", printable(field)}});
      *next++ = number;
    }
  }
  throw_if_errors(diagnostics);
  if (!preprocessing.standardization.empty() && !sources.empty()) apply(preprocessing.standardization, x);
  return x;
}

Questions read_table(const std::string& path, std::span<const uint8_t> bytes, const Shape& input,
                     const Preprocessing& preprocessing) {
  const CsvTable table = read_csv(bytes, path);
  if (table.rows.empty()) throw UserError("predict.no_rows", path);
  const size_t wanted =
      preprocessing.features.empty() ? static_cast<size_t>(input.elements()) : preprocessing.features.size();
  const bool by_order = preprocessing.features.empty();
  if (by_order && table.rows.front().size() != wanted)
    throw UserError("predict.columns", path,
                    {{"got", std::to_string(table.rows.front().size())}, {"wanted", std::to_string(wanted)}});
  const auto sources = by_order ? columns_in_order(wanted) : sources_of(table, preprocessing.features, path);
  Questions questions;
  questions.x = read_features(table, sources, path, preprocessing, questions.names, questions.notes);
  return questions;
}

// ---------------------------------------------------------------- IDX

Questions read_idx_samples(const std::string& path, std::span<const uint8_t> bytes, const Shape& input) {
  Questions questions;
  questions.x = read_idx(bytes, path, kQuestionFileLimit);
  const Shape& got = questions.x.shape();
  const bool one = got.rank() < input.rank() || (got.rank() == 2 && got.elements() == input.elements());
  if (one && got.elements() == input.elements())
    questions.x = questions.x.reshaped(got.rank() == 0 ? Shape{1} : Shape{1, got.elements()});
  const int64_t count = questions.x.shape().rank() == 0 ? 0 : questions.x.shape().front();
  if (count == 0) throw UserError("predict.no_rows", path);
  for (int64_t i = 0; i < count; ++i) questions.names.push_back(path + "[" + std::to_string(i) + "]");
  return questions;
}

// ---------------------------------------------------------------- answers

std::vector<double> softmax(const std::vector<double>& logits) {
  const double most = *std::max_element(logits.begin(), logits.end());
  std::vector<double> result;
  for (const double logit : logits) result.push_back(std::exp(logit - most));
  const double sum = std::accumulate(result.begin(), result.end(), 0.0);
  for (double& value : result) value /= sum;
  return result;
}

bool are_probabilities(const std::vector<double>& row) {
  const bool in_range = std::all_of(row.begin(), row.end(), [](double p) { return p >= 0 && p <= 1; });
  return in_range && std::abs(std::accumulate(row.begin(), row.end(), 0.0) - 1) < 1e-3;
}

std::vector<double> probabilities_of(std::vector<double> row) {
  if (row.size() > 1) return are_probabilities(row) ? row : softmax(row);
  const double p = row[0] >= 0 && row[0] <= 1 ? row[0] : 1 / (1 + std::exp(-row[0]));
  return {1 - p, p};
}

Reading classes_of(std::vector<double> row, const std::vector<std::string>& labels) {
  Reading reading;
  const std::vector<double> probabilities = probabilities_of(std::move(row));
  for (size_t i = 0; i < probabilities.size(); ++i)
    reading.classes.push_back(
        {static_cast<int64_t>(i), i < labels.size() ? labels[i] : std::to_string(i), probabilities[i]});
  std::stable_sort(reading.classes.begin(), reading.classes.end(),
                   [](const auto& a, const auto& b) { return a.probability > b.probability; });
  return reading;
}

/// The grey of paper (the commonest shade; most of a drawing is paper) and of the blackest ink, 0 .. 255.
struct Shades {
  double paper = 0;
  double ink = 255;
};

Shades shades_of(std::span<const uint8_t> pixels) {
  std::array<size_t, 256> counts{};
  for (const uint8_t pixel : pixels) ++counts[pixel];
  const auto at_share = [&](double share) {  // the shade that this share of the pixels does not exceed
    size_t seen = 0;
    for (size_t shade = 0; shade < counts.size(); ++shade)
      if (static_cast<double>(seen += counts[shade]) >= share * static_cast<double>(pixels.size()))
        return static_cast<double>(shade);
    return 255.0;
  };
  const double paper = at_share(0.5);
  const double darkest = at_share(0.005);
  const double lightest = at_share(0.995);
  return {paper, paper - darkest > lightest - paper ? darkest : lightest};
}

}  // namespace

bool is_handwriting(const Preprocessing& preprocessing, const Shape& input) {
  const bool digits = preprocessing.dataset == "mnist" || preprocessing.dataset == "digits";
  return digits && input.is_known() && input.elements() == kInkSize * kInkSize;
}

Tensor ink_of_picture(const Tensor& grey) {
  const auto pixels = grey.span<const uint8_t>();
  const Shades shades = shades_of(pixels);
  const int64_t height = grey.shape()[0];
  const int64_t width = grey.shape()[1];
  if (height == kInkSize && width == kInkSize && shades.paper < 64) return grey;
  const double contrast = shades.ink - shades.paper;
  std::vector<float> ink(pixels.size(), 0.0F);
  // Less contrast than this is no drawing; less ink than a fifth is shadow or grain of the paper.
  if (std::abs(contrast) >= 24)
    for (size_t i = 0; i < ink.size(); ++i) {
      const double share = (static_cast<double>(pixels[i]) - shades.paper) / contrast;
      ink[i] = share < 0.2 ? 0.0F : static_cast<float>(std::min(1.0, share));
    }
  return normalise_ink(width, height, ink);
}

Questions read_questions(const std::string& path, const Shape& input, const Preprocessing& preprocessing) {
  const std::vector<uint8_t> bytes = read_file(path, kQuestionFileLimit);
  if (is_picture(bytes)) {
    const Tensor picture = read_one_picture(path, bytes, input, preprocessing);
    Shape one = picture.shape();
    one = Shape{1, one[0], one[1], one[2]};
    return {.names = {path}, .x = picture.reshaped(one), .notes = {}};
  }
  if (is_csv_name(path)) return read_table(path, bytes, input, preprocessing);
  const bool packed = bytes.size() > 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
  const bool idx = packed || (bytes.size() >= 4 && bytes[0] == 0 && bytes[1] == 0);
  if (idx) return read_idx_samples(path, bytes, input);
  throw UserError("predict.unknown_file", path);
}

TextQuestions read_text_questions(const std::string& path, const Preprocessing& preprocessing, bool numbers) {
  if (!is_csv_name(path)) throw UserError("predict.unknown_file", path);
  const CsvTable table = read_csv(read_file(path, kQuestionFileLimit), path);
  TextQuestions questions;
  const auto sources = numbers ? sources_of(table, preprocessing.features, path) : std::vector<FeatureSource>{};
  questions.table.x = read_features(table, sources, path, preprocessing, questions.names, questions.notes);
  if (numbers) questions.table.features = preprocessing.features;
  questions.table.standardization = preprocessing.standardization;
  questions.table.text_columns = preprocessing.text_columns;
  questions.table.text.shape = {static_cast<int64_t>(table.rows.size()),
                                static_cast<int64_t>(preprocessing.text_columns.size())};
  std::vector<size_t> columns;
  for (const std::string& name : preprocessing.text_columns) {
    const auto column = column_named(table, name);
    if (!column) throw UserError("predict.no_column", path, {{"column", name}});
    columns.push_back(*column);
  }
  for (const auto& row : table.rows)
    for (const size_t column : columns) questions.table.text.values.push_back(row[column]);
  return questions;
}

std::vector<Reading> read_outputs(const Tensor& output, const Preprocessing& preprocessing) {
  std::vector<Reading> readings;
  const int64_t count = output.shape().front();
  const int64_t width = count == 0 ? 0 : output.elements() / count;
  for (int64_t i = 0; i < count; ++i) {
    std::vector<double> row;
    for (int64_t j = 0; j < width; ++j) row.push_back(element_as_double(output.view(), i * width + j));
    if (preprocessing.task == Task::classification)
      readings.push_back(classes_of(std::move(row), preprocessing.labels));
    else
      readings.push_back({{}, std::move(row)});
  }
  return readings;
}

}  // namespace trainyard
