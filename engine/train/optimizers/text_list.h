// Arguments that are a list of texts: patterns of variable paths.
#pragma once

#include <string>
#include <vector>

#include "engine/core/declare.h"

namespace trainyard {

/// None is the empty list.
struct TextList {
  std::vector<std::string> texts;
};

template <>
struct ArgTraits<TextList> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, TextList& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const TextList& value);
};

/// A regular expression; complains when it is none. Python's and ECMAScript's agree on what paths need.
bool check_pattern(const std::string& pattern, const ParseContext& context);
void check_patterns(const TextList& list, const ParseContext& context);

}  // namespace trainyard
