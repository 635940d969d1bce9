// 64-bit hashes of bytes that are the same on every machine and never change, because files depend on them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace trainyard {

/// FarmHash's Fingerprint64 (G. Pike, Google, 2014; the variant "farmhashna"), which TensorFlow and Keras bucket strings
/// by. Not for secrets.
uint64_t farm_fingerprint64(std::string_view bytes);

/// SipHash-2-4 (J.-P. Aumasson, D. J. Bernstein, 2012) with the key's two halves as numbers, as Keras's `salt` gives them.
uint64_t sip_hash64(std::string_view bytes, std::array<uint64_t, 2> key);

/// One fingerprint of two, order matters: how TensorFlow's feature crosses (`cross_hashed`) fold their parts together.
uint64_t combine_fingerprints(uint64_t first, uint64_t second);

/// The fold's beginning where no key is given.
inline constexpr uint64_t kCrossHashKey = 0xDECAFCAFFE;

}  // namespace trainyard
