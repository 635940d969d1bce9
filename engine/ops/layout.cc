#include "engine/ops/layout.h"

#include <algorithm>

#include "engine/ops/builder.h"
#include "engine/ops/gradient.h"
#include "engine/ops/op_support.h"

namespace trainyard::op {
namespace {

/// Checks that start + (size - 1) * step stays inside `whole` along every axis.
void check_slice(const Shape& whole, const Shape& part, const std::vector<int64_t>& start,
                 const std::vector<int64_t>& step) {
  const auto rank = static_cast<size_t>(whole.rank());
  check(part.rank() == whole.rank() && start.size() == rank && step.size() == rank, "a slice has an entry per axis");
  for (size_t i = 0; i < rank; ++i) {
    const int64_t size = part[static_cast<int>(i)];
    check(step[i] >= 1 && start[i] >= 0 && size >= 0, "slices go forward from inside");
    check(size == 0 || start[i] + (size - 1) * step[i] < whole[static_cast<int>(i)], "the slice is inside");
  }
}

void check_permutation(const std::vector<int>& permutation, int rank) {
  check(permutation.size() == static_cast<size_t>(rank), "a permutation of all axes");
  std::vector<char> seen(permutation.size(), 0);
  for (const int axis : permutation) {
    check(axis >= 0 && axis < rank && seen[static_cast<size_t>(axis)] == 0, "each axis once");
    seen[static_cast<size_t>(axis)] = 1;
  }
}

}  // namespace

Types Reshape::infer(InputTypes in) const {
  check_inputs(in, 1);
  check(shape.is_known() && shape.elements() == in[0].shape.elements(), "reshape keeps the number of elements");
  return {{in[0].dtype, shape}};
}

void Reshape::gradient(GradientContext& context) const {
  if (context.wants(0)) context.set(0, reshape(context.dy(), context.input(0).shape()));
}

Cost Reshape::cost(InputTypes, OutputTypes) const { return {}; }

Types Transpose::infer(InputTypes in) const {
  check_inputs(in, 1);
  const Shape& x = in[0].shape;
  check_permutation(permutation, x.rank());
  Shape y;
  for (const int axis : permutation) y.push_back(x[axis]);
  return {{in[0].dtype, y}};
}

void Transpose::gradient(GradientContext& context) const {
  if (!context.wants(0)) return;
  std::vector<int> inverse(permutation.size());
  for (size_t i = 0; i < permutation.size(); ++i) inverse[static_cast<size_t>(permutation[i])] = static_cast<int>(i);
  context.set(0, transpose(context.dy(), inverse));
}

Cost Transpose::cost(InputTypes in, OutputTypes out) const { return moving_cost(in, out); }

Types BroadcastTo::infer(InputTypes in) const {
  check_inputs(in, 1);
  check(broadcast_shapes(in[0].shape, shape) == shape, "the operand broadcasts to the shape");
  return {{in[0].dtype, shape}};
}

void BroadcastTo::gradient(GradientContext& context) const {
  if (context.wants(0)) context.set(0, sum_to(context.dy(), context.input(0).shape()));
}

Cost BroadcastTo::cost(InputTypes in, OutputTypes out) const { return moving_cost(in, out); }

Types Concat::infer(InputTypes in) const {
  check(!in.empty(), "concat takes an operand");
  Shape y = in[0].shape;
  check(axis >= 0 && axis < y.rank(), "concat's axis is in range");
  y[axis] = 0;
  for (const ValueType& part : in) {
    check(part.dtype == in[0].dtype && part.shape.rank() == y.rank(), "concat's parts have one dtype and rank");
    for (int i = 0; i < y.rank(); ++i) check(i == axis || part.shape[i] == y[i], "concat's parts agree off the axis");
    y[axis] += part.shape[axis];
  }
  return {{in[0].dtype, y}};
}

void Concat::gradient(GradientContext& context) const {
  const Value dy = context.dy();
  std::vector<int64_t> start(static_cast<size_t>(dy.rank()), 0);
  for (int i = 0; i < context.input_count(); ++i) {
    const Shape& part = context.input(i).shape();
    if (context.wants(i)) context.set(i, slice(dy, start, part.dims()));
    start[static_cast<size_t>(axis)] += part[axis];
  }
}

Cost Concat::cost(InputTypes in, OutputTypes out) const { return moving_cost(in, out); }

Types Slice::infer(InputTypes in) const {
  check_inputs(in, 1);
  const Shape y(sizes);
  check_slice(in[0].shape, y, start, step);
  return {{in[0].dtype, y}};
}

void Slice::gradient(GradientContext& context) const {
  if (!context.wants(0)) return;
  const Unslice unslice{context.input(0).shape(), start, step};
  context.set(0, context.graph().add_one(unslice, {context.dy()}));
}

Cost Slice::cost(InputTypes, OutputTypes out) const { return moving_cost(out, out); }

Types Unslice::infer(InputTypes in) const {
  check_inputs(in, 1);
  check_slice(shape, in[0].shape, start, step);
  return {{in[0].dtype, shape}};
}

void Unslice::gradient(GradientContext& context) const {
  if (context.wants(0)) context.set(0, slice(context.dy(), start, context.input(0).shape().dims(), step));
}

Cost Unslice::cost(InputTypes in, OutputTypes out) const { return moving_cost(in, out); }

Types Pad::infer(InputTypes in) const {
  check_inputs(in, 1);
  Shape y = in[0].shape;
  check(low.size() == static_cast<size_t>(y.rank()) && high.size() == low.size(), "padding has an entry per axis");
  for (int i = 0; i < y.rank(); ++i) {
    const auto d = static_cast<size_t>(i);
    check(low[d] >= 0 && high[d] >= 0, "padding only adds");
    y[i] += low[d] + high[d];
  }
  return {{in[0].dtype, y}};
}

void Pad::gradient(GradientContext& context) const {
  if (context.wants(0)) context.set(0, slice(context.dy(), low, context.input(0).shape().dims()));
}

Cost Pad::cost(InputTypes in, OutputTypes out) const { return moving_cost(in, out); }

Types Gather::infer(InputTypes in) const {
  check_inputs(in, 2);
  check(in[0].shape.rank() >= 1, "gather reads rows");
  check(in[1].dtype == DType::i32, "indices are i32");
  Shape y = in[1].shape;
  for (const int64_t dim : in[0].shape.drop_front()) y.push_back(dim);
  return {{in[0].dtype, y}};
}

void Gather::gradient(GradientContext& context) const {
  if (!context.wants(0)) return;
  const ScatterAdd scatter{context.input(0).shape().front()};
  context.set(0, context.graph().add_one(scatter, {context.input(1), context.dy()}));
}

Cost Gather::cost(InputTypes in, OutputTypes out) const {
  Cost cost = moving_cost(out, out);
  cost.bytes += static_cast<int64_t>(in[1].bytes());
  return cost;
}

// indices: [i...]  dy: [i..., r...] -> [rows, r...]
Types ScatterAdd::infer(InputTypes in) const {
  check_inputs(in, 2);
  const Shape& indices = in[0].shape;
  const Shape& dy = in[1].shape;
  check(in[0].dtype == DType::i32, "indices are i32");
  check(in[1].dtype != DType::boolean, "sums take numbers");
  check(dy.rank() >= indices.rank() && dy.slice(0, indices.rank()) == indices, "a row of dy for every index");
  return {{in[1].dtype, dy.slice(indices.rank(), dy.rank()).with_front(rows)}};
}

void ScatterAdd::gradient(GradientContext& context) const {
  if (context.wants(1)) context.set(1, gather(context.dy(), context.input(0)));
}

Cost ScatterAdd::cost(InputTypes in, OutputTypes out) const { return arithmetic_cost(in, out, in[1].shape.elements()); }

Types OneHot::infer(InputTypes in) const {
  check_inputs(in, 1);
  check(in[0].dtype == DType::i32 && depth >= 1, "one_hot takes i32 indices and a depth");
  Shape y = in[0].shape;
  y.push_back(depth);
  return {{dtype, y}};
}

/// Of indices: zero.
void OneHot::gradient(GradientContext&) const {}

Cost OneHot::cost(InputTypes in, OutputTypes out) const { return moving_cost(in, out); }

Types Copy::infer(InputTypes in) const {
  check_inputs(in, 1);
  return {in[0]};
}

void Copy::gradient(GradientContext& context) const {
  if (context.wants(0) && !stops_gradient) context.set(0, context.dy());
}

Cost Copy::cost(InputTypes in, OutputTypes out) const { return moving_cost(in, out); }

}  // namespace trainyard::op
