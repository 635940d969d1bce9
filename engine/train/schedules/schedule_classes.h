// The declared schedules. Read by schedule.cc, which holds the registry.
#pragma once

#include <vector>

#include "engine/train/schedule.h"

namespace trainyard {

std::vector<const ClassInfo*> schedule_classes();

}  // namespace trainyard
