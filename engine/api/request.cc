#include "engine/api/request.h"

#include "engine/core/declare.h"

namespace trainyard {
namespace {

bool has(const Json& request, const char* key) {
  return request.is_object() && request.contains(key) && !request[key].is_null();
}

}  // namespace

const Json& required(const Json& request, const char* key) {
  if (!has(request, key)) throw UserError("argument.missing", key);
  return request[key];
}

int64_t integer_or(const Json& request, const char* key, int64_t fallback, double min) {
  if (!has(request, key)) return fallback;
  Diagnostics diagnostics;
  ArgSpec spec;
  spec.options.min = min;
  int64_t value = fallback;
  parse_integer(request[key], value, spec, ParseContext(diagnostics, key));
  throw_if_errors(diagnostics);
  return value;
}

double number_or(const Json& request, const char* key, double fallback, double min, double max) {
  if (!has(request, key)) return fallback;
  Diagnostics diagnostics;
  ArgSpec spec;
  spec.options.min = min;
  spec.options.max = max;
  double value = fallback;
  parse_number(request[key], value, spec, ParseContext(diagnostics, key));
  throw_if_errors(diagnostics);
  return value;
}

bool flag_or(const Json& request, const char* key, bool fallback) {
  if (!has(request, key)) return fallback;
  Diagnostics diagnostics;
  bool value = fallback;
  ArgTraits<bool>::parse(request[key], value, {}, ParseContext(diagnostics, key));
  throw_if_errors(diagnostics);
  return value;
}

std::string text_or(const Json& request, const char* key, const std::string& fallback) {
  if (!has(request, key)) return fallback;
  Diagnostics diagnostics;
  std::string value = fallback;
  ArgTraits<std::string>::parse(request[key], value, {}, ParseContext(diagnostics, key));
  throw_if_errors(diagnostics);
  return value;
}

bool is_train_split(const Json& request) {
  const Json& split = required(request, "split");
  if (split == "train") return true;
  if (split == "test") return false;
  throw UserError("argument.choice", "split", {{"choices", "train, test"}, {"value", split.dump()}});
}

}  // namespace trainyard
