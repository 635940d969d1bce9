#include "native/cli/interrupt.h"

#include <csignal>

namespace trainyard::cli {
namespace {

volatile std::sig_atomic_t g_asked = 0;

void note_signal(int number) {
  g_asked = 1;
  std::signal(number, SIG_DFL);  // the next one is not asked for twice
}

}  // namespace

InterruptGuard::InterruptGuard() {
  g_asked = 0;
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool InterruptGuard::asked() const { return g_asked != 0; }

}  // namespace trainyard::cli
