// Operations that move values, split tensors and join them.
#include <algorithm>
#include <numeric>

#include "engine/layers/operation_call.h"

namespace trainyard {
namespace layout_op {  // names of its own: several of these files may be compiled as one
namespace {

using Values = std::vector<Value>;

constexpr int kMostDimensions = 12;
constexpr int64_t kMostParts = 4096;

Values reshaped(const OperationCall& call) {
  const Value x = call.tensor("x");
  std::vector<int64_t> sizes;
  const Json given = call.json("newshape").is_null() ? call.json("shape") : call.json("newshape");
  const Json& list = given.is_object() && given.contains("items") ? given["items"] : given;
  for (const Json& size : list.is_array() ? list : Json::array({list})) {
    if (!size.is_null() && !(size.is_number_integer() && size.get<int64_t>() >= -1)) call.refuse("newshape", "sizes");
    sizes.push_back(size.is_null() ? -1 : size.get<int64_t>());
  }
  const auto open = std::find(sizes.begin(), sizes.end(), -1);
  int64_t known = 1;
  for (const int64_t size : sizes) {
    if (size > kLargestSize) call.refuse("newshape", "sizes");
    if (size != -1) known *= size;
    call.expect_shapes(known <= kLargestSize);
  }
  const int64_t elements = x.shape().elements();
  if (open != sizes.end()) {
    call.expect_shapes(known > 0 && elements % known == 0 && std::find(open + 1, sizes.end(), -1) == sizes.end());
    *open = elements / known;
  } else {
    call.expect_shapes(known == elements);
  }
  return {reshape(x, Shape(sizes))};
}

Values raveled(const OperationCall& call) {
  const Value x = call.tensor("x");
  return {reshape(x, {x.shape().elements()})};
}

Values transposed(const OperationCall& call) {
  const Value x = call.tensor("x");
  std::vector<int> order(static_cast<size_t>(x.rank()));
  std::iota(order.rbegin(), order.rend(), 0);
  if (const auto given = call.integers("axes")) {
    if (given->size() != order.size() || call.axes("axes", x.rank()).size() != order.size())
      call.refuse("axes", "each of " + std::to_string(x.rank()) + " axes once");
    for (size_t i = 0; i < order.size(); ++i) order[i] = resolve_axis((*given)[i], x.rank());
  }
  return {transpose(x, order)};
}

Values swapped(const OperationCall& call) {
  const Value x = call.tensor("x");
  std::vector<int> order(static_cast<size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  const auto first = static_cast<size_t>(call.axis("axis1", x.rank()));
  std::swap(order[first], order[static_cast<size_t>(call.axis("axis2", x.rank()))]);
  return {transpose(x, order)};
}

Values moved(const OperationCall& call) {
  const Value x = call.tensor("x");
  const auto from = call.integers("source");
  const auto to = call.integers("destination");
  const size_t count = call.axes("source", x.rank()).size();
  if (!from || !to || count != call.axes("destination", x.rank()).size())
    call.refuse("destination", "as many as source");
  std::vector<int> order(static_cast<size_t>(x.rank()), -1);
  std::vector<char> taken(order.size(), 0);
  for (size_t i = 0; i < count; ++i) {
    const int source = resolve_axis((*from)[i], x.rank());
    order[static_cast<size_t>(resolve_axis((*to)[i], x.rank()))] = source;
    taken[static_cast<size_t>(source)] = 1;
  }
  size_t next = 0;
  for (int& place : order) {
    if (place >= 0) continue;
    while (taken[next] != 0) ++next;
    place = static_cast<int>(next++);
  }
  return {transpose(x, order)};
}

Values expanded(const OperationCall& call) {
  const Value x = call.tensor("x");
  const auto given = call.integers("axis");
  if (!given || given->size() > kMostDimensions) call.refuse("axis", "one or several axes");
  return {reshape(x, with_ones(x.shape(), call.axes("axis", x.rank() + static_cast<int>(given->size()))))};
}

Values squeezed(const OperationCall& call) {
  const Value x = call.tensor("x");
  const bool all = call.json("axis").is_null();
  const std::vector<int> axes = call.axes("axis", x.rank());
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool named = std::find(axes.begin(), axes.end(), axis) != axes.end();
    call.expect_shapes(all || !named || x.shape()[axis] == 1);
    const bool batch = all && axis == 0;  // stays, be it of one sample: to Keras its size is not known
    if (!named || batch || x.shape()[axis] != 1) shape.push_back(x.shape()[axis]);
  }
  return {reshape(x, shape)};
}

void expect_alike(const OperationCall& call, const Values& parts, int besides) {
  for (const Value& part : parts) {
    call.expect_shapes(part.rank() == parts[0].rank());
    for (int axis = 0; axis < part.rank(); ++axis)
      call.expect_shapes(axis == besides || part.shape()[axis] == parts[0].shape()[axis]);
  }
}

Values joined(const OperationCall& call) {
  const Values parts = call.tensors("xs");
  const int axis = call.axis("axis", parts[0].rank(), 0);
  expect_alike(call, parts, axis);
  return {concat(parts, axis)};
}

Values stacked(const OperationCall& call) {
  Values parts = call.tensors("x");
  expect_alike(call, parts, -1);
  const int axis = call.axis("axis", parts[0].rank() + 1, 0);
  for (Value& part : parts) part = reshape(part, with_ones(part.shape(), {axis}));
  return {concat(parts, axis)};
}

/// Horizontally: along the second axis, of vectors along the first.
Values joined_horizontally(const OperationCall& call) {
  const Values parts = call.tensors("xs");
  const int axis = parts[0].rank() > 1 ? 1 : 0;
  call.expect_shapes(parts[0].rank() > 0);
  expect_alike(call, parts, axis);
  return {concat(parts, axis)};
}

/// Vertically: along the first axis; vectors are rows.
Values joined_vertically(const OperationCall& call) {
  Values parts = call.tensors("xs");
  for (Value& part : parts) {
    call.expect_shapes(part.rank() > 0);
    if (part.rank() == 1) part = reshape(part, part.shape().with_front(1));
  }
  expect_alike(call, parts, 0);
  return {concat(parts, 0)};
}

Values differences(const OperationCall& call) {
  Value x = call.tensor("a");
  const int64_t times = call.integer("n", 1);
  const int axis = call.axis("axis", x.rank(), -1);
  if (times < 0) call.refuse("n", "a number from 0 on");
  for (int64_t i = 0; i < times; ++i) {
    const int64_t size = x.shape()[axis];
    call.expect_shapes(size > 1);
    x = slice_axis(x, axis, 1, size - 1) - slice_axis(x, axis, 0, size - 1);
  }
  return {x};
}

Values split(const OperationCall& call) {
  const Value x = call.tensor("x");
  const int axis = call.axis("axis", x.rank(), 0);
  const int64_t size = x.shape()[axis];
  std::vector<int64_t> ends;
  const Json how = call.json("indices_or_sections");
  if (how.is_number_integer()) {
    const auto count = how.get<int64_t>();
    if (count < 1 || count > kMostParts) call.refuse("indices_or_sections", "1 to 4096 parts");
    call.expect_shapes(size % count == 0);
    for (int64_t part = 1; part <= count; ++part) ends.push_back(part * (size / count));
  } else {
    for (const int64_t index : call.integers("indices_or_sections").value_or(std::vector<int64_t>{}))
      ends.push_back(std::clamp<int64_t>(index < 0 ? index + size : index, 0, size));
    ends.push_back(size);
  }
  Values parts;
  int64_t begin = 0;
  for (const int64_t end : ends) {
    parts.push_back(slice_axis(x, axis, begin, std::max<int64_t>(0, end - begin)));
    begin = end;
  }
  return parts;
}

Values unstacked(const OperationCall& call) {
  const Value x = call.tensor("x");
  const int axis = call.axis("axis", x.rank(), 0);
  const int64_t count = call.integer("num", x.shape()[axis]);
  call.expect_shapes(count == x.shape()[axis] && count <= kMostParts);
  Shape shape;
  for (int a = 0; a < x.rank(); ++a)
    if (a != axis) shape.push_back(x.shape()[a]);
  Values parts;
  for (int64_t i = 0; i < count; ++i) parts.push_back(reshape(slice_axis(x, axis, i, 1), shape));
  return parts;
}

Values tiled(const OperationCall& call) {
  const Value x = call.tensor("x");
  std::vector<int64_t> repeats = call.integers("repeats").value_or(std::vector<int64_t>{});
  if (repeats.empty() || repeats.size() > kMostDimensions) call.refuse("repeats", "one number or several");
  Shape shape = x.shape();
  while (static_cast<size_t>(shape.rank()) < repeats.size()) shape = shape.with_front(1);
  while (repeats.size() < static_cast<size_t>(shape.rank())) repeats.insert(repeats.begin(), 1);
  Value y = reshape(x, shape);
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int64_t repeat = repeats[static_cast<size_t>(axis)];
    if (repeat < 1 || repeat > kLargestSize) call.refuse("repeats", "numbers from 1 on");
    if (repeat == 1) continue;
    Shape result = y.shape();
    result[axis] *= repeat;
    call.expect_shapes(result[axis] <= kLargestSize);
    Shape wide = with_ones(y.shape(), {axis});
    wide[axis] = repeat;
    y = reshape(broadcast_to(reshape(y, with_ones(y.shape(), {axis})), wide), result);
  }
  return {y};
}

Values repeated(const OperationCall& call) {
  Value x = call.tensor("x");
  const std::vector<int64_t> repeats = call.integers("repeats").value_or(std::vector<int64_t>{});
  if (call.json("axis").is_null()) x = reshape(x, {x.shape().elements()});
  const int axis = call.axis("axis", x.rank(), 0);
  const int64_t size = x.shape()[axis];
  call.expect_shapes((repeats.size() == 1 || static_cast<int64_t>(repeats.size()) == size) && size <= kLongestList);
  std::vector<int64_t> places;
  for (int64_t i = 0; i < size; ++i) {
    const int64_t count = repeats[repeats.size() == 1 ? 0 : static_cast<size_t>(i)];
    if (count < 0 || count > kLargestSize) call.refuse("repeats", "numbers from 0 on");
    call.expect_shapes(static_cast<int64_t>(places.size()) + count <= kLongestList);
    places.insert(places.end(), static_cast<size_t>(count), i);
  }
  return {take_listed(x, places, axis)};
}

Value reversed(Value x, int axis) {
  std::vector<int64_t> places(static_cast<size_t>(x.shape()[axis]));
  std::iota(places.rbegin(), places.rend(), 0);
  return take_listed(x, places, axis);
}

Values flipped(const OperationCall& call) {
  Value x = call.tensor("x");
  for (const int axis : call.axes("axis", x.rank())) {
    call.expect_shapes(x.shape()[axis] <= kLongestList);
    x = reversed(x, axis);
  }
  return {x};
}

/// Quarter turns from the first axis towards the second.
Values turned(const OperationCall& call) {
  Value x = call.tensor("array");
  const auto given = call.integers("axes");
  const int first = given ? resolve_axis(given->front(), x.rank()) : 0;
  const int second = given ? resolve_axis(given->back(), x.rank()) : 1;
  call.expect_shapes((!given || given->size() == 2) && first >= 0 && second >= 0 && first != second &&
                     second < x.rank());
  const int64_t turns = ((call.integer("k", 1) % 4) + 4) % 4;
  for (const int axis : {first, second}) call.expect_shapes(x.shape()[axis] <= kLongestList);
  if (turns == 2) return {reversed(reversed(x, first), second)};
  if (turns == 0) return {x};
  std::vector<int> order(static_cast<size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<size_t>(first)], order[static_cast<size_t>(second)]);
  return {turns == 1 ? transpose(reversed(x, second), order) : reversed(transpose(x, order), second)};
}

/// The values [i, i + offset] of two axes, at the end.
Value diagonal(const OperationCall& call, Value x) {
  const int first = call.axis("axis1", x.rank(), 0);
  const int second = call.axis("axis2", x.rank(), 1);
  call.expect_shapes(first != second);
  const int64_t offset = call.integer("offset", 0);
  std::vector<int> order;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (axis != first && axis != second) order.push_back(axis);
  order.insert(order.end(), {first, second});
  x = transpose(x, order);
  const int64_t rows = x.shape()[x.rank() - 2];
  const int64_t columns = x.shape().back();
  call.expect_shapes(rows <= kLongestList && columns <= kLongestList);
  std::vector<int64_t> places;
  for (int64_t row = std::max<int64_t>(0, -offset); row < rows && row + offset < columns; ++row)
    places.push_back(row * columns + row + offset);
  call.expect_shapes(!places.empty());
  Shape shape = x.shape().slice(0, x.rank() - 2);
  shape.push_back(rows * columns);
  return take_listed(reshape(x, shape), places, x.rank() - 2);
}

Values diagonal_of(const OperationCall& call) { return {diagonal(call, call.tensor("x"))}; }
Values trace(const OperationCall& call) {
  const Value x = call.tensor("x");
  return {reduce(op::ReduceKind::sum, diagonal(call, x.dtype() == DType::boolean ? cast(x, DType::i32) : x), {-1})};
}

Values appended(const OperationCall& call) {
  auto [a, b] = call.promoted(call.tensor("x1"), call.tensor("x2"));
  const bool flat = call.json("axis").is_null();
  if (flat) {
    a = reshape(a, {a.shape().elements()});
    b = reshape(b, {b.shape().elements()});
  }
  const int axis = flat ? 0 : call.axis("axis", a.rank());
  expect_alike(call, {a, b}, axis);
  return {concat({a, b}, axis)};
}

Value rolled_along(Value x, int64_t shift, int axis) {
  const int64_t size = x.shape()[axis];
  if (size == 0) return x;
  const int64_t by = ((shift % size) + size) % size;
  if (by == 0) return x;
  return concat({slice_axis(x, axis, size - by, by), slice_axis(x, axis, 0, size - by)}, axis);
}

Values rolled(const OperationCall& call) {
  Value x = call.tensor("x");
  const std::vector<int64_t> shifts = call.integers("shift").value_or(std::vector<int64_t>{});
  if (shifts.empty()) call.refuse("shift", "one number or several");
  const auto axes = call.integers("axis");
  if (!axes) {
    if (shifts.size() != 1) call.refuse("shift", "one number");
    return {reshape(rolled_along(reshape(x, {x.shape().elements()}), shifts[0], 0), x.shape())};
  }
  call.axes("axis", x.rank());
  if (shifts.size() != 1 && shifts.size() != axes->size()) call.refuse("shift", "as many as axes");
  for (size_t i = 0; i < axes->size(); ++i)
    x = rolled_along(x, shifts[shifts.size() == 1 ? 0 : i], resolve_axis((*axes)[i], x.rank()));
  return {x};
}

/// How much to add before and behind each axis.
std::vector<std::pair<int64_t, int64_t>> pad_widths(const OperationCall& call, int rank) {
  const auto width = [&](const Json& value) {
    if (!value.is_number_integer() || value.get<int64_t>() < 0 || value.get<int64_t>() > kLongestList)
      call.refuse("pad_width", "widths from 0 on");
    return value.get<int64_t>();
  };
  const auto pair = [&](const Json& value) {
    if (!value.is_array()) return std::pair(width(value), width(value));
    if (value.empty() || value.size() > 2) call.refuse("pad_width", "pairs of widths");
    return std::pair(width(value[0]), width(value[value.size() - 1]));
  };
  const Json given = call.json("pad_width");
  std::vector<std::pair<int64_t, int64_t>> widths;
  const bool one_pair = !given.is_array() || given.empty() || !given[0].is_array();
  if (one_pair || given.size() == 1) {
    widths.assign(static_cast<size_t>(rank), pair(one_pair ? given : given[0]));
  } else {
    for (const Json& entry : given) widths.push_back(pair(entry));
  }
  call.expect_shapes(widths.size() == static_cast<size_t>(rank));
  return widths;
}

/// Where a place outside of [0, size) is taken from.
int64_t mirrored(int64_t place, int64_t size, const std::string& mode) {
  if (mode == "edge") return std::clamp<int64_t>(place, 0, size - 1);
  const int64_t again = mode == "reflect" ? 0 : 1;
  if (place < 0) place = -place - again;
  return place < size ? place : 2 * (size - 1) - place + again;
}

Values padded(const OperationCall& call) {
  Value x = call.tensor("x");
  const auto widths = pad_widths(call, x.rank());
  const std::string mode = call.text("mode", "constant");
  if (mode == "constant") {
    std::vector<int64_t> low, high;
    for (const auto& [before, behind] : widths) {
      low.push_back(before);
      high.push_back(behind);
    }
    return {pad(x, low, high, call.number("constant_values", 0))};
  }
  if (mode != "reflect" && mode != "symmetric" && mode != "edge") call.refuse("mode", "constant, reflect or symmetric");
  for (int axis = 0; axis < x.rank(); ++axis) {
    const auto [before, behind] = widths[static_cast<size_t>(axis)];
    const int64_t size = x.shape()[axis];
    const int64_t most = mode == "reflect" ? size - 1 : mode == "symmetric" ? size : kLongestList;
    call.expect_shapes(std::max(before, behind) <= most && size <= kLongestList);
    std::vector<int64_t> places;
    for (int64_t place = -before; place < size + behind; ++place) places.push_back(mirrored(place, size, mode));
    if (before + behind > 0) x = take_listed(x, places, axis);
  }
  return {x};
}

Values broadcasted(const OperationCall& call) {
  const Value x = call.tensor("x");
  const Shape shape(call.integers("shape").value_or(std::vector<int64_t>{}));
  for (const int64_t size : shape)
    if (size < 1 || size > kLargestSize) call.refuse("shape", "sizes");
  call.expect_shapes(call.broadcast(x.shape(), shape) == shape);
  return {broadcast_to(x, shape)};
}

}  // namespace
}  // namespace layout_op

