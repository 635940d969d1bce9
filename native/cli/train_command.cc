#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/api/session_factory.h"
#include "engine/io/file.h"
#include "native/cli/commands.h"
#include "native/cli/interrupt.h"
#include "native/cli/training_job.h"
#include "native/cli/training_report.h"

namespace trainyard::cli {
namespace {

// Long enough to cost nothing, short enough that a bar moves and Ctrl-C is heard.
constexpr double kSliceSeconds = 0.05;
constexpr int64_t kTestBatch = 256;

void save(const TrainingJob& job, TrainingReport& report) {
  if (job.save_path.empty()) return;
  const std::vector<uint8_t> bytes = save_model(*job.trainer, job.preprocessing, std::string(version()));
  write_file(job.save_path, bytes);
  report.saved(job.save_path, bytes.size());
}

/// A path that cannot be written to is found out before the training, not after it.
void check_writable(const std::string& path) {
  if (path.empty()) return;
  const size_t slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  if (!is_folder(folder)) throw UserError("file.unwritable", path, {{"reason", "there is no folder " + folder}});
  if (is_folder(path)) throw UserError("file.unwritable", path, {{"reason", "it is a folder"}});
  if (access(folder.c_str(), W_OK) != 0) throw UserError("file.unwritable", path, {{"reason", std::strerror(errno)}});
}

/// True when all epochs are done, false when the user stopped it. The model is saved after every epoch.
bool train(TrainingJob& job, TrainingReport& report, const InterruptGuard& interrupt) {
  size_t reported = job.trainer->fit_state().history.size();
  bool more = true;
  while (more && !interrupt.asked()) {
    more = job.trainer->train_for(kSliceSeconds);
    const auto& history = job.trainer->fit_state().history;
    if (history.size() == reported) {
      report.went_on();
      continue;
    }
    for (; reported < history.size(); ++reported) report.epoch_ended(history[reported]);
    save(job, report);
  }
  if (more) save(job, report);
  return !more;
}

}  // namespace

int run_train(const TrainArguments& arguments, Output& output) {
  if (arguments.model.empty() && arguments.resume.empty())
    throw UserError("cli.usage", "train", {{"message", "MODEL or --resume FILE is needed: trainyard train lenet5"}});
  check_writable(arguments.save);
  TrainingJob job = arguments.resume.empty() ? begin_training(arguments, output) : resume_training(arguments, output);
  const InterruptGuard interrupt;
  TrainingReport report(job, output);
  report.started();
  job.trainer->set_profiling(arguments.profile);
  const bool finished = train(job, report, interrupt);
  const Logs test = finished && job.test.count() > 0 ? job.trainer->evaluate(job.test, kTestBatch) : Logs{};
  if (arguments.profile) report.profiled();
  report.ended(test, !finished);
  return finished ? kDone : kInterrupted;
}

}  // namespace trainyard::cli
