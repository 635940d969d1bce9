#include "engine/runtime/planner.h"

#include <algorithm>
#include <limits>
#include <new>
#include <set>

#include "engine/core/diagnostic.h"
#include "engine/runtime/fusion.h"

namespace trainyard {
namespace {

size_t round_up(size_t bytes) { return (bytes + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment; }

/// Memory that several values may share.
struct Root {
  Place::Base base = Place::Base::arena;
  int index = -1;
  size_t bytes = 0;
  int first = -1;  // node that writes it first
  int last = -1;   // node that reads it last; node_count when it is kept
  size_t offset = 0;
};

class Planner {
 public:
  Planner(Plan& plan, const Variables& variables, const PlanOptions& options)
      : plan_(plan),
        graph_(plan.graph),
        variables_(variables),
        options_(options),
        consumers_(consumers_of(graph_)),
        end_(static_cast<int>(graph_.nodes().size())),
        root_of_(graph_.values().size(), -1),
        offset_in_root_(graph_.values().size(), 0),
        step_index_(graph_.nodes().size(), -1) {}

  void run() {
    choose_kernels();
    place_fixed();
    place_assigned();
    place_concatenated();
    place_computed();
    extend_lifetimes();
    choose_kept();
    add_workspaces();
    assign_offsets();
    write_places();
  }

 private:
  const Node& node(int n) const { return graph_.nodes()[static_cast<size_t>(n)]; }
  int& root_of(int value) { return root_of_[static_cast<size_t>(value)]; }
  size_t& offset_of(int value) { return offset_in_root_[static_cast<size_t>(value)]; }
  Root& root(int r) { return roots_[static_cast<size_t>(r)]; }
  const std::vector<int>& readers(int value) const { return consumers_[static_cast<size_t>(value)]; }

  int add_root(Place::Base base, int index, size_t bytes) {
    roots_.push_back({base, index, bytes, -1, -1, 0});
    return static_cast<int>(roots_.size()) - 1;
  }

  static bool is_alias(const Op& op) { return std::holds_alternative<op::Reshape>(op); }

  /// A Slice of one contiguous run: its offset in elements, or -1.
  int64_t contiguous_offset(const Node& n) const {
    const auto* slice = std::get_if<op::Slice>(&n.op);
    if (slice == nullptr) return -1;
    const Shape& whole = graph_.type(n.inputs[0]).shape;
    const std::vector<int64_t> strides = whole.strides();
    int64_t offset = 0;
    bool full_behind = true;  // every axis further in is taken whole
    for (int axis = whole.rank() - 1; axis >= 0; --axis) {
      const auto a = static_cast<size_t>(axis);
      if (slice->step[a] != 1 && slice->sizes[a] > 1) return -1;
      if (!full_behind && slice->sizes[a] > 1) return -1;
      if (slice->sizes[a] != whole[axis]) full_behind = false;
      offset += slice->start[a] * strides[a];
    }
    return offset;
  }

  void choose_kernels() {
    std::set<std::string> fallbacks;
    for (int n = 0; n < end_; ++n) {
      if (is_alias(node(n).op) || contiguous_offset(node(n)) >= 0) continue;
      const Types in = graph_.input_types(node(n));
      const Types out = graph_.output_types(node(n));
      PlannedStep step;
      step.node = n;
      for (const Backend* backend : options_.backends) {
        step.kernel = backend->kernels().find(node(n).op, in, out);
        if (step.kernel != nullptr) break;
        step.fallback = true;
      }
      if (step.kernel == nullptr) report_missing(node(n), in);
      if (step.fallback) fallbacks.insert(display_name(node(n).op) + " " + std::string(name_of(out.front().dtype)));
      if (step.kernel->workspace != nullptr)
        step.workspace_bytes = step.kernel->workspace(node(n).op, in, out, options_.threads);
      step_index_[static_cast<size_t>(n)] = static_cast<int>(plan_.steps.size());
      plan_.steps.push_back(step);
    }
    plan_.fallbacks.assign(fallbacks.begin(), fallbacks.end());
  }

  [[noreturn]] void report_missing(const Node& n, const Types& in) const {
    std::string dtypes;
    for (const ValueType& type : in) dtypes += (dtypes.empty() ? "" : ", ") + std::string(name_of(type.dtype));
    throw UserError(
        "kernel.missing", graph_.scopes()[static_cast<size_t>(n.scope)],
        {{"op", display_name(n.op)}, {"dtypes", dtypes}, {"backend", std::string(options_.backends.front()->name())}});
  }

  void place_fixed() {
    for (size_t id = 0; id < graph_.values().size(); ++id) {
      const ValueInfo& value = graph_.values()[id];
      // On 32 bits a size may not fit into an address.
      const auto limit = static_cast<int64_t>(std::numeric_limits<size_t>::max() / 2);
      if (value.type.shape.elements() > limit / static_cast<int64_t>(size_of(value.type.dtype))) throw std::bad_alloc();
      Place::Base base = Place::Base::arena;
      switch (value.storage) {
        case Storage::computed: continue;
        case Storage::variable: base = Place::Base::variable; break;
        case Storage::input: base = Place::Base::input; break;
        case Storage::constant: base = Place::Base::constant; break;
      }
      root_of_[id] = add_root(base, value.index, value.type.bytes());
    }
  }

  /// Last node that reads memory of `variable`, whatever value shows it; end_ when a reader keeps it beyond the run.
  int last_read_of(int variable, int but_not_by) {
    int last = -1;
    for (size_t id = 0; id < graph_.values().size(); ++id) {
      const ValueInfo& value = graph_.values()[id];
      if (value.storage != Storage::variable || !variables_.overlap(value.index, variable)) continue;
      last = std::max(last, last_read_through_aliases(static_cast<int>(id), but_not_by));
    }
    return last;
  }

  int last_read_through_aliases(int value, int but_not_by) {
    int last = -1;
    for (const int reader : readers(value)) {
      if (is_alias(node(reader).op) || contiguous_offset(node(reader)) >= 0)
        last = std::max(last, last_read_through_aliases(node(reader).outputs[0], but_not_by));
      else if (reader != but_not_by)
        last = std::max(last, reader);
    }
    const auto& outputs = graph_.outputs();
    if (std::find(outputs.begin(), outputs.end(), value) != outputs.end()) last = end_;
    for (const Assignment& assignment : graph_.assignments())
      if (assignment.value == value) last = end_;
    return last;
  }

  const PlannedStep* step_of(int n) const {
    const int index = step_index_[static_cast<size_t>(n)];
    return index < 0 ? nullptr : &plan_.steps[static_cast<size_t>(index)];
  }

  /// An assigned value is computed straight into its variable where nobody still needs the old one.
  void place_assigned() {
    for (const Assignment& assignment : graph_.assignments()) {
      const ValueInfo& value = graph_.values()[static_cast<size_t>(assignment.value)];
      const bool computed = value.storage == Storage::computed && root_of(assignment.value) < 0;
      const PlannedStep* step = computed ? step_of(value.index) : nullptr;
      bool direct = step != nullptr;
      if (direct) {
        const bool same_place = step->kernel->in_place && reads_in_place(value.index, assignment.variable, value.type);
        direct = last_read_of(assignment.variable, same_place ? value.index : -1) < value.index;
      }
      if (direct)
        root_of(assignment.value) = add_root(Place::Base::variable, assignment.variable, value.type.bytes());
      else
        copies_.push_back(assignment);
    }
  }

  /// Node n reads the variable only whole and in the type of the value that will replace it.
  bool reads_in_place(int n, int variable, const ValueType& type) {
    for (const int input : node(n).inputs) {
      const ValueInfo& operand = graph_.values()[static_cast<size_t>(input)];
      const bool other = operand.storage == Storage::variable && variables_.overlap(operand.index, variable);
      if (other && (operand.index != variable || operand.type != type)) return false;
      if (operand.storage == Storage::computed && is_view_of_variable(input, variable)) return false;
    }
    return true;
  }

  bool is_view_of_variable(int value, int variable) {
    const ValueInfo& info = graph_.values()[static_cast<size_t>(value)];
    if (info.storage == Storage::variable) return variables_.overlap(info.index, variable);
    if (info.storage != Storage::computed) return false;
    const Node& producer = node(info.index);
    if (!is_alias(producer.op) && contiguous_offset(producer) < 0) return false;
    return is_view_of_variable(producer.inputs[0], variable);
  }

  /// Parts of a Concat along the outermost axis are computed straight into the whole (flat gradients).
  void place_concatenated() {
    for (int n = end_ - 1; n >= 0; --n) {
      const auto* concat = std::get_if<op::Concat>(&node(n).op);
      if (concat == nullptr) continue;
      const int whole = node(n).outputs[0];
      if (graph_.type(whole).shape.elements_in(0, concat->axis) != 1) continue;
      if (root_of(whole) < 0) root_of(whole) = add_root(Place::Base::arena, -1, graph_.type(whole).bytes());
      if (root(root_of(whole)).base != Place::Base::arena) continue;
      std::vector<int> parts;
      for (const int part : node(n).inputs) parts.push_back(written_value(part));
      const std::set<int> distinct(parts.begin(), parts.end());
      if (distinct.size() != parts.size() || *distinct.begin() < 0) continue;
      size_t offset = offset_of(whole);
      for (const int part : parts) {
        root_of(part) = root_of(whole);
        offset_of(part) = offset;
        offset += graph_.type(part).bytes();
      }
      elided_.insert(n);
    }
  }

  /// The value that a kernel writes and that `value` only shows under another shape; -1 when it has its place already.
  int written_value(int value) {
    for (;;) {
      const ValueInfo& info = graph_.values()[static_cast<size_t>(value)];
      if (info.storage != Storage::computed || root_of(value) >= 0) return -1;
      if (!is_alias(node(info.index).op)) return step_of(info.index) == nullptr ? -1 : value;
      value = node(info.index).inputs[0];
    }
  }

  void place_computed() {
    for (int n = 0; n < end_; ++n) {
      const int64_t slice_offset = contiguous_offset(node(n));
      const bool alias = is_alias(node(n).op) || slice_offset >= 0;
      for (const int output : node(n).outputs) {
        if (root_of(output) >= 0) {  // a part of a concatenation may be read after the whole
          root(root_of(output)).last = std::max(root(root_of(output)).last, last_use(output));
          continue;
        }
        if (alias) {
          const int input = node(n).inputs[0];
          root_of(output) = root_of(input);
          offset_of(output) = offset_of(input) + static_cast<size_t>(std::max<int64_t>(slice_offset, 0)) *
                                                     size_of(graph_.type(output).dtype);
        } else if (const int reused = reusable_root(n, output); reused >= 0) {
          root_of(output) = reused;
        } else {
          root_of(output) = add_root(Place::Base::arena, -1, graph_.type(output).bytes());
        }
        root(root_of(output)).last = std::max(root(root_of(output)).last, last_use(output));
      }
    }
  }

  int last_use(int value) {
    int last = last_read_through_aliases(value, -1);
    for (const Assignment& copy : copies_)
      if (copy.value == value) last = end_;
    return last;
  }

  /// The memory of an input that dies here, for an in-place kernel; else -1.
  int reusable_root(int n, int output) {
    const PlannedStep* step = step_of(n);
    if (step == nullptr || !step->kernel->in_place || node(n).outputs.front() != output) return -1;
    for (const int input : node(n).inputs) {
      if (graph_.type(input) != graph_.type(output) || offset_of(input) != 0) continue;
      const int candidate = root_of(input);
      const Root& memory = root(candidate);
      const bool whole = memory.base == Place::Base::arena && memory.bytes == graph_.type(output).bytes();
      if (whole && memory.last == n && reads_whole_only(n, candidate, output) && !shared_with_later(candidate, n))
        return candidate;
    }
    return -1;
  }

  /// Every operand of node n in this memory is of the output's type: a row of it, say, would be overwritten before its last use.
  bool reads_whole_only(int n, int r, int output) {
    const auto& inputs = node(n).inputs;
    return std::all_of(inputs.begin(), inputs.end(), [&](int input) {
      return root_of(input) != r || (graph_.type(input) == graph_.type(output) && offset_of(input) == 0);
    });
  }

  /// A value of this root not yet computed at node n (part of a concatenation) must not be overwritten.
  bool shared_with_later(int r, int n) {
    for (size_t id = 0; id < root_of_.size(); ++id)
      if (root_of_[id] == r && graph_.values()[id].storage == Storage::computed && graph_.values()[id].index > n)
        return true;
    return false;
  }

  void extend_lifetimes() {
    for (size_t id = 0; id < graph_.values().size(); ++id) {
      const ValueInfo& value = graph_.values()[id];
      if (value.storage != Storage::computed || root_of_[id] < 0) continue;
      Root& memory = root(root_of_[id]);
      memory.first = memory.first < 0 ? value.index : std::min(memory.first, value.index);
      memory.last = std::max({memory.last, value.index, last_use(static_cast<int>(id))});
    }
  }

  /// Forms of variables that this graph does not write, until the limit is reached.
  void choose_kept() {
    size_t left = options_.kept_limit;
    for (PlannedStep& step : plan_.steps) {
      const KeptOperand& kept = step.kernel->kept;
      if (kept.operand < 0 || left == 0) continue;
      const int value = node(step.node).inputs[static_cast<size_t>(kept.operand)];
      const Root& memory = root(root_of(value));
      if (memory.base != Place::Base::variable || is_assigned(memory.index)) continue;
      const PlannedKept wanted{{memory.base, memory.index, offset_of(value)},
                               graph_.type(value),
                               kept.form(node(step.node).op, graph_.input_types(node(step.node))),
                               kept.prepare};
      if (wanted.form.bytes == 0) continue;
      auto found = std::find(plan_.kept.begin(), plan_.kept.end(), wanted);
      if (found == plan_.kept.end()) {
        if (wanted.form.bytes > left) continue;
        left -= wanted.form.bytes;
        found = plan_.kept.insert(found, wanted);
      }
      step.kept = static_cast<int>(found - plan_.kept.begin());
      step.workspace_bytes = kept.workspace(node(step.node).op, graph_.input_types(node(step.node)),
                                            graph_.output_types(node(step.node)), options_.threads);
    }
  }

  bool is_assigned(int variable) const {
    const auto& all = graph_.assignments();
    return std::any_of(all.begin(), all.end(),
                       [&](const Assignment& each) { return variables_.overlap(each.variable, variable); });
  }

  void add_workspaces() {
    for (PlannedStep& step : plan_.steps) {
      workspace_roots_.push_back(-1);
      if (step.workspace_bytes == 0) continue;
      workspace_roots_.back() = add_root(Place::Base::arena, -1, step.workspace_bytes);
      root(workspace_roots_.back()).first = root(workspace_roots_.back()).last = step.node;
    }
  }

  /// Largest first, each at the lowest offset where nothing alive at the same time lies.
  void assign_offsets() {
    std::vector<int> order;
    for (size_t r = 0; r < roots_.size(); ++r)
      if (roots_[r].base == Place::Base::arena && roots_[r].first >= 0) order.push_back(static_cast<int>(r));
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return root(a).bytes > root(b).bytes; });
    std::vector<int> placed;  // by ascending offset
    for (const int r : order) {
      size_t offset = 0;
      for (const int other : placed) {
        if (root(other).last < root(r).first || root(r).last < root(other).first) continue;
        if (root(other).offset >= offset + round_up(root(r).bytes)) break;
        offset = std::max(offset, root(other).offset + round_up(root(other).bytes));
      }
      root(r).offset = offset;
      if (offset > std::numeric_limits<size_t>::max() - round_up(root(r).bytes)) throw std::bad_alloc();
      plan_.arena_bytes = std::max(plan_.arena_bytes, offset + round_up(root(r).bytes));
      placed.insert(std::upper_bound(placed.begin(), placed.end(), r,
                                     [&](int a, int b) { return root(a).offset < root(b).offset; }),
                    r);
    }
  }

