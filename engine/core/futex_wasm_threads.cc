#include "engine/core/futex.h"

#include <emscripten/emscripten.h>
#include <emscripten/threading.h>

#include <climits>

/// Emscripten's: where another thread has trapped, leaves for the event loop by throwing 'unwind'.
extern "C" void _emscripten_yield(double now);

namespace trainyard {
namespace {

int32_t* address_of(const std::atomic<uint32_t>& word) {
  static_assert(sizeof(std::atomic<uint32_t>) == sizeof(int32_t));
  return const_cast<int32_t*>(reinterpret_cast<const int32_t*>(&word));
}

}  // namespace

// memory.atomic.wait32 and notify: the WebAssembly threads proposal. Timeouts are in nanoseconds, -1 waits for ever. A
// thread that has trapped wakes nobody, so the one that runs the module looks up now and then.
void wait_while_equal(const std::atomic<uint32_t>& word, uint32_t seen) {
  constexpr int64_t kLookUp = 500'000'000;
  constexpr int kTimedOut = 2;
  const bool runs_the_module = emscripten_is_main_runtime_thread();
  const int answer =
      __builtin_wasm_memory_atomic_wait32(address_of(word), static_cast<int32_t>(seen), runs_the_module ? kLookUp : -1);
  if (runs_the_module && answer == kTimedOut) _emscripten_yield(emscripten_get_now());
}

void wake_all(std::atomic<uint32_t>& word) { __builtin_wasm_memory_atomic_notify(address_of(word), UINT32_MAX); }

int most_threads() { return INT_MAX; }

}  // namespace trainyard
