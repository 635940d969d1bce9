// schedule: step -> value.
#include "engine/train/schedule.h"
#include "tests/golden/training_cases.h"

namespace trainyard::golden {

void run_schedule_case(const Case& golden, Machine&, Report& report) {
  Diagnostics diagnostics;
  const std::unique_ptr<Declared> parsed =
      Schedule::registry().parse(golden.config, ParseContext(diagnostics, "schedule"));
  if (parsed == nullptr) return report.fail(diagnostics.text());
  const Schedule& schedule = static_cast<const Schedule&>(*parsed);
  const Tensor& steps = golden.tensor("step");
  std::vector<double> values;
  for (int64_t i = 0; i < steps.elements(); ++i)
    values.push_back(schedule.at(static_cast<int64_t>(element_as_double(steps.view(), i))));
  report.expect_close("value", Tensor::of<double>(steps.shape(), values), golden.tensor("value"));
}

}  // namespace trainyard::golden
