// Iris: 150 flowers of three species, four lengths of each. R. A. Fisher, "The use of multiple measurements in
// taxonomic problems", Annals of Eugenics 7 (1936), table I.
#pragma once

#include <cstdint>

#include "engine/data/dataset.h"

namespace trainyard {

/// Centimetres f32 [150, 4] and species i32 [150], in the order of Fisher's table.
Tensor iris_measurements();
Tensor iris_species();

/// The data set: `test_split` of every species, drawn by `seed`, for the test; columns standardised by the training
/// rows, which stand in the table's order, species by species, or with `shuffle` in one drawn by `seed`.
Dataset iris(uint64_t seed = 0, double test_split = 0.2, bool shuffle = false);

}  // namespace trainyard
