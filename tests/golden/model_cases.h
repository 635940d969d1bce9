// The kinds of cases about layers and models.
#pragma once

#include "tests/golden/golden_case.h"

namespace trainyard::golden {

void run_layer_case(const Case& golden, Machine& machine, Report& report);
void run_regularizer_case(const Case& golden, Machine& machine, Report& report);
void run_constraint_case(const Case& golden, Machine& machine, Report& report);
void run_model_case(const Case& golden, Machine& machine, Report& report);

}  // namespace trainyard::golden
