// What the ops that only move elements move where. Backends differ in how they copy, not in what.
#pragma once

#include "engine/runtime/kernel.h"
#include "engine/runtime/strides.h"

namespace trainyard {

/// to[to_base + .] = from[from_base + .] for every position of `sizes`; bases and strides in elements.
struct Move {
  const TensorView& from;
  const TensorView& to;
  const Shape& sizes;
  Strides from_strides;
  Strides to_strides;
  int64_t from_base = 0;
  int64_t to_base = 0;
};

/// Where element (start[0], start[1], ..) lies.
inline int64_t base_of(const Strides& strides, const std::vector<int64_t>& start) {
  int64_t base = 0;
  for (size_t axis = 0; axis < start.size(); ++axis) base += strides[axis] * start[axis];
  return base;
}

inline Strides stepped(Strides strides, const std::vector<int64_t>& step) {
  for (size_t axis = 0; axis < step.size(); ++axis) strides[axis] *= step[axis];
  return strides;
}

// each_move calls `run` with every Move of an op. What Unslice and Pad leave untouched must hold 0 or the value before.

template <typename Run>
void each_move(const op::Transpose& op, const KernelCall& call, const Run& run) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Strides own = row_major(x.shape);
  Strides permuted{};
  for (size_t axis = 0; axis < op.permutation.size(); ++axis)
    permuted[axis] = own[static_cast<size_t>(op.permutation[axis])];
  run(Move{.from = x, .to = y, .sizes = y.shape, .from_strides = permuted, .to_strides = row_major(y.shape)});
}

template <typename Run>
void each_move(const op::BroadcastTo&, const KernelCall& call, const Run& run) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Strides from = broadcast_strides(x.shape, y.shape);
  run(Move{.from = x, .to = y, .sizes = y.shape, .from_strides = from, .to_strides = row_major(y.shape)});
}

template <typename Run>
void each_move(const op::Concat& op, const KernelCall& call, const Run& run) {
  const TensorView& y = call.outputs[0];
  const Strides strides = row_major(y.shape);
  int64_t base = 0;
  for (const TensorView& part : call.inputs) {
    run(Move{.from = part,
             .to = y,
             .sizes = part.shape,
             .from_strides = row_major(part.shape),
             .to_strides = strides,
             .to_base = base});
    base += part.shape[op.axis] * strides[static_cast<size_t>(op.axis)];
  }
}

template <typename Run>
void each_move(const op::Slice& op, const KernelCall& call, const Run& run) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Strides whole = row_major(x.shape);
  run(Move{.from = x,
           .to = y,
           .sizes = y.shape,
           .from_strides = stepped(whole, op.step),
           .to_strides = row_major(y.shape),
           .from_base = base_of(whole, op.start)});
}

template <typename Run>
void each_move(const op::Unslice& op, const KernelCall& call, const Run& run) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Strides whole = row_major(y.shape);
  run(Move{.from = x,
           .to = y,
           .sizes = x.shape,
           .from_strides = row_major(x.shape),
           .to_strides = stepped(whole, op.step),
           .to_base = base_of(whole, op.start)});
}

template <typename Run>
void each_move(const op::Pad& op, const KernelCall& call, const Run& run) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Strides whole = row_major(y.shape);
  run(Move{.from = x,
           .to = y,
           .sizes = x.shape,
           .from_strides = row_major(x.shape),
           .to_strides = whole,
           .to_base = base_of(whole, op.low)});
}

}  // namespace trainyard
