// Layers that Keras calls with a dictionary of tensors, as those over pictures.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/layers/layer.h"

namespace trainyard {

/// A layer whose one argument may be a dictionary. Each entry is an input of its own with the entry's name (a dictionary within
/// the dictionary: "bounding_boxes.boxes"), so that ports, shapes and graphs know it as they know keyword arguments. Such a call
/// has one output for each entry that it is given, in the order of their names, which is how keras.tree.flatten numbers
/// them (keras/src/tree/optree_impl.py).
class TakesDictionary {
 public:
  virtual ~TakesDictionary() = default;
  /// Names of entries, sorted; none where it takes no dictionary after all.
  virtual std::vector<std::string> dictionary_entries() const = 0;
};

/// Keys as keras.tree.flatten goes through them.
inline std::vector<std::string> sorted_keys(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

/// What `layer` takes in a dictionary; none for most layers.
inline std::vector<std::string> dictionary_entries(const Layer& layer) {
  const auto* takes = dynamic_cast<const TakesDictionary*>(&layer);
  return takes == nullptr ? std::vector<std::string>{} : takes->dictionary_entries();
}

/// Whether an input of that name is an entry of the dictionary.
inline bool is_dictionary_entry(const std::vector<std::string>& entries, std::string_view name) {
  return std::find(entries.begin(), entries.end(), name) != entries.end();
}

}  // namespace trainyard
