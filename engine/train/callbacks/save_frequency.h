// The `save_freq` argument: "epoch" or a number of batches.
#pragma once

#include "engine/core/declare.h"

namespace trainyard {

/// 0: at each epoch's end.
struct SaveFrequency {
  int64_t batches = 0;
};

template <>
struct ArgTraits<SaveFrequency> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::json; }
  static bool parse(const Json& value, SaveFrequency& result, const ArgSpec&, const ParseContext& context) {
    if (value == "epoch") return result.batches = 0, true;
    if (value.is_number_integer() && value.get<double>() >= 1 && value.get<double>() <= kLargestInteger)
      return result.batches = value.get<int64_t>(), true;
    context.expected("\"epoch\" or a number of batches", value);
    return false;
  }
  static Json print(const SaveFrequency& value) { return value.batches == 0 ? Json("epoch") : Json(value.batches); }
};

}  // namespace trainyard
