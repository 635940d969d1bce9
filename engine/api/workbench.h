// The engine as a page or a server drives it: requests and answers are JSON of wasm/client/types.ts, big data are tensors.
// One model, one data set and one training at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/api/page_files.h"
#include "engine/data/dataset.h"
#include "engine/data/registry.h"
#include "engine/runtime/session.h"
#include "engine/train/adapt.h"
#include "engine/train/saved_model.h"

namespace trainyard {

/// JSON and the tensors it speaks of.
struct Answer {
  Json json;
  std::vector<Tensor> tensors;
};

/// Not thread-safe. User mistakes are thrown as UserError, except where a diagnosis is the answer.
class Workbench {
 public:
  /// `memory_limit`: bytes that there can be; 0 where that is not known.
  explicit Workbench(std::shared_ptr<Device> device, uint64_t memory_limit = 0)
      : device_(std::move(device)), memory_limit_(memory_limit), files_([this] { return preprocessing(); }) {}
  // The trainer's files belong to this object.
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  /// {"version", "protocol", "threads", "instruction_set"}
  Json info() const;
  /// Diagnosis of {"model", "revision", "batch_size"?, "training"?}. Leaves the current model alone.
  Json diagnose(const Json& request) const;
  /// The canonical form. Throws when it cannot be read at all.
  Json normalize(const Json& model) const;
  Json builtin(const std::string& name) const;

  /// {"model", "seed"?, "fresh"?} -> Diagnosis. With errors the former model stays.
  Json load_model(const Json& request);
  /// A DataRequest; its files apart. Data like those that the weights have learned come in the same terms (known_terms.h).
  /// -> DatasetInfo
  Json load_data(const Json& request, const std::vector<NamedBytes>& files);
  /// {"split", "start", "count"} -> {"samples": [{"index", "label"}]} and one tensor [count, sample...], scaled.
  Answer samples(const Json& request) const;

  /// Lets the layers that learn from data before training (Keras's adapt) do so, those that have not yet; tells of
  /// those too that did when the model was loaded. A fit begins with it. -> {"layers": [{"name", "learned"}]}
  Json adapt();
  /// Begins (or with "resume" goes on with) a fit. -> {"progress", "adapted": as adapt()["layers"]}. Options as types.ts FitOptions.
  Json begin_fit(const Json& options);
  /// Trains for about this long. -> {"more", "progress", "epoch_ends": [...], "files": [path], "messages": [text]}
  Json train_for(double seconds);
  /// A file that a callback has written (a path of "files"); a model is handed out once.
  std::vector<uint8_t> written(const std::string& path) { return files_.take(path); }
  /// -> FitResult of the training so far.
  Json fit_result() const;

  /// {"split", "batch_size"?} -> Evaluation. Throws UserError where the data have no meaning in the terms of what was learned.
  Json evaluate(const Json& request);
  /// One tensor a model input, batch first. -> {"outputs": [{"shape"}]} and the tensors.
  Answer predict(const std::vector<Tensor>& inputs);
  /// {"texts": [...]}, one a sample, for a model with one input of text. -> {"outputs": [{"shape"}], "labels"} and the tensors.
  Answer predict_texts(const Json& request);
  /// Ink [height, width], 0..1. -> {"labels", "empty", "width", "height"}; tensors: probabilities, seen.
  Answer predict_drawing(const Tensor& ink);

  Json profile(bool on);
  std::vector<uint8_t> save() const;
  /// -> {"model", "diagnosis", "labels", "history", "resumable", "fit", "data"}; the model becomes current, and the data that are there
  /// come in its terms where they are alike ("data": their DatasetInfo, null without any).
  Json open(std::span<const uint8_t> bytes);
  Json memory() const;

 private:
  /// Data as the trainer takes it, for this split, with the targets of a setup.
  Samples samples_of(bool train, const Json& setup) const;
  /// What the current model was compiled with or its file says, while that suits the data; else what suits both.
  Json present_setup() const;
  const Dataset& dataset() const;
  Json data_info() const;
  Trainer& trainer() const;
  /// How many were kept.
  int keep_weights(const Trainer& from, Trainer& to) const;
  void compile(const Json& setup, const Samples& samples);
  Preprocessing preprocessing() const;
  bool label_first() const;

  std::shared_ptr<Device> device_;
  uint64_t memory_limit_;
  PageFiles files_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Trainer> trainer_;
  std::shared_ptr<const Model> model_;  // the trainer's
  std::vector<AdaptedLayer> learned_;   // by layers of model_ when it was loaded, and not told yet
  std::optional<Dataset> dataset_;
  /// An opened file until its model is trained or replaced: its training can be resumed once data is there, and saved it is
  /// the file itself.
  std::optional<SavedModel> opened_;
  std::vector<uint8_t> opened_bytes_;
  /// What data meant when the current weights learned from them: in a file's training or one here.
  std::optional<Preprocessing> learned_terms_;
  size_t reported_epochs_ = 0;
};

}  // namespace trainyard
