// regularizer, constraint: input.0 -> output.0.
#include "engine/layers/constraint.h"
#include "engine/layers/regularizer.h"
#include "tests/golden/layer_cases.h"

namespace trainyard::golden {
namespace {

template <typename Part, typename Apply>
void run_part_case(const Case& golden, Machine& machine, Report& report, Apply apply) {
  Diagnostics diagnostics;
  const std::unique_ptr<Declared> parsed = Part::registry().parse(golden.config, ParseContext(diagnostics, "config"));
  if (parsed == nullptr) return report.fail(diagnostics.text());
  const Tensor& x = golden.tensor("input.0");
  Graph graph;
  const Value y = apply(static_cast<const Part&>(*parsed), graph.input("x", {x.dtype(), x.shape()}));
  report.expect_close("output.0", machine.run(graph, {x}, {y}).front(), golden.tensor("output.0"));
}

}  // namespace

void run_regularizer_case(const Case& golden, Machine& machine, Report& report) {
  run_part_case<Regularizer>(golden, machine, report, [](const Regularizer& part, Value x) { return part.penalty(x); });
}

void run_constraint_case(const Case& golden, Machine& machine, Report& report) {
  run_part_case<Constraint>(golden, machine, report, [](const Constraint& part, Value x) { return part.project(x); });
}

}  // namespace trainyard::golden
