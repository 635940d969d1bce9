// The `dtype` argument of metrics.
#pragma once

#include "engine/core/declare.h"

namespace trainyard {

/// State is float32; other precisions are refused by name. Keras writes "int32" for the metrics that count, whose results
/// are float32 all the same, so that is read too and printed as it was given.
struct MetricDType {
  bool counts = false;
};

template <>
struct ArgTraits<MetricDType> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, MetricDType& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const MetricDType& value) { return value.counts ? "int32" : "float32"; }
};

}  // namespace trainyard
