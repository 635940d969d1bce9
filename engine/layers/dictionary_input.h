// Layers that Keras calls with a dictionary of tensors, as those over pictures.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "engine/layers/layer.h"

namespace trainyard {

/// A layer whose one argument may be a dictionary. Each entry is an input of its own with the entry's name (a dictionary within
/// the dictionary: "bounding_boxes.boxes"), so that ports, shapes and graphs know it as they know keyword arguments; it has no
/// other inputs with names. Such a call has one output for each entry that it is given, in the order in which it is given them,
/// which is that of keras.tree.flatten (keras/src/tree/optree_impl.py). Entries that it does not know are handed on.
class TakesDictionary {
 public:
  virtual ~TakesDictionary() = default;
  /// Names of the entries that it knows, sorted; none where it takes no dictionary after all.
  virtual std::vector<std::string> dictionary_entries() const = 0;
  /// Which of them a call without a dictionary gives.
  virtual std::string plain_entry() const = 0;
  /// The argument whose layers a dictionary goes through and which say what it may hold; "": the layer says it itself.
  virtual std::string dictionary_of() const { return ""; }
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

/// Says of a layer that takes a dictionary what it takes: dictionary_entries and plain_entry, or dictionary_of
/// (wasm/client/types.ts).
inline void describe_dictionary(const Layer& layer, Json& entry) {
  const auto* takes = dynamic_cast<const TakesDictionary*>(&layer);
  if (takes == nullptr) return;
  if (!takes->dictionary_of().empty()) return void(entry["dictionary_of"] = takes->dictionary_of());
  entry["dictionary_entries"] = takes->dictionary_entries();
  entry["plain_entry"] = takes->plain_entry();
}

/// Whether an input of that name is an entry of the dictionary, of which the layer knows `entries`.
inline bool is_dictionary_entry(const std::vector<std::string>& entries, std::string_view name) {
  return !entries.empty() && !name.empty();
}

}  // namespace trainyard
