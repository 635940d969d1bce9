#include "engine/runtime/executor.h"

#include <algorithm>
#include <map>

namespace trainyard {
namespace {

void copy_kernel(const Op&, const KernelCall& call) {
  std::memcpy(call.outputs[0].data, call.inputs[0].data, call.inputs[0].bytes());
}

const Op kCopy = op::Copy{};

}  // namespace

void Arena::reserve(size_t bytes) {
  if (bytes <= bytes_) return;
  memory_.reset();  // free first: two arenas may not fit
  bytes_ = 0;
  memory_ = allocate_aligned(bytes);
  bytes_ = bytes;
}

std::shared_ptr<KeptMemory> KeptStore::share(const PlannedKept& what) {
  std::erase_if(entries_, [](const auto& entry) { return entry.expired(); });
  for (const auto& entry : entries_)
    if (auto found = entry.lock(); found != nullptr && found->what == what) return found;
  auto made = std::make_shared<KeptMemory>(KeptMemory{what, allocate_aligned(what.form.bytes)});
  entries_.push_back(made);
  return made;
}

size_t KeptStore::bytes() const {
  size_t total = 0;
  for (const auto& entry : entries_)
    if (const auto found = entry.lock()) total += found->what.form.bytes;
  return total;
}

Executor::Executor(Plan plan, const Memories& memories, ThreadPool& pool)
    : plan_(std::move(plan)),
      variables_(memories.variables),
      arena_(memories.arena),
      pool_(pool),
      input_uses_(plan_.graph.inputs().size()),
      bound_(plan_.graph.inputs().size(), nullptr) {
  arena_.reserve(std::max(plan_.arena_bytes, kTensorAlignment));  // never null: resolve() compares addresses
  for (const PlannedKept& kept : plan_.kept) kept_.push_back(memories.kept.share(kept));
  build_calls();
}

void Executor::build_calls() {
  const Graph& graph = plan_.graph;
  const auto view = [&](int value) { return TensorView{graph.type(value).dtype, graph.type(value).shape, nullptr}; };
  for (const PlannedStep& step : plan_.steps) {
    Call call;
    if (step.node < 0) {
      call.op = &kCopy;
      call.kernel = copy_kernel;
      call.inputs = {view(step.copy.value)};
      call.outputs = {variables_.view(step.copy.variable)};
    } else {
      const Node& node = graph.nodes()[static_cast<size_t>(step.node)];
      call.op = &node.op;
      call.kernel = step.kernel->run;
      for (const int input : node.inputs) call.inputs.push_back(view(input));
      for (const int output : node.outputs) call.outputs.push_back(view(output));
      call.workspace_offset = step.workspace_offset;
      call.has_workspace = step.workspace_bytes > 0;
      if (step.kept >= 0) call.kept = kept_[static_cast<size_t>(step.kept)].get();
    }
    calls_.push_back(std::move(call));
  }
  for (size_t c = 0; c < calls_.size(); ++c) {
    const PlannedStep& step = plan_.steps[c];
    const std::vector<int> inputs =
        step.node < 0 ? std::vector<int>{step.copy.value} : graph.nodes()[static_cast<size_t>(step.node)].inputs;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Place& place = plan_.places[static_cast<size_t>(inputs[i])];
      if (place.base == Place::Base::input)
        input_uses_[static_cast<size_t>(place.index)].push_back({c, i, place.offset});
    }
  }
}

void* Executor::address(const Place& place) const {
  switch (place.base) {
    case Place::Base::arena: return arena_.data() + place.offset;
    case Place::Base::variable: return variables_.view(place.index).as<char>() + place.offset;
    case Place::Base::constant:
      return static_cast<char*>(plan_.graph.constants()[static_cast<size_t>(place.index)].data()) + place.offset;
    case Place::Base::input: {
      const void* base = bound_[static_cast<size_t>(place.index)];
      return base == nullptr ? nullptr : const_cast<char*>(static_cast<const char*>(base)) + place.offset;
    }
  }
  return nullptr;
}

