// The kinds of golden cases; a new one is a function in a file of its own and a line here.
#include "tests/golden/golden_case.h"
#include "tests/golden/training_cases.h"

namespace trainyard::golden {

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> kAll{{"loss", run_loss_case},
                                      {"metric", run_metric_case},
                                      {"optimizer", run_optimizer_case},
                                      {"schedule", run_schedule_case}};
  return kAll;
}

}  // namespace trainyard::golden
