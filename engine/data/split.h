// Which rows go where: shuffling, validation and test parts. All of it follows from a seed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/philox.h"
#include "engine/core/tensor.h"

namespace trainyard {

/// The Philox stream that test splits take; other users of one seed keep off it.
inline constexpr uint32_t kTestSplitStream = 0x5bf1e001;

/// The stream that mixes rows when data are loaded.
inline constexpr uint32_t kMixStream = 0x5bf1e002;

/// 0 .. count-1 in random order by Fisher and Yates, the same for the same `random` everywhere. Requires count < 2^31.
std::vector<int32_t> permutation(int64_t count, const Philox& random);

/// How many of `count` samples stay for training when the last `fraction` are kept for validation, as Keras does:
/// floor(count * (1 - fraction)). Throws UserError data.validation_split unless that leaves some on each side.
int64_t validation_begin(int64_t count, double fraction);

struct TestSplit {
  std::vector<int32_t> train;
  std::vector<int32_t> test;
};

/// Takes about `fraction` of every class (labels in [0, classes)) for the test, at least one of each class that has
/// two samples or more, and leaves it at least one; rows in each part are in rising order. Fraction 0: no test part.
TestSplit stratified_split(std::span<const int32_t> labels, int64_t classes, double fraction, uint64_t seed);

/// The same without classes.
TestSplit random_split(int64_t count, double fraction, uint64_t seed);

/// Puts rows into another order, the same for the same seed.
void mix(std::vector<int32_t>& rows, uint64_t seed);

/// Rows [first, last) of a tensor's first dimension, sharing its memory.
TensorView view_rows(const Tensor& tensor, int64_t first, int64_t last);

/// Copies the rows of `indices`, in their order.
Tensor gather_rows(const Tensor& tensor, std::span<const int32_t> indices);

}  // namespace trainyard
