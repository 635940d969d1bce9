#include "engine/core/tensor.h"

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>

#include "engine/core/half.h"

namespace trainyard {
namespace {

void store_double(const TensorView& view, int64_t index, double value) {
  switch (view.dtype) {
    case DType::f32: view.as<float>()[index] = static_cast<float>(value); return;
    case DType::f64: view.as<double>()[index] = value; return;
    case DType::f16: view.as<uint16_t>()[index] = half_from_float(static_cast<float>(value)); return;
    case DType::bf16: view.as<uint16_t>()[index] = bfloat_from_float(static_cast<float>(value)); return;
    case DType::i32: view.as<int32_t>()[index] = static_cast<int32_t>(value); return;
    case DType::i64: view.as<int64_t>()[index] = static_cast<int64_t>(value); return;
    case DType::u8: view.as<uint8_t>()[index] = static_cast<uint8_t>(value); return;
    case DType::boolean: view.as<uint8_t>()[index] = value != 0 ? 1 : 0; return;
  }
}

}  // namespace

namespace {

/// Throws std::bad_alloc where the size does not fit into this machine's addresses: on 32 bits it would wrap.
size_t addressable_bytes(const Shape& shape, DType dtype) {
  const auto largest = static_cast<int64_t>(std::numeric_limits<std::size_t>::max() / 2);
  if (shape.elements() > largest / static_cast<int64_t>(size_of(dtype))) throw std::bad_alloc();
  return static_cast<size_t>(shape.elements()) * size_of(dtype);
}

}  // namespace

std::shared_ptr<void> allocate_aligned(size_t bytes) {
  const size_t rounded = (bytes + kTensorAlignment) / kTensorAlignment * kTensorAlignment;
  void* memory = std::aligned_alloc(kTensorAlignment, rounded);
  if (memory == nullptr) throw std::bad_alloc();
  std::memset(memory, 0, rounded);
  return {memory, [](void* pointer) { std::free(pointer); }};
}

double element_as_double(const TensorView& view, int64_t index) {
  switch (view.dtype) {
    case DType::f32: return view.as<float>()[index];
    case DType::f64: return view.as<double>()[index];
    case DType::f16: return float_from_half(view.as<uint16_t>()[index]);
    case DType::bf16: return float_from_bfloat(view.as<uint16_t>()[index]);
    case DType::i32: return view.as<int32_t>()[index];
    case DType::i64: return static_cast<double>(view.as<int64_t>()[index]);
    case DType::u8:
    case DType::boolean: return view.as<uint8_t>()[index];
  }
  return 0;
}

Tensor::Tensor(DType dtype, Shape shape)
    : dtype_(dtype), shape_(std::move(shape)), data_(allocate_aligned(addressable_bytes(shape_, dtype_))) {
  check(shape_.is_known(), "a tensor has a known shape");
}

Tensor Tensor::clone() const {
  if (empty()) return {};
  Tensor copy(dtype_, shape_);
  std::memcpy(copy.data(), data(), bytes());
  return copy;
}

Tensor Tensor::reshaped(Shape shape) const {
  check(shape.elements() == elements(), "reshape keeps the number of elements");
  Tensor other = *this;
  other.shape_ = std::move(shape);
  return other;
}

Tensor Tensor::cast(DType dtype) const {
  if (dtype == dtype_) return *this;
  Tensor result(dtype, shape_);
  const TensorView from = view();
  const TensorView to = result.view();
  for (int64_t i = 0; i < elements(); ++i) store_double(to, i, element_as_double(from, i));
  return result;
}

}  // namespace trainyard
