// Groups of elementwise nodes become one op::Fused each. A group grows while nothing outside has read its values; it is
// placed where its last member stood, so every operand exists there.
#include <algorithm>
#include <map>
#include <set>

#include "engine/runtime/fusion.h"

namespace trainyard {
namespace {

// More registers than this would push a block of them out of the first-level cache.
constexpr size_t kMaxMembers = 40;

/// `operand` can be read by a fused node of shape `whole`: same shape, one element, or whole's last dimensions.
bool readable(const Shape& operand, const Shape& whole) {
  if (operand == whole || operand.elements() == 1) return true;
  const int extra = whole.rank() - operand.rank();
  return extra > 0 && whole.slice(extra, whole.rank()) == operand;
}

class Fuser {
 public:
  explicit Fuser(Graph& graph)
      : graph_(graph),
        consumers_(consumers_of(graph)),
        kept_(kept_values(graph)),
        group_of_(graph.nodes().size(), -1) {}

  void run() {
    for (size_t n = 0; n < graph_.nodes().size(); ++n) visit(static_cast<int>(n));
    emit();
  }

 private:
  struct Group {
    std::vector<int> members;  // ascending
    Shape shape;
    DType dtype = DType::f32;
    bool open = true;
  };

  const Node& node(int n) const { return graph_.nodes()[static_cast<size_t>(n)]; }

  /// Whether predicates stay inside is settled in emit(): a group whose predicate escapes is not fused.
  bool fusible(int n) const {
    const Node& candidate = node(n);
    const ValueType& type = graph_.type(candidate.outputs[0]);
    const bool elementwise = std::holds_alternative<op::Unary>(candidate.op) ||
                             std::holds_alternative<op::Binary>(candidate.op) ||
                             std::holds_alternative<op::Select>(candidate.op);
    if (!elementwise || type.shape.elements() <= 1) return false;
    for (const int input : candidate.inputs) {
      const ValueType& operand = graph_.type(input);
      if (!readable(operand.shape, type.shape)) return false;
      if (operand.dtype != DType::f32 && !(operand.dtype == DType::boolean && producer_group(input) >= 0)) return false;
    }
    if (type.dtype == DType::boolean) return escapes(candidate.outputs[0]) == false;
    return type.dtype == DType::f32;
  }

  /// A predicate that some non-elementwise node (or the outside) needs as bool.
  bool escapes(int value) const {
    if (kept_[static_cast<size_t>(value)] != 0) return true;
    for (const int reader : consumers_[static_cast<size_t>(value)]) {
      const Op& op = node(reader).op;
      const auto* logic = std::get_if<op::Binary>(&op);
      const bool inside = std::holds_alternative<op::Select>(op) ||
                          (logic != nullptr &&
                           (logic->kind == op::BinaryKind::logical_and || logic->kind == op::BinaryKind::logical_or));
      if (!inside) return true;
    }
    return false;
  }

  int producer_group(int value) const {
    const ValueInfo& info = graph_.values()[static_cast<size_t>(value)];
    return info.storage == Storage::computed ? group_of_[static_cast<size_t>(info.index)] : -1;
  }

  void visit(int n) {
    std::vector<int> joined;
    if (fusible(n)) {
      const Shape& shape = graph_.type(node(n).outputs[0]).shape;
      size_t members = 1;
      for (const int input : node(n).inputs) {
        const int g = producer_group(input);
        if (g < 0 || std::find(joined.begin(), joined.end(), g) != joined.end()) continue;
        const Group& group = groups_[static_cast<size_t>(g)];
        if (!group.open || group.shape != shape || members + group.members.size() > kMaxMembers) continue;
        members += group.members.size();
        joined.push_back(g);
      }
      if (needs_missing_predicate(n, joined))
        joined.clear();
      else
        add_to_group(n, joined, shape);
    }
    for (const int input : node(n).inputs) {  // whoever reads from outside closes the group
      const int g = producer_group(input);
      if (g < 0 || g == group_of_[static_cast<size_t>(n)]) continue;
      groups_[static_cast<size_t>(g)].open = false;
      if (graph_.type(input).dtype == DType::boolean) dissolved_.insert(g);  // it must exist as a bool
    }
  }

