#include "engine/data/idx.h"

#include <algorithm>
#include <array>
#include <bit>

#include "engine/core/diagnostic.h"
#include "engine/io/gzip.h"
#include "engine/io/text.h"

namespace trainyard {
namespace {

constexpr size_t kRankLimit = 8;
constexpr int32_t kClassLimit = 100'000;

enum class Code : uint8_t { u8 = 0x08, i8 = 0x09, i16 = 0x0b, i32 = 0x0c, f32 = 0x0d, f64 = 0x0e };

/// How an element lies in the file, and what it becomes.
struct Element {
  Code code;
  size_t bytes;
  DType dtype;
};
constexpr std::array<Element, 6> kElements{{{Code::u8, 1, DType::u8},
                                            {Code::i8, 1, DType::i32},
                                            {Code::i16, 2, DType::i32},
                                            {Code::i32, 4, DType::i32},
                                            {Code::f32, 4, DType::f32},
                                            {Code::f64, 8, DType::f64}}};

uint64_t big_endian(const uint8_t* bytes, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

const Element& element_of(uint8_t code, const std::string& path) {
  for (const Element& element : kElements)
    if (static_cast<uint8_t>(element.code) == code) return element;
  throw UserError("idx.dtype", path, {{"code", std::to_string(code)}});
}

[[noreturn]] void fail_size(const std::string& path, uint64_t got, std::string needed) {
  throw UserError("idx.size", path, {{"got", bytes_text(got)}, {"needed", std::move(needed)}});
}

/// The sizes, checked so that their product fits the file exactly.
Shape read_shape(std::span<const uint8_t> bytes, size_t element_bytes, const std::string& path) {
  const size_t rank = bytes[3];
  if (rank == 0 || rank > kRankLimit) throw UserError("idx.rank", path, {{"rank", std::to_string(rank)}});
  const size_t header = 4 + 4 * rank;
  if (bytes.size() < header) fail_size(path, bytes.size(), bytes_text(header));

  Shape shape;
  uint64_t reach = element_bytes;
  for (size_t axis = 0; axis < rank; ++axis) {
    const uint64_t dim = big_endian(&bytes[4 + 4 * axis], 4);
    if (reach > (uint64_t{1} << 62) / std::max<uint64_t>(dim, 1)) fail_size(path, bytes.size(), "more than any memory");
    reach *= std::max<uint64_t>(dim, 1);
    // Billions of nothing would pass every check of size.
    if (dim == 0 && axis != 0) throw UserError("idx.empty_dimension", path, {{"axis", std::to_string(axis)}});
    shape.push_back(static_cast<int64_t>(dim));
  }
  const uint64_t needed = header + (shape.front() == 0 ? 0 : reach);
  if (bytes.size() > needed) throw UserError("idx.longer", path, {{"extra", bytes_text(bytes.size() - needed)}});
  if (bytes.size() < needed) fail_size(path, bytes.size(), bytes_text(needed));
  return shape;
}

void store(const Element& element, uint64_t bits, const TensorView& to, size_t i) {
  switch (element.code) {
    case Code::u8: to.as<uint8_t>()[i] = static_cast<uint8_t>(bits); return;
    case Code::i8: to.as<int32_t>()[i] = static_cast<int32_t>(bits) - (bits > 127 ? 256 : 0); return;
    case Code::i16: to.as<int32_t>()[i] = static_cast<int16_t>(bits); return;
    case Code::i32: to.as<int32_t>()[i] = static_cast<int32_t>(bits); return;
    case Code::f32: to.as<float>()[i] = std::bit_cast<float>(static_cast<uint32_t>(bits)); return;
    case Code::f64: to.as<double>()[i] = std::bit_cast<double>(bits); return;
  }
}

Tensor read_plain_idx(std::span<const uint8_t> bytes, const std::string& path) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0) throw UserError("idx.magic", path);
  const Element& element = element_of(bytes[2], path);
  Tensor tensor(element.dtype, read_shape(bytes, element.bytes, path));
  const uint8_t* data = bytes.data() + 4 + 4 * static_cast<size_t>(tensor.shape().rank());
  const auto count = static_cast<size_t>(tensor.elements());
  if (element.code == Code::u8) {
    std::memcpy(tensor.data(), data, count);
    return tensor;
  }
  const TensorView to = tensor.view();
  for (size_t i = 0; i < count; ++i) store(element, big_endian(data + i * element.bytes, element.bytes), to, i);
  return tensor;
}

/// [n, h, w] gets one channel; numbers other than bytes become f32.
Tensor as_images(const Tensor& x, const std::string& name) {
  const int rank = x.shape().rank();
  if (rank != 3 && rank != 4) throw UserError("data.images_rank", name, {{"shape", x.shape().text()}});
  if (x.shape().drop_front().elements() == 0) throw UserError("data.images_rank", name, {{"shape", x.shape().text()}});
  Tensor typed = x.dtype() == DType::u8 ? x : x.cast(DType::f32);
  if (rank == 4) return typed;
  Shape shape = x.shape();
  shape.push_back(1);
  return typed.reshaped(shape);
}

Tensor as_labels(const Tensor& y, const std::string& name) {
  if (y.shape().rank() != 1 || is_floating(y.dtype()))
    throw UserError("data.labels_rank", name,
                    {{"shape", y.shape().text()}, {"dtype", std::string(name_of(y.dtype()))}});
  return y.cast(DType::i32);
}

void name_classes(Dataset& dataset) {
  int32_t largest = -1;
  for (const Tensor* y : {&dataset.y_train, &dataset.y_test})
    for (const int32_t label : y->span<int32_t>()) largest = std::max(largest, label);
  if (largest >= kClassLimit)
    throw UserError("data.too_many_classes", dataset.name,
                    {{"label", std::to_string(largest)}, {"limit", std::to_string(kClassLimit)}});
  for (int32_t label = 0; label <= largest; ++label) dataset.labels.push_back(std::to_string(label));
}

}  // namespace

