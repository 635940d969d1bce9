// TerminateOnNaN, LearningRateScheduler, SwapEMAWeights, and those that only ask for what every training does.
#include <cmath>

#include "engine/train/callbacks/callback_classes.h"
#include "engine/train/schedule.h"

namespace trainyard {
namespace {

class TerminateOnNaN final : public Callback {
 public:
  bool raise_error = false;
  const ClassInfo& info() const override { return class_info(); }
  bool watches_batches() const override { return true; }
  bool ends_on_nan() const override { return true; }

  void on_batch_end(const CallbackMoment& moment, Json&, CallbackActions& actions) const override {
    for (const auto& [name, value] : moment.logs) {
      if (name != "loss" || std::isfinite(value)) continue;
      const std::string batch = std::to_string(moment.batch);
      if (raise_error)
        actions.errors.error("callback.loss", "callbacks", {{"batch", batch}});
      else
        actions.messages.push_back("Batch " + batch + ": the loss is no number, stopping");
      actions.stop = true;
    }
  }

  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        Declaration<TerminateOnNaN>("TerminateOnNaN", "stopping", "Stops when the loss is no number any more")
            .arg("raise_error", &TerminateOnNaN::raise_error, "Ends with an error instead of quietly")
            .build();
    return kInfo;
  }
};

class LearningRateScheduler final : public Callback {
 public:
  Ref<Schedule> schedule;
  int64_t verbose = 0;
  const ClassInfo& info() const override { return class_info(); }
  bool logs_learning_rate() const override { return true; }
  bool sets_learning_rate() const override { return true; }

  void on_epoch_begin(const CallbackMoment& moment, Json&, CallbackActions& actions) const override {
    if (moment.scheduled)
      return actions.errors.error("callback.schedule", "callbacks", {{"callback", info().class_name}});
    actions.learning_rate = schedule->at(moment.epoch);
    if (verbose > 0)
      actions.messages.push_back("Epoch " + std::to_string(moment.epoch + 1) + ": learning rate " +
                                 Json(*actions.learning_rate).dump());
  }

  static const ClassInfo& class_info() {
    using T = LearningRateScheduler;
    static const ClassInfo kInfo =
        Declaration<T>("LearningRateScheduler", "learning rate",
                       "Sets the learning rate at the begin of each epoch, by a schedule of epochs")
            .summary({"schedule"})
            .arg("schedule", &T::schedule, "A schedule whose steps are epochs", kRequired)
            .arg("verbose", &T::verbose, "Says what it does", kVerbose)
            .rule([](const T& callback, const ParseContext& context) {
              if (!callback.schedule) context.child("schedule").expected("a schedule", Json(nullptr));
            })
            .build();
    return kInfo;
  }
};

class SwapEMAWeights final : public Callback {
 public:
  bool swap_on_epoch = false;
  const ClassInfo& info() const override { return class_info(); }
  bool evaluates_average() const override { return true; }
  bool saves_average() const override { return swap_on_epoch; }

  static const ClassInfo& class_info() {
    static const ClassInfo kInfo =
        Declaration<SwapEMAWeights>("SwapEMAWeights", "averaging",
                                    "Evaluates with the moving average of the weights (the optimizer's use_ema)")
            .arg("swap_on_epoch", &SwapEMAWeights::swap_on_epoch, "Other callbacks save the moving average too")
            .build();
    return kInfo;
  }
};

/// History is always kept, progress is always reported.
template <typename Traits>
class StandingCallback final : public Callback {
 public:
  const ClassInfo& info() const override { return class_info(); }
  static const ClassInfo& class_info() {
    static const ClassInfo kInfo = Declaration<StandingCallback>(Traits::kClass, "logging", Traits::kDoc).build();
    return kInfo;
  }
};

struct HistoryTraits {
  static constexpr const char* kClass = "History";
  static constexpr const char* kDoc = "Keeps the logs of all epochs, as every training does";
};
struct ProgbarLoggerTraits {
  static constexpr const char* kClass = "ProgbarLogger";
  static constexpr const char* kDoc = "Reports progress, as every training does";
};

}  // namespace

std::vector<const ClassInfo*> other_callbacks() {
  return {&LearningRateScheduler::class_info(), &TerminateOnNaN::class_info(), &SwapEMAWeights::class_info(),
          &StandingCallback<HistoryTraits>::class_info(), &StandingCallback<ProgbarLoggerTraits>::class_info()};
}

}  // namespace trainyard
