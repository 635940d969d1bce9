#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/kernels.h"
#include "engine/core/fingerprint.h"

namespace trainyard::ref {
namespace {

// x: [..]  keys: [k]  y: [..]
void search_sorted(const op::SearchSorted&, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& keys = call.inputs[1];
  const TensorView& y = call.outputs[0];
  with_number(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* const begin = keys.as<T>();
    const T* const end = begin + keys.elements();
    for (int64_t i = 0; i < x.elements(); ++i)
      y.as<int32_t>()[i] = static_cast<int32_t>(std::upper_bound(begin, end, x.as<T>()[i]) - begin);
  });
}

int64_t whole_number(const TensorView& x, int64_t i) {
  return x.dtype == DType::i64 ? x.as<int64_t>()[i] : int64_t{x.as<int32_t>()[i]};
}

void hash_bucket(const op::HashBucket& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  std::array<char, 24> digits{};
  for (int64_t i = 0; i < x.elements(); ++i) {
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), whole_number(x, i)).ptr;
    const std::string_view text(digits.data(), static_cast<size_t>(end - digits.data()));
    const uint64_t hash = op.salted ? sip_hash64(text, {op.key0, op.key1}) : farm_fingerprint64(text);
    call.outputs[0].as<int32_t>()[i] = static_cast<int32_t>(hash % static_cast<uint64_t>(op.buckets));
  }
}

void hash_cross(const op::HashCross& op, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  for (int64_t i = 0; i < y.elements(); ++i) {
    uint64_t hash = kCrossHashKey;
    for (const TensorView& part : call.inputs)
      hash = combine_fingerprints(hash, static_cast<uint64_t>(whole_number(part, i)));
    y.as<int32_t>()[i] = static_cast<int32_t>(hash % static_cast<uint64_t>(op.buckets));
  }
}

// x: [n, k]  y: [n, depth]
void bin_count(const op::BinCount& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  with_number(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    std::fill_n(y.as<T>(), y.elements(), T{0});
    for (int64_t i = 0; i < x.elements(); ++i) {
      const int64_t number = x.as<int32_t>()[i];
      if (number < 0 || number >= op.depth) continue;
      T& count = y.as<T>()[i / x.shape[1] * op.depth + number];
      count = op.binary ? T{1} : static_cast<T>(count + T{1});
    }
  });
}

// x, y: [.., n]
void sort_places(const op::SortPlaces& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  auto* const places = call.outputs[0].as<int32_t>();
  const int64_t n = x.shape.back();
  with_number(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t begin = 0; n > 0 && begin < x.elements(); begin += n) {
      const T* const row = x.as<T>() + begin;
      const auto is_nan = [row](int32_t i) { return std::isnan(static_cast<double>(row[i])); };
      const auto less = [&](int32_t a, int32_t b) { return row[a] < row[b] || (is_nan(b) && !is_nan(a)); };
      std::iota(places + begin, places + begin + n, 0);
      std::stable_sort(places + begin, places + begin + n,
                       [&](int32_t a, int32_t b) { return op.falling ? less(b, a) : less(a, b); });
    }
  });
}

}  // namespace

void add_lookup(KernelTable& table) {
  table.add<op::SearchSorted>({.run = run_typed<op::SearchSorted, search_sorted>, .accepts = full_width});
  table.add<op::HashBucket>({.run = run_typed<op::HashBucket, hash_bucket>});
  table.add<op::BinCount>({.run = run_typed<op::BinCount, bin_count>, .accepts = full_width});
  table.add<op::SortPlaces>({.run = run_typed<op::SortPlaces, sort_places>, .accepts = full_width});
  table.add<op::HashCross>({.run = run_typed<op::HashCross, hash_cross>});
}

}  // namespace trainyard::ref
