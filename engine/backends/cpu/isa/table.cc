#include "engine/backends/cpu/isa/parts.h"
#include "engine/backends/cpu/isa/simd.h"

namespace trainyard::cpu::TRAINYARD_ISA {

void fill_table(SimdTable& table) {
  table.name = TRAINYARD_ISA_NAME;
  table.lanes = kLanes;
  fill_unary(table);
  fill_binary(table);
  fill_rows(table);
  fill_products(table);
  fill_filter(table);
  fill_windows(table);
  fill_depthwise(table);
}

}  // namespace trainyard::cpu::TRAINYARD_ISA
