#include "engine/layers/operation_call.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "engine/core/diagnostic.h"
#include "engine/core/keras_object.h"

namespace trainyard {
namespace {

constexpr const char* kMark = "__input__";
constexpr size_t kLargestConstant = 1 << 22;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool contains_word(std::string_view words, std::string_view word) {
  const std::vector<std::string_view> all = words_of(words);
  return std::find(all.begin(), all.end(), word) != all.end();
}

std::string short_text(const Json& value) {
  const std::string text = python_json_text(value);
  return text.size() > 60 ? text.substr(0, 60) + " ..." : text;
}

/// Rows of nested lists, flattened; false where they are ragged or hold anything but numbers and booleans.
bool flatten(const Json& value, size_t depth, std::vector<int64_t>& sizes, std::vector<double>& numbers) {
  if (value.is_array()) {
    const auto size = static_cast<int64_t>(value.size());
    if (sizes.size() == depth) sizes.push_back(size);
    if (depth >= 8 || sizes[depth] != size) return false;
    for (const Json& item : value)
      if (!flatten(item, depth + 1, sizes, numbers)) return false;
    return true;
  }
  if (sizes.size() != depth || !(is_any_number(value) || value.is_boolean())) return false;
  numbers.push_back(value.is_boolean() ? (value.get<bool>() ? 1 : 0) : any_number(value));
  return numbers.size() <= kLargestConstant;
}

bool all_of_kind(const Json& value, bool (*is)(const Json&)) {
  if (!value.is_array()) return is(value);
  return std::all_of(value.begin(), value.end(), [is](const Json& item) { return all_of_kind(item, is); });
}

/// The dtype that Keras gives Python's numbers.
DType dtype_of_literal(const Json& value, DType floating) {
  if (all_of_kind(value, [](const Json& v) { return v.is_boolean(); })) return DType::boolean;
  return all_of_kind(value, [](const Json& v) { return v.is_number_integer() || v.is_boolean(); }) ? DType::i32
                                                                                                   : floating;
}

/// The dtypes of Keras that tensors between layers have here.
std::optional<DType> known_dtype(const std::string& name, DType floating) {
  if (name == name_of(floating) || name == "float") return floating;
  if (name == "int32" || name == "int64" || name == "int") return DType::i32;
  if (name == "bool") return DType::boolean;
  return std::nullopt;
}

}  // namespace

Json input_mark(size_t input) { return {{"class_name", kMark}, {"config", {{"input", input}}}}; }

int64_t marked_input(const Json& value) {
  if (!value.is_object() || value.value("class_name", Json()) != kMark || !value.contains("config")) return -1;
  const Json& config = value["config"];
  const bool numbered = config.is_object() && config.contains("input") && config["input"].is_number_unsigned();
  return numbered ? config["input"].get<int64_t>() : -1;
}

Json OperationArguments::find(const Operation& operation, std::string_view name) const {
  const std::vector<std::string_view> names = words_of(operation.call);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].front() == '*' && names[i].substr(1) == name) {
      Json rest = Json::array();
      for (size_t k = i; k < args.size(); ++k) rest.push_back(args[k]);
      return rest;
    }
    if (names[i] == name && i < args.size()) return args[i];
  }
  const std::string key(name);
  if (kwargs.contains(key)) return kwargs[key];
  return config.contains(key) ? config[key] : Json();
}

std::string OperationArguments::unknown(const Operation& operation) const {
  const std::vector<std::string_view> names = words_of(operation.call);
  const bool open = !names.empty() && names.back().front() == '*';
  if (!open && args.size() > names.size()) return "argument " + std::to_string(names.size() + 1);
  for (const Json* given : {&kwargs, &config})
    for (const auto& [key, value] : given->items())
      if (!value.is_null() && !contains_word(operation.call, key) && !contains_word(operation.config, key)) return key;
  return {};
}

void OperationCall::refuse(std::string_view argument, const std::string& expected) const {
  throw UserError("operation.argument", "",
                  {{"class_name", std::string(operation_.name)},
                   {"argument", std::string(argument)},
                   {"expected", expected},
                   {"value", short_text(json(argument))}});
}

void OperationCall::refuse_shapes() const {
  std::string shapes;
  for (const Value& input : inputs_) shapes += (shapes.empty() ? "" : ", ") + input.shape().text();
  throw UserError("operation.shapes", "", {{"class_name", std::string(operation_.name)}, {"shapes", shapes}});
}

