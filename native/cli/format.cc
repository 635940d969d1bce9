#include "native/cli/format.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace trainyard::cli {
namespace {

std::string printed(const char* pattern, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, value);
  return text.data();
}

}  // namespace

std::string with_commas(int64_t number) {
  std::string text = std::to_string(number);
  const size_t first = text[0] == '-' ? 1 : 0;
  for (size_t at = text.size(); at > first + 3;) text.insert(at -= 3, ",");
  return text;
}

std::string bytes_as_text(uint64_t bytes) {
  constexpr std::array<const char*, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  auto value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return printed(unit == 0 || value >= 99.95 ? "%.0f " : "%.1f ", value) + kUnits[unit];
}

std::string clock(double seconds) {
  if (!(seconds >= 0) || seconds > 3.6e6) return "--:--";
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  std::array<char, 32> text{};
  if (whole >= 3600)
    std::snprintf(text.data(), text.size(), "%d:%02d:%02d", static_cast<int>(whole / 3600),
                  static_cast<int>(whole / 60 % 60), static_cast<int>(whole % 60));
  else
    std::snprintf(text.data(), text.size(), "%d:%02d", static_cast<int>(whole / 60), static_cast<int>(whole % 60));
  return text.data();
}

std::string figure(double value) {
  if (value == 0) return "0.0000";
  const double size = std::abs(value);
  if (size >= 1e5 || size < 1e-3) return printed("%.3e", value);
  return printed(size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : "%.4f", value);
}

std::string percent(double share) { return printed("%.2f %%", share * 100); }

std::string shape_as_text(const Shape& shape) {
  std::string text = "(";
  for (int axis = 0; axis < shape.rank(); ++axis)
    text += (axis == 0 ? "" : ", ") + (shape[axis] == kUnknown ? std::string("None") : std::to_string(shape[axis]));
  return text + (shape.rank() == 1 ? ",)" : ")");
}

std::string logs_as_text(const Logs& logs) {
  std::string text;
  for (const auto& [name, value] : logs) text += (text.empty() ? "" : "  ") + name + " " + figure(value);
  return text;
}

}  // namespace trainyard::cli
