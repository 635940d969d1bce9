#include "engine/train/callbacks/monitor.h"

#include <algorithm>

namespace trainyard {
namespace {

bool rises(MonitorMode mode, const std::string& monitor, std::span<const std::string> rising) {
  switch (mode) {
    case MonitorMode::min: return false;
    case MonitorMode::max: return true;
    case MonitorMode::automatic: {
      const std::string name = monitor.rfind("val_", 0) == 0 ? monitor.substr(4) : monitor;
      return std::find(rising.begin(), rising.end(), name) != rising.end();
    }
  }
  return false;
}

}  // namespace

std::optional<double> Monitor::watched(const CallbackMoment& moment, CallbackActions& actions) const {
  std::string known;
  for (const auto& [name, value] : moment.logs) {
    if (name == monitor) return value;
    known += (known.empty() ? "" : ", ") + name;
  }
  actions.messages.push_back(info().class_name + " watches '" + monitor +
                             "', which is not logged; there are: " + known);
  return std::nullopt;
}

bool Monitor::improves(double value, const Json& reference, const CallbackMoment& moment) const {
  if (reference.is_null()) return !std::isnan(value);
  const double margin = std::abs(min_delta);
  const double old = reference.get<double>();
  return rises(mode, monitor, moment.rising) ? value - margin > old : value + margin < old;
}

}  // namespace trainyard
