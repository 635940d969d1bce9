// Bias and activation after a product.
#pragma once

#include "engine/backends/ref/scalar.h"
#include "engine/ops/linear.h"

namespace trainyard::ref {

/// What is stored for the sum `product` of column `column`. Rounded after each part, as the separate ops would.
template <typename T>
T finish(const op::Epilogue& epilogue, double product, const T* bias, int64_t column) {
  T value = static_cast<T>(product);
  if (epilogue.bias) value = apply(op::BinaryKind::add, value, bias[column]);
  switch (epilogue.activation) {
    case op::Epilogue::Activation::none: return value;
    case op::Epilogue::Activation::relu: return apply(op::UnaryKind::relu, value);
    case op::Epilogue::Activation::sigmoid: return apply(op::UnaryKind::sigmoid, value);
    case op::Epilogue::Activation::tanh: return apply(op::UnaryKind::tanh, value);
  }
  return value;
}

}  // namespace trainyard::ref
