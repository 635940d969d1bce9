// A data set of named tensors in a safetensors file: what models with several inputs and outputs train on.
#pragma once

#include <optional>
#include <string>

#include "engine/data/dataset.h"
#include "engine/layers/model.h"
#include "engine/train/samples.h"

namespace trainyard {

struct TensorSetOptions {
  /// Part that is kept for the test where the file has none of its own.
  double test_split = 0.2;
  uint64_t seed = 0;
};

struct TensorSet {
  Samples train;
  Samples test;
  /// What it is called and what it says of classes; x and y are those of the first input and output.
  Dataset dataset;
};

/// Whether a path names such a file, by its ending.
bool is_tensor_set(const std::string& path);

/// Tensors [n, ...] named as the model's inputs and as its outputs, "sample_weight" [n] if there are weights, and the same under
/// "test/" for the test. Integers of 64 bits become 32. Values are taken as they are: nothing is scaled. Throws UserError
/// data.tensor_missing, data.sample_count, and what the readers throw.
TensorSet read_tensor_set(const std::string& path, const Model& model, const TensorSetOptions& options);

/// Only the inputs, in the model's order.
Samples read_tensor_inputs(const std::string& path, const Model& model);

}  // namespace trainyard
