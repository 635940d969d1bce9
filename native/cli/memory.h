// What the machine has to give, so that too large a model is a message and not a kill.
#pragma once

#include <cstdint>

namespace trainyard::cli {

/// Bytes that can still be taken without swapping: the kernel's MemAvailable, or what the control group leaves if less.
/// 0 where it cannot be told.
uint64_t available_memory();

/// Lets allocations beyond what is available fail (std::bad_alloc) rather than be killed for later. No-op where unknown.
void limit_memory_to_available();

/// The most memory that this process has held, bytes.
uint64_t peak_memory();

}  // namespace trainyard::cli
