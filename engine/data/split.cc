#include "engine/data/split.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/core/diagnostic.h"

namespace trainyard {
namespace {

TestSplit split_by(const std::vector<bool>& is_test) {
  TestSplit split;
  for (size_t row = 0; row < is_test.size(); ++row)
    (is_test[row] ? split.test : split.train).push_back(static_cast<int32_t>(row));
  return split;
}

/// Marks about `fraction` of `rows`, drawn by `random`.
void draw(const std::vector<size_t>& rows, double fraction, const Philox& random, std::vector<bool>& is_test) {
  const auto count = static_cast<int64_t>(rows.size());
  if (fraction <= 0 || count < 2) return;
  const int64_t wanted = std::llround(static_cast<double>(count) * std::min(fraction, 1.0));
  const int64_t taken = std::clamp<int64_t>(wanted, 1, count - 1);
  const std::vector<int32_t> order = permutation(count, random);
  for (size_t i = 0; i < static_cast<size_t>(taken); ++i) is_test[rows[static_cast<size_t>(order[i])]] = true;
}

size_t row_bytes(const Tensor& tensor) {
  return static_cast<size_t>(tensor.shape().drop_front().elements()) * size_of(tensor.dtype());
}

}  // namespace

std::vector<int32_t> permutation(int64_t count, const Philox& random) {
  check(count >= 0 && count <= std::numeric_limits<int32_t>::max(), "a permutation of fewer than 2^31");
  std::vector<int32_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[random.below(i - 1, static_cast<uint32_t>(i))]);
  return order;
}

int64_t validation_begin(int64_t count, double fraction) {
  const bool sensible = fraction > 0 && fraction < 1;
  const double kept = sensible ? std::floor(static_cast<double>(count) * (1.0 - fraction)) : 0;
  const auto begin = static_cast<int64_t>(kept);
  if (begin <= 0 || begin >= count)
    throw UserError("data.validation_split", "validation_split",
                    {{"fraction", std::to_string(fraction)}, {"count", std::to_string(count)}});
  return begin;
}

TestSplit stratified_split(std::span<const int32_t> labels, int64_t classes, double fraction, uint64_t seed) {
  std::vector<std::vector<size_t>> members(static_cast<size_t>(classes));
  for (size_t row = 0; row < labels.size(); ++row) members.at(static_cast<size_t>(labels[row])).push_back(row);

  std::vector<bool> is_test(labels.size(), false);
  for (uint32_t label = 0; label < members.size(); ++label)
    draw(members[label], fraction, {seed, kTestSplitStream, label}, is_test);
  return split_by(is_test);
}

TestSplit random_split(int64_t count, double fraction, uint64_t seed) {
  std::vector<bool> is_test(static_cast<size_t>(count), false);
  std::vector<size_t> rows(static_cast<size_t>(count));
  std::iota(rows.begin(), rows.end(), size_t{0});
  draw(rows, fraction, {seed, kTestSplitStream, 0}, is_test);
  return split_by(is_test);
}

void mix(std::vector<int32_t>& rows, uint64_t seed) {
  const std::vector<int32_t> order = permutation(static_cast<int64_t>(rows.size()), {seed, kMixStream, 0});
  const std::vector<int32_t> before = rows;
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = before[static_cast<size_t>(order[i])];
}

TensorView view_rows(const Tensor& tensor, int64_t first, int64_t last) {
  check(0 <= first && first <= last && last <= tensor.shape().front(), "rows within the tensor");
  auto* data = static_cast<uint8_t*>(tensor.data());
  return {tensor.dtype(), tensor.shape().drop_front().with_front(last - first),
          data + static_cast<size_t>(first) * row_bytes(tensor)};
}

Tensor gather_rows(const Tensor& tensor, std::span<const int32_t> indices) {
  Tensor result(tensor.dtype(), tensor.shape().drop_front().with_front(static_cast<int64_t>(indices.size())));
  const size_t bytes = row_bytes(tensor);
  auto* to = static_cast<uint8_t*>(result.data());
  const auto* from = static_cast<const uint8_t*>(tensor.data());
  for (const int32_t index : indices) {
    check(index >= 0 && index < tensor.shape().front(), "a row within the tensor");
    std::memcpy(to, from + static_cast<size_t>(index) * bytes, bytes);
    to += bytes;
  }
  return result;
}

}  // namespace trainyard
