// The kinds of cases about training's parts; each in the .cc file of its name.
#pragma once

#include "tests/golden/golden_case.h"

namespace trainyard::golden {

void run_loss_case(const Case& golden, Machine& machine, Report& report);
void run_metric_case(const Case& golden, Machine& machine, Report& report);
void run_optimizer_case(const Case& golden, Machine& machine, Report& report);
void run_schedule_case(const Case& golden, Machine& machine, Report& report);

}  // namespace trainyard::golden
