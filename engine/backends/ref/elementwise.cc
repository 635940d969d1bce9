#include <limits>

#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/kernels.h"
#include "engine/backends/ref/scalar.h"
#include "engine/backends/ref/walk.h"
#include "engine/core/half.h"

namespace trainyard::ref {
namespace {

void unary(const op::Unary& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  with_number(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t i = 0; i < y.elements(); ++i) y.as<T>()[i] = apply(op.kind, x.as<T>()[i]);
  });
}

/// Stores apply(kind, a, b) for every element of y, as bytes where the kind is a predicate.
template <typename T, typename Result>
void binary_loop(op::BinaryKind kind, const TensorView& a, const TensorView& b, const TensorView& y) {
  int64_t i = 0;
  const std::array strides{broadcast_strides(a.shape, y.shape), broadcast_strides(b.shape, y.shape)};
  for (Walk<2> walk(y.shape, strides); walk.more(); walk.next())
    y.as<Result>()[i++] = static_cast<Result>(apply(kind, a.as<T>()[walk.offset(0)], b.as<T>()[walk.offset(1)]));
}

void binary(const op::Binary& op, const KernelCall& call) {
  with_number(call.inputs[0].dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    if (is_predicate(op.kind))
      binary_loop<T, uint8_t>(op.kind, call.inputs[0], call.inputs[1], call.outputs[0]);
    else
      binary_loop<T, T>(op.kind, call.inputs[0], call.inputs[1], call.outputs[0]);
  });
}

void select(const op::Select&, const KernelCall& call) {
  const TensorView& condition = call.inputs[0];
  const TensorView& a = call.inputs[1];
  const TensorView& b = call.inputs[2];
  const TensorView& y = call.outputs[0];
  const std::array strides{broadcast_strides(condition.shape, y.shape), broadcast_strides(a.shape, y.shape),
                           broadcast_strides(b.shape, y.shape)};
  with_width(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    int64_t i = 0;
    for (Walk<3> walk(y.shape, strides); walk.more(); walk.next())
      y.as<T>()[i++] =
          condition.as<uint8_t>()[walk.offset(0)] != 0 ? a.as<T>()[walk.offset(1)] : b.as<T>()[walk.offset(2)];
  });
}

/// Truncates toward zero; what does not fit becomes the nearest that does, and NaN 0.
template <typename To>
To integer_from(double x) {
  if (std::isnan(x)) return To{0};
  if (x <= static_cast<double>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
  if (x >= static_cast<double>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
  return static_cast<To>(x);
}

template <typename To, typename From>
To convert(From x) {
  if constexpr (std::is_integral_v<To> && std::is_floating_point_v<From>)
    return integer_from<To>(x);
  else
    return static_cast<To>(x);
}

template <typename From>
void store(const TensorView& y, int64_t i, From x) {
  switch (y.dtype) {
    case DType::f32: y.as<float>()[i] = convert<float>(x); return;
    case DType::f64: y.as<double>()[i] = convert<double>(x); return;
    case DType::f16: y.as<uint16_t>()[i] = half_from_float(convert<float>(x)); return;
    case DType::bf16: y.as<uint16_t>()[i] = bfloat_from_float(convert<float>(x)); return;
    case DType::i32: y.as<int32_t>()[i] = convert<int32_t>(x); return;
    case DType::i64: y.as<int64_t>()[i] = convert<int64_t>(x); return;
    case DType::u8: y.as<uint8_t>()[i] = convert<uint8_t>(x); return;
    case DType::boolean: y.as<uint8_t>()[i] = x != From{0} ? 1 : 0; return;
  }
}

void cast(const op::Cast&, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  for (int64_t i = 0; i < y.elements(); ++i) {
    if (x.dtype == DType::f16)
      store(y, i, float_from_half(x.as<uint16_t>()[i]));
    else if (x.dtype == DType::bf16)
      store(y, i, float_from_bfloat(x.as<uint16_t>()[i]));
    else
      with_number(x.dtype, [&](auto tag) { store(y, i, x.as<typename decltype(tag)::type>()[i]); });
  }
}

/// Registers of one element's pass through a fused program. Each is rounded to the dtype, so that a fused program
/// gives the bits of its ops one by one.
constexpr size_t kMaxRegisters = 256;

template <typename T>
T run_instruction(const op::Instruction& step, const std::array<T, kMaxRegisters>& registers) {
  const T a = registers[step.a];
  switch (step.code) {
    case op::Instruction::Code::unary: return apply(step.unary, a);
    case op::Instruction::Code::binary: return apply(step.binary, a, registers[step.b]);
    case op::Instruction::Code::select: return a != T{0} ? registers[step.b] : registers[step.c];
  }
  return T{};
}

template <typename T>
void fused_loop(const op::Fused& op, const KernelCall& call) {
  std::array<T, kMaxRegisters> registers{};
  check(call.inputs.size() + op.program.size() <= kMaxRegisters, "a fused program fits the registers");
  for (int64_t i = 0; i < op.shape.elements(); ++i) {
    size_t next = 0;
    // an operand of the last dimensions only (or of one element) comes round again
    for (const TensorView& x : call.inputs) registers[next++] = x.as<T>()[i % x.elements()];
    for (const op::Instruction& step : op.program) {
      registers[next] = run_instruction(step, registers);
      ++next;
    }
    for (size_t o = 0; o < op.outputs.size(); ++o) call.outputs[o].as<T>()[i] = registers[op.outputs[o]];
  }
}

void fused(const op::Fused& op, const KernelCall& call) {
  with_float(op.dtype, [&](auto tag) { fused_loop<typename decltype(tag)::type>(op, call); });
}

bool one_float_type(const op::Fused& op, InputTypes in, OutputTypes) {
  for (const ValueType& type : in)
    if (type.dtype != op.dtype) return false;
  return (op.dtype == DType::f32 || op.dtype == DType::f64) && in.size() + op.program.size() <= kMaxRegisters;
}

}  // namespace

void add_elementwise(KernelTable& table) {
  table.add<op::Unary>({.run = run_typed<op::Unary, unary>, .accepts = full_width, .in_place = true});
  table.add<op::Binary>({.run = run_typed<op::Binary, binary>, .accepts = full_width, .in_place = true});
  table.add<op::Select>({.run = run_typed<op::Select, select>, .in_place = true});
  table.add<op::Cast>({.run = run_typed<op::Cast, cast>, .in_place = true});
  table.add<op::Fused>(
      {.run = run_typed<op::Fused, fused>, .accepts = accepts_typed<op::Fused, one_float_type>, .in_place = true});
}

}  // namespace trainyard::ref
