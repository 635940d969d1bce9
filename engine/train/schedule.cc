#include "engine/train/schedule.h"

#include <nlohmann/json.hpp>

#include "engine/train/schedules/schedule_classes.h"

namespace trainyard {

void ArgTraits<LearningRate>::describe(ArgSpec& spec) {
  spec.kind = ArgKind::number_or_schedule;
  spec.group = Schedule::kGroup;
}

bool ArgTraits<LearningRate>::parse(const Json& value, LearningRate& result, const ArgSpec& spec,
                                    const ParseContext& context) {
  if (value.is_number()) {
    double number = 0;
    if (!parse_number(value, number, spec, context)) return false;
    if (number < 0) return context.expected("a number of at least 0, or a schedule", value), false;
    return result = LearningRate(number), true;
  }
  if (!value.is_object() && !value.is_string()) return context.expected("a number or a schedule", value), false;
  return ArgTraits<Ref<Schedule>>::parse(value, result.schedule, spec, context);
}

Json ArgTraits<LearningRate>::print(const LearningRate& value) {
  return value.schedule ? Schedule::print(*value.schedule) : Json(value.value);
}

const Registry& Schedule::registry() {
  static const Registry kRegistry(kGroup, schedule_classes());
  return kRegistry;
}

}  // namespace trainyard
