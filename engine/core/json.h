// JSON as the engine uses it: object keys keep their order, so what is printed reads like what was written.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace trainyard {

using Json = nlohmann::ordered_json;

}  // namespace trainyard
