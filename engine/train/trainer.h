// A model with its weights, ready to be trained, evaluated and asked.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/train/callbacks.h"
#include "engine/train/step_graph.h"
#include "engine/train/training_host.h"

namespace trainyard {

using Logs = std::vector<std::pair<std::string, double>>;

/// Keras's fit arguments.
struct FitOptions {
  int64_t epochs = 1;
  int64_t batch_size = 32;
  /// The last part of the samples, before any shuffling, is kept for validation.
  double validation_split = 0;
  bool shuffle = true;
  uint64_t seed = 0;
  std::map<int64_t, double> class_weight = {};
  /// With what they remember: of a fit that goes on, part of its state.
  CallbackList callbacks = {};
};

Json to_json(const FitOptions& options);
/// Unknown keys are left to others; ill-typed and impossible values are complained of.
FitOptions parse_fit_options(const Json& json, const ParseContext& context);

/// Logs of one epoch, Keras's names.
struct EpochLogs {
  int64_t epoch = 0;  // from 0
  Logs logs;
  double seconds = 0;
};

/// What a stopped training needs to go on as if it had not stopped, beside weights, slots and trackers.
struct FitState {
  FitOptions options;
  int64_t epoch = 0;      // the current one
  int64_t step = 0;       // steps done in it
  int64_t iteration = 0;  // steps done since training began
  double seconds = 0;     // spent so far
  double epoch_seconds = 0;
  std::vector<EpochLogs> history;
  /// What a callback has set; none: the optimizer's own.
  std::optional<double> learning_rate = {};
  /// A callback has ended the training before its last epoch.
  bool stopped = false;
  /// All weights, as remembered for callbacks, by the callback's number.
  std::map<size_t, std::vector<Tensor>> kept_weights = {};
  bool finished() const { return stopped || epoch >= options.epochs; }
};

struct FitProgress {
  int64_t epoch = 0, epochs = 0, step = 0, steps = 0;
  int64_t samples = 0;
  double seconds = 0;
  double images_per_second = 0;
  double eta_seconds = 0;
  Logs logs;
};

/// Owns the model and, in the session's variables, its weights. One trainer a session. Not thread-safe.
class Trainer {
 public:
  /// `plan` is of `model` and has no errors.
  Trainer(std::shared_ptr<const Model> model, ModelPlan plan, Session& session);
  ~Trainer();

  const Model& model() const { return *model_; }
  const ModelPlan& plan() const { return plan_; }
  Session& session() { return session_; }
  const Session& session() const { return session_; }

  /// Draws every weight anew from its initializer.
  void initialize(uint64_t seed);
  Tensor weight(int index) const;
  void set_weight(int index, const Tensor& value);

  /// Chooses optimizer, losses and metrics. Slots begin anew unless the optimizer is the same as before.
  void compile(TrainingSetup setup);
  const std::optional<TrainingSetup>& setup() const { return setup_; }

  /// Whom callbacks' files and words go to; must outlive the fits. None: callbacks that write files are refused, words are lost.
  void set_host(TrainingHost* host) { host_ = host; }
  /// Begins training on `samples`, which the trainer keeps (cheap copy). Throws UserError when they do not fit.
  void begin_fit(const Samples& samples, const FitOptions& options);
  /// Goes on with the state of a stopped fit, from this trainer or from a file.
  void resume_fit(const Samples& samples, const FitState& state);
  /// Trains until `seconds` have passed (at least one step), an epoch has ended, or all is done. True while there is more to do.
  /// An epoch's end, with validation and callbacks, is part of its last step, the training's end of the last epoch's. Throws UserError
  /// (train.nan_loss, train.nan_weights) with the weights of the epoch's beginning restored, and what callbacks complain of.
  bool train_for(double seconds);
  FitProgress progress() const;
  const FitState& fit_state() const { return fit_; }
  bool can_resume() const { return setup_.has_value() && fit_.iteration > 0 && !fit_.finished(); }

  /// One update on exactly these samples (Keras's train_on_batch); the running logs. Needs compile().
  Logs train_on_batch(const Samples& batch);

  /// Called with each batch's model outputs: first sample, predictions.
  using OnBatch = std::function<void(int64_t first, const std::vector<TensorView>& outputs)>;
  /// Loss and metrics over all samples. Needs compile(). Here and in predict a model that keeps states takes as many samples at a
  /// time as it keeps them for, whatever `batch_size` says.
  Logs evaluate(const Samples& samples, int64_t batch_size, const OnBatch& on_batch = {});
  /// Outputs for x, one tensor a model output, batch by batch. Only x and scale of `samples` are read.
  std::vector<Tensor> predict(const Samples& samples, int64_t batch_size);

  /// Bytes of a training step at this batch: arena, and variables with slots. Needs compile().
  struct Memory {
    size_t arena = 0;
    size_t variables = 0;
  };
  Memory training_memory(const Samples& samples, int64_t batch_size);
  /// The same before any of it is taken, by the planner's own figures.
  static Memory planned_memory(std::shared_ptr<const Model> model, const ModelPlan& plan, const TrainingSetup& setup,
                               const Samples& samples, int64_t batch_size, const std::shared_ptr<Device>& device);

  const ModelVariables& variables() const { return variables_; }
  /// The rate of the next step.
  double learning_rate() const;
  /// Exchanges the weights and the optimizer's moving averages of them; what has no average stays.
  void swap_averages();
  /// For loading a saved model: makes the optimizer's slots and the trackers exist.
  void prepare_training(const Samples& samples, const FitOptions& options);

  void set_profiling(bool on);
  std::vector<ProfileEntry> profile() const;

 private:
  struct Step;
  enum class Mode : uint8_t { train, evaluate, predict };

  int64_t batch_that_fits(int64_t wanted) const;
  Step& step_for(Mode mode, const Samples& samples, int64_t batch, bool from_start);
  void allocate_weights();
  void split_validation(const Samples& samples);
  void weigh_classes();
  void shuffle_epoch();
  void begin_epoch();
  bool end_batch();
  void validate(Logs& logs);
  void end_training();
  void check_callbacks() const;
  CallbackMoment moment(int64_t batch, const Logs& logs) const;
  void perform(const CallbackActions& actions);
  void save_for_callback(const CallbackActions::Save& save);
  std::vector<Tensor> all_weights() const;
  std::vector<std::pair<int, int>> averages() const;
  bool weights_are_finite() const;
  void restore_epoch_start(const std::string& code, Diagnostics::Params params);
  void bind_samples(Step& step, const Samples& samples);
  void run_training_step();
  void end_epoch();
  int64_t steps_per_epoch() const;
  std::vector<int> step_variables() const;
  void remember_epoch_start();
  void take_averages();
  void stop_on_nan_loss();
  void stop_on_nan_weights();

  std::shared_ptr<const Model> model_;
  ModelPlan plan_;
  Session& session_;
  ModelVariables variables_;
  std::optional<TrainingSetup> setup_;
  FitState fit_;
  TrainingHost* host_ = nullptr;
  std::vector<std::string> rising_;  // logs of which more is better
  Samples training_, validation_;
  std::vector<int32_t> order_;     // of the current epoch
  std::vector<int32_t> identity_;  // 0, 1, 2, ...
  std::vector<std::unique_ptr<Step>> steps_;
  std::vector<Tensor> epoch_start_;
  CallbackList epoch_start_callbacks_;
  int64_t epoch_start_step_ = 0;  // above 0 only where a fit was resumed within the epoch
  int64_t samples_this_call_ = 0;
  double train_seconds_ = 0;
  bool profiling_ = false;
};

}  // namespace trainyard
