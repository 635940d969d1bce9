// Random orthogonal matrices. Apart, so that only one file sees Eigen.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/philox.h"

namespace trainyard::initializers {

/// A rows x columns matrix, row major, whose columns (or rows, where there are fewer) are orthonormal: the Q of a normal
/// random matrix with the signs of R's diagonal, which makes it uniform over rotations (Mezzadri 2007).
std::vector<double> random_orthogonal(int64_t rows, int64_t columns, Philox random);

}  // namespace trainyard::initializers
