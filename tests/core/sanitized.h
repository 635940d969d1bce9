// Whether the tests run under a sanitizer.
#pragma once

namespace trainyard::testing {

// It makes them ten times as long, and what it looks for shows in one of many like steps as well as in all of them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace trainyard::testing
