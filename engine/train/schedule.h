// Learning rates that change with the step, as keras.optimizers.schedules.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/core/declare.h"

namespace trainyard {

class Schedule : public Declared {
 public:
  static constexpr const char* kGroup = "schedules";
  static const Registry& registry();
  static Json print(const Schedule& object) { return serialize(object, "optimizers.schedules"); }

  std::string name;

  /// The learning rate at a step (from 0): the number of batches done, however many of them updated the weights.
  virtual double at(int64_t step) const = 0;
};

/// A number, or a schedule.
struct LearningRate {
  double value = 0.001;
  Ref<Schedule> schedule;
  LearningRate(double number) : value(number) {}  // NOLINT: `LearningRate learning_rate = 0.01`
  double at(int64_t step) const { return schedule ? schedule->at(step) : value; }
};

template <>
struct ArgTraits<LearningRate> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, LearningRate& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const LearningRate& value);
};

}  // namespace trainyard
