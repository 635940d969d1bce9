// Everything that can be used, from the declarations.
#pragma once

#include <string>

#include "engine/core/declare.h"

namespace trainyard {

/// The version of the messages between a page and the engine; raised when they change shape.
inline constexpr int kProtocol = 1;

/// {"protocol", "hash", "groups": {"layers": [...], "activations": [...], ...}} (wasm/client/types.ts: Schema). The hash changes
/// whenever the groups do.
const Json& schema_json();
/// The registries, in the schema's order.
const std::vector<const Registry*>& all_registries();

}  // namespace trainyard
