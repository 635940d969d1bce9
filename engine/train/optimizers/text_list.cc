#include "engine/train/optimizers/text_list.h"

#include "engine/train/pattern.h"

namespace trainyard {

void ArgTraits<TextList>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::json;
  spec.nullable = true;
}

bool ArgTraits<TextList>::parse(const Json& value, TextList& result, const ArgSpec&, const ParseContext& context) {
  result.texts.clear();
  if (value.is_null()) return true;
  if (!value.is_array()) return context.expected("a list of texts", value), false;
  for (const Json& entry : value) {
    if (!entry.is_string()) return context.expected("a list of texts", value), false;
    result.texts.push_back(entry.get<std::string>());
  }
  return true;
}

Json ArgTraits<TextList>::print(const TextList& value) {
  Json list = Json::array();
  for (const std::string& text : value.texts) list.push_back(text);
  return list;
}

bool check_pattern(const std::string& pattern, const ParseContext& context) {
  if (pattern.size() <= 200 && Pattern::compile(pattern)) return true;
  context.expected("a regular expression of at most 200 characters", pattern);
  return false;
}

void check_patterns(const TextList& list, const ParseContext& context) {
  for (size_t i = 0; i < list.texts.size(); ++i) check_pattern(list.texts[i], context.item(i));
}

}  // namespace trainyard
