// From texts to tokens, as TextVectorization cuts them: standardise, split, join neighbours.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trainyard {

enum class Standardize : uint8_t { lower_and_strip_punctuation, lower, strip_punctuation };
constexpr auto choice_names(Standardize) {
  return std::array<std::string_view, 3>{"lower_and_strip_punctuation", "lower", "strip_punctuation"};
}
enum class Split : uint8_t { whitespace, character };
constexpr auto choice_names(Split) { return std::array<std::string_view, 2>{"whitespace", "character"}; }

struct TokenRules {
  std::optional<Standardize> standardize = Standardize::lower_and_strip_punctuation;
  std::optional<Split> split = Split::whitespace;
  /// How many neighbours make a token, in this order; empty: tokens are as they were split.
  std::vector<int64_t> ngram_widths = {};
};

/// Capital letters and punctuation are those of ASCII, as in Keras.
std::string standardized(std::string text, Standardize how);

/// Whitespace: that of ASCII. Characters: code points of UTF-8; a byte that belongs to none is one for itself.
std::vector<std::string> split_text(const std::string& text, Split how);

/// The tokens of one sample's strings. Without a split each string is one.
std::vector<std::string> tokens_of(const std::string* begin, size_t count, const TokenRules& rules);

}  // namespace trainyard
