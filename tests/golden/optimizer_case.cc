// optimizer: variable.i, gradient.step.i -> after.step.i.
#include "engine/train/optimizer.h"
#include "tests/golden/training_cases.h"
#include "tests/train/host_update.h"

namespace trainyard::golden {

void run_optimizer_case(const Case& golden, Machine& machine, Report& report) {
  Diagnostics diagnostics;
  const std::unique_ptr<Declared> parsed =
      Optimizer::registry().parse(golden.config, ParseContext(diagnostics, "optimizer"));
  if (parsed == nullptr) return report.fail(diagnostics.text());
  std::vector<Tensor> variables;
  for (const Tensor& variable : golden.numbered("variable")) variables.push_back(variable.clone());
  testing::HostTraining training(static_cast<const Optimizer&>(*parsed), variables,
                                 [&](Graph& graph, const std::vector<Tensor>& inputs,
                                     const std::vector<Value>& wanted) { return machine.run(graph, inputs, wanted); });
  for (int step = 0; golden.has("gradient." + std::to_string(step) + ".0"); ++step) {
    training.step(golden.numbered("gradient." + std::to_string(step)));
    const std::vector<Tensor> after = golden.numbered("after." + std::to_string(step));
    for (size_t i = 0; i < after.size(); ++i)
      report.expect_close("after." + std::to_string(step) + "." + std::to_string(i), training.variables()[i], after[i]);
  }
}

}  // namespace trainyard::golden
