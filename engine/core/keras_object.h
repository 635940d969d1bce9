// The forms in which Keras writes an object down.
#pragma once

#include <string>

#include "engine/core/json.h"

namespace trainyard {

/// A class that was registered by whoever wrote the model ("package>Dense"), even where it is called like one of Keras's.
bool is_custom_class(const Json& value);

/// The name in {"class_name": "function", "config": name}, as Keras writes its functions; any other value as it is.
Json named_function(const Json& value);

/// A value without what Keras wraps around tuples, arrays and seeds ({"class_name": "__tuple__", "items": ..}, "__numpy__",
/// "__tensor__", ..), lists through and through; any other value as it is.
Json unwrapped(const Json& value);

// Python writes float("inf") into JSON as a bare Infinity, which is no JSON (RFC 8259). Between parsing and printing, and on the
// page, {"class_name": "__float__", "config": {"value": "Infinity"}} stands for it.

/// A number, or what stands for it where it is infinite or NaN.
Json number_json(double value);
/// Whether `value` is a number or stands for one.
bool is_any_number(const Json& value);
/// That number. `value`: is_any_number.
double any_number(const Json& value);
/// One line of text as Python's json.dumps writes it: Infinity, -Infinity and NaN bare.
std::string python_json_text(const Json& value);

}  // namespace trainyard
