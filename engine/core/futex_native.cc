#include "engine/core/futex.h"

#include <climits>

namespace trainyard {

void wait_while_equal(const std::atomic<uint32_t>& word, uint32_t seen) { word.wait(seen, std::memory_order_acquire); }

void wake_all(std::atomic<uint32_t>& word) { word.notify_all(); }

int most_threads() { return INT_MAX; }

}  // namespace trainyard
