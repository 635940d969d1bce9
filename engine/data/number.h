// Numbers in text.
#pragma once

#include <optional>
#include <string>

namespace trainyard {

/// A finite decimal number such as "-1.5e3" that is the whole text; else nothing. The process keeps the locale "C".
std::optional<double> parse_number(const std::string& text);

}  // namespace trainyard
