// Arguments that are a list of numbers, or a number that may be given as a list.
#pragma once

#include <vector>

#include "engine/core/declare.h"

namespace trainyard {

/// [0.1, 0.05, 0.01]; each entry within the argument's bounds.
struct NumberList {
  std::vector<double> values;
};

template <>
struct ArgTraits<NumberList> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, NumberList& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const NumberList& value);
};

/// A number, or a list of them; prints as it was given.
struct NumberOrList {
  std::vector<double> values;
  bool is_list = false;
  NumberOrList(double number = 0) : values{number} {}  // NOLINT: `NumberOrList alpha = 0.25`
};

template <>
struct ArgTraits<NumberOrList> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, NumberOrList& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const NumberOrList& value);
};

}  // namespace trainyard
