// SHA-256 (FIPS 180-4), to check that a download is the file it should be. Natively and in the page alike, hence ours.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace trainyard {

/// The digest in lower-case hexadecimal, 64 characters.
std::string sha256(std::span<const uint8_t> bytes);

}  // namespace trainyard