  /// A bool operand lives only inside its group: if that group cannot be joined, both stay unfused.
  bool needs_missing_predicate(int n, const std::vector<int>& joined) const {
    bool missing = false;
    for (const int input : node(n).inputs) {
      if (graph_.type(input).dtype != DType::boolean) continue;
      const int g = producer_group(input);
      missing |= g >= 0 && std::find(joined.begin(), joined.end(), g) == joined.end();
    }
    return missing;
  }

  void add_to_group(int n, const std::vector<int>& joined, const Shape& shape) {
    int target = static_cast<int>(groups_.size());
    if (joined.empty())
      groups_.push_back({{}, shape, DType::f32, true});
    else
      target = joined.front();
    Group& group = groups_[static_cast<size_t>(target)];
    for (const int other : joined) {
      if (other == target) continue;
      Group& absorbed = groups_[static_cast<size_t>(other)];
      for (const int member : absorbed.members) group_of_[static_cast<size_t>(member)] = target;
      group.members.insert(group.members.end(), absorbed.members.begin(), absorbed.members.end());
      if (dissolved_.count(other) != 0) dissolved_.insert(target);
      absorbed.members.clear();
      absorbed.open = false;
    }
    group.members.push_back(n);
    std::sort(group.members.begin(), group.members.end());
    group_of_[static_cast<size_t>(n)] = target;
  }

  void emit() {
    std::vector<Node> nodes;
    for (int n = 0; n < static_cast<int>(graph_.nodes().size()); ++n) {
      const int g = group_of_[static_cast<size_t>(n)];
      const bool fused = g >= 0 && dissolved_.count(g) == 0 && groups_[static_cast<size_t>(g)].members.size() > 1;
      if (!fused)
        nodes.push_back(node(n));
      else if (groups_[static_cast<size_t>(g)].members.back() == n)
        nodes.push_back(fuse(groups_[static_cast<size_t>(g)]));
    }
    graph_.replace_nodes(std::move(nodes));
  }

  Node fuse(const Group& group) {
    op::Fused fused{group.shape, group.dtype, {}, {}};
    Node result;
    result.scope = node(group.members.back()).scope;
    std::map<int, uint16_t> registers;  // value id -> register
    for (const int member : group.members)
      for (const int input : node(member).inputs)
        if (!produced_inside(input, group) &&
            registers.emplace(input, static_cast<uint16_t>(result.inputs.size())).second)
          result.inputs.push_back(input);
    for (const int member : group.members) {
      fused.program.push_back(instruction(node(member), registers));
      const auto target = static_cast<uint16_t>(result.inputs.size() + fused.program.size() - 1);
      const int value = node(member).outputs[0];
      registers[value] = target;
      if (!read_outside(value, group)) continue;
      fused.outputs.push_back(target);
      result.outputs.push_back(value);
    }
    result.op = std::move(fused);
    return result;
  }

  bool produced_inside(int value, const Group& group) const {
    const ValueInfo& info = graph_.values()[static_cast<size_t>(value)];
    return info.storage == Storage::computed &&
           std::binary_search(group.members.begin(), group.members.end(), info.index);
  }

  bool read_outside(int value, const Group& group) const {
    if (kept_[static_cast<size_t>(value)] != 0) return true;
    const auto& readers = consumers_[static_cast<size_t>(value)];
    return std::any_of(readers.begin(), readers.end(), [&](int reader) {
      return !std::binary_search(group.members.begin(), group.members.end(), reader);
    });
  }

  static op::Instruction instruction(const Node& node, const std::map<int, uint16_t>& registers) {
    const auto at = [&](size_t i) { return registers.at(node.inputs[i]); };
    if (const auto* one = std::get_if<op::Unary>(&node.op))
      return {op::Instruction::Code::unary, one->kind, op::BinaryKind::add, at(0), 0, 0};
    if (const auto* two = std::get_if<op::Binary>(&node.op))
      return {op::Instruction::Code::binary, op::UnaryKind::neg, two->kind, at(0), at(1), 0};
    return {op::Instruction::Code::select, op::UnaryKind::neg, op::BinaryKind::add, at(0), at(1), at(2)};
  }

  Graph& graph_;
  std::vector<std::vector<int>> consumers_;
  std::vector<char> kept_;
  std::vector<int> group_of_;
  std::vector<Group> groups_;
  std::set<int> dissolved_;
};

}  // namespace

void fuse_elementwise(Graph& graph) { Fuser(graph).run(); }

}  // namespace trainyard
