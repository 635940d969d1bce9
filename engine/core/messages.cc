// Every sentence the engine can say about a user's mistake. {holes} are filled from the diagnostic's parameters.
#include <algorithm>
#include <array>

#include "engine/core/diagnostic.h"

namespace trainyard {
namespace {

// Kept sorted by code: find_message searches by halves.
constexpr auto kMessages = std::to_array<Message>({
#include "engine/core/messages.inc"
});

static_assert(std::is_sorted(kMessages.begin(), kMessages.end(),
                             [](const Message& a, const Message& b) { return a.code < b.code; }),
              "messages.inc is sorted by code");

}  // namespace

const Message* find_message(std::string_view code) {
  const auto* found = std::lower_bound(kMessages.begin(), kMessages.end(), code,
                                       [](const Message& entry, std::string_view key) { return entry.code < key; });
  return found != kMessages.end() && found->code == code ? found : nullptr;
}

}  // namespace trainyard
