#include "engine/io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "engine/core/diagnostic.h"
#include "engine/io/file.h"
#include "engine/io/json_reader.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are copied as they lie in memory");

constexpr size_t kPrefix = 8;                   // the header's size
constexpr uint64_t kHeaderLimit = 100'000'000;  // the reference implementation's
constexpr size_t kRankLimit = 32;
constexpr const char* kMetadata = "__metadata__";

constexpr std::array<std::pair<DType, const char*>, 8> kDTypes{{
    {DType::f64, "F64"},
    {DType::f32, "F32"},
    {DType::f16, "F16"},
    {DType::bf16, "BF16"},
    {DType::i64, "I64"},
    {DType::i32, "I32"},
    {DType::u8, "U8"},
    {DType::boolean, "BOOL"},
}};

/// One line of the header: bytes [begin, end) of the data.
struct Entry {
  std::string name;
  DType dtype = DType::f32;
  Shape shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

/// Turns the header into entries, each with a message that names it.
class HeaderReader {
 public:
  HeaderReader(std::string path, uint64_t data_bytes) : path_(std::move(path)), data_bytes_(data_bytes) {}

  Entry read(const std::string& name, const Json& value) const {
    if (!value.is_object()) fail_entry(name, "its entry is not an object");
    Entry entry{name, dtype_of_entry(name, value), {}, 0, 0};
    const std::vector<uint64_t> dims = numbers(name, value, "shape", kRankLimit);
    const uint64_t bytes = append_dims(entry, dims);
    const std::vector<uint64_t> offsets = numbers(name, value, "data_offsets", 2);
    if (offsets.size() != 2) fail_entry(name, "data_offsets must hold two numbers");
    entry.begin = offsets[0];
    entry.end = offsets[1];
    check_range(entry, bytes);
    return entry;
  }

  /// The data must be covered exactly: no two tensors share a byte and none is left over.
  void check_cover(const std::vector<Entry>& entries) const {
    std::vector<const Entry*> sorted;
    sorted.reserve(entries.size());
    for (const Entry& entry : entries) sorted.push_back(&entry);
    std::stable_sort(sorted.begin(), sorted.end(), [](const Entry* a, const Entry* b) {
      return a->begin != b->begin ? a->begin < b->begin : a->end < b->end;
    });
    uint64_t covered = 0;
    const Entry* last = nullptr;
    for (const Entry* entry : sorted) {
      if (entry->begin < covered)
        throw UserError("safetensors.overlap", path_,
                        {{"tensor", printable(entry->name)}, {"other", printable(last->name)}});
      if (entry->begin > covered) fail_gap(entry->begin - covered, "before '" + printable(entry->name) + "'");
      covered = entry->end;
      last = entry;
    }
    if (covered < data_bytes_) fail_gap(data_bytes_ - covered, "at the end");
  }

 private:
  DType dtype_of_entry(const std::string& name, const Json& value) const {
    const auto found = value.find("dtype");
    if (found == value.end() || !found->is_string()) fail_entry(name, "dtype must be a string");
    const auto& text = found->get_ref<const std::string&>();
    for (const auto& [dtype, known] : kDTypes)
      if (text == known) return dtype;
    throw UserError("safetensors.dtype", path_, {{"tensor", printable(name)}, {"dtype", printable(text)}});
  }

  std::vector<uint64_t> numbers(const std::string& name, const Json& value, const char* key, size_t limit) const {
    const auto found = value.find(key);
    if (found == value.end() || !found->is_array()) fail_entry(name, std::string(key) + " must be a list");
    if (found->size() > limit)
      fail_entry(name, std::string(key) + " has more than " + std::to_string(limit) + " numbers");
    std::vector<uint64_t> result;
    for (const Json& item : *found) {
      if (!item.is_number_unsigned()) fail_entry(name, std::string(key) + " must hold whole numbers of 0 or more");
      result.push_back(item.get<uint64_t>());
    }
    return result;
  }

