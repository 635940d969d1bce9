// Assertions for mistakes of ours. A user's mistake is a Diagnostic (diagnostic.h), never a failed check.
#pragma once

#include <stdexcept>
#include <string>

namespace trainyard {

/// Thrown when the engine contradicts itself. Callers at the edge (CLI, worker) report it and stay alive.
class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Where a call stands. As a default argument it names the caller; clang 14 has the builtins but no <source_location>.
struct CallSite {
  const char* file = "";
  int line = 0;

  static constexpr CallSite current(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
    return {file, line};
  }
};

[[noreturn]] inline void fail_check(const char* what, CallSite where) {
  throw InternalError(std::string(where.file) + ":" + std::to_string(where.line) + ": " + what);
}

/// Always on: the checks sit outside hot loops.
inline void check(bool condition, const char* what, CallSite where = CallSite::current()) {
  if (!condition) fail_check(what, where);
}

}  // namespace trainyard
