// Every backend in this build against the oracle, over the whole table of op cases.
#include "tests/backends/agreement.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "tests/backends/run_case.h"

namespace trainyard::testing {
namespace {

using MakeBackend = std::unique_ptr<Backend> (*)();

/// ref is among them: its bits must not depend on circumstances either.
std::vector<MakeBackend> backends_of_this_build() {
  return {
      make_ref_backend,
#ifdef TRAINYARD_TEST_CPU
      make_cpu_backend,
#endif
  };
}

struct Suite {
  MakeBackend make;
  std::string backend;
  std::string op;
  /// GoogleTest prints the bytes of what it does not know, and addresses are others in each run.
  friend void PrintTo(const Suite& suite, std::ostream* out) { *out << suite.backend << ' ' << suite.op; }
};

std::vector<Suite> suites() {
  std::set<std::string> ops;
  for (const OpCase& op_case : op_cases()) ops.insert(std::string(kind_name(op_case.op)));
  std::vector<Suite> result;
  for (const MakeBackend make : backends_of_this_build())
    for (const std::string& op : ops) result.push_back({make, std::string(make()->name()), op});
  return result;
}

class Agreement : public ::testing::TestWithParam<Suite> {};

TEST_P(Agreement, WithTheOracleWhateverTheCircumstances) {
  const auto backend = GetParam().make();
  int supported = 0;
  std::string missing;
  for (const OpCase& op_case : op_cases()) {
    if (kind_name(op_case.op) != GetParam().op) continue;
    SCOPED_TRACE(op_case.name);
    const CaseReport report = check_case(*backend, op_case);
    supported += report.supported ? 1 : 0;
    if (!report.supported) missing += " " + op_case.name;
    for (const std::string& failure : report.failures) ADD_FAILURE() << failure;
  }
  if (!missing.empty()) std::cout << GetParam().backend << " has no kernel for:" << missing << "\n";
  if (supported == 0) GTEST_SKIP() << GetParam().backend << " has no kernel for " << GetParam().op;
}

INSTANTIATE_TEST_SUITE_P(Backends, Agreement, ::testing::ValuesIn(suites()),
                         [](const auto& suite) { return suite.param.backend + "_" + suite.param.op; });

TEST(SupportMatrix, HasARowForEveryOpAndNamesTheBackends) {
  std::vector<std::unique_ptr<Backend>> owned;
  std::vector<const Backend*> backends;
  for (const MakeBackend make : backends_of_this_build()) {
    owned.push_back(make());
    backends.push_back(owned.back().get());
  }
  const std::string matrix = support_matrix(backends);
  std::cout << matrix;
  for (const Backend* backend : backends)
    EXPECT_NE(matrix.find(" " + std::string(backend->name()) + " |"), std::string::npos);
  for (const OpCase& op_case : op_cases())
    EXPECT_NE(matrix.find("| " + display_name(op_case.op) + " |"), std::string::npos) << op_case.name;
}

TEST(Disagreement, IsFoundInOneElementOfMany) {
  std::vector<float> values(100, 1.0F);
  const Tensor expected = Tensor::of<float>({100}, values);
  values[41] += 3e-5F;
  EXPECT_NE(disagreement(Tensor::of<float>({100}, values), expected, false), "");
  values[41] = 1.0F + 5e-6F;
  EXPECT_EQ(disagreement(Tensor::of<float>({100}, values), expected, false), "");
  EXPECT_NE(disagreement(Tensor::of<float>({100}, values), expected, false, true), "");
}

TEST(Disagreement, ByElementDoesNotHideSmallOnesBehindLargeOnes) {
  const Tensor expected = Tensor::of<float>({2}, {1000.0F, 0.01F});
  const Tensor actual = Tensor::of<float>({2}, {1000.0F, 0.0101F});
  EXPECT_EQ(disagreement(actual, expected, false), "");
  EXPECT_NE(disagreement(actual, expected, true), "");
}

TEST(Disagreement, NanAgreesOnlyWithNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(disagreement(Tensor::of<float>({1}, {nan}), Tensor::of<float>({1}, {nan}), true), "");
  EXPECT_NE(disagreement(Tensor::of<float>({1}, {nan}), Tensor::of<float>({1}, {1.0F}), true), "");
  EXPECT_NE(disagreement(Tensor::of<float>({1}, {1.0F}), Tensor::of<float>({1}, {nan}), true), "");
  EXPECT_NE(disagreement(Tensor::of<float>({1}, {std::numeric_limits<float>::infinity()}),
                         Tensor::of<float>({1}, {1.0F}), true),
            "");
}

}  // namespace
}  // namespace trainyard::testing
