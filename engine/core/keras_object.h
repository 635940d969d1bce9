// The forms in which Keras writes an object down.
#pragma once

#include "engine/core/json.h"

namespace trainyard {

/// A class that was registered by whoever wrote the model ("package>Dense"), even where it is called like one of Keras's.
bool is_custom_class(const Json& value);

/// The name in {"class_name": "function", "config": name}, as Keras writes its functions; any other value as it is.
Json named_function(const Json& value);

}  // namespace trainyard
