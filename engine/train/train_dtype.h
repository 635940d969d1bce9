// The `dtype` argument of losses and metrics.
#pragma once

#include <optional>

#include "engine/core/declare.h"

namespace trainyard {

/// None, or the dtype to compute in. Reads a name or Keras's {"class_name": "DTypePolicy", "config": {"name": ...}}.
/// float32 and float64; the half-precision ones are refused by name until a backend has them.
struct ComputeDType {
  std::optional<DType> dtype;
};

template <>
struct ArgTraits<ComputeDType> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, ComputeDType& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const ComputeDType& value);
};

/// The name of a policy given as a name or as a serialized object; "" when it is neither.
std::string policy_name(const Json& value);

}  // namespace trainyard
