// A data set from a table of text.
#pragma once

#include <string>

#include "engine/data/csv.h"
#include "engine/data/dataset.h"

namespace trainyard {

struct CsvDatasetOptions {
  /// The column to predict; "" is `usual_target` where there is such a column, else the last.
  std::string target;
  std::string usual_target;
  uint64_t seed = 0;
  double test_split = 0.2;
  /// Mix the training rows by the seed; else they stand as in the table.
  bool shuffle = false;
};

/// Columns of numbers become one feature each, columns of words one for every word ("colour=red", words sorted; none where
/// there are more than a hundred), all of them standardised by the training rows. Columns of words are also kept as text. A target of words is classified, classes sorted by name. A target of numbers is
/// classified when it holds at most 20 different whole numbers and no more than one for every two rows, classes sorted
/// by value; else it is regressed; `notes` then says which and why. Missing values (empty, NA, NaN, null, ?) and words among numbers are
/// UserError csv.*, each with its line (`file:line`) and column, the first ten.
Dataset dataset_from_csv(std::string name, const CsvTable& table, const std::string& path_for_messages,
                         const CsvDatasetOptions& options = {});

}  // namespace trainyard
