// Whether numbers that name a row of a layer's table name one that is there.
#pragma once

#include "engine/layers/model.h"
#include "engine/train/samples.h"

namespace trainyard {

/// Complains (data.index_range: layer, value, row; once a layer) of samples whose numbers go into an Embedding, straight from
/// an input of the model or through layers that only move or choose them (x[:, 0]), and lie outside its table: Keras on TensorFlow stops
/// there too. `samples` fit the model's inputs.
void check_indices(const Samples& samples, const Model& model, const ModelPlan& plan, Diagnostics& diagnostics);

}  // namespace trainyard