Value OperationCall::constant(const Json& value, std::string_view name) const {
  std::vector<int64_t> sizes;
  std::vector<double> numbers;
  const Json kind = value.is_object() ? value.value("class_name", Json()) : Json();
  const bool array =
      (kind == "__numpy__" || kind == "__tensor__") && value.contains("config") && value["config"].is_object();
  const Json& literal = array ? value["config"].value("value", Json()) : value;
  const bool whole = flatten(literal, 0, sizes, numbers);
  if (!whole || Shape(sizes).elements() != static_cast<int64_t>(numbers.size())) refuse(name, "a tensor or numbers");
  std::optional<DType> dtype = dtype_of_literal(literal, floating_);
  if (array && value["config"].contains("dtype") && value["config"]["dtype"].is_string()) {
    const std::string given = value["config"]["dtype"].get<std::string>();
    dtype = given == "float64" ? floating_ : known_dtype(given, floating_);
  }
  if (!dtype) refuse(name, "numbers of float32, int32 or bool");
  return graph().constant(Tensor::of<double>(Shape(sizes), numbers).cast(*dtype));
}

Value OperationCall::value_of(const Json& json, std::string_view name) const {
  if (const int64_t input = marked_input(json); input >= 0 && static_cast<size_t>(input) < inputs_.size())
    return inputs_[static_cast<size_t>(input)];
  return constant(json, name);
}

std::vector<Value> OperationCall::tensors(std::string_view name) const {
  const Json list = json(name);
  if (!list.is_array() || list.empty()) refuse(name, "a list of tensors");
  std::vector<Value> values;
  for (const Json& item : list) values.push_back(value_of(item, name));
  for (size_t i = 1; i < values.size(); ++i) values[0] = promoted(values[0], values[i]).first;
  for (Value& value : values) value = cast(value, values[0].dtype());
  return values;
}

int64_t OperationCall::integer(std::string_view name, std::optional<int64_t> otherwise) const {
  const Json value = json(name);
  if (value.is_null() && otherwise) return *otherwise;
  if (!value.is_number_integer()) refuse(name, "a whole number");
  return value.get<int64_t>();
}

std::optional<std::vector<int64_t>> OperationCall::integers(std::string_view name) const {
  const Json given = json(name);
  if (given.is_null()) return std::nullopt;
  const Json& value = given.is_object() && given.contains("items") ? given["items"] : given;  // a tuple's
  if (value.is_number_integer()) return std::vector<int64_t>{value.get<int64_t>()};
  if (!value.is_array()) refuse(name, "whole numbers");
  std::vector<int64_t> numbers;
  for (const Json& item : value) {
    if (!item.is_number_integer()) refuse(name, "whole numbers");
    numbers.push_back(item.get<int64_t>());
  }
  return numbers;
}

double OperationCall::number(std::string_view name, double otherwise) const {
  const Json value = json(name);
  if (value.is_null()) return otherwise;
  if (!is_any_number(value)) refuse(name, "a number");
  return any_number(value);
}

bool OperationCall::flag(std::string_view name) const {
  const Json value = json(name);
  if (!value.is_null() && !value.is_boolean()) refuse(name, "true or false");
  return value == Json(true);
}

std::string OperationCall::text(std::string_view name, const std::string& otherwise) const {
  const Json value = json(name);
  if (value.is_null()) return otherwise;
  if (!value.is_string()) refuse(name, "a text");
  return value.get<std::string>();
}

std::optional<DType> OperationCall::dtype(std::string_view name) const {
  Json value = json(name);
  if (value.is_null()) return std::nullopt;
  if (value.is_object() && value.contains("config") && value["config"].is_object())
    value = value["config"].value("name", Json());  // a DTypePolicy
  const std::optional<DType> dtype =
      value.is_string() ? known_dtype(value.get<std::string>(), floating_) : std::optional<DType>();
  if (!dtype) refuse(name, "float32, int32 or bool");
  return dtype;
}

int OperationCall::axis(std::string_view name, int rank, std::optional<int64_t> otherwise) const {
  const int resolved = resolve_axis(integer(name, otherwise), rank);
  if (resolved < 0) refuse(name, "one of " + std::to_string(rank) + " axes");
  return resolved;
}

std::vector<int> OperationCall::axes(std::string_view name, int rank) const {
  const auto given = integers(name);
  std::vector<int> axes(static_cast<size_t>(given ? given->size() : static_cast<size_t>(rank)));
  std::iota(axes.begin(), axes.end(), 0);
  for (size_t i = 0; given && i < axes.size(); ++i) {
    axes[i] = resolve_axis((*given)[i], rank);
    const bool twice = std::find(axes.begin(), axes.begin() + static_cast<std::ptrdiff_t>(i), axes[i]) !=
                       axes.begin() + static_cast<std::ptrdiff_t>(i);
    if (axes[i] < 0 || twice) refuse(name, "some of " + std::to_string(rank) + " axes");
  }
  std::sort(axes.begin(), axes.end());
  return axes;
}

