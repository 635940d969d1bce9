// A data set in the terms of a saved model.
#pragma once

#include "engine/data/dataset.h"
#include "engine/train/saved_model.h"

namespace trainyard {

/// Data that were read by themselves have classes numbered, columns ordered and standardised in their own way. Afterwards they mean to
/// the network what its training's samples meant: classes by their names, columns by theirs, standardised as in training, and,
/// where the model's first output learnt the label (`label_first`), numbers to predict as classes or as quantities as it takes them.
/// Nothing changes for the data of the training itself. Throws UserError for a class (data.unknown_class) or a column
/// (predict.no_column) that is missing.
void put_in_terms(Dataset& dataset, const Preprocessing& known, bool label_first);

}  // namespace trainyard
