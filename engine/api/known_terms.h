// A data set in the terms of a saved model.
#pragma once

#include "engine/core/diagnostic.h"
#include "engine/core/json.h"
#include "engine/data/dataset.h"
#include "engine/train/saved_model.h"

namespace trainyard {

/// Data that were read by themselves have classes numbered, columns ordered and standardised in their own way. Afterwards they mean to
/// the network what its training's samples meant: classes by their names, columns by theirs, standardised as in training, and,
/// where the model's first output learnt the label (`label_first`), numbers to predict as classes or as quantities as it takes them.
/// Nothing changes for the data of the training itself, nor with errors: a class (data.unknown_class) or a column
/// (predict.no_column) that is missing, a class that is no quantity (csv.not_a_number). False then.
bool put_in_terms(Dataset& dataset, const Preprocessing& known, bool label_first, Diagnostics& diagnostics);

/// The same for data that may be there to be learned anew: only if they have just the columns and no further class. False if not, and
/// nothing has changed.
bool put_in_terms_if_alike(Dataset& dataset, const Preprocessing& known, bool label_first);

/// Throws UserError unless the data are such, so that they are in those terms by now: errors of put_in_terms, and data.further_column.
void check_in_terms(const Dataset& dataset, const Preprocessing& known, bool label_first);

/// Whether nobody asked for anything else than that the first output learns the label. `setup` may be null.
bool learns_label_first(const Json& setup);

}  // namespace trainyard
