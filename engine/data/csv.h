// Comma-separated text (RFC 4180) into fields.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace trainyard {

struct CsvLimits {
  uint64_t bytes = uint64_t{256} << 20;
  size_t columns = 10'000;
  /// Mistakes that are reported one by one before reading stops.
  size_t mistakes = 10;
};

/// Fields as UTF-8 text. Every row has as many fields as the header; at least one row.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  /// The line of the file, from 1, on which each row begins.
  std::vector<int64_t> lines;
};

/// Reads a header line and a row a line. Fields are separated by commas (by semicolons or tabs where the header line has
/// more of those), may be quoted, and lose the spaces around them when they are not. Lines end in LF or CR LF; empty
/// lines and a byte order mark are skipped; a column without a name is called by its number. Throws UserError csv.*, for
/// ragged rows one diagnostic each, with the path `file:line`.
CsvTable read_csv(std::span<const uint8_t> bytes, const std::string& path_for_messages, const CsvLimits& limits = {});

}  // namespace trainyard
