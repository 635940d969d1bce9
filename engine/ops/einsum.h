// Einstein summation of two tensors, lowered to one matrix product (a batched one where labels run through) between
// transposes where the labels are out of order.
#pragma once

#include <string>

#include "engine/ops/builder.h"

namespace trainyard {

/// A tensor and a letter for each of its dimensions.
struct Labelled {
  Value value;
  std::string labels;
};

/// Sum over every label that `labels` (each at most once, each in a or b) leaves out; a label that one operand has
/// twice means its diagonal. Equal labels have equal sizes. einsum({x, "abc"}, {w, "cd"}, "abd") is Keras's "abc,cd->abd".
Value einsum(const Labelled& a, const Labelled& b, const std::string& labels);

}  // namespace trainyard
