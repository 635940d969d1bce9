// What the outputs of a model learn of a data set: `targets` of a fit's options.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/api/model_inputs.h"
#include "engine/data/dataset.h"
#include "engine/layers/model.h"
#include "engine/train/samples.h"
#include "engine/train/saved_model.h"

namespace trainyard {

enum class TargetKind : uint8_t {
  none,
  label,   // the data set's own: a class number, or the number to predict
  input,   // the sample itself, all of it, as a network gets it
  column,  // one column of numbers of a table, as a network gets it (standardised)
};

struct Target {
  TargetKind kind = TargetKind::none;
  size_t column = 0;  // of Dataset::features
};

/// One for each output, from `setup["targets"]`: "label" (or the label's own name), "input", or the name of a column of numbers; null
/// is none. They are given by output name, or as one text where there is one output. Of those not named the first learns the
/// label, unless it answers with as many values as a picture has; others learn the input where they answer with as many values
/// as a sample has, else nothing.
/// Complaints are at `targets`; with a column that reaches its own output through an Input there is a warning.
std::vector<Target> parse_targets(const Json& setup, const Dataset& dataset, const Model& model, const ModelPlan& plan,
                                  Diagnostics& diagnostics);

/// y and y_scale of a part for these targets, x left empty. Class numbers become one-hot rows where the output's loss in
/// `setup` compares with the whole output (categorical cross-entropy, mean squared error). What the data set holds is shared,
/// not copied; pictures stay bytes.
Samples targets_of(const Dataset& dataset, DataPart part, const Model& model, const ModelPlan& plan, const Json& setup,
                   const std::vector<Target>& targets);

/// The first output that learns the label.
std::optional<size_t> label_output(const std::vector<Target>& targets);

/// How data are prepared, and what the first output's answers are called: nothing where it does not learn the label.
Preprocessing preprocessing_for(const Dataset& dataset, const std::vector<Target>& targets);

}  // namespace trainyard
