// The safetensors container: named tensors and string metadata.
// Format: https://huggingface.co/docs/safetensors ("Format"): a little-endian 64-bit header size, a JSON header that
// gives each tensor's dtype, shape and byte range, then the data without holes.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/tensor.h"

namespace trainyard {

struct SafetensorsFile {
  std::map<std::string, std::string> metadata;
  /// In the header's order. Names are unique.
  std::vector<std::pair<std::string, Tensor>> tensors;

  /// Null when there is none of that name. Valid while `tensors` is unchanged.
  const Tensor* find(std::string_view name) const;
  void add(std::string name, Tensor tensor) { tensors.emplace_back(std::move(name), std::move(tensor)); }
};

/// Copies every tensor out of `bytes`. Dtypes F64 F32 F16 BF16 I64 I32 U8 BOOL; others are refused by name.
/// Throws UserError safetensors.* naming the tensor; `path_for_messages` is the diagnostic's path.
SafetensorsFile read_safetensors(std::span<const uint8_t> bytes, const std::string& path_for_messages);

/// The same tensors give the same bytes everywhere. The header lists the tensors in the order given and is padded so
/// that the data starts at a multiple of 8; the data goes by falling element size, so each tensor is aligned to its
/// own. A name given twice or reserved ("__metadata__") is a mistake of ours.
std::vector<uint8_t> write_safetensors(const SafetensorsFile& file);

/// From and to a file (io/file.h: read whole, written by rename).
SafetensorsFile load_safetensors(const std::string& path);
void save_safetensors(const std::string& path, const SafetensorsFile& file);

}  // namespace trainyard
