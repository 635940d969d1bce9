// Activations with arguments of their own.
#pragma once

#include "engine/layers/activation.h"

namespace trainyard::activations {

/// x where x > 0, else alpha * (e^x - 1).
Value elu(Value x, double alpha);
/// x * Phi(x), by erf or (approximate) by tanh. Hendrycks and Gimpel 2016.
Value gelu(Value x, bool approximate);
/// Keras's general ReLU: max_value at and above it, x above the threshold, negative_slope * (x - threshold) below.
Value relu(Value x, double negative_slope, std::optional<double> max_value, double threshold);
/// The Euclidean projection of each row along `axis` onto the simplex (Martins and Astudillo 2016). Size of the axis: n;
/// worked out with n x n comparisons, since there is no sort.
Value sparsemax(Value x, int axis);

std::vector<const ClassInfo*> parametric_infos();

}  // namespace trainyard::activations
