// Models that need no file: the nets that figures speak of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/json.h"

namespace trainyard {

struct BuiltinModel {
  std::string_view name;
  std::string_view title;
  std::string_view doc;
};

const std::vector<BuiltinModel>& builtin_models();

/// Keras JSON of a built-in model; null when there is none of that name.
Json builtin_model(std::string_view name);

}  // namespace trainyard
