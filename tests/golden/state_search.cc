#include "tests/golden/state_search.h"

#include <Eigen/Dense>

namespace trainyard::golden {
namespace {

constexpr double kStep = 0.02;  // of the differences: large against f32's rounding, small against tanh's bends
constexpr int kRounds = 60;

Eigen::VectorXd flat(const std::vector<Tensor>& tensors) {
  std::vector<double> all;
  for (const Tensor& tensor : tensors)
    for (const float x : tensor.span<float>()) all.push_back(x);
  return Eigen::Map<const Eigen::VectorXd>(all.data(), static_cast<Eigen::Index>(all.size()));
}

std::vector<Tensor> shaped(const Eigen::VectorXd& values, const std::vector<Tensor>& like) {
  std::vector<Tensor> tensors;
  Eigen::Index next = 0;
  for (const Tensor& tensor : like) {
    tensors.emplace_back(DType::f32, tensor.shape());
    for (float& x : tensors.back().span<float>()) x = static_cast<float>(values[next++]);
  }
  return tensors;
}

}  // namespace

std::vector<Tensor> find_state(const Calls& calls, const std::vector<Tensor>& guess,
                               const std::vector<Tensor>& wanted) {
  const Eigen::VectorXd goal = flat(wanted);
  const auto miss = [&](const Eigen::VectorXd& state) {
    return Eigen::VectorXd(flat(calls(shaped(state, guess))) - goal);
  };
  Eigen::VectorXd state = flat(guess);
  Eigen::VectorXd off = miss(state);
  double damping = 1e-5;
  for (int round = 0; round < kRounds; ++round) {
    Eigen::MatrixXd slope(off.size(), state.size());
    for (Eigen::Index i = 0; i < state.size(); ++i) {
      const Eigen::VectorXd step = Eigen::VectorXd::Unit(state.size(), i) * kStep;
      slope.col(i) = (miss(state + step) - miss(state - step)) / (2 * kStep);
    }
    Eigen::MatrixXd normal = slope.transpose() * slope;
    normal.diagonal().array() += damping;
    const Eigen::VectorXd next = state - normal.ldlt().solve(slope.transpose() * off);
    const Eigen::VectorXd next_off = miss(next);
    const bool better = next_off.squaredNorm() < off.squaredNorm();
    damping *= better ? 0.2 : 4;
    if (!better) continue;
    state = next;
    off = next_off;
  }
  return shaped(state, guess);
}

}  // namespace trainyard::golden