std::pair<Value, Value> OperationCall::promoted(Value a, Value b) const {
  DType dtype = a.dtype();
  if (is_floating(a.dtype()) || is_floating(b.dtype()))
    dtype = floating_;
  else if (a.dtype() != b.dtype() || dtype != DType::boolean)
    dtype = DType::i32;
  return {cast(a, dtype), cast(b, dtype)};
}

Shape OperationCall::broadcast(const Shape& a, const Shape& b) const {
  const Shape& longer = a.rank() >= b.rank() ? a : b;
  const Shape& shorter = a.rank() >= b.rank() ? b : a;
  Shape result = longer;
  const int extra = longer.rank() - shorter.rank();
  for (int axis = 0; axis < shorter.rank(); ++axis) {
    int64_t& size = result[axis + extra];
    expect_shapes(size == shorter[axis] || size == 1 || shorter[axis] == 1);
    if (size == 1) size = shorter[axis];
  }
  return result;
}

Value OperationCall::elementwise(op::BinaryKind kind, Value a, Value b) const {
  std::tie(a, b) = promoted(a, b);
  broadcast(a.shape(), b.shape());
  return binary(kind, a, b);
}

Value move_axis(Value x, int from, int to) {
  std::vector<int> order(static_cast<size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  order.erase(order.begin() + from);
  order.insert(order.begin() + to, from);
  return transpose(x, order);
}

Value take_along(Value x, Value indices, int axis) {
  // Those of x's dimensions that stood before the axis come out behind those of the indices.
  std::vector<int> order;
  const int places = indices.rank();
  for (int i = 0; i < axis; ++i) order.push_back(places + i);
  for (int i = 0; i < places; ++i) order.push_back(i);
  for (int i = places + axis; i < places + x.rank() - 1; ++i) order.push_back(i);
  return transpose(gather(move_axis(x, axis, 0), indices), order);
}

Value take_listed(Value x, const std::vector<int64_t>& indices, int axis) {
  const std::vector<double> numbers(indices.begin(), indices.end());
  const Tensor list = Tensor::of<double>({static_cast<int64_t>(indices.size())}, numbers);
  return take_along(x, x.graph().constant(list.cast(DType::i32)), axis);
}

Value take_in_rows(const OperationCall& call, Value x, Value places) {
  const int64_t n = x.shape().back();
  const int64_t rows = n == 0 ? 0 : x.shape().elements() / n;
  call.expect_shapes(rows <= kLongestList && x.shape().elements() <= std::numeric_limits<int32_t>::max());
  Tensor begins(DType::i32, {rows, 1});
  for (int64_t row = 0; row < rows; ++row)
    begins.span<int32_t>()[static_cast<size_t>(row)] = static_cast<int32_t>(row * n);
  const Value within = reshape(places, {rows, places.shape().back()}) + x.graph().constant(std::move(begins));
  return reshape(gather(reshape(x, {x.shape().elements()}), within), places.shape());
}

Value slice_axis(Value x, int axis, int64_t start, int64_t size) {
  std::vector<int64_t> starts(static_cast<size_t>(x.rank()), 0);
  std::vector<int64_t> sizes = x.shape().dims();
  starts[static_cast<size_t>(axis)] = start;
  sizes[static_cast<size_t>(axis)] = size;
  return slice(x, starts, sizes);
}

Shape with_ones(const Shape& x, const std::vector<int>& places) {
  std::vector<int64_t> dims = x.dims();
  for (const int place : places) dims.insert(dims.begin() + place, 1);
  return Shape(dims);
}

const Operation* find_operation(std::string_view name) {
  for (const Operation* operation : all_operations())
    if (operation->name == name) return operation;
  return nullptr;
}

std::vector<const Operation*> all_operations() {
  static const std::vector<Operation> kAll = [] {
    std::vector<Operation> all;
    for (const std::vector<Operation>& family :
         {elementwise_operations(), reduction_operations(), layout_operations(), indexing_operations(),
          linear_operations(), order_operations(), update_operations(), window_operations()})
      all.insert(all.end(), family.begin(), family.end());
    return all;
  }();
  std::vector<const Operation*> pointers;
  for (const Operation& operation : kAll) pointers.push_back(&operation);
  return pointers;
}

}  // namespace trainyard
