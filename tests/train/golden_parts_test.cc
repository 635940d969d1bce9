// The golden cases about losses, metrics, optimizers and schedules, on ref, node by node.
#include <gtest/gtest.h>

#include <cstdlib>

#include "engine/io/file.h"
#include "tests/backends/interpret.h"
#include "tests/golden/training_cases.h"

namespace trainyard::golden {
namespace {

class InterpretingMachine final : public Machine {
 public:
  std::string_view backend() const override { return "ref"; }
  std::vector<Tensor> run(Graph& graph, const std::vector<Tensor>& inputs, const std::vector<Value>& wanted) override {
    const std::vector<Tensor> values = testing::interpret(graph, inputs);
    std::vector<Tensor> results;
    for (const Value& value : wanted) results.push_back(values[static_cast<size_t>(value.id())]);
    return results;
  }
};

RunCase runner_of(const std::string& kind) {
  if (kind == "loss") return run_loss_case;
  if (kind == "metric") return run_metric_case;
  if (kind == "optimizer") return run_optimizer_case;
  if (kind == "schedule") return run_schedule_case;
  return nullptr;
}

std::string shared_folder() {
  const char* shared = std::getenv("TRAINYARD_SHARED");
  return std::string(shared != nullptr ? shared : "../shared") + "/golden";
}

TEST(GoldenParts, AgreeWithKeras) {
  const std::string folder = is_folder("tests/golden/cases") ? "tests/golden/cases" : shared_folder();
  if (!is_folder(folder)) GTEST_SKIP() << "no golden cases: neither tests/golden/cases nor " << shared_folder();
  InterpretingMachine machine;
  int run = 0;
  for (const std::string& path : find_cases(folder)) {
    const std::string file = path.substr(folder.size() + 1);
    if (runner_of(file.substr(0, file.find('.'))) == nullptr) continue;
    const Case golden = load_case(path);
    Report report;
    runner_of(golden.kind)(golden, machine, report);
    for (const std::string& why : report.failures()) ADD_FAILURE() << golden.name << ": " << why;
    EXPECT_GT(report.compared() + static_cast<int>(report.failures().size()), 0) << golden.name;
    ++run;
  }
  EXPECT_GT(run, 0);
}

}  // namespace
}  // namespace trainyard::golden
