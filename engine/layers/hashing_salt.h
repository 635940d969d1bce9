// Keras's `salt`: one or two whole numbers that key a hash.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "engine/core/fingerprint.h"
#include "engine/layers/layer_declaration.h"

namespace trainyard {

struct HashSalt {
  std::array<uint64_t, 2> key{};
};

/// A single number stands for both; prints as the pair.
template <>
struct ArgTraits<HashSalt> {
  static void describe(ArgSpec& spec) {
    spec.kind = ArgKind::int_list;
    spec.options.min = 0;
    spec.options.max = 9007199254740991.0;
  }
  static bool parse(const Json& value, HashSalt& result, const ArgSpec& spec, const ParseContext& context) {
    if (value.is_array() ? value.size() != 2 : !value.is_number())
      return context.expected("a whole number or a list of 2", value), false;
    std::array<int64_t, 2> numbers{};
    bool good = true;
    for (size_t i = 0; i < 2; ++i)
      good &= parse_integer(value.is_array() ? value[i] : value, numbers[i], spec, context);
    for (size_t i = 0; i < 2; ++i) result.key[i] = static_cast<uint64_t>(numbers[i]);
    return good;
  }
  static Json print(const HashSalt& value) { return Json::array({value.key[0], value.key[1]}); }
};

inline uint64_t hash_text(std::string_view text, const std::optional<HashSalt>& salt) {
  return salt ? sip_hash64(text, salt->key) : farm_fingerprint64(text);
}

}  // namespace trainyard