std::vector<Operation> layout_operations() {
  using namespace layout_op;
  return {{"Reshape", "x", "newshape shape", reshaped},
          {"Ravel", "x", "", raveled},
          {"Transpose", "x", "axes", transposed},
          {"Swapaxes", "x", "axis1 axis2", swapped},
          {"Moveaxis", "x", "source destination", moved},
          {"ExpandDims", "x", "axis", expanded},
          {"Squeeze", "x", "axis", squeezed},
          {"Concatenate", "xs", "axis", joined},
          {"Stack", "x", "axis", stacked},
          {"Hstack", "xs", "", joined_horizontally},
          {"Vstack", "xs", "", joined_vertically},
          {"Diff", "a", "n axis", differences},
          {"Split", "x", "indices_or_sections axis", split},
          {"Unstack", "x", "num axis", unstacked},
          {"Tile", "x", "repeats", tiled},
          {"Repeat", "x", "repeats axis", repeated},
          {"Flip", "x", "axis", flipped},
          {"Roll", "x", "shift axis", rolled},
          {"Rot90", "array", "k axes", turned},
          {"Diagonal", "x", "offset axis1 axis2", diagonal_of},
          {"Trace", "x", "offset axis1 axis2", trace},
          {"Append", "x1 x2", "axis", appended},
          {"Pad", "x constant_values", "pad_width mode", padded},
          {"BroadcastTo", "x", "shape", broadcasted}};
}

}  // namespace trainyard