Tensor read_idx(std::span<const uint8_t> bytes, const std::string& path_for_messages, uint64_t limit) {
  if (is_gzip(bytes)) return read_plain_idx(gunzip(bytes, path_for_messages, limit), path_for_messages);
  return read_plain_idx(bytes, path_for_messages);
}

std::vector<uint8_t> write_idx(const Tensor& tensor) {
  const auto* element = std::find_if(kElements.begin(), kElements.end(), [&](const Element& known) {
    return known.dtype == tensor.dtype() && known.bytes == size_of(tensor.dtype());
  });
  check(element != kElements.end(), "an IDX file holds u8, i32, f32 or f64");
  check(tensor.shape().rank() >= 1 && tensor.shape().rank() <= static_cast<int>(kRankLimit), "a rank that IDX knows");

  std::vector<uint8_t> bytes{0, 0, static_cast<uint8_t>(element->code), static_cast<uint8_t>(tensor.shape().rank())};
  const auto append = [&](const uint8_t* little, size_t count) {
    for (size_t i = count; i > 0; --i) bytes.push_back(little[i - 1]);
  };
  for (const int64_t dim : tensor.shape()) {
    const auto size = static_cast<uint32_t>(dim);
    append(reinterpret_cast<const uint8_t*>(&size), sizeof size);
  }
  const auto* data = static_cast<const uint8_t*>(tensor.data());
  for (size_t at = 0; at < tensor.bytes(); at += element->bytes) append(data + at, element->bytes);
  return bytes;
}

Dataset dataset_from_idx(std::string name, const Tensor& x_train, const Tensor& y_train, const Tensor& x_test,
                         const Tensor& y_test) {
  Dataset dataset;
  dataset.name = std::move(name);
  dataset.x_train = as_images(x_train, dataset.name);
  dataset.y_train = as_labels(y_train, dataset.name);
  const Shape no_images = dataset.sample_shape().with_front(0);
  dataset.x_test = x_test.empty() ? Tensor(dataset.x_train.dtype(), no_images) : as_images(x_test, dataset.name);
  dataset.y_test = y_test.empty() ? Tensor(DType::i32, {0}) : as_labels(y_test, dataset.name);
  dataset.scale = dataset.x_train.dtype() == DType::u8 ? 1.0 / 255 : 1.0;
  name_classes(dataset);
  check_dataset(dataset);
  return dataset;
}

}  // namespace trainyard
