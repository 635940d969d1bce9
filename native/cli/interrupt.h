// Ctrl-C and a polite kill: training ends after the step at hand. A second one ends the program at once.
#pragma once

namespace trainyard::cli {

/// Takes over SIGINT and SIGTERM while it lives.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  bool asked() const;
};

}  // namespace trainyard::cli
