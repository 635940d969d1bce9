// loss: y_true, y_pred, sample_weight -> loss, dy_pred.
#include "engine/ops/gradient.h"
#include "engine/train/loss.h"
#include "tests/golden/training_cases.h"

namespace trainyard::golden {

void run_loss_case(const Case& golden, Machine& machine, Report& report) {
  Diagnostics diagnostics;
  const std::shared_ptr<const Loss> loss = parse_loss(golden.config, ParseContext(diagnostics, "loss"));
  if (loss == nullptr) return report.fail(diagnostics.text());
  std::vector<Tensor> tensors{golden.tensor("y_true"), golden.tensor("y_pred")};
  if (golden.has("sample_weight")) tensors.push_back(golden.tensor("sample_weight"));
  Graph graph;
  std::vector<Value> inputs;
  for (const Tensor& tensor : tensors) inputs.push_back(graph.input("x", {tensor.dtype(), tensor.shape()}));
  const Value value = (*loss)(inputs[0], inputs[1], inputs.size() > 2 ? inputs[2] : Value());
  std::vector<Value> wanted{value};
  if (golden.has("dy_pred")) wanted.push_back(gradients(value, {inputs[1]}).front());
  const std::vector<Tensor> results = machine.run(graph, tensors, wanted);
  report.expect_close("loss", results[0], golden.tensor("loss"));
  if (golden.has("dy_pred")) report.expect_close("dy_pred", results[1], golden.tensor("dy_pred"));
}

}  // namespace trainyard::golden
