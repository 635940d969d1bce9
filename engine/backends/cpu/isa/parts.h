// Each source in this folder fills its part of the instruction set's table.
#pragma once

#include "engine/backends/cpu/simd_table.h"

namespace trainyard::cpu::TRAINYARD_ISA {

void fill_unary(SimdTable& table);
void fill_binary(SimdTable& table);
void fill_rows(SimdTable& table);      // softmax, reductions
void fill_products(SimdTable& table);  // row and column products
void fill_windows(SimdTable& table);   // pooling
void fill_depthwise(SimdTable& table);
void fill_filter(SimdTable& table);  // the filter gradient

}  // namespace trainyard::cpu::TRAINYARD_ISA
