// The kind of cases about whole models.
#pragma once

#include "tests/golden/golden_case.h"

namespace trainyard::golden {

void run_model_case(const Case& golden, Machine& machine, Report& report);

}  // namespace trainyard::golden
