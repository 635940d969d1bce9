#include <algorithm>
#include <cstring>

#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/kernels.h"
#include "engine/backends/ref/walk.h"

namespace trainyard::ref {
namespace {

void copy_all(const TensorView& from, const TensorView& to) {
  if (from.data != to.data && to.bytes() != 0) std::memcpy(to.data, from.data, to.bytes());
}

void reshape(const op::Reshape&, const KernelCall& call) { copy_all(call.inputs[0], call.outputs[0]); }

void copy(const op::Copy&, const KernelCall& call) { copy_all(call.inputs[0], call.outputs[0]); }

/// to[to_base + .] = from[from_base + .] for every position of `sizes`.
struct Move {
  const TensorView& from;
  const TensorView& to;
  const Shape& sizes;
  Strides from_strides;
  Strides to_strides;
  int64_t from_base = 0;
  int64_t to_base = 0;
};

void run(const Move& move) {
  with_width(move.to.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (Walk<2> walk(move.sizes, {move.from_strides, move.to_strides}); walk.more(); walk.next())
      move.to.as<T>()[move.to_base + walk.offset(1)] = move.from.as<T>()[move.from_base + walk.offset(0)];
  });
}

void transpose(const op::Transpose& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Strides own = row_major(x.shape);
  Strides permuted{};
  for (size_t axis = 0; axis < op.permutation.size(); ++axis)
    permuted[axis] = own[static_cast<size_t>(op.permutation[axis])];
  run({.from = x, .to = y, .sizes = y.shape, .from_strides = permuted, .to_strides = row_major(y.shape)});
}

void broadcast_to(const op::BroadcastTo&, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Strides from = broadcast_strides(x.shape, y.shape);
  run({.from = x, .to = y, .sizes = y.shape, .from_strides = from, .to_strides = row_major(y.shape)});
}

void concat(const op::Concat& op, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  const Strides strides = row_major(y.shape);
  int64_t base = 0;
  for (const TensorView& part : call.inputs) {
    run({.from = part,
         .to = y,
         .sizes = part.shape,
         .from_strides = row_major(part.shape),
         .to_strides = strides,
         .to_base = base});
    base += part.shape[op.axis] * strides[static_cast<size_t>(op.axis)];
  }
}

/// Where element (start[0], start[1], ..) lies.
int64_t base_of(const Strides& strides, const std::vector<int64_t>& start) {
  int64_t base = 0;
  for (size_t axis = 0; axis < start.size(); ++axis) base += strides[axis] * start[axis];
  return base;
}

Strides stepped(Strides strides, const std::vector<int64_t>& step) {
  for (size_t axis = 0; axis < step.size(); ++axis) strides[axis] *= step[axis];
  return strides;
}

void slice(const op::Slice& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Strides whole = row_major(x.shape);
  run({.from = x,
       .to = y,
       .sizes = y.shape,
       .from_strides = stepped(whole, op.step),
       .to_strides = row_major(y.shape),
       .from_base = base_of(whole, op.start)});
}

void unslice(const op::Unslice& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Strides whole = row_major(y.shape);
  if (y.bytes() != 0) std::memset(y.data, 0, y.bytes());
  run({.from = x,
       .to = y,
       .sizes = x.shape,
       .from_strides = row_major(x.shape),
       .to_strides = stepped(whole, op.step),
       .to_base = base_of(whole, op.start)});
}

void pad(const op::Pad& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  with_number(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    std::fill_n(y.as<T>(), y.elements(), static_cast<T>(op.value));
  });
  const Strides whole = row_major(y.shape);
  run({.from = x,
       .to = y,
       .sizes = x.shape,
       .from_strides = row_major(x.shape),
       .to_strides = whole,
       .to_base = base_of(whole, op.low)});
}

// x: [n, r..]  indices: [i..]  y: [i.., r..]
void gather(const op::Gather&, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& indices = call.inputs[1];
  const TensorView& y = call.outputs[0];
  const size_t row = static_cast<size_t>(x.shape.elements_in(1, x.shape.rank())) * size_of(x.dtype);
  if (row == 0) return;
  for (int64_t i = 0; i < indices.elements(); ++i) {
    const int64_t index = indices.as<int32_t>()[i];
    auto* to = y.as<unsigned char>() + static_cast<size_t>(i) * row;
    if (index < 0 || index >= x.shape.front())
      std::memset(to, 0, row);
    else
      std::memcpy(to, x.as<unsigned char>() + static_cast<size_t>(index) * row, row);
  }
}

/// Sums in the order of the indices, floats in double.
template <typename T, typename Sum>
void scatter_loop(const KernelCall& call) {
  const TensorView& indices = call.inputs[0];
  const TensorView& dy = call.inputs[1];
  const TensorView& dx = call.outputs[0];
  const int64_t row = dx.shape.elements_in(1, dx.shape.rank());
  auto* sums = static_cast<Sum*>(call.workspace);
  std::fill_n(sums, dx.elements(), Sum{0});
  for (int64_t i = 0; i < indices.elements(); ++i) {
    const int64_t index = indices.as<int32_t>()[i];
    if (index < 0 || index >= dx.shape.front()) continue;
    for (int64_t j = 0; j < row; ++j) sums[index * row + j] += static_cast<Sum>(dy.as<T>()[i * row + j]);
  }
  for (int64_t i = 0; i < dx.elements(); ++i) dx.as<T>()[i] = static_cast<T>(sums[i]);
}

// indices: [i..]  dy: [i.., r..]  dx: [rows, r..]
void scatter_add(const op::ScatterAdd&, const KernelCall& call) {
  with_number(call.inputs[1].dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    scatter_loop<T, std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>>(call);
  });
}

void one_hot(const op::OneHot& op, const KernelCall& call) {
  const TensorView& indices = call.inputs[0];
  const TensorView& y = call.outputs[0];
  with_number(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t i = 0; i < indices.elements(); ++i)
      for (int64_t j = 0; j < op.depth; ++j) y.as<T>()[i * op.depth + j] = indices.as<int32_t>()[i] == j ? T{1} : T{0};
  });
}

}  // namespace

void add_layout(KernelTable& table) {
  table.add<op::Reshape>({.run = run_typed<op::Reshape, reshape>, .in_place = true});
  table.add<op::Transpose>({.run = run_typed<op::Transpose, transpose>});
  table.add<op::BroadcastTo>({.run = run_typed<op::BroadcastTo, broadcast_to>});
  table.add<op::Concat>({.run = run_typed<op::Concat, concat>});
  table.add<op::Slice>({.run = run_typed<op::Slice, slice>});
  table.add<op::Unslice>({.run = run_typed<op::Unslice, unslice>});
  table.add<op::Pad>({.run = run_typed<op::Pad, pad>, .accepts = full_width});
  table.add<op::Gather>({.run = run_typed<op::Gather, gather>});
  table.add<op::ScatterAdd>(
      {.run = run_typed<op::ScatterAdd, scatter_add>, .accepts = full_width, .workspace = double_per_output});
  table.add<op::OneHot>({.run = run_typed<op::OneHot, one_hot>, .accepts = full_width});
  table.add<op::Copy>({.run = run_typed<op::Copy, copy>});
}

}  // namespace trainyard::ref