  void write_places() {
    for (size_t id = 0; id < graph_.values().size(); ++id) {
      Place place;
      if (root_of_[id] >= 0) {
        const Root& memory = root(root_of_[id]);
        place = {memory.base, memory.index, memory.offset + offset_in_root_[id]};
      }
      plan_.places.push_back(place);
    }
    for (size_t s = 0; s < plan_.steps.size(); ++s)
      if (workspace_roots_[s] >= 0) plan_.steps[s].workspace_offset = root(workspace_roots_[s]).offset;
    for (const Assignment& copy : copies_) {
      plan_.steps.emplace_back();
      plan_.steps.back().copy = copy;
    }
    std::erase_if(plan_.steps,
                  [&](const PlannedStep& step) { return step.node >= 0 && elided_.count(step.node) != 0; });
  }

  Plan& plan_;
  const Graph& graph_;
  const Variables& variables_;
  const PlanOptions& options_;
  std::vector<std::vector<int>> consumers_;
  int end_;
  std::vector<int> root_of_;
  std::vector<size_t> offset_in_root_;
  std::vector<int> step_index_;  // by node
  std::vector<Root> roots_;
  std::vector<int> workspace_roots_;
  std::vector<Assignment> copies_;
  std::set<int> elided_;  // Concat nodes whose parts are computed in place
};

}  // namespace

Plan make_plan(Graph graph, const Variables& variables, const PlanOptions& options) {
  check(!options.backends.empty(), "a plan needs a backend");
  Plan plan;
  plan.graph = std::move(graph);
  optimize(plan.graph, options.fuse ? options.backends.front()->claims() : FusionClaims{});
  Planner(plan, variables, options).run();
  return plan;
}

}  // namespace trainyard
