// How Keras's files name connections: [layer, node, tensor], bare (Keras 2) or within a __keras_tensor__ (Keras 3).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/core/json.h"

namespace trainyard {

inline constexpr size_t kMostLayers = 10'000;
/// How deep tensors are looked for in the arguments of a call.
inline constexpr int kDeepestArguments = 8;

/// A connection as the file says it: a layer's name, which of its calls, which output.
struct Link {
  std::string layer;
  int64_t node = 0;
  int64_t tensor = 0;
};

/// [layer, node, tensor], and in Keras 2 perhaps the call's other arguments.
bool is_history(const Json& json);
/// history: is_history. Numbers that no model has stay such.
Link link_of(const Json& history);
/// A history of Keras 2, as Keras 3 writes it.
Json tensor_of(const Json& history);
/// Connections among Keras 2's keyword arguments, as Keras 3 writes them; any other value as it is.
Json with_tensors(const Json& value);
bool is_keras_tensor(const Json& json);
/// Every connection in the positional arguments of a call, in order.
void collect_tensors(const Json& json, std::vector<Link>& links, int depth = 0);

}  // namespace trainyard
