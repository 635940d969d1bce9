// How people write the ten digits, as pen strokes.
#pragma once

#include <string_view>
#include <vector>

namespace trainyard {

/// A point that the pen passes. The box that a digit is written in is 1 wide and 1 high, y grows downwards.
struct PenPoint {
  float x = 0;
  float y = 0;
  /// The pen turns here; elsewhere it runs smoothly.
  bool corner = false;
};

using Stroke = std::vector<PenPoint>;

/// One way to write a digit.
struct DigitStyle {
  int digit = 0;
  /// How common it is among the styles of its digit; any positive number.
  float weight = 1;
  std::vector<Stroke> strokes;
};

/// Reads strokes such as "12 14, 84 10!, 46 95; 36 52, 78 48": points in hundredths, `!` marks a corner, `;` lifts the pen.
std::vector<Stroke> parse_strokes(std::string_view text);

/// Every style of every digit.
const std::vector<DigitStyle>& digit_styles();

}  // namespace trainyard
