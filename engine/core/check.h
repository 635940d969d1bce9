// Assertions for mistakes of ours. A user's mistake is a Diagnostic (diagnostic.h), never a failed check.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string>

namespace trainyard {

/// Thrown when the engine contradicts itself. Callers at the edge (CLI, worker) report it and stay alive.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void fail_check(const char* what, std::source_location where) {
  throw InternalError(std::string(where.file_name()) + ":" + std::to_string(where.line()) + ": " + what);
}

/// Always on: the checks sit outside hot loops.
inline void check(bool condition, const char* what,
                  std::source_location where = std::source_location::current()) {
  if (!condition) fail_check(what, where);
}

}  // namespace trainyard
