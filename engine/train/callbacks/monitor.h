// What callbacks that watch one number of the logs share (keras.callbacks.MonitorCallback).
#pragma once

#include <cmath>

#include "engine/train/callbacks.h"

namespace trainyard {

enum class MonitorMode : uint8_t { automatic, min, max };
constexpr std::array<std::string_view, 3> choice_names(MonitorMode) { return {"auto", "min", "max"}; }

class Monitor : public Callback {
 public:
  std::string monitor = "val_loss";
  MonitorMode mode = MonitorMode::automatic;
  double min_delta = 0;

 protected:
  /// The watched number; a message and nothing where the logs have none.
  std::optional<double> watched(const CallbackMoment& moment, CallbackActions& actions) const;
  /// Whether `value` beats `reference` (null: nothing to beat) by more than min_delta.
  bool improves(double value, const Json& reference, const CallbackMoment& moment) const;
};

}  // namespace trainyard
