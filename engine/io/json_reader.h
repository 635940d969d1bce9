// JSON text into the engine's Json, with limits, for text that comes from outside.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "engine/core/json.h"

namespace trainyard {

struct JsonLimits {
  size_t bytes = size_t{64} << 20;
  int depth = 128;
  /// Python's bare Infinity, -Infinity and NaN, which become what core/keras_object.h has for them.
  bool python = false;
};

/// Parses one JSON value (RFC 8259, UTF-8, nothing after it but white space). Keys keep their order.
/// Throws UserError: json.too_large, json.too_deep, json.syntax (line and column, counted from 1, the column in bytes)
/// and json.duplicate_key. `path_for_messages` says where the text came from and may be empty.
Json read_json(std::string_view text, const std::string& path_for_messages, const JsonLimits& limits = {});

/// The same from a file's bytes.
Json read_json(std::span<const uint8_t> bytes, const std::string& path_for_messages, const JsonLimits& limits = {});

}  // namespace trainyard
