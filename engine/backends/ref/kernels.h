// The kernels of this backend by family; each function adds its own to the table.
#pragma once

#include "engine/runtime/kernel.h"

namespace trainyard::ref {

void add_elementwise(KernelTable& table);
void add_layout(KernelTable& table);
void add_linear(KernelTable& table);
void add_lookup(KernelTable& table);
void add_convolution(KernelTable& table);
void add_window(KernelTable& table);
void add_reduction(KernelTable& table);
void add_source(KernelTable& table);
void add_image(KernelTable& table);

/// Arithmetic knows no 16-bit floats; kernels that only move elements take any dtype. Ops check the rest themselves.
bool full_width(const Op& op, InputTypes in, OutputTypes out);

/// Workspace for sums that meet in one place: a double for each element of output 0.
size_t double_per_output(const Op& op, InputTypes in, OutputTypes out, int threads);

}  // namespace trainyard::ref
