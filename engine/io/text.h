// Text for messages: what comes from a file is cut short and made printable before it is shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trainyard {

/// At most `limit` bytes of `text` in whole characters; controls and what is no UTF-8 become '?', and a cut shows as "...".
std::string printable(std::string_view text, size_t limit = 80);

/// Where `text` stops being well-formed UTF-8 (RFC 3629), or nothing when all of it is.
std::optional<size_t> find_bad_utf8(std::string_view text);

/// "12 bytes", "1.5 KiB", "46.9 MiB".
std::string bytes_text(uint64_t bytes);

}  // namespace trainyard
