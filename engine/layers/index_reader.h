// Layers whose input is places in a table of theirs.
#pragma once

#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

#include "engine/core/json.h"

namespace trainyard {

/// Its first input holds whole numbers (fractions are cut off) from 0 to below a limit. Where they come straight from an input
/// of the model, the data is checked before it is used (train/index_ranges.h); where the model works them out, what
/// stands outside is the layer's own matter.
class IndexReader {
 public:
  virtual ~IndexReader() = default;
  /// The limit in a call with these keyword arguments; nothing where the call takes no places.
  virtual std::optional<int64_t> index_limit(const Json& arguments) const = 0;
};

}  // namespace trainyard
