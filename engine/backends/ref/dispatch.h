// From a dtype that is known when a kernel runs to a C++ type.
#pragma once

#include <cstdint>

#include "engine/core/check.h"
#include "engine/core/dtype.h"

namespace trainyard::ref {

template <typename T>
struct TypeTag {
  using type = T;
};

/// Calls body(TypeTag<T>{}) with float or double.
template <typename Body>
void with_float(DType dtype, const Body& body) {
  switch (dtype) {
    case DType::f32: return body(TypeTag<float>{});
    case DType::f64: return body(TypeTag<double>{});
    case DType::f16:
    case DType::bf16:
    case DType::i32:
    case DType::i64:
    case DType::u8:
    case DType::boolean: break;
  }
  check(false, "a float32 or float64 operand");
}

/// Calls body with the element type; booleans are bytes of 0 and 1.
template <typename Body>
void with_number(DType dtype, const Body& body) {
  switch (dtype) {
    case DType::f32: return body(TypeTag<float>{});
    case DType::f64: return body(TypeTag<double>{});
    case DType::i32: return body(TypeTag<int32_t>{});
    case DType::i64: return body(TypeTag<int64_t>{});
    case DType::u8:
    case DType::boolean: return body(TypeTag<uint8_t>{});
    case DType::f16:
    case DType::bf16: break;
  }
  check(false, "an operand wider than 16-bit floats");
}

/// Calls body with an unsigned type of the element's width, for kernels that only move elements.
template <typename Body>
void with_width(DType dtype, const Body& body) {
  switch (size_of(dtype)) {
    case 1: return body(TypeTag<uint8_t>{});
    case 2: return body(TypeTag<uint16_t>{});
    case 4: return body(TypeTag<uint32_t>{});
    case 8: return body(TypeTag<uint64_t>{});
    default: check(false, "an element of 1, 2, 4 or 8 bytes");
  }
}

}  // namespace trainyard::ref