  /// Fills entry.shape and returns its bytes. A dimension of 0 does not excuse the others: strides must fit too.
  uint64_t append_dims(Entry& entry, const std::vector<uint64_t>& dims) const {
    uint64_t reach = size_of(entry.dtype);
    bool has_zero = false;
    for (const uint64_t dim : dims) {
      if (dim > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) / reach)
        throw UserError("safetensors.shape_overflow", path_, {{"tensor", printable(entry.name)}});
      reach *= std::max<uint64_t>(dim, 1);
      has_zero = has_zero || dim == 0;
      entry.shape.push_back(static_cast<int64_t>(dim));
    }
    return has_zero ? 0 : reach;
  }

  void check_range(const Entry& entry, uint64_t bytes) const {
    if (entry.begin > entry.end || entry.end > data_bytes_)
      throw UserError("safetensors.offsets", path_,
                      {{"tensor", printable(entry.name)},
                       {"begin", std::to_string(entry.begin)},
                       {"end", std::to_string(entry.end)},
                       {"size", std::to_string(data_bytes_)}});
    if (entry.end - entry.begin != bytes)
      throw UserError("safetensors.size_mismatch", path_,
                      {{"tensor", printable(entry.name)},
                       {"got", std::to_string(entry.end - entry.begin)},
                       {"needed", std::to_string(bytes)},
                       {"shape", entry.shape.text()},
                       {"dtype", std::string(name_of(entry.dtype))}});
  }

  [[noreturn]] void fail_entry(const std::string& name, std::string detail) const {
    throw UserError("safetensors.entry", path_, {{"tensor", printable(name)}, {"detail", std::move(detail)}});
  }
  [[noreturn]] void fail_gap(uint64_t bytes, std::string where) const {
    throw UserError("safetensors.gap", path_, {{"bytes", std::to_string(bytes)}, {"where", std::move(where)}});
  }

  std::string path_;
  uint64_t data_bytes_;
};

Json read_header(std::span<const uint8_t> bytes, const std::string& path) {
  if (bytes.size() < kPrefix) throw UserError("safetensors.truncated", path, {{"size", bytes_text(bytes.size())}});
  uint64_t size = 0;
  std::memcpy(&size, bytes.data(), kPrefix);
  if (size > kHeaderLimit)
    throw UserError("safetensors.header_too_large", path,
                    {{"size", std::to_string(size)}, {"limit", std::to_string(kHeaderLimit)}});
  if (size > bytes.size() - kPrefix)
    throw UserError("safetensors.truncated", path, {{"size", bytes_text(bytes.size())}});
  const JsonLimits limits{.bytes = kHeaderLimit, .depth = 4};
  Json header = read_json(bytes.subspan(kPrefix, static_cast<size_t>(size)), path, limits);
  if (!header.is_object()) throw UserError("safetensors.header", path, {{"detail", "it is not a JSON object"}});
  return header;
}

std::map<std::string, std::string> read_metadata(const Json& value, const std::string& path) {
  if (!value.is_object()) throw UserError("safetensors.header", path, {{"detail", "__metadata__ is not an object"}});
  std::map<std::string, std::string> metadata;
  for (const auto& [key, item] : value.items()) {
    if (!item.is_string())
      throw UserError("safetensors.header", path, {{"detail", "__metadata__." + printable(key) + " is not a string"}});
    metadata[key] = item.get<std::string>();
  }
  return metadata;
}

Tensor copy_tensor(const Entry& entry, std::span<const uint8_t> data, const std::string& path) {
  Tensor tensor(entry.dtype, entry.shape);
  const auto from = data.subspan(static_cast<size_t>(entry.begin), static_cast<size_t>(entry.end - entry.begin));
  if (!from.empty()) std::memcpy(tensor.data(), from.data(), from.size());
  if (entry.dtype == DType::boolean && std::any_of(from.begin(), from.end(), [](uint8_t b) { return b > 1; }))
    throw UserError("safetensors.entry", path,
                    {{"tensor", printable(entry.name)}, {"detail", "a BOOL is neither 0 nor 1"}});
  return tensor;
}

