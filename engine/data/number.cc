#include "engine/data/number.h"

#include <cmath>
#include <cstdlib>

namespace trainyard {

std::optional<double> parse_number(const std::string& text) {
  // Neither hexadecimal nor words such as "inf"; from_chars for doubles is missing from libc++ before 20.
  if (text.empty() || text.size() > 64 || text.find_first_not_of("0123456789+-.eE") != std::string::npos)
    return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace trainyard
