// The declared callback classes, by family. Read by callbacks.cc, which holds the registry.
#pragma once

#include <vector>

#include "engine/train/callbacks.h"
#include "engine/train/callbacks/monitor.h"

namespace trainyard {

std::vector<const ClassInfo*> monitor_callbacks();
std::vector<const ClassInfo*> saving_callbacks();
std::vector<const ClassInfo*> other_callbacks();

inline constexpr ArgOptions kVerbose{.min = 0, .max = 2, .advanced = true};

}  // namespace trainyard
