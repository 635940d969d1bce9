// The cpu backend against the oracle on every instruction set that this machine runs.
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "engine/backends/cpu/cpu_backend.h"
#include "tests/backends/agreement.h"

namespace trainyard::testing {
namespace {

struct Suite {
  std::string_view instruction_set;
  std::string op;
  friend void PrintTo(const Suite& suite, std::ostream* out) { *out << suite.instruction_set << ' ' << suite.op; }
};

std::vector<Suite> suites() {
  std::set<std::string> ops;
  for (const OpCase& op_case : op_cases()) ops.insert(std::string(kind_name(op_case.op)));
  std::vector<Suite> result;
  for (const std::string_view isa : cpu_instruction_sets())
    for (const std::string& op : ops) result.push_back({isa, op});
  return result;
}

class CpuAgreement : public ::testing::TestWithParam<Suite> {};

TEST_P(CpuAgreement, WithTheOracleWhateverTheCircumstances) {
  const auto backend = make_cpu_backend(GetParam().instruction_set);
  std::string missing;
  for (const OpCase& op_case : op_cases()) {
    if (kind_name(op_case.op) != GetParam().op) continue;
    SCOPED_TRACE(op_case.name);
    const CaseReport report = check_case(*backend, op_case);
    if (!report.supported) missing += " " + op_case.name;
    for (const std::string& failure : report.failures) ADD_FAILURE() << failure;
  }
  if (!missing.empty()) std::cout << "left to ref:" << missing << "\n";
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, CpuAgreement, ::testing::ValuesIn(suites()), [](const auto& suite) {
  return std::string(suite.param.instruction_set) + "_" + suite.param.op;
});

TEST(CpuBackend, RunsOnTheBestInstructionSetUnlessToldOtherwise) {
  EXPECT_EQ(make_cpu_backend()->instruction_set(), cpu_instruction_sets().back());
  for (const std::string_view isa : cpu_instruction_sets()) EXPECT_EQ(make_cpu_backend(isa)->instruction_set(), isa);
  EXPECT_EQ(make_cpu_backend("z80"), nullptr);
}

}  // namespace
}  // namespace trainyard::testing
