// Fill and Random.
#include <cstring>

#include "engine/backends/cpu/kernels.h"
#include "engine/ops/random.h"

namespace trainyard::cpu {
namespace {

template <typename T>
void fill_with(const KernelCall& call, T value) {
  auto* y = call.outputs[0].as<T>();
  for_ranges(call, call.outputs[0].elements(), 4 * kElementBlock,
             [&](int64_t begin, int64_t end) { std::fill(y + begin, y + end, value); });
}

void fill(const op::Fill& op, const KernelCall& call) {
  if (op.dtype == DType::f32)
    fill_with(call, static_cast<float>(op.value));
  else if (op.dtype == DType::i32)
    fill_with(call, static_cast<int32_t>(op.value));
  else if (op.dtype == DType::boolean)
    fill_with<uint8_t>(call, op.value != 0 ? 1 : 0);
  else
    fill_with(call, static_cast<uint8_t>(op.value));
}

bool takes_fill(const op::Fill& op, InputTypes, OutputTypes) {
  return op.dtype == DType::f32 || op.dtype == DType::i32 || op.dtype == DType::boolean || op.dtype == DType::u8;
}

/// Four uniforms of 24 bits from each block of words.
void uniform_range(const op::Random& op, const Philox& words, float* y, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i) {
    if (i % 4 != 0 || i + 4 > end) {
      y[i] = random_element<float>(op, words, static_cast<uint64_t>(i));
      continue;
    }
    const PhiloxBlock block = words.block(static_cast<uint64_t>(i / 4));
    for (size_t j = 0; j < 4; ++j) {
      const float uniform = static_cast<float>(block[j] >> 8) * 0x1p-24f;
      y[i + static_cast<int64_t>(j)] = uniform < op.a ? 1.0f : 0.0f;
    }
    i += 3;
  }
}

void random(const op::Random& op, const KernelCall& call) {
  auto* y = call.outputs[0].as<float>();
  const Philox words = random_words(op, call.step->seed, call.step->step);
  for_ranges(call, call.outputs[0].elements(), 2048, [&](int64_t begin, int64_t end) {
    if (op.kind == op::RandomKind::bernoulli) return uniform_range(op, words, y, begin, end);
    for (int64_t i = begin; i < end; ++i) y[i] = random_element<float>(op, words, static_cast<uint64_t>(i));
  });
}

bool takes_random(const op::Random& op, InputTypes, OutputTypes) { return op.dtype == DType::f32; }

}  // namespace

void add_source(KernelTable& table) {
  table.add<op::Fill>({.run = run_typed<op::Fill, fill>, .accepts = accepts_typed<op::Fill, takes_fill>});
  table.add<op::Random>({.run = run_typed<op::Random, random>, .accepts = accepts_typed<op::Random, takes_random>});
}

}  // namespace trainyard::cpu
