// Operations that look at the order of values along an axis: sorting, quantiles, running sums.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/layers/operation_call.h"
#include "engine/ops/lookup_builder.h"

namespace trainyard {
namespace order_op {  // names of its own: several of these files may be compiled as one
namespace {

using op::BinaryKind;
using Values = std::vector<Value>;

/// Numbers that can be sorted.
Value sortable(Value x) { return x.dtype() == DType::boolean ? cast(x, DType::i32) : x; }

/// x and indices: the same dimensions but along the axis, where sizes of 1 are stretched.
Values taken_along(const OperationCall& call) {
  Value x = call.tensor("x");
  Value indices = cast(call.tensor("indices"), DType::i32);
  const bool flat = call.json("axis").is_null();
  if (flat) {
    x = reshape(x, {x.shape().elements()});
    indices = reshape(indices, {indices.shape().elements()});
  }
  call.expect_shapes(x.rank() == indices.rank() && x.rank() > 0);
  const int axis = flat ? 0 : call.axis("axis", x.rank());
  const int last = x.rank() - 1;
  x = move_axis(x, axis, last);
  indices = move_axis(indices, axis, last);
  const Shape rows = call.broadcast(x.shape().slice(0, last), indices.shape().slice(0, last));
  const auto spread = [&](Value value) {
    Shape shape = rows;
    shape.push_back(value.shape().back());
    return broadcast_to(value, shape);
  };
  indices = select(less(indices, 0.0), indices + static_cast<double>(x.shape().back()), indices);
  return {move_axis(take_in_rows(call, spread(x), spread(indices)), last, axis)};
}

Values sorted_along(const OperationCall& call, bool places) {
  Value x = sortable(call.tensor("x"));
  const Json how = call.json("axis");
  const bool flat = call.arguments().config.contains("axis") && how.is_null();
  if (flat) x = reshape(x, {x.shape().elements()});
  call.expect_shapes(x.rank() > 0);
  const int axis = flat ? 0 : call.axis("axis", x.rank(), -1);
  const Value rows = move_axis(x, axis, x.rank() - 1);
  const Value order = sort_places(rows, false);
  return {move_axis(places ? order : take_in_rows(call, rows, order), x.rank() - 1, axis)};
}

Values sorted(const OperationCall& call) { return sorted_along(call, false); }
Values sorting_places(const OperationCall& call) { return sorted_along(call, true); }

/// The k largest along the last axis, and where they stand.
Values largest(const OperationCall& call) {
  const Value x = sortable(call.tensor("x"));
  call.expect_shapes(x.rank() > 0);
  const int64_t k = call.integer("k");
  call.expect_shapes(k >= 1 && k <= x.shape().back());
  const Value places = slice_axis(sort_places(x, true), x.rank() - 1, 0, k);
  return {take_in_rows(call, x, places), places};
}

/// Whether the class stands among the k highest predictions. targets: [n]  predictions: [n, classes]
Values in_largest(const OperationCall& call) {
  const Value targets = cast(call.tensor("targets"), DType::i32);
  const Value predictions = call.floats("predictions");
  call.expect_shapes(predictions.rank() == targets.rank() + 1 &&
                     predictions.shape().slice(0, targets.rank()) == targets.shape());
  const Value own = take_in_rows(call, predictions, reshape(targets, with_ones(targets.shape(), {targets.rank()})));
  const Value above = cast(binary(BinaryKind::greater, predictions, own), DType::i32);
  const Value rank = reduce(op::ReduceKind::sum, above, {-1});
  return {less(rank, static_cast<double>(call.integer("k")))};
}

/// x with the named axes as one at the end.
Value axes_last(Value x, const std::vector<int>& axes) {
  std::vector<int> order;
  Shape shape;
  for (int axis = 0; axis < x.rank(); ++axis)
    if (std::find(axes.begin(), axes.end(), axis) == axes.end()) {
      order.push_back(axis);
      shape.push_back(x.shape()[axis]);
    }
  order.insert(order.end(), axes.begin(), axes.end());
  int64_t together = 1;
  for (const int axis : axes) together *= x.shape()[axis];
  shape.push_back(together);
  return reshape(transpose(x, order), shape);
}

/// The number at share q of sorted rows, by numpy.quantile's methods. rows: [.., n]  y: [..]
Value quantile(const OperationCall& call, Value rows, double q, const std::string& method) {
  const int64_t n = rows.shape().back();
  const int last = rows.rank() - 1;
  const double place = q * static_cast<double>(n - 1);
  const auto at = [&](double index) {
    const auto i = std::clamp<int64_t>(static_cast<int64_t>(index), 0, n - 1);
    return reshape(slice_axis(rows, last, i, 1), rows.shape().slice(0, last));
  };
  const double low = std::floor(place);
  if (method == "lower") return at(low);
  if (method == "higher") return at(std::ceil(place));
  if (method == "nearest") return at(std::nearbyint(place));
  if (method != "linear" && method != "midpoint") call.refuse("method", "linear, lower, higher, midpoint or nearest");
  const double share = place == low ? 0 : method == "midpoint" ? 0.5 : place - low;
  return share == 0 ? at(low) : at(low) * (1 - share) + at(low + 1) * share;
}

/// y: the shape of q, then what is left of x's.
Values quantiles_of(const OperationCall& call, const std::vector<double>& qs, bool many) {
  const Value x = call.floats("x");
  const std::vector<int> axes = call.axes("axis", x.rank());
  Value rows = axes_last(x, axes);
  call.expect_shapes(rows.shape().back() > 0);
  rows = take_in_rows(call, rows, sort_places(rows, false));
  Shape shape = call.flag("keepdims") ? x.shape() : rows.shape().slice(0, rows.rank() - 1);
  for (const int axis : axes)
    if (call.flag("keepdims")) shape[axis] = 1;
  Values parts;
  for (const double q : qs) {
    if (!(q >= 0 && q <= 1)) call.refuse("q", "from 0 to 1");
    parts.push_back(reshape(quantile(call, rows, q, call.text("method", "linear")), shape.with_front(1)));
  }
  const Value y = concat(parts, 0);
  return {many ? y : reshape(y, shape)};
}

Values median(const OperationCall& call) { return quantiles_of(call, {0.5}, false); }

Values quantiles(const OperationCall& call) {
  Json q = call.json("q");
  if (q.is_object() && q.contains("config") && q["config"].is_object()) q = q["config"].value("value", Json());
  std::vector<double> qs;
  for (const Json& one : q.is_array() ? q : Json::array({q})) {
    if (!one.is_number() || qs.size() == 1024) call.refuse("q", "a number or a list of them");
    qs.push_back(one.get<double>());
  }
  if (qs.empty()) call.refuse("q", "a number or a list of them");
  return quantiles_of(call, qs, q.is_array());
}

/// Each value with all before it along the axis: to each its neighbour, then what stands 2, 4, 8 .. places before.
template <BinaryKind kind>
Values running(const OperationCall& call) {
  const Value given = call.tensor("x");
  Value x = is_floating(given.dtype()) ? given : cast(given, DType::i32);
  if (call.json("axis").is_null()) x = reshape(x, {x.shape().elements()});
  const int axis = call.axis("axis", x.rank(), 0);
  if (const std::optional<DType> dtype = call.dtype("dtype")) x = cast(x, *dtype);
  const int64_t size = x.shape()[axis];
  std::vector<int64_t> low(static_cast<size_t>(x.rank()), 0);
  const std::vector<int64_t> none = low;
  for (int64_t back = 1; back < size; back *= 2) {
    low[static_cast<size_t>(axis)] = back;
    x = binary(kind, x, pad(slice_axis(x, axis, 0, size - back), low, none, kind == BinaryKind::mul ? 1 : 0));
  }
  return {x};
}

/// The places where values would be put into a rising list. values: [..]  keys: [k]
Value places_among(const OperationCall& call, Value values, Value keys, bool behind_equals) {
  call.expect_shapes(keys.rank() == 1);
  if (behind_equals) return search_sorted(values, keys);
  // As many as are smaller: all but those that, with signs changed, are no larger.
  std::vector<int64_t> backwards;
  for (int64_t i = keys.shape()[0]; i > 0; --i) backwards.push_back(i - 1);
  call.expect_shapes(keys.shape()[0] <= kLongestList);
  const Value mirrored = search_sorted(-values, -take_listed(keys, backwards, 0));
  return static_cast<double>(keys.shape()[0]) - mirrored;
}

Values search(const OperationCall& call) {
  const std::string side = call.text("side", "left");
  if (side != "left" && side != "right") call.refuse("side", "left or right");
  return {places_among(call, call.floats("values"), call.floats("sorted_sequence"), side == "right")};
}

Values digitized(const OperationCall& call) {
  return {places_among(call, call.floats("x"), call.floats("bins"), true)};
}

}  // namespace
}  // namespace order_op

std::vector<Operation> order_operations() {
  using namespace order_op;
  return {{"TakeAlongAxis", "x indices", "axis", taken_along},
          {"Sort", "x", "axis", sorted},
          {"Argsort", "x", "axis", sorting_places},
          {"TopK", "x", "k sorted", largest},
          {"InTopK", "targets predictions", "k", in_largest},
          {"Median", "x", "axis keepdims", median},
          {"Quantile", "x q", "axis method keepdims", quantiles},
          {"Cumsum", "x", "axis dtype", running<BinaryKind::add>},
          {"Cumprod", "x", "axis dtype", running<BinaryKind::mul>},
          {"SearchSorted", "sorted_sequence values", "side", search},
          {"Digitize", "x bins", "", digitized}};
}

}  // namespace trainyard
