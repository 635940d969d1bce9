// Families by which losses and metrics are listed, and a range that many of their arguments share.
#pragma once

#include "engine/core/declare.h"

namespace trainyard {

inline constexpr const char* kProbabilityFamily = "probability";
inline constexpr const char* kRegressionFamily = "regression";
inline constexpr const char* kAccuracyFamily = "accuracy";

inline const ArgOptions kFraction{.min = 0, .max = 1};

}  // namespace trainyard
