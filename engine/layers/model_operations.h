// Keras's operations on tensors (x * 0.5, keras.ops.relu(x)), which its JSON lists among a model's layers.
#pragma once

#include "engine/layers/layer.h"

namespace trainyard {

/// By its module; some operations have a layer's name (Add, Softmax).
bool is_operation(const Json& entry);

/// The entry of a layer that computes the same and that the page can show, with the operation's name and connections:
/// arithmetic with a number is Rescaling, an activation function is Activation, and so on. Null where there is none: then it
/// is an OperationLayer.
Json layer_for_operation(const Json& entry);

}  // namespace trainyard
