#include "engine/data/csv.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "engine/core/diagnostic.h"
#include "engine/data/number.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string place(const std::string& path, int64_t line) { return path + ":" + std::to_string(line); }

/// The separator that the header line has most of, outside quotes; a comma when it has none.
char find_separator(std::string_view text) {
  constexpr std::string_view kSeparators = ",;\t";
  std::array<int64_t, 3> counts{};
  bool quoted = false;
  for (const char c : text.substr(0, std::min<size_t>(text.size(), size_t{1} << 20))) {
    if (c == '"') quoted = !quoted;
    if (c == '\n' && !quoted) break;
    if (const size_t found = kSeparators.find(c); found != std::string_view::npos && !quoted) ++counts[found];
  }
  return kSeparators[static_cast<size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin())];
}

/// Takes one record after the other off the text.
class Records {
 public:
  Records(std::string_view text, std::string path, size_t column_limit)
      : text_(text), path_(std::move(path)), separator_(find_separator(text)), column_limit_(column_limit) {}

  /// The next record that is not an empty line; false at the end.
  bool next(std::vector<std::string>& fields) {
    while (at_ < text_.size() && ends_line()) take_line_end();
    if (at_ >= text_.size()) return false;
    begin_ = line_;
    fields.clear();
    for (;;) {
      if (fields.size() == column_limit_)
        throw UserError("csv.too_many_columns", place(path_, begin_), {{"limit", std::to_string(column_limit_)}});
      fields.push_back(field());
      if (at_ < text_.size() && text_[at_] == separator_) {
        ++at_;
        continue;
      }
      take_line_end();
      return true;
    }
  }
  /// The line on which the last record began.
  int64_t line() const { return begin_; }

 private:
  bool ends_line() const {
    if (at_ >= text_.size()) return true;
    return text_[at_] == '\n' || (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
  }
  void take_line_end() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size()) ++at_;
    ++line_;
  }
  bool ends_field() const { return ends_line() || text_[at_] == separator_; }

  std::string field() {
    while (!ends_field() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
    if (at_ < text_.size() && text_[at_] == '"') return quoted_field();
    const size_t begin = at_;
    while (!ends_field()) {
      if (text_[at_] == '"') fail_quote();
      ++at_;
    }
    size_t end = at_;
    while (end > begin && (text_[end - 1] == ' ' || text_[end - 1] == '\t')) --end;
    return std::string(text_.substr(begin, end - begin));
  }

  std::string quoted_field() {
    std::string value;
    for (++at_;; ++at_) {
      if (at_ >= text_.size()) fail_quote();
      if (text_[at_] == '"') {
        if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      if (text_[at_] == '\n') ++line_;
      value += text_[at_];
    }
    ++at_;
    while (!ends_field() && text_[at_] == ' ') ++at_;
    if (!ends_field()) fail_quote();
    return value;
  }

  [[noreturn]] void fail_quote() const { throw UserError("csv.quote", place(path_, begin_)); }

  std::string_view text_;
  std::string path_;
  char separator_;
  size_t column_limit_;
  size_t at_ = 0;
  int64_t line_ = 1;
  int64_t begin_ = 1;
};

void check_header(std::vector<std::string>& header, const std::string& path, int64_t line) {
  const bool all_numbers =
      std::all_of(header.begin(), header.end(), [](const std::string& name) { return parse_number(name).has_value(); });
  if (all_numbers) throw UserError("csv.no_header", place(path, line));
  std::set<std::string_view> names;
  for (size_t i = 0; i < header.size(); ++i) {
    if (header[i].empty()) header[i] = "column_" + std::to_string(i + 1);
    if (!names.insert(header[i]).second)
      throw UserError("csv.duplicate_column", place(path, line), {{"column", printable(header[i])}});
  }
}

}  // namespace

CsvTable read_csv(std::span<const uint8_t> bytes, const std::string& path_for_messages, const CsvLimits& limits) {
  if (bytes.size() > limits.bytes)
    throw UserError("file.too_large", path_for_messages, {{"limit", bytes_text(limits.bytes)}});
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (const std::optional<size_t> bad = find_bad_utf8(text)) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(*bad), '\n');
    throw UserError("csv.encoding", place(path_for_messages, line));
  }
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) text.remove_prefix(kByteOrderMark.size());

  Records records(text, path_for_messages, limits.columns);
  CsvTable table;
  if (!records.next(table.header)) throw UserError("csv.empty", path_for_messages);
  check_header(table.header, path_for_messages, records.line());

  Diagnostics mistakes;
  std::vector<std::string> fields;
  while (mistakes.items().size() < limits.mistakes && records.next(fields)) {
    if (fields.size() != table.header.size()) {
      mistakes.error("csv.ragged", place(path_for_messages, records.line()),
                     {{"got", std::to_string(fields.size())}, {"expected", std::to_string(table.header.size())}});
      continue;
    }
    table.rows.push_back(std::move(fields));
    table.lines.push_back(records.line());
  }
  throw_if_errors(mistakes);
  if (table.rows.empty()) throw UserError("csv.empty", path_for_messages);
  return table;
}

}  // namespace trainyard
