#include "engine/data/digit_strokes.h"

#include <array>
#include <charconv>

#include "engine/core/check.h"

namespace trainyard {
namespace {

struct Written {
  int digit;
  float weight;
  std::string_view strokes;
};

constexpr auto kWritten = std::to_array<Written>({
    // Zero: begun at the top, run left; overlapping, open or with a tail; or run right.
    {0, 3, "55 7, 26 17, 12 50, 28 86, 54 94, 84 70, 86 36, 64 9, 46 8"},
    {0, 2, "62 10, 36 10, 16 45, 30 86, 54 93, 80 64, 76 24, 52 7, 34 14"},
    {0, 1, "56 12, 30 20, 14 55, 32 90, 62 90, 86 55, 76 20, 60 8"},
    {0, 1, "36 13, 64 7, 88 38, 76 82, 46 94, 15 70, 18 32, 40 9, 58 9"},
    {0, 1, "64 18, 46 6, 20 30, 16 65, 42 94, 75 80, 86 45, 70 14, 50 18, 42 28"},
    // One: a stroke; with a flag, with a foot, with both.
    {1, 8, "50 5, 50 50, 50 95"},
    {1, 3, "56 5, 51 50, 48 95"},
    {1, 2, "46 5, 51 50, 52 95"},
    {1, 2, "30 28, 54 6!, 53 50, 52 95"},
    {1, 1, "30 26, 54 6!, 53 50, 53 94; 26 94, 80 94"},
    {1, 0.4f, "52 6, 51 50, 50 94; 24 94, 76 94"},
    // Two: pointed foot, looped foot, hooked beginning.
    {2, 3, "15 28, 28 10, 55 6, 78 24, 66 52, 38 76, 12 94!, 50 92, 90 90"},
    {2, 2, "16 26, 35 8, 64 8, 76 30, 60 60, 30 88, 12 90, 12 76, 30 74, 55 88, 92 92"},
    {2, 2, "20 18, 50 5, 75 20, 70 45, 40 72, 15 92!, 50 91, 88 92"},
    {2, 2, "18 30, 30 10, 58 6, 74 26, 58 58, 34 84, 18 92, 12 84, 24 76, 50 86, 70 94, 94 84"},
    {2, 1, "25 32, 16 22, 32 8, 60 6, 76 26, 60 56, 16 92!, 45 86, 70 94, 90 88"},
    // Three: bays that meet in a corner, in a small loop or flowing; a flat top.
    {3, 3, "18 16, 45 5, 75 18, 68 40, 40 47!, 76 56, 82 78, 55 95, 15 86"},
    {3, 2, "20 14, 50 5, 74 20, 62 42, 38 48, 46 50, 78 62, 76 86, 46 96, 14 84"},
    {3, 1, "20 8, 50 8, 78 8!, 45 42!, 78 56, 80 80, 50 95, 15 86"},
    {3, 1.5f, "20 18, 45 6, 72 18, 64 40, 42 50, 36 44, 48 44, 76 58, 78 82, 48 96, 16 84"},
    {3, 1, "28 12, 55 5, 72 22, 56 44, 42 47!, 70 60, 72 82, 48 95, 22 90"},
    // Four: open with corner or bow, drawn at once, closed.
    {4, 3, "25 8, 20 30, 18 52!, 50 52, 85 50; 70 10, 67 50, 64 95"},
    {4, 2, "24 10, 16 40, 30 56, 60 54, 80 46; 76 8, 72 50, 66 96"},
    {4, 1.5f, "62 6, 38 34, 12 62!, 50 61, 90 60; 62 6, 62 50, 62 96"},
    {4, 2, "22 12, 18 48, 40 58, 70 46, 76 12!, 70 55, 62 96"},
    {4, 1, "30 5, 22 30, 14 55!, 55 54, 92 52; 60 28, 58 60, 56 95"},
    {4, 1, "60 95, 63 50, 68 5!, 40 34, 12 64!, 50 64, 88 62"},
    // Five: hat drawn last, drawn first, apart; flowing like an S.
    {5, 3, "30 8, 27 26, 24 44!, 55 40, 80 58, 74 84, 44 96, 14 86; 30 8, 56 7, 84 6"},
    {5, 2, "82 8, 56 9, 32 10!, 28 28, 24 46!, 52 38, 80 54, 78 82, 46 96, 14 88"},
    {5, 1, "78 6, 40 12, 24 30, 40 45, 72 58, 74 82, 46 96, 16 88"},
    {5, 1, "82 10, 58 11, 34 12!, 28 42!, 60 44, 78 66, 60 92, 18 92"},
    {5, 1.5f, "28 16, 27 30, 26 46!, 58 42, 78 60, 72 86, 42 96, 16 86; 34 12, 60 8, 90 4"},
    // Six: bowed or straight stem, small or large loop.
    {6, 3, "66 6, 36 28, 16 62, 28 92, 60 92, 76 70, 58 54, 30 62, 20 76"},
    {6, 2, "60 5, 32 42, 18 74, 34 94, 66 90, 74 68, 52 56, 24 70"},
    {6, 2, "42 4, 27 40, 24 78, 42 95, 68 84, 66 64, 44 58, 26 74"},
    {6, 2, "74 10, 44 12, 18 45, 18 80, 46 96, 80 80, 74 54, 46 48, 20 64"},
    {6, 1, "56 4, 36 30, 22 70, 40 95, 72 86, 70 60, 46 60, 30 80, 36 92"},
    // Seven: plain, with a bar, with a serif, with a bowed leg.
    {7, 4, "12 14, 48 12, 84 10!, 64 50, 46 95"},
    {7, 1.5f, "12 14, 48 12, 84 10!, 62 50, 46 95; 34 52, 56 50, 80 48"},
    {7, 2, "14 28, 15 12!, 50 11, 84 10!, 60 54, 44 95"},
    {7, 2, "14 16, 44 11, 84 12!, 66 42, 52 70, 48 96"},
    {7, 2, "12 20, 30 10, 70 8, 80 20, 62 52, 48 96"},
    {7, 0.6f, "13 26, 16 13!, 48 12, 84 11!, 60 52, 46 95; 32 54, 56 51, 78 50"},
    // Eight: one S with its way back, two rings, an open top.
    {8, 3, "70 16, 45 5, 22 20, 38 42, 70 62, 76 84, 48 96, 22 82, 30 60, 62 42, 76 22, 64 10"},
    {8, 2, "50 48, 24 32, 32 8, 64 6, 76 28, 50 48, 20 70, 30 94, 66 94, 80 72, 50 48"},
    {8, 2, "74 12, 40 8, 26 26, 50 46, 74 66, 66 92, 32 92, 24 70, 50 46, 78 18"},
    {8, 1.5f, "62 8, 40 8, 30 24, 46 42, 66 58, 72 82, 50 96, 30 82, 36 60, 58 42, 66 22, 58 6"},
    {8, 1, "30 14, 56 5, 74 20, 56 44, 26 64, 24 88, 54 96, 74 80, 64 58, 36 38, 28 20, 44 8"},
    // Nine: straight, bowed or slanting leg.
    {9, 3, "72 20, 50 6, 22 22, 26 48, 56 48, 73 20!, 70 58, 64 96"},
    {9, 2, "74 20, 50 6, 22 24, 28 50, 58 46, 74 18, 76 56, 60 88, 26 92"},
    {9, 2, "70 14, 36 6, 18 30, 40 50, 68 34, 74 10!, 68 52, 58 95"},
    {9, 2, "68 12, 32 10, 20 36, 46 48, 72 16!, 56 62, 40 96"},
    {9, 1, "76 26, 56 6, 26 14, 20 42, 46 54, 72 38, 76 26, 76 60, 68 96"},
});

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool done() {
    skip_spaces();
    return text_.empty();
  }
  /// Takes `c` if it is next.
  bool take(char c) {
    skip_spaces();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Hundredths as a fraction.
  float number() {
    skip_spaces();
    int value = 0;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    check(error == std::errc(), "a number in a stroke");
    text_.remove_prefix(static_cast<size_t>(end - text_.data()));
    return static_cast<float>(value) / 100.0f;
  }

 private:
  void skip_spaces() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }
  std::string_view text_;
};

}  // namespace

std::vector<Stroke> parse_strokes(std::string_view text) {
  Reader reader(text);
  std::vector<Stroke> strokes(1);
  for (;;) {
    const float x = reader.number();
    const float y = reader.number();
    strokes.back().push_back({x, y, reader.take('!')});
    if (reader.done()) return strokes;
    if (reader.take(';'))
      strokes.emplace_back();
    else
      check(reader.take(','), "a comma between points");
  }
}

const std::vector<DigitStyle>& digit_styles() {
  static const std::vector<DigitStyle> styles = [] {
    std::vector<DigitStyle> result;
    for (const Written& written : kWritten)
      result.push_back({written.digit, written.weight, parse_strokes(written.strokes)});
    return result;
  }();
  return styles;
}

}  // namespace trainyard
