#include "engine/layers/orthogonal.h"

#include <Eigen/QR>
#include <algorithm>

namespace trainyard::initializers {

std::vector<double> random_orthogonal(int64_t rows, int64_t columns, Philox random) {
  const Eigen::Index tall = std::max(rows, columns);
  const Eigen::Index narrow = std::min(rows, columns);
  Eigen::MatrixXd normal(tall, narrow);
  for (Eigen::Index i = 0; i < tall; ++i)
    for (Eigen::Index j = 0; j < narrow; ++j) normal(i, j) = random.normal(static_cast<uint64_t>(i * narrow + j));
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(normal);
  Eigen::MatrixXd q = qr.householderQ() * Eigen::MatrixXd::Identity(tall, narrow);
  for (Eigen::Index j = 0; j < narrow; ++j)
    if (qr.matrixQR()(j, j) < 0) q.col(j) *= -1;
  std::vector<double> result(static_cast<size_t>(rows * columns));
  for (Eigen::Index i = 0; i < rows; ++i)
    for (Eigen::Index j = 0; j < columns; ++j)
      result[static_cast<size_t>(i * columns + j)] = rows >= columns ? q(i, j) : q(j, i);
  return result;
}

}  // namespace trainyard::initializers
