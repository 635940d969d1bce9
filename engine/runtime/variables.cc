#include "engine/runtime/variables.h"

namespace trainyard {

TensorView Variable::view() const {
  if (storage.empty()) return {type.dtype, type.shape, nullptr};
  return {type.dtype, type.shape,
          static_cast<char*>(storage.data()) + static_cast<size_t>(offset) * size_of(type.dtype)};
}

int Variables::add(std::string name, ValueType type) {
  Tensor storage = with_memory_ ? Tensor(type.dtype, type.shape) : Tensor();
  variables_.push_back({std::move(name), std::move(type), std::move(storage)});
  return count() - 1;
}

int Variables::add_view(std::string name, Shape shape, int parent, int64_t offset) {
  const Variable& whole = (*this)[parent];
  check(whole.parent == -1, "a view looks at a variable that owns its memory");
  check(offset >= 0 && offset + shape.elements() <= whole.type.shape.elements(), "a view lies within its parent");
  variables_.push_back({std::move(name), {whole.type.dtype, std::move(shape)}, whole.storage, parent, offset});
  return count() - 1;
}

void Variables::release(int index) {
  Variable& variable = variables_[static_cast<size_t>(index)];
  variable.storage = {};
  variable.type.shape = Shape{0};
}

Tensor Variables::get(int index) const {
  const TensorView from = view(index);
  Tensor copy(from.dtype, from.shape);
  std::memcpy(copy.data(), from.data, from.bytes());
  return copy;
}

void Variables::set(int index, const Tensor& value) {
  const TensorView to = view(index);
  check(value.dtype() == to.dtype && value.elements() == to.elements(), "a variable keeps its type");
  std::memcpy(to.data, value.data(), to.bytes());
  touch(index);
}

bool Variables::overlap(int a, int b) const {
  const Variable& x = (*this)[a];
  const Variable& y = (*this)[b];
  if (owner_of(a) != owner_of(b)) return false;
  return x.offset < y.offset + y.type.shape.elements() && y.offset < x.offset + x.type.shape.elements();
}

size_t Variables::bytes() const {
  size_t total = 0;
  for (const Variable& variable : variables_)
    if (variable.parent == -1) total += variable.type.bytes();
  return total;
}

}  // namespace trainyard
