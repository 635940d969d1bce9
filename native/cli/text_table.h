// Columns of text, lined up.
#pragma once

#include <string>
#include <vector>

#include "native/cli/terminal.h"

namespace trainyard::cli {

struct Column {
  std::string title;
  bool right = false;  // numbers stand right
};

class TextTable {
 public:
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// One text a column.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// A line above the rows that follow (totals).
  void rule() { rules_.push_back(rows_.size()); }
  /// Header, line, rows; without a line break at the end.
  std::string text(const Terminal& terminal) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<size_t> rules_;
};

}  // namespace trainyard::cli
