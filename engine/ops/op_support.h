// Small helpers shared by the ops' own .cc files.
#pragma once

#include "engine/ops/op_types.h"

namespace trainyard::op {

/// Every operand once.
inline int64_t operand_bytes(InputTypes in, OutputTypes out) {
  size_t bytes = 0;
  for (const ValueType& type : in) bytes += type.bytes();
  for (const ValueType& type : out) bytes += type.bytes();
  return static_cast<int64_t>(bytes);
}

/// An op that only moves elements.
inline Cost moving_cost(InputTypes in, OutputTypes out) { return {.bytes = operand_bytes(in, out)}; }

/// `flops` operations beside the moving.
inline Cost arithmetic_cost(InputTypes in, OutputTypes out, int64_t flops) {
  return {.flops = flops, .bytes = operand_bytes(in, out)};
}

inline void check_inputs(InputTypes in, size_t count) { check(in.size() == count, "as many operands as the op takes"); }

}  // namespace trainyard::op
