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

/// How they are trained where nobody says otherwise, as Keras's compile_config says it: Adam, whose steps become smaller with
/// time, however many epochs there will be. LeNet-5 reads 0.1 % more of MNIST's test images with it (docs/performance.md).
Json builtin_compile_config();

}  // namespace trainyard
