// The op graph: static single assignment over values of known shape, in an order that can be executed as it stands.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/ops/op.h"

namespace trainyard {

/// Where a value lives.
enum class Storage : uint8_t {
  computed,  // in the arena, written by its node
  variable,  // in a variable's memory (runtime/variables.h); stays between runs
  input,     // in memory bound by the caller at each run
  constant,  // in the graph's own tensor
};

struct ValueInfo {
  ValueType type;
  Storage storage = Storage::computed;
  /// Number of the variable, the input or the constant; of the producing node for computed values.
  int index = -1;
  std::string name;
};

struct Node {
  Op op;
  std::vector<int> inputs;   // value ids
  std::vector<int> outputs;  // value ids
  /// Index into Graph::scopes(): which layer (or "loss", "optimizer") asked for it.
  int scope = 0;
};

/// After a run, variable `variable` holds what `value` held. All reads of the variable in the graph see the old value.
struct Assignment {
  int variable = -1;
  int value = -1;
};

class Value;

/// Owns nodes and values. Not thread-safe. A mistake in building (wrong shapes) is ours and fails a check.
class Graph {
 public:
  /// A tensor bound at each run.
  Value input(std::string name, ValueType type);
  /// The memory of variable number `variable`; asked for twice gives the same value.
  Value variable(int variable, ValueType type, std::string name = {});
  Value constant(Tensor tensor);
  /// A rank-0 constant.
  Value scalar(double value, DType dtype = DType::f32);
  /// Appends a node; the outputs' types come from the op.
  std::vector<Value> add(Op op, const std::vector<Value>& inputs);
  /// The same for ops with one output.
  Value add_one(Op op, const std::vector<Value>& inputs);
  /// Adds an assignment. At most one a variable.
  void assign(int variable, Value value);
  /// Keeps a value alive to the end of the run, so that it can be read back.
  void mark_output(Value value);

  const std::vector<Node>& nodes() const { return nodes_; }
  /// References into it (Value::shape() is one) stay good while the graph grows.
  const std::deque<ValueInfo>& values() const { return values_; }
  const std::vector<Tensor>& constants() const { return constants_; }
  const std::vector<int>& inputs() const { return inputs_; }
  const std::vector<int>& outputs() const { return outputs_; }
  const std::vector<Assignment>& assignments() const { return assignments_; }
  const std::vector<std::string>& scopes() const { return scopes_; }
  const ValueType& type(int value) const { return values_[static_cast<size_t>(value)].type; }
  Types input_types(const Node& node) const;
  Types output_types(const Node& node) const;

  /// Nodes added from now on belong to this scope (a layer's name).
  void set_scope(const std::string& name);

  // For passes that rewrite a graph (runtime/fusion.cc): replace everything at once, ids of values unchanged.
  void replace_nodes(std::vector<Node> nodes);

 private:
  /// Whether a value is a variable's memory, perhaps in another shape or a part of it.
  bool shows_variable(int id) const;

  std::vector<Node> nodes_;
  std::deque<ValueInfo> values_;
  std::vector<Tensor> constants_;
  std::vector<int> inputs_;
  std::vector<int> outputs_;
  std::vector<Assignment> assignments_;
  std::vector<std::string> scopes_{""};
  int scope_ = 0;
};

/// A value of a graph; cheap to copy. Default-constructed: no value.
class Value {
 public:
  Value() = default;
  Value(Graph* graph, int id) : graph_(graph), id_(id) {}
  explicit operator bool() const { return graph_ != nullptr; }
  Graph& graph() const { return *graph_; }
  int id() const { return id_; }
  const ValueType& type() const { return graph_->type(id_); }
  const Shape& shape() const { return type().shape; }
  DType dtype() const { return type().dtype; }
  int rank() const { return shape().rank(); }
  friend bool operator==(const Value& a, const Value& b) { return a.graph_ == b.graph_ && a.id_ == b.id_; }

 private:
  Graph* graph_ = nullptr;
  int id_ = -1;
};

}  // namespace trainyard
