// Operations that put values into places of a tensor: Slice, SliceUpdate, Scatter and their kin.
#include <algorithm>
#include <optional>

#include "engine/layers/operation_call.h"

namespace trainyard {
namespace update_op {  // names of its own: several of these files may be compiled as one
namespace {

using Values = std::vector<Value>;

/// Where a part of x begins, along each axis; it lies within x.
std::vector<int64_t> starts_of(const OperationCall& call, Value x, const Shape& part) {
  std::vector<int64_t> starts = call.integers("start_indices").value_or(std::vector<int64_t>{});
  call.expect_shapes(static_cast<int>(starts.size()) == x.rank() && part.rank() == x.rank());
  for (int axis = 0; axis < x.rank(); ++axis) {
    const int64_t start = starts[static_cast<size_t>(axis)];
    call.expect_shapes(start >= 0 && part[axis] >= 0 && start <= x.shape()[axis] - part[axis]);
  }
  return starts;
}

Shape shape_of(const OperationCall& call) {
  Shape shape(call.integers("shape").value_or(std::vector<int64_t>{}));
  int64_t elements = 1;
  for (const int64_t size : shape) {
    if (size < 0 || size > kLargestSize) call.refuse("shape", "sizes");
    elements *= size;
    call.expect_shapes(elements <= kLargestSize);
  }
  return shape;
}

Values sliced(const OperationCall& call) {
  const Value x = call.tensor("inputs");
  const Shape part = shape_of(call);
  return {slice(x, starts_of(call, x, part), part.dims())};
}

Values slice_replaced(const OperationCall& call) {
  const Value x = call.tensor("inputs");
  const Value updates = cast(call.tensor("updates"), x.dtype());
  const std::vector<int64_t> low = starts_of(call, x, updates.shape());
  std::vector<int64_t> high;
  for (int axis = 0; axis < x.rank(); ++axis)
    high.push_back(x.shape()[axis] - updates.shape()[axis] - low[static_cast<size_t>(axis)]);
  const Value inside = pad(fill(call.graph(), DType::i32, updates.shape(), 1), low, high);
  return {select(cast(inside, DType::boolean), pad(updates, low, high), x)};
}

/// Places of a tensor as rows of a matrix.
struct Places {
  Value rows;         // i32 [k]: numbers of rows
  int64_t count = 0;  // how many rows the tensor has
  int64_t width = 0;  // how many values are in a row
};

/// indices: [.., depth], of the first `depth` dimensions of `shape`.
Places places_of(const OperationCall& call, const Shape& shape) {
  Value indices = cast(call.tensor("indices"), DType::i32);
  call.expect_shapes(indices.rank() >= 1);
  const auto depth = static_cast<int>(indices.shape().back());
  call.expect_shapes(depth >= 1 && depth <= shape.rank());
  const int64_t k = indices.shape().elements() / depth;
  indices = reshape(indices, {k, depth});
  Places places{.rows = {}, .count = 1, .width = shape.elements_in(depth, shape.rank())};
  for (int axis = depth - 1; axis >= 0; --axis) {
    Value one = reshape(slice_axis(indices, 1, axis, 1), {k});
    one = select(less(one, 0.0), one + static_cast<double>(shape[axis]), one) * static_cast<double>(places.count);
    places.rows = axis == depth - 1 ? one : places.rows + one;
    places.count *= shape[axis];
  }
  return places;
}

Value rows_of(const OperationCall& call, const Places& places, Value values) {
  call.expect_shapes(values.shape().elements() == places.rows.shape()[0] * places.width);
  return reshape(values, {places.rows.shape()[0], places.width});
}

/// values: [k, width]  y: [count, width], the sums of those with the same place.
Value scattered(const Places& places, Value values) {
  return values.graph().add_one(op::ScatterAdd{places.count}, {places.rows, values});
}

/// Where several have the same place they add up, as on most of Keras's backends.
Values scatter(const OperationCall& call) {
  const Shape shape = shape_of(call);
  const Value values = call.tensor("values");
  const Places places = places_of(call, shape);
  const Value sums = scattered(places, rows_of(call, places, cast(values, call.floating())));
  return {cast(reshape(sums, shape), values.dtype())};
}

/// 1 for the last of those with the same place, 0 for the others. y: [k, 1]
Value last_ones(const OperationCall& call, const Places& places) {
  constexpr int64_t kMost = 2048;  // all are compared with all
  const int64_t k = places.rows.shape()[0];
  call.expect_shapes(k <= kMost);
  Tensor later(DType::boolean, {k, k});  // [i, j]: j comes after i
  for (int64_t i = 0; i < k * k; ++i) later.view().as<bool>()[i] = i % k > i / k;
  const Value same = binary(op::BinaryKind::equal, reshape(places.rows, {k, 1}), reshape(places.rows, {1, k}));
  const Value beaten = binary(op::BinaryKind::logical_and, same, call.graph().constant(std::move(later)));
  return 1.0 - reduce(op::ReduceKind::max, cast(beaten, call.floating()), {1}, true);
}

Values scatter_replaced(const OperationCall& call) {
  const Value x = call.tensor("inputs");
  const std::string how = call.json("reduction").is_null() ? "" : call.text("reduction", "");
  if (!how.empty() && how != "add") call.refuse("reduction", "None or add");
  const Places places = places_of(call, x.shape());
  const Value updates = rows_of(call, places, cast(call.tensor("updates"), call.floating()));
  const Value rows = reshape(cast(x, call.floating()), {places.count, places.width});
  Value y;
  if (how.empty()) {
    const Value last = last_ones(call, places);
    y = select(greater(scattered(places, last), 0.0), scattered(places, updates * last), rows);
  } else {
    y = rows + scattered(places, updates);
  }
  return {cast(reshape(y, x.shape()), x.dtype())};
}

/// data: [n, ..]  segment_ids: [n]  y: [num_segments, ..]
Values segment_sums(const OperationCall& call) {
  const Value data = call.tensor("data");
  const Value ids = cast(call.tensor("segment_ids"), DType::i32);
  const int64_t count = call.integer("num_segments");
  if (count < 1 || count > kLargestSize) call.refuse("num_segments", "a number from 1 on");
  call.expect_shapes(data.rank() >= 1 && ids.rank() == 1 && ids.shape()[0] == data.shape()[0]);
  const Places places{.rows = ids, .count = count, .width = data.shape().elements_in(1, data.rank())};
  const Value sums = scattered(places, rows_of(call, places, cast(data, call.floating())));
  return {cast(reshape(sums, data.shape().drop_front().with_front(count)), data.dtype())};
}

}  // namespace
}  // namespace update_op

std::vector<Operation> update_operations() {
  using namespace update_op;
  return {{"Slice", "inputs start_indices shape", "", sliced},
          {"SliceUpdate", "inputs start_indices updates", "", slice_replaced},
          {"Scatter", "indices values shape", "", scatter},
          {"ScatterUpdate", "inputs indices updates reduction", "", scatter_replaced},
          {"SegmentSum", "data segment_ids", "num_segments sorted", segment_sums}};
}

}  // namespace trainyard
