#include <algorithm>
#include <cstring>

#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/kernels.h"
#include "engine/backends/ref/walk.h"
#include "engine/runtime/moves.h"

namespace trainyard::ref {
namespace {

void copy_all(const TensorView& from, const TensorView& to) {
  if (from.data != to.data && to.bytes() != 0) std::memcpy(to.data, from.data, to.bytes());
}

void reshape(const op::Reshape&, const KernelCall& call) { copy_all(call.inputs[0], call.outputs[0]); }

void copy(const op::Copy&, const KernelCall& call) { copy_all(call.inputs[0], call.outputs[0]); }

void run(const Move& move) {
  with_width(move.to.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (Walk<2> walk(move.sizes, {move.from_strides, move.to_strides}); walk.more(); walk.next())
      move.to.as<T>()[move.to_base + walk.offset(1)] = move.from.as<T>()[move.from_base + walk.offset(0)];
  });
}

template <typename Op>
void move(const Op& op, const KernelCall& call) {
  each_move(op, call, run);
}

void unslice(const op::Unslice& op, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  if (y.bytes() != 0) std::memset(y.data, 0, y.bytes());
  move(op, call);
}

void pad(const op::Pad& op, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  with_number(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    std::fill_n(y.as<T>(), y.elements(), static_cast<T>(op.value));
  });
  move(op, call);
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
  table.add<op::Transpose>({.run = run_typed<op::Transpose, move<op::Transpose>>});
  table.add<op::BroadcastTo>({.run = run_typed<op::BroadcastTo, move<op::BroadcastTo>>});
  table.add<op::Concat>({.run = run_typed<op::Concat, move<op::Concat>>});
  table.add<op::Slice>({.run = run_typed<op::Slice, move<op::Slice>>});
  table.add<op::Unslice>({.run = run_typed<op::Unslice, unslice>});
  table.add<op::Pad>({.run = run_typed<op::Pad, pad>, .accepts = full_width});
  table.add<op::Gather>({.run = run_typed<op::Gather, gather>});
  table.add<op::ScatterAdd>(
      {.run = run_typed<op::ScatterAdd, scatter_add>, .accepts = full_width, .workspace = double_per_output});
  table.add<op::OneHot>({.run = run_typed<op::OneHot, one_hot>, .accepts = full_width});
  table.add<op::Copy>({.run = run_typed<op::Copy, copy>});
}

}  // namespace trainyard::ref
