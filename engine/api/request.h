// Reads the small arguments of requests; mistakes are UserErrors that name the argument.
#pragma once

#include <string>

#include "engine/core/json.h"

namespace trainyard {

/// The value of a key that must be there.
const Json& required(const Json& request, const char* key);
int64_t integer_or(const Json& request, const char* key, int64_t fallback, double min);
double number_or(const Json& request, const char* key, double fallback, double min, double max);
bool flag_or(const Json& request, const char* key, bool fallback);
std::string text_or(const Json& request, const char* key, const std::string& fallback);
/// "split": "train" or "test".
bool is_train_split(const Json& request);

}  // namespace trainyard
