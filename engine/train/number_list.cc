#include "engine/train/number_list.h"

namespace trainyard {

void ArgTraits<NumberList>::describe(ArgSpec& spec) { spec.kind = ArgKind::json; }

bool ArgTraits<NumberList>::parse(const Json& value, NumberList& result, const ArgSpec& spec,
                                  const ParseContext& context) {
  if (!value.is_array()) return context.expected("a list of numbers", value), false;
  std::vector<double> numbers(value.size());
  bool good = true;
  for (size_t i = 0; i < numbers.size(); ++i) good &= parse_number(value[i], numbers[i], spec, context.item(i));
  if (good) result.values = std::move(numbers);
  return good;
}

Json ArgTraits<NumberList>::print(const NumberList& value) {
  Json list = Json::array();
  for (const double number : value.values) list.push_back(number);
  return list;
}

void ArgTraits<NumberOrList>::describe(ArgSpec& spec) { spec.kind = ArgKind::json; }

bool ArgTraits<NumberOrList>::parse(const Json& value, NumberOrList& result, const ArgSpec& spec,
                                    const ParseContext& context) {
  if (!value.is_array()) {
    double number = 0;
    if (!parse_number(value, number, spec, context)) return false;
    return result = NumberOrList(number), true;
  }
  NumberList list;
  if (!ArgTraits<NumberList>::parse(value, list, spec, context)) return false;
  if (list.values.empty()) return context.expected("a number or a list of numbers", value), false;
  result.values = std::move(list.values);
  return result.is_list = true;
}

Json ArgTraits<NumberOrList>::print(const NumberOrList& value) {
  return value.is_list ? ArgTraits<NumberList>::print({value.values}) : Json(value.values.front());
}

}  // namespace trainyard
