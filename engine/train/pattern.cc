#include "engine/train/pattern.h"

#include <cctype>
#include <cstring>
#include <locale>
#include <regex>
#include <string_view>
#include <utility>

namespace trainyard {
namespace {

#ifdef _LIBCPP_VERSION
/// What std::regex_traits does in the locale "C", without std::locale: that would bring the formatting of numbers, dates and money along,
/// a tenth of a megabyte for a page to load. GCC's std::regex wants std::locale in any case.
struct PlainTraits {
  using char_type = char;
  using string_type = std::string;
  using char_class_type = std::ctype_base::mask;
  struct locale_type {
    std::string name() const { return "C"; }
  };

  static size_t length(const char* text) { return std::strlen(text); }
  char translate(char c) const { return c; }
  char translate_nocase(char c) const { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
  template <typename Iterator>
  std::string transform(Iterator begin, Iterator end) const {
    return {begin, end};
  }
  template <typename Iterator>
  std::string transform_primary(Iterator begin, Iterator end) const {
    std::string text(begin, end);
    for (char& c : text) c = translate_nocase(c);
    return text;
  }
  template <typename Iterator>
  std::string lookup_collatename(Iterator begin, Iterator end) const {
    const std::string text(begin, end);
    return text.size() == 1 ? text : std::string();
  }
  template <typename Iterator>
  char_class_type lookup_classname(Iterator begin, Iterator end, bool ignore_case = false) const {
    using Base = std::ctype_base;
    static constexpr std::pair<std::string_view, char_class_type> kClasses[] = {
        {"alnum", Base::alnum}, {"alpha", Base::alpha},  {"blank", Base::blank}, {"cntrl", Base::cntrl},
        {"d", Base::digit},     {"digit", Base::digit},  {"graph", Base::graph}, {"lower", Base::lower},
        {"print", Base::print}, {"punct", Base::punct},  {"s", Base::space},     {"space", Base::space},
        {"upper", Base::upper}, {"xdigit", Base::xdigit}};
    const std::string name = transform_primary(begin, end);
    for (const auto& [known, mask] : kClasses)
      if (known == name) return ignore_case && (mask & (Base::lower | Base::upper)) == mask ? Base::alpha : mask;
    return 0;
  }
  bool isctype(char c, char_class_type mask) const {
    using Base = std::ctype_base;
    const int code = static_cast<unsigned char>(c);
    if (code >= 0x80) return false;
    const auto is = [&](char_class_type one, int holds) { return (mask & one) != 0 && holds != 0; };
    return is(Base::alpha, std::isalpha(code)) || is(Base::digit, std::isdigit(code)) ||
           is(Base::punct, std::ispunct(code)) || is(Base::space, std::isspace(code)) ||
           is(Base::blank, std::isblank(code)) || is(Base::cntrl, std::iscntrl(code)) ||
           is(Base::lower, std::islower(code)) || is(Base::upper, std::isupper(code)) ||
           is(Base::print, std::isprint(code)) || is(Base::xdigit, std::isxdigit(code));
  }
  int value(char c, int radix) const {
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    return digit < radix ? digit : -1;
  }
  locale_type imbue(locale_type locale) const { return locale; }
  locale_type getloc() const { return {}; }
};
using Expression = std::basic_regex<char, PlainTraits>;
#else
using Expression = std::regex;
#endif

}  // namespace

struct Pattern::Compiled {
  Expression expression;
};

std::optional<Pattern> Pattern::compile(const std::string& text, bool ignore_case) {
  auto flags = std::regex_constants::ECMAScript;
  if (ignore_case) flags |= std::regex_constants::icase;
  try {
    auto compiled = std::make_shared<Compiled>();
    compiled->expression.assign(text, flags);
    return Pattern(std::move(compiled));
  } catch (const std::regex_error&) {
    return std::nullopt;
  }
}

bool Pattern::matches(const std::string& text) const { return std::regex_match(text, compiled_->expression); }
bool Pattern::occurs_in(const std::string& text) const { return std::regex_search(text, compiled_->expression); }

}  // namespace trainyard
