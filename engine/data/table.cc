#include "engine/data/table.h"

#include <cmath>

namespace trainyard {

Standardization measure_columns(const Tensor& x) {
  const int64_t rows = x.shape()[0];
  const int64_t columns = x.shape()[1];
  const float* values = x.view().as<float>();
  const double count = rows == 0 ? 1 : static_cast<double>(rows);
  Standardization result;
  for (int64_t column = 0; column < columns; ++column) {
    double sum = 0;
    for (int64_t row = 0; row < rows; ++row) sum += values[row * columns + column];
    const double mean = sum / count;
    double squares = 0;
    for (int64_t row = 0; row < rows; ++row) {
      const double distance = values[row * columns + column] - mean;
      squares += distance * distance;
    }
    const double deviation = std::sqrt(squares / count);
    result.mean.push_back(mean);
    // A column of equal values keeps a rounding error of this order.
    result.deviation.push_back(deviation > 1e-7 * std::abs(mean) ? deviation : 1);
  }
  return result;
}

void apply(const Standardization& standardization, const Tensor& x) {
  const auto columns = static_cast<size_t>(x.shape()[1]);
  check(standardization.mean.size() == columns, "a mean for every column");
  auto* values = x.view().as<float>();
  for (int64_t row = 0; row < x.shape()[0]; ++row, values += columns)
    for (size_t column = 0; column < columns; ++column)
      values[column] =
          static_cast<float>((values[column] - standardization.mean[column]) / standardization.deviation[column]);
}

void standardize(Dataset& dataset) {
  dataset.standardization = measure_columns(dataset.x_train);
  apply(dataset.standardization, dataset.x_train);
  apply(dataset.standardization, dataset.x_test);
}

}  // namespace trainyard