const char* safetensors_name(DType dtype) {
  for (const auto& [value, name] : kDTypes)
    if (value == dtype) return name;
  return "";
}

/// Byte ranges of the tensors, by falling element size.
std::vector<Entry> lay_out(const SafetensorsFile& file) {
  std::vector<Entry> entries;
  std::set<std::string_view> names;
  for (const auto& [name, tensor] : file.tensors) {
    check(name != kMetadata && names.insert(name).second, "a safetensors file has each tensor's name once");
    check(!tensor.empty(), "a safetensors file holds allocated tensors");
    entries.push_back({name, tensor.dtype(), tensor.shape(), 0, 0});
  }
  uint64_t offset = 0;
  for (const size_t element_size : {8, 4, 2, 1})
    for (Entry& entry : entries)
      if (size_of(entry.dtype) == element_size) {
        entry.begin = offset;
        offset += static_cast<uint64_t>(entry.shape.elements()) * element_size;
        entry.end = offset;
      }
  return entries;
}

std::string header_text(const SafetensorsFile& file, const std::vector<Entry>& entries) {
  Json header = Json::object();
  if (!file.metadata.empty()) {
    Json metadata = Json::object();
    for (const auto& [key, value] : file.metadata) metadata[key] = value;
    header[kMetadata] = std::move(metadata);
  }
  for (const Entry& entry : entries)
    header[entry.name] = {{"dtype", safetensors_name(entry.dtype)},
                          {"shape", entry.shape.dims()},
                          {"data_offsets", {entry.begin, entry.end}}};
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

}  // namespace

const Tensor* SafetensorsFile::find(std::string_view name) const {
  for (const auto& [known, tensor] : tensors)
    if (known == name) return &tensor;
  return nullptr;
}

SafetensorsFile read_safetensors(std::span<const uint8_t> bytes, const std::string& path_for_messages) {
  const Json header = read_header(bytes, path_for_messages);
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), kPrefix);
  const auto data = bytes.subspan(kPrefix + static_cast<size_t>(header_bytes));

  SafetensorsFile file;
  std::vector<Entry> entries;
  const HeaderReader reader(path_for_messages, data.size());
  for (const auto& [name, value] : header.items()) {
    if (name == kMetadata)
      file.metadata = read_metadata(value, path_for_messages);
    else
      entries.push_back(reader.read(name, value));
  }
  reader.check_cover(entries);
  for (Entry& entry : entries) file.add(entry.name, copy_tensor(entry, data, path_for_messages));
  return file;
}

std::vector<uint8_t> write_safetensors(const SafetensorsFile& file) {
  const std::vector<Entry> entries = lay_out(file);
  const std::string header = header_text(file, entries);
  uint64_t data_bytes = 0;
  for (const Entry& entry : entries) data_bytes = std::max(data_bytes, entry.end);

  const uint64_t header_bytes = header.size();
  std::vector<uint8_t> bytes(kPrefix + header.size() + static_cast<size_t>(data_bytes));
  std::memcpy(bytes.data(), &header_bytes, kPrefix);
  std::memcpy(bytes.data() + kPrefix, header.data(), header.size());
  uint8_t* data = bytes.data() + kPrefix + header.size();
  for (size_t i = 0; i < entries.size(); ++i) {
    const Tensor& tensor = file.tensors[i].second;
    if (tensor.bytes() != 0) std::memcpy(data + entries[i].begin, tensor.data(), tensor.bytes());
  }
  return bytes;
}

SafetensorsFile load_safetensors(const std::string& path) { return read_safetensors(read_file(path), path); }

void save_safetensors(const std::string& path, const SafetensorsFile& file) {
  write_file(path, write_safetensors(file));
}

}  // namespace trainyard
