#include "native/cli/training_report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "native/cli/format.h"
#include "native/cli/memory.h"
#include "native/cli/progress_bar.h"
#include "native/cli/text_table.h"

namespace trainyard::cli {
namespace {

// Seconds between signs of life: a bar, an event, a plain line.
constexpr double kRedrawSeconds = 0.1;
constexpr double kEventSeconds = 0.5;
constexpr double kPlainSeconds = 10;

std::string name_in(const Json& part) {
  if (part.is_object()) return part.value("class_name", part.dump());
  return part.is_string() ? part.get<std::string>() : part.dump();
}

/// "Adam with InverseTimeDecay"
std::string optimizer_words(const Json& optimizer) {
  const Json config = optimizer.is_object() ? optimizer.value("config", Json::object()) : Json::object();
  const Json rate = config.value("learning_rate", Json());
  return name_in(optimizer) + (rate.is_object() ? " with " + name_in(rate) : "");
}

void add_prefixed(Json& json, const std::string& prefix, const Logs& logs) {
  for (const auto& [name, value] : logs) json[name.rfind("val_", 0) == 0 ? name : prefix + name] = value;
}

int64_t trained_samples(const TrainingJob& job) {
  const double split = job.trainer->fit_state().options.validation_split;
  return static_cast<int64_t>(std::floor(static_cast<double>(job.train.count()) * (1.0 - split)));
}

}  // namespace

void TrainingReport::started() {
  const FitOptions& options = job_.trainer->fit_state().options;
  const Trainer::Memory memory = memory_of(job_);
  const int64_t validated = job_.train.count() - trained_samples(job_);
  const std::string machine(job_.session->backend().instruction_set());
  const std::string backend(job_.session->backend().name());
  output_.event("start", {{"model", job_.model_name},
                          {"parameters", parameters_of(job_)},
                          {"data", job_.dataset.name},
                          {"data_source", job_.dataset.source},
                          {"train_samples", trained_samples(job_)},
                          {"validation_samples", validated},
                          {"test_samples", job_.test.count()},
                          {"setup", job_.setup},
                          {"options", to_json(options)},
                          {"resumed", job_.resumed},
                          {"epoch", job_.trainer->fit_state().epoch},
                          {"step", job_.trainer->fit_state().step},
                          {"backend", backend},
                          {"instruction_set", machine},
                          {"threads", job_.session->threads()},
                          {"arena_bytes", memory.arena},
                          {"variable_bytes", memory.variables}});
  output_.line(output_.paint(Colour::bold, (job_.resumed ? "Resuming " : "Training ") + job_.model_name) + " (" +
               with_commas(parameters_of(job_)) + " parameters) on " + output_.paint(Colour::bold, job_.dataset.name) +
               ": " + with_commas(trained_samples(job_)) + " samples" +
               (validated > 0 ? ", " + with_commas(validated) + " for validation" : "") +
               (job_.test.count() > 0 ? ", " + with_commas(job_.test.count()) + " for the test" : ""));
  output_.line(output_.paint(
      Colour::dim, optimizer_words(job_.setup["optimizer"]) + ", " + name_in(job_.setup["loss"]) + ", batch " +
                       std::to_string(options.batch_size) + ", seed " + std::to_string(options.seed) + "; " + backend +
                       " (" + machine + "), " + std::to_string(job_.session->threads()) + " threads, " +
                       bytes_as_text(memory.arena + memory.variables) + " to train"));
}

Json TrainingReport::progress_json(const FitProgress& progress) const {
  return {{"epoch", progress.epoch + 1},
          {"epochs", progress.epochs},
          {"step", progress.step},
          {"steps", progress.steps},
          {"seconds", progress.seconds},
          {"images_per_second", progress.images_per_second},
          {"eta_seconds", progress.eta_seconds},
          {"logs", to_json(progress.logs)}};
}

void TrainingReport::went_on() {
  const FitProgress progress = job_.trainer->progress();
  const bool screen = output_.terminal().interactive();
  const double wait = output_.json() ? kEventSeconds : screen ? kRedrawSeconds : kPlainSeconds;
  if (progress.step == 0 || progress.seconds - last_shown_ < wait) return;
  last_shown_ = progress.seconds;
  if (output_.json())
    output_.event("progress", progress_json(progress));
  else if (screen)
    output_.status(progress_line(progress, output_.terminal()));
  else
    output_.line(plain_progress_line(progress));
}

void TrainingReport::epoch_ended(const EpochLogs& epoch) {
  const FitProgress progress = job_.trainer->progress();
  last_shown_ = progress.seconds;
  Json fields = {{"epoch", epoch.epoch + 1},
                 {"epochs", progress.epochs},
                 {"steps", progress.steps},
                 {"seconds", epoch.seconds},
                 {"images_per_second", progress.images_per_second}};
  for (const auto& [name, value] : epoch.logs) fields[name] = value;
  output_.event("epoch", fields);
  output_.line(
      output_.paint(Colour::bold, "Epoch " + std::to_string(epoch.epoch + 1) + "/" + std::to_string(progress.epochs)) +
      "  " + clock(epoch.seconds) + "  " + with_commas(static_cast<int64_t>(std::llround(progress.images_per_second))) +
      " img/s  " + logs_as_text(epoch.logs));
}

void TrainingReport::saved(const std::string& path, size_t bytes) {
  output_.event("saved", {{"path", path}, {"bytes", bytes}});
}

std::string TrainingReport::command_to_resume() const { return "trainyard train --resume " + job_.save_path; }

void TrainingReport::ended(const Logs& test, bool stopped) {
  const FitState& state = job_.trainer->fit_state();
  const FitProgress progress = job_.trainer->progress();
  Json fields = {{"state", stopped ? "stopped" : "finished"}, {"epochs", state.epoch}, {"steps", state.iteration}};
  add_prefixed(fields, "train_", progress.logs);
  add_prefixed(fields, "test_", test);
  fields["images_per_second"] = progress.images_per_second;
  fields["seconds"] = state.seconds;
  fields["peak_memory"] = peak_memory();
  fields["saved"] = job_.save_path.empty() ? Json(nullptr) : Json(job_.save_path);
  if (!test.empty())
    output_.line(output_.paint(Colour::bold, "Test") + "  " + output_.paint(Colour::green, logs_as_text(test)));
  if (stopped) {
    output_.line("Stopped in epoch " + std::to_string(state.epoch + 1) + " of " + std::to_string(state.options.epochs) +
                 " after " + std::to_string(state.step) + " steps.");
    output_.line(job_.save_path.empty() ? "Nothing was saved: give --save FILE to be able to go on."
                                        : "Saved " + job_.save_path + "; go on with: " + command_to_resume());
  } else if (!job_.save_path.empty()) {
    output_.line("Saved " + output_.paint(Colour::bold, job_.save_path));
  }
  if (stopped && !job_.save_path.empty()) fields["resume"] = command_to_resume();
  output_.line(
      output_.paint(Colour::dim, "Took " + clock(state.seconds) + ", " +
                                     with_commas(static_cast<int64_t>(std::llround(progress.images_per_second))) +
                                     " img/s, at most " + bytes_as_text(peak_memory()) + " of memory"));
  output_.event("done", fields);
}

void TrainingReport::profiled() {
  TextTable table({{"op"}, {"layer"}, {"calls", true}, {"ms", true}, {"share", true}});
  double total = 0;
  const std::vector<ProfileEntry> entries = job_.trainer->profile();
  for (const ProfileEntry& entry : entries) total += entry.milliseconds;
  Json list = Json::array();
  for (const ProfileEntry& entry : entries) {
    table.add({entry.op, entry.scope, std::to_string(entry.calls), figure(entry.milliseconds),
               percent(total > 0 ? entry.milliseconds / total : 0)});
    list.push_back(
        {{"op", entry.op}, {"layer", entry.scope}, {"calls", entry.calls}, {"milliseconds", entry.milliseconds}});
  }
  output_.line(table.text(output_.terminal()));
  output_.event("profile", {{"entries", list}});
}

}  // namespace trainyard::cli
