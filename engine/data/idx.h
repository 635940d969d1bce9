// IDX files, in which MNIST and its kin are published: two zero bytes, a type, the rank, big-endian sizes, the data.
// Format: "THE IDX FILE FORMAT" in http://yann.lecun.com/exdb/mnist/.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/data/dataset.h"

namespace trainyard {

/// Reads plain or gzip-packed IDX of types u8, i8, i16, i32, f32, f64; i8 and i16 become i32. Throws UserError idx.* or
/// gzip.* when the file is damaged, cut short, too long, or unpacks beyond `limit` bytes.
Tensor read_idx(std::span<const uint8_t> bytes, const std::string& path_for_messages,
                uint64_t limit = uint64_t{1} << 30);

/// Bytes of a plain IDX file. Requires u8, i32, f32 or f64 and a rank of 1 to 8.
std::vector<uint8_t> write_idx(const Tensor& tensor);

/// A set published as IDX: images [n, h, w] or [n, h, w, c] and whole-numbered labels [n]; class names are the numbers
/// 0 to the largest. Unallocated test tensors mean that there is no test part. Throws UserError data.*.
Dataset dataset_from_idx(std::string name, const Tensor& x_train, const Tensor& y_train, const Tensor& x_test,
                         const Tensor& y_test);

}  // namespace trainyard
