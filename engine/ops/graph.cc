#include "engine/ops/graph.h"

#include <algorithm>

namespace trainyard {

Value Graph::input(std::string name, ValueType type) {
  const int id = static_cast<int>(values_.size());
  values_.push_back({std::move(type), Storage::input, static_cast<int>(inputs_.size()), std::move(name)});
  inputs_.push_back(id);
  return {this, id};
}

Value Graph::variable(int variable, ValueType type, std::string name) {
  for (size_t id = 0; id < values_.size(); ++id) {
    const ValueInfo& value = values_[id];
    if (value.storage != Storage::variable || value.index != variable) continue;
    check(value.type == type, "a variable keeps its type");
    return {this, static_cast<int>(id)};
  }
  const int id = static_cast<int>(values_.size());
  values_.push_back({std::move(type), Storage::variable, variable, std::move(name)});
  return {this, id};
}

Value Graph::constant(Tensor tensor) {
  const int id = static_cast<int>(values_.size());
  values_.push_back({{tensor.dtype(), tensor.shape()}, Storage::constant, static_cast<int>(constants_.size()), {}});
  constants_.push_back(std::move(tensor));
  return {this, id};
}

Value Graph::scalar(double value, DType dtype) {
  for (size_t id = 0; id < values_.size(); ++id) {  // equal constants share one value, so that passes can compare ids
    const ValueInfo& info = values_[id];
    if (info.storage != Storage::constant || info.type.dtype != dtype || info.type.shape.rank() != 0) continue;
    if (element_as_double(constants_[static_cast<size_t>(info.index)].view(), 0) ==
        element_as_double(Tensor::of<double>({}, {value}).cast(dtype).view(), 0))
      return {this, static_cast<int>(id)};
  }
  return constant(Tensor::of<double>({}, {value}).cast(dtype));
}

std::vector<Value> Graph::add(Op op, const std::vector<Value>& inputs) {
  Node node{std::move(op), {}, {}, scope_};
  for (const Value& input : inputs) {
    check(&input.graph() == this, "inputs belong to the graph");
    node.inputs.push_back(input.id());
  }
  std::vector<Value> outputs;
  for (ValueType& type : infer_types(node.op, input_types(node))) {
    const int id = static_cast<int>(values_.size());
    values_.push_back({std::move(type), Storage::computed, static_cast<int>(nodes_.size()), {}});
    node.outputs.push_back(id);
    outputs.emplace_back(this, id);
  }
  nodes_.push_back(std::move(node));
  return outputs;
}

Value Graph::add_one(Op op, const std::vector<Value>& inputs) {
  std::vector<Value> outputs = add(std::move(op), inputs);
  check(outputs.size() == 1, "an op with one output");
  return outputs.front();
}

bool Graph::shows_variable(int id) const {
  const ValueInfo& value = values_[static_cast<size_t>(id)];
  if (value.storage != Storage::computed) return value.storage == Storage::variable;
  const Node& producer = nodes_[static_cast<size_t>(value.index)];
  const bool may_share =
      std::holds_alternative<op::Reshape>(producer.op) || std::holds_alternative<op::Slice>(producer.op);
  return may_share && shows_variable(producer.inputs.front());
}

void Graph::assign(int variable, Value value) {
  for (const Assignment& other : assignments_) check(other.variable != variable, "one assignment a variable");
  // a variable's old value is copied out: that variable may get its own new value before this one is written
  if (shows_variable(value.id())) value = add_one(op::Copy{}, {value});
  assignments_.push_back({variable, value.id()});
}

void Graph::mark_output(Value value) {
  if (std::find(outputs_.begin(), outputs_.end(), value.id()) == outputs_.end()) outputs_.push_back(value.id());
}

Types Graph::input_types(const Node& node) const {
  Types types;
  for (const int id : node.inputs) types.push_back(type(id));
  return types;
}

Types Graph::output_types(const Node& node) const {
  Types types;
  for (const int id : node.outputs) types.push_back(type(id));
  return types;
}

void Graph::set_scope(const std::string& name) {
  const auto found = std::find(scopes_.begin(), scopes_.end(), name);
  scope_ = static_cast<int>(found - scopes_.begin());
  if (found == scopes_.end()) scopes_.push_back(name);
}

void Graph::replace_nodes(std::vector<Node> nodes) {
  nodes_ = std::move(nodes);
  for (size_t n = 0; n < nodes_.size(); ++n)
    for (const int id : nodes_[n].outputs) values_[static_cast<size_t>(id)].index = static_cast<int>(n);
}

}  // namespace trainyard
