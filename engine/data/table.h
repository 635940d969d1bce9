// What tables share: standardised columns.
#pragma once

#include "engine/data/dataset.h"

namespace trainyard {

/// Mean and deviation of the columns of f32 [n, columns], computed in double in row order.
Standardization measure_columns(const Tensor& x);

/// x := (x - mean) / deviation, in place, f32 [n, columns].
void apply(const Standardization& standardization, const Tensor& x);

/// Measures the training rows and applies that to both parts; records it in the data set.
void standardize(Dataset& dataset);

}  // namespace trainyard
