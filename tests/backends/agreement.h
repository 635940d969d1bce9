// Whether a backend computes what the oracle computes, case by case. No test framework, so that a WebAssembly build
// can run it in a page too.
#pragma once

#include <string>
#include <vector>

#include "engine/runtime/backend.h"
#include "tests/backends/op_cases.h"

namespace trainyard::testing {

/// "" when the tensors agree, else where they differ most. Integers and booleans agree exactly; floats when
/// |a - b| <= 1e-5 * max|b| + 1e-7, or with the element's own |b| `by_element`; with `exact`, bit by bit.
std::string disagreement(const Tensor& actual, const Tensor& expected, bool by_element, bool exact = false);

/// Ops that only move elements must keep every bit.
bool moves_only(const Op& op);

struct CaseReport {
  /// The backend has a kernel for the operands.
  bool supported = false;
  std::vector<std::string> failures;
};

/// Runs a case on `backend` and on ref, and once more each way that must not matter: 2 to 8 threads, other garbage in
/// outputs and workspace, operands off the alignment, output 0 in the place of each input that allows it.
CaseReport check_case(const Backend& backend, const OpCase& op_case);

/// A row an op, a column a backend, in Markdown: the dtypes of operands among the cases that it has kernels for.
std::string support_matrix(const std::vector<const Backend*>& backends);

}  // namespace trainyard::testing
