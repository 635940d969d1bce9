// Everything that can be used, from the declarations.
#pragma once

#include <string>

#include "engine/core/declare.h"

namespace trainyard {

/// The version of the messages between a page and the engine; raised when they change shape.
inline constexpr int kProtocol = 1;

/// {"protocol", "hash", "groups": {"layers": [...], "activations": [...], ...}} (wasm/client/types.ts: Schema).
const Json& schema_json();
/// Changes whenever the schema does.
std::string schema_hash();
/// The registries, in the schema's order.
const std::vector<const Registry*>& all_registries();

}  // namespace trainyard
