// Unary, Binary, Select: f32 by the instruction set's loops; i32 and bool, which training asks for in metrics alone, by
// plain loops.
#include "engine/backends/cpu/kernels.h"
#include "engine/backends/cpu/strided.h"

namespace trainyard::cpu {
namespace {

using op::BinaryKind;

void unary(const SimdTable& simd, const op::Unary& op, const KernelCall& call) {
  const UnaryLoop loop = simd.unary[static_cast<int>(op.kind)];
  const auto* x = call.inputs[0].as<const float>();
  auto* y = call.outputs[0].as<float>();
  for_ranges(call, call.outputs[0].elements(), kElementBlock,
             [&](int64_t begin, int64_t end) { loop(x + begin, y + begin, end - begin); });
}

/// What the threads share of a Binary call.
struct BinaryWork {
  const BinaryLoops& loops;
  const float* a;
  const float* b;
  void* y;
  bool predicate;

  /// y is an offset in elements; the strides are 0 or 1.
  void run(const float* a_row, const float* b_row, int64_t at, int64_t n, int64_t stride_a, int64_t stride_b) const {
    const BinaryLoop loop = stride_a == 0 ? loops.number_a : stride_b == 0 ? loops.number_b : loops.both;
    if (!predicate) return loop(a_row, b_row, static_cast<float*>(y) + at, n);
    constexpr int64_t kPiece = 512;
    float truth[kPiece];
    auto* bytes = static_cast<uint8_t*>(y) + at;
    for (int64_t i = 0; i < n; i += kPiece) {
      const int64_t count = std::min(kPiece, n - i);
      loop(a_row + i * stride_a, b_row + i * stride_b, truth, count);
      for (int64_t j = 0; j < count; ++j) bytes[i + j] = truth[j] != 0 ? 1 : 0;
    }
  }
};

/// [rows, columns] with [columns], few columns: the row is written side by side until a loop over it is worth its call.
void with_narrow_row(const BinaryWork& work, const KernelCall& call, const Strided<2>& strided) {
  constexpr int64_t kFloats = 1024;
  const int64_t columns = strided.inner();
  const int64_t repeats = kFloats / columns;
  const bool row_is_a = strided.stride(0, 0) == 0;
  float repeated[kFloats];
  const float* row = row_is_a ? work.a : work.b;
  for (int64_t i = 0; i < repeats; ++i) std::copy_n(row, columns, repeated + i * columns);
  for_ranges(call, divide_up(strided.outer(), repeats), divide_up(kElementBlock, kFloats),
             [&](int64_t begin, int64_t end) {
               for (int64_t piece = begin; piece < end; ++piece) {
                 const int64_t at = piece * repeats * columns;
                 const int64_t n = std::min(repeats * columns, strided.outer() * columns - at);
                 work.run(row_is_a ? repeated : work.a + at, row_is_a ? work.b + at : repeated, at, n, 1, 1);
               }
             });
}

void binary(const SimdTable& simd, const op::Binary& op, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  const Strided<2> strided(
      y.shape, {broadcast_strides(call.inputs[0].shape, y.shape), broadcast_strides(call.inputs[1].shape, y.shape)});
  const BinaryWork work{simd.binary[static_cast<int>(op.kind)], call.inputs[0].as<const float>(),
                        call.inputs[1].as<const float>(), y.data, is_predicate(op.kind)};
  const int64_t inner = strided.inner();
  const int64_t stride_a = strided.stride(0);
  const int64_t stride_b = strided.stride(1);
  if (strided.rank() == 1) {
    for_ranges(call, inner, kElementBlock, [&](int64_t begin, int64_t end) {
      work.run(work.a + begin * stride_a, work.b + begin * stride_b, begin, end - begin, stride_a, stride_b);
    });
    return;
  }
  const bool has_row = strided.stride(0, 0) == 0 || strided.stride(1, 0) == 0;
  if (strided.rank() == 2 && inner <= 256 && stride_a == 1 && stride_b == 1 && has_row)
    return with_narrow_row(work, call, strided);
  for_ranges(call, strided.outer(), divide_up(kElementBlock, inner), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const auto offsets = strided.offsets(row);
      work.run(work.a + offsets[0], work.b + offsets[1], row * inner, inner, stride_a, stride_b);
    }
  });
}

