// Layers as Keras 2 wrote them.
#pragma once

#include "engine/core/json.h"

namespace trainyard {

/// Gives an entry {class_name, config} the names that arguments have now, and takes out what says nothing any more, as
/// Keras 3 does on reading: batch_input_shape, LeakyReLU's alpha, Embedding's input_length, BatchNormalization's [axis],
/// ThresholdedReLU.
void modernize(Json& entry);

}  // namespace trainyard
