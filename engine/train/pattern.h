// Regular expressions that files bring along, as those of MultiOptimizer and Muon.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace trainyard {

/// ECMAScript's grammar over bytes, in the locale "C".
class Pattern {
 public:
  /// Nothing where the text is no such expression.
  static std::optional<Pattern> compile(const std::string& text, bool ignore_case = false);

  /// Whether it matches all of the text.
  bool matches(const std::string& text) const;
  /// Whether it matches any part of the text.
  bool occurs_in(const std::string& text) const;

 private:
  struct Compiled;
  explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace trainyard