template <typename T>
bool truth(BinaryKind kind, T a, T b) {
  switch (kind) {
    case BinaryKind::less: return a < b;
    case BinaryKind::less_equal: return a <= b;
    case BinaryKind::greater: return a > b;
    case BinaryKind::greater_equal: return a >= b;
    case BinaryKind::equal: return a == b;
    case BinaryKind::not_equal: return a != b;
    case BinaryKind::logical_and: return a != 0 && b != 0;
    case BinaryKind::logical_or: return a != 0 || b != 0;
    case BinaryKind::add:
    case BinaryKind::sub:
    case BinaryKind::mul:
    case BinaryKind::div:
    case BinaryKind::pow:
    case BinaryKind::max:
    case BinaryKind::min:
    case BinaryKind::mod:
    case BinaryKind::relu_grad:
    case BinaryKind::sigmoid_grad:
    case BinaryKind::tanh_grad: break;
  }
  return false;
}

/// Predicates over i32, u8 and bool.
template <typename T>
void predicate_loop(const op::Binary& op, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  const Strided<2> strided(
      y.shape, {broadcast_strides(call.inputs[0].shape, y.shape), broadcast_strides(call.inputs[1].shape, y.shape)});
  const int64_t inner = strided.inner();
  for_ranges(call, strided.outer(), divide_up(kElementBlock, inner), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const auto offsets = strided.offsets(row);
      const T* a = call.inputs[0].as<const T>() + offsets[0];
      const T* b = call.inputs[1].as<const T>() + offsets[1];
      uint8_t* to = y.as<uint8_t>() + row * inner;
      for (int64_t i = 0; i < inner; ++i)
        to[i] = truth(op.kind, a[i * strided.stride(0)], b[i * strided.stride(1)]) ? 1 : 0;
    }
  });
}

void integer_predicate(const op::Binary& op, const KernelCall& call) {
  if (call.inputs[0].dtype == DType::i32)
    predicate_loop<int32_t>(op, call);
  else
    predicate_loop<uint8_t>(op, call);
}

bool takes_integers(const op::Binary& op, InputTypes in, OutputTypes) {
  const DType dtype = in[0].dtype;
  return is_predicate(op.kind) && (dtype == DType::i32 || dtype == DType::u8 || dtype == DType::boolean);
}

bool takes_f32(const op::Binary&, InputTypes in, OutputTypes) { return in[0].dtype == DType::f32; }

void logical_not(const op::Unary&, const KernelCall& call) {
  const auto* x = call.inputs[0].as<const uint8_t>();
  auto* y = call.outputs[0].as<uint8_t>();
  for_ranges(call, call.outputs[0].elements(), kElementBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = x[i] == 0 ? 1 : 0;
  });
}

bool is_logical_not(const op::Unary& op, InputTypes in, OutputTypes) {
  return op.kind == op::UnaryKind::logical_not && in[0].dtype == DType::boolean;
}

/// Four-byte elements, moved as bits.
void select(const op::Select&, const KernelCall& call) {
  const TensorView& y = call.outputs[0];
  const Strided<3> strided(
      y.shape, {broadcast_strides(call.inputs[0].shape, y.shape), broadcast_strides(call.inputs[1].shape, y.shape),
                broadcast_strides(call.inputs[2].shape, y.shape)});
  const int64_t inner = strided.inner();
  for_ranges(call, strided.outer(), divide_up(kElementBlock, inner), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const auto offsets = strided.offsets(row);
      const uint8_t* condition = call.inputs[0].as<const uint8_t>() + offsets[0];
      const uint32_t* a = call.inputs[1].as<const uint32_t>() + offsets[1];
      const uint32_t* b = call.inputs[2].as<const uint32_t>() + offsets[2];
      uint32_t* to = y.as<uint32_t>() + row * inner;
      for (int64_t i = 0; i < inner; ++i)
        to[i] = condition[i * strided.stride(0)] != 0 ? a[i * strided.stride(1)] : b[i * strided.stride(2)];
    }
  });
}

bool moves_words(const op::Select&, InputTypes, OutputTypes out) { return size_of(out[0].dtype) == 4; }

}  // namespace

void add_elementwise(KernelTable& table, int isa) {
  table.add<op::Unary>({.run = kernel_for<op::Unary, unary>(isa), .accepts = all_f32, .in_place = true});
  table.add<op::Unary>({.run = run_typed<op::Unary, logical_not>,
                        .accepts = accepts_typed<op::Unary, is_logical_not>,
                        .in_place = true});
  table.add<op::Binary>(
      {.run = kernel_for<op::Binary, binary>(isa), .accepts = accepts_typed<op::Binary, takes_f32>, .in_place = true});
  table.add<op::Binary>({.run = run_typed<op::Binary, integer_predicate>,
                         .accepts = accepts_typed<op::Binary, takes_integers>,
                         .in_place = true});
  table.add<op::Select>(
      {.run = run_typed<op::Select, select>, .accepts = accepts_typed<op::Select, moves_words>, .in_place = true});
}

}  // namespace trainyard::cpu
