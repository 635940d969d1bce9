// regularizer, constraint: input.0 -> output.0.
#include "engine/layers/constraint.h"
#include "engine/layers/regularizer.h"
#include "tests/golden/model_cases.h"

namespace trainyard::golden {
namespace {

template <typename Base, typename Apply>
void run(const Case& golden, Machine& machine, Report& report, Apply apply) {
  Diagnostics diagnostics;
  const std::unique_ptr<Declared> object = Base::registry().parse(golden.config, ParseContext(diagnostics, golden.kind));
  if (object == nullptr) return report.fail(diagnostics.text());
  const Tensor& input = golden.tensor("input.0");
  Graph graph;
  const Value x = graph.input("x", {input.dtype(), input.shape()});
  const Value y = apply(static_cast<const Base&>(*object), x);
  report.expect_close("output.0", machine.run(graph, {input}, {y}).front(), golden.tensor("output.0"));
}

}  // namespace

void run_regularizer_case(const Case& golden, Machine& machine, Report& report) {
  run<Regularizer>(golden, machine, report, [](const Regularizer& regularizer, Value x) { return regularizer.penalty(x); });
}

void run_constraint_case(const Case& golden, Machine& machine, Report& report) {
  run<Constraint>(golden, machine, report, [](const Constraint& constraint, Value x) { return constraint.project(x); });
}

}  // namespace trainyard::golden
