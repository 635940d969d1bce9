#include "engine/train/metrics/metric_dtype.h"

#include "engine/train/train_dtype.h"

namespace trainyard {

void ArgTraits<MetricDType>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::dtype;
  spec.nullable = true;
  spec.choices = {"float32"};
}

bool ArgTraits<MetricDType>::parse(const Json& value, MetricDType& result, const ArgSpec&,
                                   const ParseContext& context) {
  if (value.is_null()) return true;
  const std::string name = policy_name(value);
  if (name == "float32" || name == "int32" || name == "int") return result.counts = name != "float32", true;
  context.error("argument.choice", {{"choices", "float32"}, {"value", value.dump()}});
  return false;
}

}  // namespace trainyard
