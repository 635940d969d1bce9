// The kinds of golden cases; a new one is a function in a file of its own and a line here.
#include "tests/golden/golden_case.h"
#include "tests/golden/layer_cases.h"
#include "tests/golden/model_cases.h"
#include "tests/golden/training_cases.h"

namespace trainyard::golden {

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> kAll{
      {"constraint", run_constraint_case},   {"layer", run_layer_case},      {"loss", run_loss_case},
      {"metric", run_metric_case},           {"model", run_model_case},      {"optimizer", run_optimizer_case},
      {"regularizer", run_regularizer_case}, {"schedule", run_schedule_case}};
  return kAll;
}

}  // namespace trainyard::golden
