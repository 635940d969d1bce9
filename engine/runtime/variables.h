// Memory that stays between runs: weights, statistics, optimizer slots, metric state.
#pragma once

#include <string>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/ops/op_types.h"

namespace trainyard {

/// One variable. A view shares its parent's memory, so that all trainable weights can be one flat variable as well.
struct Variable {
  std::string name;
  ValueType type;
  Tensor storage;        // shares the parent's memory for views
  int parent = -1;       // -1: owns its memory
  int64_t offset = 0;    // elements from the parent's start
  uint64_t version = 1;  // of an owner: how often its memory was written
  TensorView view() const;
};

/// Numbered variables; addresses never move, so that plans can hold them. Not thread-safe.
class Variables {
 public:
  Variables() = default;
  /// `with_memory` false: variables have types and no memory, for plans that are only measured; nothing may be read or written.
  explicit Variables(bool with_memory) : with_memory_(with_memory) {}
  bool with_memory() const { return with_memory_; }

  /// Zero-filled. Throws std::bad_alloc.
  int add(std::string name, ValueType type);
  /// A window on `parent`, whose dtype it shares, from element `offset`.
  int add_view(std::string name, Shape shape, int parent, int64_t offset);

  /// Gives the memory back; the number is never used again. No plan may still name it.
  void release(int index);

  int count() const { return static_cast<int>(variables_.size()); }
  const Variable& operator[](int index) const { return variables_[static_cast<size_t>(index)]; }
  /// To read. Who writes through it says so by touch().
  TensorView view(int index) const { return (*this)[index].view(); }
  /// The memory of the variable has been written, and with it every variable that shares it.
  void touch(int index) { ++variables_[static_cast<size_t>(owner_of(index))].version; }
  /// Differs from an earlier one when the memory may have been written since; never 0.
  uint64_t version(int index) const { return (*this)[owner_of(index)].version; }
  /// A copy of the value.
  Tensor get(int index) const;
  /// Overwrites the value and touches; same dtype and element count.
  void set(int index, const Tensor& value);
  bool overlap(int a, int b) const;
  /// Bytes owned.
  size_t bytes() const;

 private:
  int owner_of(int index) const { return (*this)[index].parent >= 0 ? (*this)[index].parent : index; }

  bool with_memory_ = true;
  std::vector<Variable> variables_;
};

}  // namespace trainyard
