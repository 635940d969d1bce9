// The state that a stateful layer must have been in to give what it gave.
#pragma once

#include <functional>
#include <vector>

#include "engine/core/tensor.h"

namespace trainyard::golden {

/// What a layer puts out in some calls in a row, from the state of the first.
using Calls = std::function<std::vector<Tensor>(const std::vector<Tensor>& state)>;

/// The state, near `guess`, from which `calls` comes closest to `wanted` in least squares. All are f32.
/// Levenberg and Marquardt's method; derivatives by central differences.
std::vector<Tensor> find_state(const Calls& calls, const std::vector<Tensor>& guess, const std::vector<Tensor>& wanted);

}  // namespace trainyard::golden
