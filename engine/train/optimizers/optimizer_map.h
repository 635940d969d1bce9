// keras.optimizers.OptimizerMap: which optimizer updates which variable.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/train/optimizer.h"

namespace trainyard {

struct OptimizerMap {
  std::shared_ptr<const Optimizer> fallback;
  /// A path, or a regular expression that matches whole paths.
  std::vector<std::pair<std::string, std::shared_ptr<const Optimizer>>> entries;

  /// The entry of this very path, else the one pattern that matches, else the fallback.
  /// Throws UserError optimizer.ambiguous where several patterns match.
  const Optimizer& find(const std::string& path) const;
};

template <>
struct ArgTraits<OptimizerMap> {
  static void describe(ArgSpec& spec);
  static bool parse(const Json& value, OptimizerMap& result, const ArgSpec& spec, const ParseContext& context);
  static Json print(const OptimizerMap& value);
};

}  // namespace trainyard
