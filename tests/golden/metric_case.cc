// metric: y_true.k, y_pred.k, sample_weight.k -> result.k after each update.
#include "engine/train/metric.h"
#include "tests/golden/training_cases.h"

namespace trainyard::golden {
namespace {

/// The state after one more batch.
std::vector<Tensor> updated(const Metric& metric, const std::vector<Tensor>& state, const std::vector<Tensor>& batch,
                            Machine& machine) {
  Graph graph;
  std::vector<Tensor> tensors = batch;
  tensors.insert(tensors.end(), state.begin(), state.end());
  std::vector<Value> inputs;
  for (const Tensor& tensor : tensors) inputs.push_back(graph.input("x", {tensor.dtype(), tensor.shape()}));
  const std::vector<Value> old(inputs.begin() + static_cast<long>(batch.size()), inputs.end());
  return machine.run(graph, tensors, metric.update(old, inputs[0], inputs[1], batch.size() > 2 ? inputs[2] : Value()));
}

}  // namespace

void run_metric_case(const Case& golden, Machine& machine, Report& report) {
  Diagnostics diagnostics;
  const Shape& y_pred = golden.tensor("y_pred.0").shape();
  const auto metric =
      parse_metric(golden.config, golden.tensor("y_true.0").shape(), y_pred, ParseContext(diagnostics, "metric"));
  if (metric == nullptr) return report.fail(diagnostics.text());
  std::vector<Tensor> state;
  for (const Shape& shape : metric->state(y_pred)) state.emplace_back(DType::f32, shape);
  for (int k = 0; golden.has("y_pred." + std::to_string(k)); ++k) {
    const std::string suffix = "." + std::to_string(k);
    std::vector<Tensor> batch{golden.tensor("y_true" + suffix), golden.tensor("y_pred" + suffix)};
    if (golden.has("sample_weight" + suffix)) batch.push_back(golden.tensor("sample_weight" + suffix));
    state = updated(*metric, state, batch, machine);
    std::vector<TensorView> views;
    for (const Tensor& tensor : state) views.push_back(tensor.view());
    const std::vector<double> results = metric->results(views);
    report.expect_close("result" + suffix, Tensor::of<double>({static_cast<int64_t>(results.size())}, results),
                        golden.tensor("result" + suffix));
  }
}

}  // namespace trainyard::golden
