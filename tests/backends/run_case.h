// Runs one op on a backend, outside any graph.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/runtime/backend.h"

namespace trainyard::testing {

/// Circumstances that must not change what a kernel writes.
struct RunOptions {
  int threads = 1;
  StepInfo step = {.seed = 7, .step = 3};
  /// Byte that the outputs and the workspace hold beforehand.
  unsigned char dirt = 0xa5;
  /// Operands begin an element after an aligned address (never the workspace).
  bool misaligned = false;
  /// Input whose memory output 0 takes, or -1.
  int in_place = -1;
};

/// Outputs of `op`, or nothing when the backend has no kernel for these operands. Memory around every output is
/// guarded: a kernel that writes outside its outputs or into its inputs fails a check.
std::optional<std::vector<Tensor>> run_op(const Backend& backend, const Op& op, const std::vector<Tensor>& inputs,
                                          const RunOptions& options = {});

/// The same on the oracle, which has every kernel.
std::vector<Tensor> run_on_ref(const Op& op, const std::vector<Tensor>& inputs, const RunOptions& options = {});

/// The oracle, made once.
const Backend& ref_backend();

Types types_of(const std::vector<Tensor>& tensors);

}  // namespace trainyard::testing
