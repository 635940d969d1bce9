// Helpers of the tests about losses, metrics, optimizers and schedules.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/core/philox.h"
#include "engine/train/loss.h"
#include "engine/train/metric.h"
#include "engine/train/optimizer.h"
#include "engine/train/schedule.h"
#include "tests/backends/interpret.h"

namespace trainyard::testing {

/// Parses an object of a group; fails the test with the complaints when there are any.
template <typename Base>
std::shared_ptr<const Base> parsed(const Json& json) {
  Diagnostics diagnostics;
  std::shared_ptr<const Declared> object = Base::registry().parse(json, ParseContext(diagnostics, Base::kGroup));
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.text();
  return std::static_pointer_cast<const Base>(object);
}

/// {"class_name": name, "config": config}; `{}` is an empty config.
inline Json object(const std::string& name, Json config = Json::object()) {
  return {{"class_name", name}, {"config", config.is_null() ? Json::object() : std::move(config)}};
}

/// Runs a graph node by node on ref.
inline std::vector<Tensor> run(Graph& graph, const std::vector<Tensor>& inputs, const std::vector<Value>& wanted) {
  const std::vector<Tensor> values = interpret(graph, inputs);
  std::vector<Tensor> results;
  for (const Value& value : wanted) results.push_back(values[static_cast<size_t>(value.id())]);
  return results;
}

inline Tensor doubles(Shape shape, const std::vector<double>& values) {
  return Tensor::of<double>(std::move(shape), values);
}

/// Numbers between low and high, the same for the same stream.
inline Tensor uniform(const Shape& shape, double low, double high, uint32_t stream) {
  Tensor tensor(DType::f64, shape);
  const Philox random{.seed = 7, .stream = stream};
  for (size_t i = 0; i < tensor.span<double>().size(); ++i)
    tensor.span<double>()[i] = low + (high - low) * random.uniform(i);
  return tensor;
}

inline std::vector<double> as_doubles(const Tensor& tensor) {
  std::vector<double> values(static_cast<size_t>(tensor.elements()));
  for (size_t i = 0; i < values.size(); ++i) values[i] = element_as_double(tensor.view(), static_cast<int64_t>(i));
  return values;
}

inline void expect_near(const std::vector<double>& got, const std::vector<double>& wanted, double tolerance = 1e-9) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], tolerance) << "at " << i;
}

}  // namespace trainyard::testing
