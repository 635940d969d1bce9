// One call of one of Keras's operations (keras.ops): what it was made with, what it is called with, and the ops it is
// lowered to. Operations broadcast and promote dtypes as NumPy does.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/core/json.h"
#include "engine/ops/builder.h"

namespace trainyard {

class OperationCall;

/// Sizes beyond it are refused, so that their products fit 64 bits; and lists that an argument spells out.
inline constexpr int64_t kLargestSize = int64_t{1} << 28;
inline constexpr int64_t kLongestList = int64_t{1} << 22;

/// An operation as the table has it.
struct Operation {
  std::string_view name;  // Keras's class: "ExpandDims"
  /// Parameters of its call and of its constructor, by Keras's names, with blanks between; "*xs" takes all that follow.
  std::string_view call;
  std::string_view config;
  std::vector<Value> (*lower)(const OperationCall& call);
};

/// By Keras's class name; null for one that is not taken.
const Operation* find_operation(std::string_view name);
std::vector<const Operation*> all_operations();

// The families of the table.
std::vector<Operation> elementwise_operations();
std::vector<Operation> reduction_operations();
std::vector<Operation> layout_operations();
std::vector<Operation> indexing_operations();
std::vector<Operation> linear_operations();
std::vector<Operation> order_operations();
std::vector<Operation> update_operations();
std::vector<Operation> window_operations();

/// What stands in an operation's arguments in place of its input number `input`.
Json input_mark(size_t input);
/// The number of such a mark; -1 for anything else.
int64_t marked_input(const Json& value);

/// The arguments of a call as Keras writes them, tensors replaced by marks.
struct OperationArguments {
  Json config = Json::object();
  Json args = Json::array();
  Json kwargs = Json::object();

  /// Of a parameter, by call or by constructor; null where it was left out.
  Json find(const Operation& operation, std::string_view name) const;
  /// The first argument that the operation does not have (or more than it has); empty where all is well.
  std::string unknown(const Operation& operation) const;
};

/// Everything here throws UserError where the user's arguments or shapes do not fit.
class OperationCall {
 public:
  OperationCall(const Operation& operation, const OperationArguments& arguments, std::vector<Value> inputs,
                DType floating)
      : operation_(operation), arguments_(arguments), inputs_(std::move(inputs)), floating_(floating) {}

  Graph& graph() const { return inputs_.front().graph(); }
  /// What floats are here.
  DType floating() const { return floating_; }
  const OperationArguments& arguments() const { return arguments_; }
  Json json(std::string_view name) const { return arguments_.find(operation_, name); }
  /// A tensor, or what stands for a constant one (a number, nested lists, an array).
  Value tensor(std::string_view name) const { return value_of(json(name), name); }
  /// The same as floats.
  Value floats(std::string_view name) const { return cast(tensor(name), floating_); }
  std::vector<Value> tensors(std::string_view name) const;
  Value value_of(const Json& json, std::string_view name) const;

  int64_t integer(std::string_view name, std::optional<int64_t> otherwise = {}) const;
  /// One number or a list of them; nothing for None.
  std::optional<std::vector<int64_t>> integers(std::string_view name) const;
  double number(std::string_view name, double otherwise) const;
  bool flag(std::string_view name) const;
  std::string text(std::string_view name, const std::string& otherwise) const;
  /// Nothing for None; names of dtypes that are not taken are refused.
  std::optional<DType> dtype(std::string_view name) const;
  int axis(std::string_view name, int rank, std::optional<int64_t> otherwise = {}) const;
  /// Ascending and each once; all of them for None.
  std::vector<int> axes(std::string_view name, int rank) const;

  /// Two operands as one dtype, which both of them fit.
  std::pair<Value, Value> promoted(Value a, Value b) const;
  /// What `a` and `b` broadcast to.
  Shape broadcast(const Shape& a, const Shape& b) const;
  Value elementwise(op::BinaryKind kind, Value a, Value b) const;

  [[noreturn]] void refuse(std::string_view argument, const std::string& expected) const;
  [[noreturn]] void refuse_shapes() const;
  void expect_shapes(bool fit) const {
    if (!fit) refuse_shapes();
  }

 private:
  Value constant(const Json& value, std::string_view name) const;

  const Operation& operation_;
  const OperationArguments& arguments_;
  std::vector<Value> inputs_;
  DType floating_;
};

// Shared by the families. x: any shape.

/// x with axis `from` at place `to`.
Value move_axis(Value x, int from, int to);
/// x[..., indices[i], ...] along `axis`: the indices' dimensions (i32, within the axis) stand in its place.
Value take_along(Value x, Value indices, int axis);
/// The same with indices known beforehand.
Value take_listed(Value x, const std::vector<int64_t>& indices, int axis);
/// The same row by row. x: [.., n]  places: i32 [.., k], below n  y: [.., k]
Value take_in_rows(const OperationCall& call, Value x, Value places);
/// x[start:start + size] along one axis.
Value slice_axis(Value x, int axis, int64_t start, int64_t size);
/// x's shape with sizes of 1 at these places of the result (ascending).
Shape with_ones(const Shape& x, const std::vector<int>& places);

}  // namespace trainyard
