#include "engine/layers/text_tokens.h"

#include <algorithm>

namespace trainyard {
namespace {

bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Bytes of the code point that begins here.
size_t code_point_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t size = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  for (size_t i = 1; i < size; ++i)
    if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 1;
  return size;
}

std::vector<std::string> join_neighbours(const std::vector<std::string>& words, const std::vector<int64_t>& widths) {
  std::vector<std::string> joined;
  for (const int64_t width : widths)
    for (size_t begin = 0; begin + static_cast<size_t>(width) <= words.size(); ++begin) {
      std::string gram = words[begin];
      for (size_t i = 1; i < static_cast<size_t>(width); ++i) gram += " " + words[begin + i];
      joined.push_back(std::move(gram));
    }
  return joined;
}

}  // namespace

std::string standardized(std::string text, Standardize how) {
  if (how != Standardize::strip_punctuation)
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (how != Standardize::lower) text.erase(std::remove_if(text.begin(), text.end(), is_punctuation), text.end());
  return text;
}

std::vector<std::string> split_text(const std::string& text, Split how) {
  std::vector<std::string> parts;
  if (how == Split::character) {
    for (size_t at = 0; at < text.size(); at += parts.back().size())
      parts.push_back(text.substr(at, code_point_size(std::string_view(text).substr(at))));
    return parts;
  }
  for (size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    parts.push_back(text.substr(begin, at - begin));
  }
  return parts;
}

std::vector<std::string> tokens_of(const std::string* begin, size_t count, const TokenRules& rules) {
  std::vector<std::string> tokens;
  for (const std::string* text = begin; text != begin + count; ++text) {
    std::string plain = rules.standardize ? standardized(*text, *rules.standardize) : *text;
    if (!rules.split) {
      tokens.push_back(std::move(plain));
      continue;
    }
    for (std::string& part : split_text(plain, *rules.split)) tokens.push_back(std::move(part));
  }
  return rules.ngram_widths.empty() ? tokens : join_neighbours(tokens, rules.ngram_widths);
}

}  // namespace trainyard