/// Fills in every pointer; again only when the arena has moved.
void Executor::resolve() {
  for (size_t c = 0; c < calls_.size(); ++c) {
    const PlannedStep& step = plan_.steps[c];
    Call& call = calls_[c];
    if (step.node < 0) {
      call.inputs[0].data = address(plan_.places[static_cast<size_t>(step.copy.value)]);
      continue;
    }
    const Node& node = plan_.graph.nodes()[static_cast<size_t>(step.node)];
    for (size_t i = 0; i < call.inputs.size(); ++i)
      call.inputs[i].data = address(plan_.places[static_cast<size_t>(node.inputs[i])]);
    for (size_t i = 0; i < call.outputs.size(); ++i)
      call.outputs[i].data = address(plan_.places[static_cast<size_t>(node.outputs[i])]);
  }
  resolved_for_ = arena_.data();
}

void Executor::bind(int input, const void* data) {
  bound_[static_cast<size_t>(input)] = data;
  for (const InputUse& use : input_uses_[static_cast<size_t>(input)])
    calls_[use.call].inputs[use.operand].data = const_cast<char*>(static_cast<const char*>(data)) + use.offset;
}

void Executor::execute(const Call& call, const StepInfo& step) const {
  const KernelCall operands{.inputs = call.inputs,
                            .outputs = call.outputs,
                            .workspace = call.has_workspace ? arena_.data() + call.workspace_offset : nullptr,
                            .kept = call.kept == nullptr ? nullptr : call.kept->bytes.get(),
                            .pool = &pool_,
                            .step = &step};
  if (call.kept != nullptr) {
    const uint64_t now = variables_.version(call.kept->what.place.index);
    if (call.kept->version != now) {
      call.kept->what.prepare(*call.op, operands);
      call.kept->version = now;
    }
  }
  call.kernel(*call.op, operands);
}

void Executor::run(const StepInfo& step) {
  if (resolved_for_ != arena_.data()) resolve();
  if (profiling_) {
    run_profiled(step);
  } else {
    for (const Call& call : calls_) execute(call, step);
  }
  for (const Assignment& assignment : plan_.graph.assignments()) variables_.touch(assignment.variable);
}

void Executor::run_profiled(const StepInfo& step) {
  ++profiled_runs_;
  for (size_t c = 0; c < calls_.size(); ++c) {
    const auto start = std::chrono::steady_clock::now();
    execute(calls_[c], step);
    seconds_[c] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
}

TensorView Executor::output(int value_id) const {
  const ValueType& type = plan_.graph.type(value_id);
  return {type.dtype, type.shape, address(plan_.places[static_cast<size_t>(value_id)])};
}

void Executor::set_profiling(bool on) {
  profiling_ = on;
  profiled_runs_ = 0;
  seconds_.assign(calls_.size(), 0);
}

std::vector<ProfileEntry> Executor::profile() const {
  std::map<std::pair<std::string, std::string>, ProfileEntry> entries;
  for (size_t c = 0; c < seconds_.size(); ++c) {
    const int n = plan_.steps[c].node;
    const std::string scope =
        n < 0 ? "copy" : plan_.graph.scopes()[static_cast<size_t>(plan_.graph.nodes()[static_cast<size_t>(n)].scope)];
    const std::string op = display_name(*calls_[c].op);
    ProfileEntry& entry = entries[{op, scope}];
    entry.op = op;
    entry.scope = scope;
    entry.calls += profiled_runs_;
    entry.milliseconds += seconds_[c] * 1000;
  }
  std::vector<ProfileEntry> sorted;
  for (auto& [key, entry] : entries) sorted.push_back(std::move(entry));
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.milliseconds > b.milliseconds; });
  return sorted;
}

}  // namespace trainyard
