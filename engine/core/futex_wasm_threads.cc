#include "engine/core/futex.h"

#include <climits>

namespace trainyard {
namespace {

int32_t* address_of(const std::atomic<uint32_t>& word) {
  static_assert(sizeof(std::atomic<uint32_t>) == sizeof(int32_t));
  return const_cast<int32_t*>(reinterpret_cast<const int32_t*>(&word));
}

}  // namespace

// memory.atomic.wait32 and notify: the WebAssembly threads proposal. A timeout of -1 waits for ever.
void wait_while_equal(const std::atomic<uint32_t>& word, uint32_t seen) {
  __builtin_wasm_memory_atomic_wait32(address_of(word), static_cast<int32_t>(seen), -1);
}

void wake_all(std::atomic<uint32_t>& word) { __builtin_wasm_memory_atomic_notify(address_of(word), UINT32_MAX); }

int most_threads() { return INT_MAX; }

}  // namespace trainyard
