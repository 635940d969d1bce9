// The command line's grammar: what can be said, and what is done about it.
#pragma once

#include "native/cli/output.h"

namespace trainyard::cli {

/// Reads the arguments and runs the command. The exit code; nothing is thrown.
int run_command_line(int count, const char* const* arguments);

}  // namespace trainyard::cli
