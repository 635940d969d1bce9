// Strings with a shape. They live on the host only: op graphs begin at the numbers that layers read out of them.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/tensor.h"

namespace trainyard {

/// UTF-8 strings in row-major order, as many as the shape has elements.
struct TextTensor {
  Shape shape;
  std::vector<std::string> values;

  /// Strings in a row: how many belong to one sample (the first dimension counts samples).
  size_t row_size() const { return shape.rank() <= 1 ? 1 : static_cast<size_t>(shape.elements_in(1, shape.rank())); }
};

/// What enters a model: numbers or text.
using HostValue = std::variant<Tensor, TextTensor>;

inline const Shape& shape_of(const HostValue& value) {
  const auto* text = std::get_if<TextTensor>(&value);
  return text != nullptr ? text->shape : std::get<Tensor>(value).shape();
}

}  // namespace trainyard
