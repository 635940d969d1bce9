// Tensors on the host: an owning one and a view.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "engine/core/check.h"
#include "engine/core/dtype.h"
#include "engine/core/shape.h"

namespace trainyard {

/// Alignment of every tensor and of every slot in an arena, in bytes: a cache line and an AVX-512 register.
inline constexpr size_t kTensorAlignment = 64;

/// A dtype, a shape and a pointer; owns nothing. Data is row major and contiguous.
struct TensorView {
  DType dtype = DType::f32;
  Shape shape;
  void* data = nullptr;

  int64_t elements() const { return shape.elements(); }
  size_t bytes() const { return static_cast<size_t>(elements()) * size_of(dtype); }
  /// Unchecked on purpose: kernels were chosen by dtype.
  template <typename T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

/// A contiguous row-major tensor that owns its aligned, zero-initialised memory. Copies share the memory (cheap);
/// `clone` makes an independent one. Not synchronised: one writer at a time.
class Tensor {
 public:
  Tensor() = default;
  /// Throws std::bad_alloc when there is no memory.
  Tensor(DType dtype, Shape shape);

  template <typename T>
  static Tensor of(Shape shape, const std::vector<T>& values) {
    Tensor tensor(dtype_of<T>(), std::move(shape));
    check(static_cast<size_t>(tensor.elements()) == values.size(), "as many values as elements");
    if (!values.empty()) std::memcpy(tensor.data(), values.data(), tensor.bytes());
    return tensor;
  }

  bool empty() const { return data_ == nullptr; }
  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t elements() const { return shape_.elements(); }
  size_t bytes() const { return static_cast<size_t>(elements()) * size_of(dtype_); }
  void* data() const { return data_.get(); }

  /// The elements; T must match dtype().
  template <typename T>
  std::span<T> span() const {
    check(dtype_of<std::remove_const_t<T>>() == dtype_, "span of the tensor's own dtype");
    return {static_cast<T*>(data()), static_cast<size_t>(elements())};
  }
  TensorView view() const { return {dtype_, shape_, data()}; }
  Tensor clone() const;
  /// The same memory under another shape with as many elements.
  Tensor reshaped(Shape shape) const;
  /// A new tensor of another dtype, each element converted (floats to integers truncate).
  Tensor cast(DType dtype) const;

 private:
  DType dtype_ = DType::f32;
  Shape shape_;
  std::shared_ptr<void> data_;
};

/// Zeroed memory aligned to kTensorAlignment, at least one byte. Throws std::bad_alloc.
std::shared_ptr<void> allocate_aligned(size_t bytes);

/// Element `index` of `view` as a double, whatever the dtype (f16 and bf16 are widened).
double element_as_double(const TensorView& view, int64_t index);

}  // namespace trainyard
