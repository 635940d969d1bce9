// Arguments that are a size or several, and axes that are one or several, which Keras writes as a list in any case.
#pragma once

#include "engine/core/declare.h"

namespace trainyard {

/// A size or a list of sizes; null entries are kUnknown.
struct Sizes {
  std::vector<int64_t> sizes;
};

template <>
struct ArgTraits<Sizes> {
  static void describe(ArgSpec& spec) { ArgTraits<Shape>::describe(spec); }
  static bool parse(const Json& value, Sizes& result, const ArgSpec& spec, const ParseContext& context) {
    Shape shape;
    if (!ArgTraits<Shape>::parse(value.is_number() ? Json::array({value}) : value, shape, spec, context)) return false;
    result.sizes = shape.dims();
    return true;
  }
  static Json print(const Sizes& value) { return ArgTraits<Shape>::print(Shape(value.sizes)); }
};

/// An axis or a list of axes.
struct AxisList {
  std::vector<int64_t> axes;
};

template <>
struct ArgTraits<AxisList> {
  static void describe(ArgSpec& spec) { spec.kind = ArgKind::axis; }
  static bool parse(const Json& value, AxisList& result, const ArgSpec& spec, const ParseContext& context) {
    return ArgTraits<std::vector<int64_t>>::parse(value.is_number() ? Json::array({value}) : value, result.axes, spec,
                                                  context);
  }
  static Json print(const AxisList& value) { return ArgTraits<std::vector<int64_t>>::print(value.axes); }
};

}  // namespace trainyard
