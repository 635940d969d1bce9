// Objects as people type them on a command line: "EarlyStopping(patience=3)".
#pragma once

#include <string>
#include <vector>

#include "engine/core/json.h"

namespace trainyard::cli {

/// "adam" stays a name; "SGD(momentum=0.9, nesterov=True)" becomes {"class_name": "SGD", "config": {...}}; text that begins
/// with '{' is read as JSON. Values are numbers, True, False and None (or JSON's words), 'texts' in either kind of quotes,
/// [lists], such calls again, and bare words as texts. Throws UserError cli.usage or what the JSON reader throws; `option`
/// is for messages.
Json parse_call(const std::string& text, const std::string& option);

/// What an option says that may be given several times, and may hold several such objects with commas between: a list, or, where
/// it is given as JSON by output name ({"kind": ["mae"]}), that object, which must stand alone.
Json parse_calls(const std::vector<std::string>& texts, const std::string& option);

}  // namespace trainyard::cli
