// Families by which losses and metrics are listed.
#pragma once

namespace trainyard {

inline constexpr const char* kProbabilityFamily = "probability";
inline constexpr const char* kRegressionFamily = "regression";
inline constexpr const char* kAccuracyFamily = "accuracy";

}  // namespace trainyard
