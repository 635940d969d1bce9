// Waiting for a word of memory to change. One source a platform, chosen by CMake: the standard library's wait polls with
// growing sleeps in WebAssembly, which would cost a millisecond an op.
#pragma once

#include <atomic>
#include <cstdint>

namespace trainyard {

/// Returns when `word` is no longer `seen`; may also return early. Blocks the thread.
void wait_while_equal(const std::atomic<uint32_t>& word, uint32_t seen);
/// Wakes every thread that waits on `word`; the caller has changed it before.
void wake_all(std::atomic<uint32_t>& word);
/// How many threads this build can have at most: 1 in a module without threads.
int most_threads();

}  // namespace trainyard
