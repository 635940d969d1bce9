// `--data` and its companions: which data set, and how to load the same one again when a training is resumed.
#pragma once

#include <optional>
#include <string>

#include "engine/api/tensor_set.h"
#include "engine/data/dataset.h"
#include "engine/layers/model.h"
#include "engine/runtime/session.h"
#include "engine/train/saved_model.h"
#include "native/cli/output.h"

namespace trainyard::cli {

struct DataArguments {
  std::string data;                   // "": by the model, or as the saved model says
  std::optional<int64_t> samples;     // digits: how many to draw
  std::optional<int64_t> seed;        // draws digits and test rows
  std::optional<std::string> target;  // tables: the column to predict
  std::optional<double> test_split;   // tables and folders
  bool keep_order = false;            // tables and folders of pictures
  bool no_shuffle = false;            // the training is to take samples in their order: so are these then
  bool targets_by_output = false;     // outputs were told what to learn of the data
};

struct LoadedData {
  Dataset dataset;
  /// Where the data are named tensors: all inputs and targets.
  std::optional<TensorSet> tensors;
  /// {"name", "seed", "samples", "target", "test_split", "shuffle"}: what Preprocessing::request keeps.
  Json request;
};

/// Whom data are loaded for; neither of the first two is null, or both are: then nothing is asked of them.
struct DataUser {
  const Model* model = nullptr;
  const ModelPlan* plan = nullptr;
  /// A model that is trained already: the data come in its terms (engine/api/known_terms.h).
  const SavedModel* saved = nullptr;
  /// It may learn other data instead: its terms are taken where they suit.
  bool learns_anew = false;
};

/// What was asked for, with the gaps filled from `former` (a request; may be null). Throws UserError for companions that
/// do not go with the data set, and what load_dataset throws. Pictures are brought to the shape of the user's input.
LoadedData load_data(const DataArguments& arguments, const Json& former, const DataUser& user, Device& device,
                     Output& output);

/// Whether a data set has a test part only by --test-split, or may have none but that: false for mnist and digits.
bool can_be_split(const std::string& name);

/// The data set that goes with a model; throws UserError model.no_default_data.
std::string data_for(const Model& model, const ModelPlan& plan);

/// Shape of the model's first input, without the batch.
Shape input_shape(const Model& model, const ModelPlan& plan);

}  // namespace trainyard::cli
