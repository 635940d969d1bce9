// Handwriting-like digits that the engine draws itself, without limit: a data set that needs no file and no network.
#pragma once

#include <cstdint>
#include <span>

#include "engine/core/thread_pool.h"
#include "engine/data/dataset.h"
#include "engine/data/ink.h"

namespace trainyard {

/// Draws digit number `index` of `seed` into pixels [28, 28] (0 paper, 255 ink), prepared as MNIST's are, and returns which
/// digit it is. Every (seed, index) has its own digit, in any order of asking; index < 2^48. The same bits on every machine.
int32_t draw_digit(uint64_t seed, uint64_t index, std::span<uint8_t, kInkSize * kInkSize> pixels);

struct DigitsOptions {
  int64_t train = 60'000;
  int64_t test = 10'000;
  uint64_t seed = 0;
};

/// Test digits count from this index on, so that no training set, however large, meets one.
inline constexpr uint64_t kFirstTestDigit = uint64_t{1} << 40;

/// Draws the two parts; on `pool` where one is given, with the same result. Throws std::bad_alloc; counts that are
/// negative or beyond 10 million are a UserError data.sample_count.
Dataset digits(const DigitsOptions& options = {}, ThreadPool* pool = nullptr);

/// Digits first .. first + count - 1 of `seed` as u8 [count, 28, 28, 1] into x and i32 [count] into y.
void draw_digits(uint64_t seed, uint64_t first, const Tensor& x, const Tensor& y, ThreadPool* pool = nullptr);

}  // namespace trainyard
