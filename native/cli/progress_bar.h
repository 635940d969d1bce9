// The line that tells how training goes, drawn to fit the width.
#pragma once

#include <string>

#include "engine/train/trainer.h"
#include "native/cli/terminal.h"

namespace trainyard::cli {

/// "Epoch 2/5 ━━━━━╸──── 57% 1069/1875  12,345 img/s  ETA 0:03  loss 0.0812  accuracy 0.9743", what does not fit left out
/// from the end and the bar at least 8 columns; never wider than the terminal.
std::string progress_line(const FitProgress& progress, const Terminal& terminal);

/// The same without bar or colours, for logs.
std::string plain_progress_line(const FitProgress& progress);

}  // namespace trainyard::cli
