#include "native/cli/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "native/cli/format.h"

namespace trainyard::cli {
namespace {

constexpr size_t kLeastBar = 8;
constexpr size_t kMostBar = 40;

std::string epoch_of(const FitProgress& progress) {
  return "Epoch " + std::to_string(progress.epoch + 1) + "/" + std::to_string(progress.epochs);
}

double share_of(const FitProgress& progress) {
  return progress.steps > 0 ? static_cast<double>(progress.step) / static_cast<double>(progress.steps) : 0;
}

std::string steps_of(const FitProgress& progress) {
  return std::to_string(static_cast<int>(share_of(progress) * 100)) + "% " + std::to_string(progress.step) + "/" +
         std::to_string(progress.steps);
}

std::string speed_of(const FitProgress& progress) {
  return with_commas(static_cast<int64_t>(std::llround(progress.images_per_second))) + " img/s";
}

std::string bar(double share, size_t columns, const Terminal& terminal) {
  const auto full = static_cast<size_t>(share * static_cast<double>(columns));
  std::string done;
  std::string open;
  for (size_t i = 0; i < columns; ++i) (i < full ? done : open) += terminal.utf8() ? "\u2501" : (i < full ? "#" : "-");
  return terminal.paint(Colour::green, done) + terminal.paint(Colour::dim, open);
}

}  // namespace

std::string progress_line(const FitProgress& progress, const Terminal& terminal) {
  const std::string head = terminal.paint(Colour::bold, epoch_of(progress));
  std::vector<std::string> parts{steps_of(progress), " " + speed_of(progress), " ETA " + clock(progress.eta_seconds)};
  for (const auto& [name, value] : progress.logs)
    parts.push_back(" " + name + " " + terminal.paint(Colour::cyan, figure(value)));
  // The last column stays free: some terminals wrap when it is written.
  const size_t width = static_cast<size_t>(std::max(20, terminal.width() - 1));
  size_t used = columns_of(head) + 1 + kLeastBar;
  std::string tail;
  for (const std::string& part : parts) {
    if (used + 1 + columns_of(part) > width) break;
    used += 1 + columns_of(part);
    tail += " " + part;
  }
  const size_t room = width > used ? width - used : 0;
  return head + " " + bar(share_of(progress), std::min(kMostBar, kLeastBar + room), terminal) + tail;
}

std::string plain_progress_line(const FitProgress& progress) {
  return epoch_of(progress) + "  " + steps_of(progress) + "  " + speed_of(progress) + "  ETA " +
         clock(progress.eta_seconds) + "  " + logs_as_text(progress.logs);
}

}  // namespace trainyard::cli
