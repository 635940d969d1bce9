#include "native/cli/text_table.h"

#include <algorithm>

namespace trainyard::cli {
namespace {

std::string padded(const std::string& text, size_t width, bool right) {
  const std::string space(width - std::min(width, columns_of(text)), ' ');
  return right ? space + text : text + space;
}

void trim_right(std::string& line) {
  while (!line.empty() && line.back() == ' ') line.pop_back();
}

}  // namespace

std::string TextTable::text(const Terminal& terminal) const {
  std::vector<size_t> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    widths.push_back(columns_of(columns_[c].title));
    for (const auto& row : rows_) widths[c] = std::max(widths[c], columns_of(row[c]));
  }
  const auto line_of = [&](const auto& cell) {
    std::string line;
    for (size_t c = 0; c < columns_.size(); ++c)
      line += (c == 0 ? "" : "  ") + padded(cell(c), widths[c], columns_[c].right);
    trim_right(line);
    return line;
  };
  size_t total = 2 * (columns_.size() - 1);
  for (const size_t width : widths) total += width;
  std::string bar;
  for (size_t i = 0; i < total; ++i) bar += terminal.utf8() ? "\u2500" : "-";
  bar = terminal.paint(Colour::dim, bar);
  std::string text = terminal.paint(Colour::bold, line_of([&](size_t c) { return columns_[c].title; })) + "\n" + bar;
  for (size_t r = 0; r < rows_.size(); ++r) {
    if (std::find(rules_.begin(), rules_.end(), r) != rules_.end()) text += "\n" + bar;
    text += "\n" + line_of([&](size_t c) { return rows_[r][c]; });
  }
  return text;
}

}  // namespace trainyard::cli
