// Calls of Keras's operations and what NumPy makes of them.
#pragma once

#include <string>
#include <vector>

#include "engine/core/tensor.h"

namespace trainyard::testing {

struct OperationInput {
  char name;
  DType dtype;
  Shape shape;
  std::vector<double> numbers;
};

struct OperationResult {
  Shape shape;
  std::vector<double> numbers;
};

/// "<a>" in `args` and `kwargs` is the tensor a.
struct OperationCase {
  const char* class_name;
  const char* module;  // of keras.src.ops
  const char* config;
  const char* args;
  std::vector<OperationResult> results;
  const char* kwargs = "{}";
};

const std::vector<OperationInput>& operation_inputs();
const std::vector<OperationCase>& operation_cases();
const std::vector<OperationInput>& more_operation_inputs();
const std::vector<OperationCase>& more_operation_cases();

}  // namespace trainyard::testing
