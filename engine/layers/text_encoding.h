// The argument `encoding` of layers that read text.
#pragma once

#include <cctype>

#include "engine/layers/layer_declaration.h"

namespace trainyard {

/// The name of a text encoding. Text is UTF-8 here, as JSON is.
struct TextEncoding {
  std::string name = "utf-8";
};

template <>
struct ArgTraits<TextEncoding> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::text; }
  static bool parse(const Json& value, TextEncoding& result, const ArgSpec&, const ParseContext& context) {
    if (!value.is_string()) return context.expected("a text", value), false;
    std::string plain;
    for (const char c : value.get<std::string>())
      if (c != '-' && c != '_') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    // ASCII text is UTF-8 text as it stands.
    if (plain != "utf8" && plain != "ascii" && plain != "usascii")
      return context.error("argument.choice", {{"choices", "utf-8, ascii"}, {"value", value.dump()}}), false;
    result.name = value.get<std::string>();
    return true;
  }
  static Json print(const TextEncoding& value) { return value.name; }
};

}  // namespace trainyard
