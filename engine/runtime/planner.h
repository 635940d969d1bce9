// The memory plan: every value of a graph gets a place before the first step, from its lifetime.
#pragma once

#include <string>
#include <vector>

#include "engine/ops/graph.h"
#include "engine/runtime/backend.h"
#include "engine/runtime/variables.h"

namespace trainyard {

/// Where a value's bytes are: an offset from one of these bases.
struct Place {
  enum class Base : uint8_t { arena, variable, input, constant };
  Base base = Base::arena;
  int index = -1;     // number of the variable, input or constant
  size_t offset = 0;  // bytes
  friend bool operator==(const Place&, const Place&) = default;
};

/// The form of a variable that kernels of a plan keep between runs.
struct PlannedKept {
  Place place;  // in a variable
  ValueType type;
  KeptForm form;
  KernelFunction prepare = nullptr;
  friend bool operator==(const PlannedKept&, const PlannedKept&) = default;
};

/// One kernel call of a plan.
struct PlannedStep {
  int node = -1;  // -1: a copy into a variable (`copy`)
  const KernelEntry* kernel = nullptr;
  size_t workspace_offset = 0;  // in the arena
  size_t workspace_bytes = 0;
  int kept = -1;          // number in the plan's list; -1: prepares its operands itself
  bool fallback = false;  // another backend than the first one runs it
  Assignment copy;
};

/// A graph with a kernel and a place for everything. Immutable.
struct Plan {
  Graph graph;
  std::vector<Place> places;  // by value id; unused values have none
  std::vector<PlannedStep> steps;
  size_t arena_bytes = 0;
  std::vector<PlannedKept> kept;
  /// "Conv f32 runs on ref": steps that the first backend has no kernel for, each kind once.
  std::vector<std::string> fallbacks;
};

struct PlanOptions {
  /// In order of preference; the last is the fallback. Fusion follows the first one's claims.
  std::vector<const Backend*> backends;
  int threads = 1;
  bool fuse = true;
  /// Bytes that may go into kept forms of variables that the graph reads only.
  size_t kept_limit = 0;
};

/// Optimizes and plans. Throws UserError (kernel.missing) when no backend has a kernel, naming op and dtypes.
/// `variables` says which variables share memory; it must have every variable of the graph.
Plan make_plan(Graph graph, const Variables& variables, const PlanOptions& options);

}  // namespace trainyard
