// Tensor shapes. A dimension of kUnknown stands for the batch or another size known only later.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace trainyard {

inline constexpr int64_t kUnknown = -1;

/// Sizes of the dimensions, outermost first; rows are contiguous ("row major"). Rank 0 is a scalar.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<int64_t> dims) : dims_(std::move(dims)) {}

  int rank() const { return static_cast<int>(dims_.size()); }
  int64_t operator[](int axis) const { return dims_[static_cast<size_t>(axis)]; }
  int64_t& operator[](int axis) { return dims_[static_cast<size_t>(axis)]; }
  int64_t front() const { return dims_.front(); }
  int64_t back() const { return dims_.back(); }
  const std::vector<int64_t>& dims() const { return dims_; }
  auto begin() const { return dims_.begin(); }
  auto end() const { return dims_.end(); }
  void push_back(int64_t dim) { dims_.push_back(dim); }

  /// Product of the dimensions; 1 for a scalar. Requires is_known().
  int64_t elements() const { return elements_in(0, rank()); }
  /// Product of dimensions [first, last).
  int64_t elements_in(int first, int last) const {
    int64_t product = 1;
    for (int axis = first; axis < last; ++axis) product *= (*this)[axis];
    return product;
  }
  /// No dimension is kUnknown.
  bool is_known() const {
    for (const int64_t dim : dims_)
      if (dim == kUnknown) return false;
    return true;
  }
  /// Dimensions [first, last).
  Shape slice(int first, int last) const {
    return Shape(std::vector<int64_t>(dims_.begin() + first, dims_.begin() + last));
  }
  Shape drop_front() const { return slice(1, rank()); }
  Shape with_front(int64_t dim) const {
    std::vector<int64_t> dims{dim};
    dims.insert(dims.end(), dims_.begin(), dims_.end());
    return Shape(std::move(dims));
  }
  /// Row-major strides in elements. Requires is_known().
  std::vector<int64_t> strides() const {
    std::vector<int64_t> result(dims_.size(), 1);
    for (int axis = rank() - 2; axis >= 0; --axis)
      result[static_cast<size_t>(axis)] = result[static_cast<size_t>(axis) + 1] * (*this)[axis + 1];
    return result;
  }
  /// "(None, 28, 28, 1)", as Keras prints it.
  std::string text() const {
    std::string result = "(";
    for (int axis = 0; axis < rank(); ++axis) {
      if (axis != 0) result += ", ";
      result += (*this)[axis] == kUnknown ? "None" : std::to_string((*this)[axis]);
    }
    return result + (rank() == 1 ? ",)" : ")");
  }

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<int64_t> dims_;
};

/// Maps a Keras axis (negative counts from the end) to [0, rank); -1 when out of range.
inline int resolve_axis(int64_t axis, int rank) {
  const int64_t resolved = axis < 0 ? axis + rank : axis;
  return resolved >= 0 && resolved < rank ? static_cast<int>(resolved) : -1;
}

}  // namespace trainyard
