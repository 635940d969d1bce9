// Pictures for tests: made by a formula, sent through a layer, compared.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "engine/core/philox.h"
#include "tests/layers/layer_trial.h"

namespace trainyard::testing {

struct Picture {
  Shape shape;
  std::vector<double> values;
  double at(int64_t n, int64_t row, int64_t column, int64_t c = 0) const {
    return values[static_cast<size_t>(((n * shape[1] + row) * shape[2] + column) * shape[3] + c)];
  }
};

/// Values by picture, row, column and channel.
inline Picture picture(const Shape& shape, const std::function<double(int64_t, int64_t, int64_t, int64_t)>& value) {
  Picture made{shape, {}};
  for (int64_t n = 0; n < shape[0]; ++n)
    for (int64_t row = 0; row < shape[1]; ++row)
      for (int64_t column = 0; column < shape[2]; ++column)
        for (int64_t c = 0; c < shape[3]; ++c) made.values.push_back(value(n, row, column, c));
  return made;
}

/// Bytes without a pattern.
inline Picture noise(const Shape& shape, double high = 255) {
  const Philox random{.seed = 77};
  uint64_t next = 0;
  return picture(shape, [&](auto...) { return high * static_cast<double>(random.uniform(next++)); });
}

inline Picture apply(const std::string& class_name, const Json& config, const Picture& x, bool training = true) {
  const LayerSample sample{class_name, config, {}};
  LayerTrial trial(sample, {x.shape}, DType::f64);
  EXPECT_FALSE(trial.diagnostics().has_errors()) << sample.text() << "\n" << trial.diagnostics().text();
  if (trial.diagnostics().has_errors()) return x;
  trial.operands()[0] = Tensor::of<double>(x.shape, x.values);
  const auto outputs = trial.run(training, false).outputs;
  const auto values = outputs[0].span<double>();
  return {outputs[0].shape(), {values.begin(), values.end()}};
}

inline void expect_same(const Picture& actual, const Picture& expected, double tolerance = 1e-9) {
  ASSERT_EQ(actual.shape, expected.shape);
  for (size_t i = 0; i < actual.values.size(); ++i)
    ASSERT_NEAR(actual.values[i], expected.values[i], tolerance) << "element " << i;
}

/// One row of one channel.
inline Picture row_of(const std::vector<double>& values) {
  return {{1, 1, static_cast<int64_t>(values.size()), 1}, values};
}

}  // namespace trainyard::testing
