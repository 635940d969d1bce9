// Operations that choose values by their places: x[...], Take, OneHot.
#include <algorithm>

#include "engine/layers/operation_call.h"

namespace trainyard {
namespace indexing_op {  // names of its own: several of these files may be compiled as one
namespace {

using Values = std::vector<Value>;

bool is_special(const Json& item, const char* name) {
  return item.is_object() && item.value("class_name", Json()) == name;
}

/// Items that take no axis of x: None makes one, an Ellipsis stands for those that are not named.
bool names_axis(const Json& item) { return !item.is_null() && !is_special(item, "__ellipsis__"); }

std::optional<int64_t> slice_part(const OperationCall& call, const Json& item, const char* part) {
  const Json config = item.value("config", Json::object());
  const Json value = config.contains(part) ? config[part] : Json();
  if (value.is_null()) return std::nullopt;
  if (!value.is_number_integer()) call.refuse("key", "slices of whole numbers");
  return value.get<int64_t>();
}

/// x[start:stop:step] along one axis, by Python's rules.
Value sliced(const OperationCall& call, Value x, int axis, const Json& item) {
  const int64_t size = x.shape()[axis];
  const int64_t step = slice_part(call, item, "step").value_or(1);
  if (step == 0) call.refuse("key", "steps other than 0");
  const int64_t lowest = step > 0 ? 0 : -1;
  const int64_t highest = step > 0 ? size : size - 1;
  const auto bound = [&](const char* part, int64_t otherwise) {
    const std::optional<int64_t> given = slice_part(call, item, part);
    if (!given) return otherwise;
    return std::clamp(*given < 0 ? *given + size : *given, lowest, highest);
  };
  const int64_t start = bound("start", step > 0 ? lowest : highest);
  const int64_t stop = bound("stop", step > 0 ? highest : lowest);
  const int64_t count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
  call.expect_shapes(count > 0);
  if (step < 0) {
    call.expect_shapes(count <= kLongestList);
    std::vector<int64_t> places;
    for (int64_t i = 0; i < count; ++i) places.push_back(start + i * step);
    return take_listed(x, places, axis);
  }
  std::vector<int64_t> starts(static_cast<size_t>(x.rank()), 0), steps(static_cast<size_t>(x.rank()), 1);
  std::vector<int64_t> sizes = x.shape().dims();
  starts[static_cast<size_t>(axis)] = start;
  steps[static_cast<size_t>(axis)] = step;
  sizes[static_cast<size_t>(axis)] = count;
  return slice(x, starts, sizes, steps);
}

int64_t place_within(const OperationCall& call, int64_t index, int64_t size) {
  const int64_t place = index < 0 ? index + size : index;
  call.expect_shapes(place >= 0 && place < size);
  return place;
}

Values get_item(const OperationCall& call) {
  Value x = call.tensor("x");
  const Json key = call.json("key");
  const Json items = key.is_array() ? key : Json::array({key});
  const auto named = static_cast<int>(std::count_if(items.begin(), items.end(), names_axis));
  const auto dots =
      std::count_if(items.begin(), items.end(), [](const Json& item) { return is_special(item, "__ellipsis__"); });
  if (dots > 1) call.refuse("key", "one Ellipsis");
  call.expect_shapes(named <= x.rank());
  const int unnamed = x.rank() - named;
  int axis = 0;
  bool listed = false;
  for (const Json& item : items) {
    if (item.is_null()) {
      x = reshape(x, with_ones(x.shape(), {axis++}));
    } else if (is_special(item, "__ellipsis__")) {
      axis += unnamed;
    } else if (is_special(item, "__slice__")) {
      x = sliced(call, x, axis, item);
      ++axis;
    } else if (item.is_number_integer()) {
      x = slice_axis(x, axis, place_within(call, item.get<int64_t>(), x.shape()[axis]), 1);
      std::vector<int64_t> dims = x.shape().dims();
      dims.erase(dims.begin() + axis);
      x = reshape(x, Shape(dims));
    } else if (item.is_array() && !listed) {  // x[:, [2, 0]]
      std::vector<int64_t> places;
      for (const Json& index : item) {
        if (!index.is_number_integer()) call.refuse("key", "whole numbers");
        places.push_back(place_within(call, index.get<int64_t>(), x.shape()[axis]));
      }
      x = take_listed(x, places, axis);
      ++axis;
      listed = true;
    } else {
      call.refuse("key", "whole numbers, slices, None and an Ellipsis");
    }
  }
  return {x};
}

Values taken(const OperationCall& call) {
  Value x = call.tensor("x");
  if (call.json("axis").is_null()) x = reshape(x, {x.shape().elements()});
  const int axis = call.axis("axis", x.rank(), 0);
  const Value indices = cast(call.tensor("indices"), DType::i32);
  const Value behind = indices + static_cast<double>(x.shape()[axis]);
  return {take_along(x, select(less(indices, 0.0), behind, indices), axis)};
}

Values one_hot_of(const OperationCall& call) {
  if (call.flag("sparse")) call.refuse("sparse", "false");
  const Value indices = cast(call.tensor("x"), DType::i32);
  const int64_t depth = call.integer("num_classes");
  if (depth < 1 || depth > kLargestSize) call.refuse("num_classes", "a number from 1 on");
  const DType dtype = call.dtype("dtype").value_or(call.floating());
  const Value hot = cast(one_hot(indices, depth, is_floating(dtype) ? dtype : call.floating()), dtype);
  return {move_axis(hot, hot.rank() - 1, call.axis("axis", hot.rank(), -1))};
}

/// 1 for every number that stands in a row (or, of a single row, anywhere in it).
Values multi_hot_of(const OperationCall& call) {
  if (call.flag("sparse")) call.refuse("sparse", "false");
  const Value indices = cast(call.tensor("inputs"), DType::i32);
  const int64_t depth = call.integer("num_classes");
  if (depth < 1 || depth > kLargestSize) call.refuse("num_classes", "a number from 1 on");
  call.expect_shapes(indices.rank() > 0);
  const Value hot = one_hot(indices, depth, call.floating());
  const Value placed = move_axis(hot, hot.rank() - 1, call.axis("axis", hot.rank(), -1));
  const Value any = reduce(op::ReduceKind::max, placed, {indices.rank() > 1 ? 1 : 0});
  return {cast(any, call.dtype("dtype").value_or(call.floating()))};
}

/// keras.ops.image.extract_patches. images: [n, h, w, c]  y: [n, rows, columns, height * width * c]
Values patches(const OperationCall& call) {
  Value x = call.tensor("images");
  if (call.text("data_format", "channels_last") != "channels_last") call.refuse("data_format", "channels_last");
  call.expect_shapes(x.rank() == 4);
  const auto pair = [&](const char* name, std::vector<int64_t> otherwise) {
    std::vector<int64_t> sizes = call.integers(name).value_or(std::move(otherwise));
    if (sizes.size() == 1) sizes.push_back(sizes[0]);
    constexpr int64_t kMost = 4096;
    for (const int64_t one : sizes)
      if (one < 1 || one > kMost) call.refuse(name, "two sizes");
    if (sizes.size() != 2 || sizes[0] * sizes[1] > kMost) call.refuse(name, "two sizes");
    return sizes;
  };
  const std::vector<int64_t> size = pair("size", {});
  const std::vector<int64_t> strides = pair("strides", size);
  const std::vector<int64_t> dilation = pair("dilation_rate", {1});
  const std::string padding = call.text("padding", "valid");
  if (padding != "valid" && padding != "same") call.refuse("padding", "valid or same");
  int64_t count[2];
  std::vector<int64_t> low(4, 0), high(4, 0);
  for (size_t d = 0; d < 2; ++d) {
    const int64_t span = (size[d] - 1) * dilation[d] + 1;
    const int64_t whole = x.shape()[static_cast<int>(d) + 1];
    count[d] = padding == "same" ? (whole + strides[d] - 1) / strides[d] : (whole - span) / strides[d] + 1;
    call.expect_shapes(count[d] > 0 && (padding == "same" || whole >= span));
    const int64_t missing = std::max<int64_t>(0, (count[d] - 1) * strides[d] + span - whole);
    if (padding == "same") low[d + 1] = missing / 2, high[d + 1] = missing - missing / 2;
  }
  x = pad(x, low, high);
  Values parts;
  for (int64_t r = 0; r < size[0]; ++r)
    for (int64_t c = 0; c < size[1]; ++c)
      parts.push_back(slice(x, {0, r * dilation[0], c * dilation[1], 0},
                            {x.shape()[0], count[0], count[1], x.shape()[3]}, {1, strides[0], strides[1], 1}));
  return {concat(parts, 3)};
}

/// Values on one side of the k-th diagonal of the last two dimensions.
Values triangle(const OperationCall& call, bool lower) {
  const Value x = call.tensor("x");
  call.expect_shapes(x.rank() >= 2);
  const int64_t k = call.integer("k", 0);
  const int64_t rows = x.shape()[x.rank() - 2];
  const int64_t columns = x.shape().back();
  call.expect_shapes(rows <= kLongestList && columns <= kLongestList && rows * columns <= 16 * kLongestList);
  Tensor mask(DType::boolean, {rows, columns});
  bool* inside = mask.view().as<bool>();
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c) inside[r * columns + c] = lower ? c - r <= k : c - r >= k;
  return {select(call.graph().constant(std::move(mask)), x, 0.0)};
}

Values lower_triangle(const OperationCall& call) { return triangle(call, true); }
Values upper_triangle(const OperationCall& call) { return triangle(call, false); }

}  // namespace
}  // namespace indexing_op

std::vector<Operation> indexing_operations() {
  using namespace indexing_op;
  return {{"GetItem", "x key", "", get_item},
          {"Take", "x indices", "axis", taken},
          {"OneHot", "x", "num_classes axis dtype sparse", one_hot_of},
          {"MultiHot", "inputs", "num_classes axis dtype sparse", multi_hot_of},
          {"ExtractPatches", "images", "size strides dilation_rate padding data_format", patches},
          {"Tril", "x", "k", lower_triangle},
          {"Triu", "x", "k", upper_triangle}};
}

}  // namespace trainyard
