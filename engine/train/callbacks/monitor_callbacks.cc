// EarlyStopping and ReduceLROnPlateau.
#include <algorithm>

#include "engine/train/callbacks/callback_classes.h"

namespace trainyard {
namespace {

template <typename T>
Declaration<T>& monitor_args(Declaration<T>& declaration) {
  return declaration.arg("monitor", &T::monitor, "The number of the logs that is watched")
      .arg("mode", &T::mode, "Whether less or more is better; auto knows it of Keras's metrics", kAdvanced)
      .arg("verbose", &T::verbose, "Says what it does", kVerbose);
}

class EarlyStopping final : public Monitor {
 public:
  int64_t patience = 0;
  int64_t verbose = 0;
  std::optional<double> baseline;
  bool restore_best_weights = false;
  int64_t start_from_epoch = 0;
  const ClassInfo& info() const override { return class_info(); }

  Json begin() const override {
    return {{"wait", 0}, {"best", nullptr}, {"best_epoch", 0}, {"kept", false}, {"stopped_epoch", 0}};
  }

  void on_epoch_end(const CallbackMoment& moment, Json& memory, size_t self, CallbackActions& actions) const override {
    const std::optional<double> current = watched(moment, actions);
    if (!current || moment.epoch < start_from_epoch) return;
    const auto keep = [&] {
      if (!restore_best_weights) return;
      memory["kept"] = true;
      actions.keep_weights.push_back({.callback = self});
    };
    const bool better = improves(*current, memory["best"], moment);
    if (better || (restore_best_weights && memory["kept"] == false)) {
      memory["best_epoch"] = moment.epoch;
      keep();
    }
    memory["wait"] = memory["wait"].get<int64_t>() + 1;
    if (better) {
      memory["best"] = *current;
      if (!baseline || improves(*current, Json(*baseline), moment)) memory["wait"] = 0;
      return;
    }
    if (memory["wait"].get<int64_t>() < patience || moment.epoch == 0) return;
    memory["stopped_epoch"] = moment.epoch;
    actions.stop = true;
  }

  void on_train_end(Json& memory, size_t self, CallbackActions& actions) const override {
    const int64_t stopped = memory["stopped_epoch"].get<int64_t>();
    const int64_t best = memory["best_epoch"].get<int64_t>();
    if (stopped > 0 && verbose > 0)
      actions.messages.push_back("Epoch " + std::to_string(stopped + 1) + ": early stopping");
    if (!restore_best_weights || memory["kept"] == false) return;
    if (verbose > 0) actions.messages.push_back("Taking the weights of the best epoch: " + std::to_string(best + 1));
    actions.restore_weights.push_back(self);
  }

  static const ClassInfo& class_info() {
    using T = EarlyStopping;
    static const ClassInfo kInfo = [] {
      Declaration<T> declaration("EarlyStopping", "stopping",
                                 "Stops when the watched number has not improved for some epochs");
      return monitor_args(declaration.summary({"monitor", "patience"}))
          .arg("min_delta", &T::min_delta, "Least change that counts as an improvement")
          .arg("patience", &T::patience, "Epochs without improvement that are borne", {.min = 0})
          .arg("baseline", &T::baseline, "What the number must beat for the waiting to start again")
          .arg("restore_best_weights", &T::restore_best_weights,
               "Takes the weights of the best epoch when training ends")
          .arg("start_from_epoch", &T::start_from_epoch, "Epochs that are not watched at first", {.min = 0})
          .build();
    }();
    return kInfo;
  }
};

class ReduceLROnPlateau final : public Monitor {
 public:
  double factor = 0.1;
  int64_t patience = 10;
  int64_t verbose = 0;
  int64_t cooldown = 0;
  double min_lr = 0;
  ReduceLROnPlateau() { min_delta = 1e-4; }
  const ClassInfo& info() const override { return class_info(); }

  Json begin() const override { return {{"wait", 0}, {"best", nullptr}, {"cooldown", 0}}; }
  bool logs_learning_rate() const override { return true; }
  bool sets_learning_rate() const override { return true; }

  void on_epoch_end(const CallbackMoment& moment, Json& memory, size_t, CallbackActions& actions) const override {
    const std::optional<double> current = watched(moment, actions);
    if (!current) return;
    int64_t cooling = memory["cooldown"].get<int64_t>();
    if (cooling > 0) {
      memory["cooldown"] = --cooling;
      memory["wait"] = 0;
    }
    if (improves(*current, memory["best"], moment)) {
      memory["best"] = *current;
      memory["wait"] = 0;
    } else if (cooling == 0) {
      memory["wait"] = memory["wait"].get<int64_t>() + 1;
      if (memory["wait"].get<int64_t>() >= patience) reduce(moment, memory, actions);
    }
  }

  static const ClassInfo& class_info() {
    using T = ReduceLROnPlateau;
    static const ClassInfo kInfo = [] {
      Declaration<T> declaration("ReduceLROnPlateau", "learning rate",
                                 "Lowers the learning rate when the watched number has not improved for some epochs");
      return monitor_args(declaration.summary({"monitor", "factor", "patience"}))
          .arg("factor", &T::factor, "What the learning rate is multiplied by", {.min = 0, .max = 1, .below_max = true})
          .arg("patience", &T::patience, "Epochs without improvement that are borne", {.min = 0})
          .arg("min_delta", &T::min_delta, "Least change that counts as an improvement")
          .arg("cooldown", &T::cooldown, "Epochs after a change in which none are counted", {.min = 0})
          .arg("min_lr", &T::min_lr, "Lowest learning rate", {.min = 0})
          .build();
    }();
    return kInfo;
  }

 private:
  void reduce(const CallbackMoment& moment, Json& memory, CallbackActions& actions) const {
    const double now = actions.learning_rate.value_or(moment.learning_rate);
    if (now <= min_lr) return;
    if (moment.scheduled)
      return actions.errors.error("callback.schedule", "callbacks", {{"callback", info().class_name}});
    actions.learning_rate = std::max(now * factor, min_lr);
    memory["cooldown"] = cooldown;
    memory["wait"] = 0;
    if (verbose > 0)
      actions.messages.push_back("Epoch " + std::to_string(moment.epoch + 1) + ": learning rate lowered to " +
                                 Json(*actions.learning_rate).dump());
  }
};

}  // namespace

std::vector<const ClassInfo*> monitor_callbacks() {
  return {&EarlyStopping::class_info(), &ReduceLROnPlateau::class_info()};
}

}  // namespace trainyard
