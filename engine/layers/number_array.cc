#include "engine/layers/number_array.h"

#include <algorithm>
#include <cmath>

namespace trainyard {
namespace number_array {  // names of its own: several files may be compiled as one
namespace {

bool collect(const Json& value, size_t depth, bool open_ended, NumberArray& result) {
  if (is_any_number(value)) {
    result.values.push_back(any_number(value));
    return depth == static_cast<size_t>(result.shape.rank()) && (open_ended || std::isfinite(result.values.back()));
  }
  if (!value.is_array() || value.empty() || depth >= static_cast<size_t>(result.shape.rank())) return false;
  if (result.shape[static_cast<int>(depth)] != static_cast<int64_t>(value.size())) return false;
  return std::all_of(value.begin(), value.end(),
                     [&](const Json& item) { return collect(item, depth + 1, open_ended, result); });
}

Json print(const NumberArray& array, int axis, size_t& next) {
  if (axis == array.shape.rank()) return number_json(array.values[next++]);
  Json list = Json::array();
  for (int64_t i = 0; i < array.shape[axis]; ++i) list.push_back(print(array, axis + 1, next));
  return list;
}

}  // namespace
}  // namespace number_array

bool NumberArray::fits(const Shape& wanted) const {
  const int ahead = wanted.rank() - shape.rank();
  for (int axis = 0; ahead >= 0 && axis < shape.rank(); ++axis)
    if (shape[axis] != 1 && shape[axis] != wanted[axis + ahead]) return false;
  return ahead >= 0;
}

bool ArgTraits<NumberArray>::parse(const Json& value, NumberArray& result, const ArgSpec& spec,
                                   const ParseContext& context) {
  NumberArray read;
  // The first way down says the shape.
  for (const Json* item = &value; item->is_array() && !item->empty(); item = &(*item)[0])
    read.shape.push_back(static_cast<int64_t>(item->size()));
  const bool fits = static_cast<size_t>(read.shape.rank()) <= kMaxRank;
  if (!fits || !number_array::collect(value, 0, spec.options.open_ended, read))
    return context.expected("a number or a list of numbers", value), false;
  result = std::move(read);
  return true;
}

Json ArgTraits<NumberArray>::print(const NumberArray& value) {
  size_t next = 0;
  return number_array::print(value, 0, next);
}

}  // namespace trainyard
