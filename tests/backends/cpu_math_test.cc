// How far the cpu backend's own elementary functions are from the truth, in units of the last place, on every
// instruction set that this machine runs.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "engine/backends/cpu/cpu_backend.h"
#include "tests/backends/run_case.h"

namespace trainyard::testing {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Function {
  op::UnaryKind kind;
  double (*truth)(double);
  double low, high;  // where it is measured
  double ulps;       // what is promised
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return x > 40 ? x : std::log1p(std::exp(x)); }

const std::vector<Function>& functions() {
  static const std::vector<Function> all = {
      {op::UnaryKind::exp, std::exp, -104, 89, 2},     {op::UnaryKind::expm1, std::expm1, -20, 88, 3},
      {op::UnaryKind::log, std::log, 0, 1e6, 2},       {op::UnaryKind::log1p, std::log1p, -0.999, 1e6, 3},
      {op::UnaryKind::tanh, std::tanh, -12, 12, 4},    {op::UnaryKind::sigmoid, sigmoid, -100, 100, 4},
      {op::UnaryKind::softplus, softplus, -80, 80, 4}, {op::UnaryKind::erf, std::erf, -6, 6, 4},
  };
  return all;
}

std::vector<float> apply(const Backend& backend, op::UnaryKind kind, const std::vector<float>& x) {
  const Tensor input = Tensor::of<float>({static_cast<int64_t>(x.size())}, x);
  const auto outputs = run_op(backend, op::Unary{kind}, {input});
  const auto y = outputs->front().span<float>();
  return {y.begin(), y.end()};
}

/// Distance in steps of the float nearest to the truth.
double ulps_between(float actual, double truth) {
  const auto nearest = static_cast<float>(truth);
  if (actual == nearest) return 0;
  const float magnitude = std::max(std::abs(nearest), std::numeric_limits<float>::min());
  const double step = std::nextafter(magnitude, kInfinity) - magnitude;
  return std::abs(static_cast<double>(actual) - truth) / step;
}

/// Evenly over the range, and over the exponents around zero.
std::vector<float> places(double low, double high) {
  std::vector<float> x;
  constexpr int kPlaces = 200000;
  for (int i = 0; i <= kPlaces; ++i) x.push_back(static_cast<float>(low + (high - low) * i / kPlaces));
  for (int exponent = -148; exponent < 20; ++exponent)
    for (int i = 0; i < 100; ++i)
      for (const double sign : {-1.0, 1.0}) {
        const double value = sign * std::ldexp(1 + i / 100.0, exponent);
        if (value >= low && value <= high) x.push_back(static_cast<float>(value));
      }
  return x;
}

class CpuMath : public ::testing::TestWithParam<std::string_view> {
 protected:
  std::unique_ptr<Backend> backend_ = make_cpu_backend(GetParam());
};

TEST_P(CpuMath, KeepsItsPromisedDistanceFromTheTruth) {
  for (const Function& function : functions()) {
    const std::vector<float> x = places(function.low, function.high);
    const std::vector<float> y = apply(*backend_, function.kind, x);
    double worst = 0;
    float where = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double distance = ulps_between(y[i], function.truth(static_cast<double>(x[i])));
      if (distance > worst) worst = distance, where = x[i];
    }
    std::cout << name_of(function.kind) << ": " << worst << " ulp at " << where << "\n";
    EXPECT_LE(worst, function.ulps) << name_of(function.kind) << " at " << where;
  }
}

TEST_P(CpuMath, LetsNanThrough) {
  for (const Function& function : functions())
    EXPECT_TRUE(std::isnan(apply(*backend_, function.kind, {kNan}).front())) << name_of(function.kind);
}

TEST_P(CpuMath, HasTheRightLimits) {
  const auto at = [&](op::UnaryKind kind, float x) { return apply(*backend_, kind, {x}).front(); };
  EXPECT_EQ(at(op::UnaryKind::exp, kInfinity), kInfinity);
  EXPECT_EQ(at(op::UnaryKind::exp, -kInfinity), 0.0F);
  EXPECT_EQ(at(op::UnaryKind::exp, 89), kInfinity);
  EXPECT_EQ(at(op::UnaryKind::expm1, -kInfinity), -1.0F);
  EXPECT_EQ(at(op::UnaryKind::expm1, kInfinity), kInfinity);
  EXPECT_EQ(at(op::UnaryKind::log, 0), -kInfinity);
  EXPECT_EQ(at(op::UnaryKind::log, kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(at(op::UnaryKind::log, -1)));
  EXPECT_EQ(at(op::UnaryKind::log1p, -1), -kInfinity);
  EXPECT_EQ(at(op::UnaryKind::log1p, kInfinity), kInfinity);
  EXPECT_EQ(at(op::UnaryKind::tanh, kInfinity), 1.0F);
  EXPECT_EQ(at(op::UnaryKind::tanh, -kInfinity), -1.0F);
  EXPECT_EQ(at(op::UnaryKind::sigmoid, kInfinity), 1.0F);
  EXPECT_EQ(at(op::UnaryKind::sigmoid, -kInfinity), 0.0F);
  EXPECT_EQ(at(op::UnaryKind::softplus, kInfinity), kInfinity);
  EXPECT_EQ(at(op::UnaryKind::softplus, -kInfinity), 0.0F);
  EXPECT_EQ(at(op::UnaryKind::erf, kInfinity), 1.0F);
  EXPECT_EQ(at(op::UnaryKind::erf, -kInfinity), -1.0F);
}

TEST_P(CpuMath, RoundsHalfToEvenAndKeepsTheSignOfZero) {
  const std::vector<float> x = {-2.5F, -1.5F, -0.5F, 0.5F, 1.5F, 2.5F, 8388609.0F, -1e30F, 0.3F, -0.3F};
  EXPECT_EQ(apply(*backend_, op::UnaryKind::round, x),
            (std::vector<float>{-2, -2, 0, 0, 2, 2, 8388609.0F, -1e30F, 0, 0}));
  EXPECT_EQ(apply(*backend_, op::UnaryKind::floor, x),
            (std::vector<float>{-3, -2, -1, 0, 1, 2, 8388609.0F, -1e30F, 0, -1}));
  EXPECT_EQ(apply(*backend_, op::UnaryKind::ceil, x),
            (std::vector<float>{-2, -1, 0, 1, 2, 3, 8388609.0F, -1e30F, 1, 0}));
  EXPECT_TRUE(std::signbit(apply(*backend_, op::UnaryKind::ceil, {-0.3F}).front()));
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, CpuMath, ::testing::ValuesIn(cpu_instruction_sets()),
                         [](const auto& set) { return std::string(set.param); });

}  // namespace
}  // namespace trainyard::testing
