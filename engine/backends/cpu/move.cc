// Ops that move elements: whole rows by memcpy wherever a row is contiguous on both sides.
#include <cstring>

#include "engine/backends/cpu/kernels.h"
#include "engine/backends/cpu/strided.h"
#include "engine/runtime/moves.h"

namespace trainyard::cpu {
namespace {

/// Calls body with a value of an unsigned type as wide as the dtype.
template <typename Body>
void with_width(DType dtype, const Body& body) {
  switch (size_of(dtype)) {
    case 1: return body(uint8_t{});
    case 2: return body(uint16_t{});
    case 4: return body(uint32_t{});
    default: return body(uint64_t{});
  }
}

template <typename T>
void move_row(const T* from, int64_t from_stride, T* to, int64_t to_stride, int64_t n) {
  if (from_stride == 1 && to_stride == 1) {
    std::memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
    return;
  }
  if (from_stride == 0 && to_stride == 1) {
    std::fill_n(to, n, *from);
    return;
  }
  for (int64_t i = 0; i < n; ++i) to[i * to_stride] = from[i * from_stride];
}

void run(const KernelCall& call, const Move& move) {
  const Strided<2> strided(move.sizes, {move.from_strides, move.to_strides});
  if (move.sizes.elements() == 0) return;
  const int64_t inner = strided.inner();
  with_width(move.to.dtype, [&](auto width) {
    using T = decltype(width);
    const T* from = move.from.as<const T>() + move.from_base;
    T* to = move.to.as<T>() + move.to_base;
    for_ranges(call, strided.outer(), divide_up(kElementBlock, inner), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        const auto offsets = strided.offsets(row);
        move_row(from + offsets[0], strided.stride(0), to + offsets[1], strided.stride(1), inner);
      }
    });
  });
}

void copy_bytes(const KernelCall& call, const void* from, void* to, size_t bytes) {
  if (from == to) return;
  for_ranges(call, static_cast<int64_t>(bytes), int64_t{1} << 18, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin,
                static_cast<size_t>(end - begin));
  });
}

void reshape(const op::Reshape&, const KernelCall& call) {
  copy_bytes(call, call.inputs[0].data, call.outputs[0].data, call.outputs[0].bytes());
}
void copy(const op::Copy&, const KernelCall& call) {
  copy_bytes(call, call.inputs[0].data, call.outputs[0].data, call.outputs[0].bytes());
}

template <typename Op>
void move(const Op& op, const KernelCall& call) {
  each_move(op, call, [&](const Move& each) { run(call, each); });
}

/// Every element of `to` becomes the bits of `value`.
void fill_all(const KernelCall& call, const TensorView& to, double value) {
  const auto with = [&](auto bits) {
    auto* begin = static_cast<decltype(bits)*>(to.data);
    for_ranges(call, to.elements(), 4 * kElementBlock,
               [&](int64_t from, int64_t end) { std::fill(begin + from, begin + end, bits); });
  };
  if (value == 0) return with_width(to.dtype, with);
  if (to.dtype == DType::f32)
    with(static_cast<float>(value));
  else
    with(static_cast<int32_t>(value));
}

void unslice(const op::Unslice& op, const KernelCall& call) {
  fill_all(call, call.outputs[0], 0);
  move(op, call);
}

void pad(const op::Pad& op, const KernelCall& call) {
  fill_all(call, call.outputs[0], op.value);
  move(op, call);
}

bool takes_pad(const op::Pad& op, InputTypes in, OutputTypes) {
  return op.value == 0 || in[0].dtype == DType::f32 || in[0].dtype == DType::i32;
}

// x: [n, r..]  indices: [i..]  y: [i.., r..]
void gather(const op::Gather&, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const auto* indices = call.inputs[1].as<const int32_t>();
  const auto row = static_cast<int64_t>(static_cast<size_t>(x.shape.elements_in(1, x.shape.rank())) * size_of(x.dtype));
  if (row == 0) return;
  for_ranges(call, call.inputs[1].elements(), divide_up(kElementBlock, row), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      auto* to = call.outputs[0].as<unsigned char>() + i * row;
      const int64_t index = indices[i];
      if (index < 0 || index >= x.shape.front())
        std::memset(to, 0, static_cast<size_t>(row));
      else
        std::memcpy(to, x.as<const unsigned char>() + index * row, static_cast<size_t>(row));
    }
  });
}

/// Columns are shared out, never rows: each element gets its sum in the order of the indices.
void scatter_add(const op::ScatterAdd& op, const KernelCall& call) {
  const auto* indices = call.inputs[0].as<const int32_t>();
  const auto* dy = call.inputs[1].as<const float>();
  const TensorView& dx = call.outputs[0];
  const int64_t columns = dx.shape.elements_in(1, dx.shape.rank());
  const int64_t count = call.inputs[0].elements();
  fill_all(call, dx, 0);
  for_ranges(call, columns, std::max<int64_t>(16, divide_up(kElementBlock, count + 1)),
             [&](int64_t begin, int64_t end) {
               for (int64_t i = 0; i < count; ++i) {
                 if (indices[i] < 0 || indices[i] >= op.rows) continue;
                 float* to = dx.as<float>() + indices[i] * columns;
                 for (int64_t j = begin; j < end; ++j) to[j] += dy[i * columns + j];
               }
             });
}

bool takes_scatter(const op::ScatterAdd&, InputTypes in, OutputTypes) { return in[1].dtype == DType::f32; }

template <typename T>
void one_hot_rows(const op::OneHot& op, const KernelCall& call) {
  const auto* indices = call.inputs[0].as<const int32_t>();
  auto* y = call.outputs[0].as<T>();
  for_ranges(call, call.inputs[0].elements(), divide_up(kElementBlock, op.depth + 1), [&](int64_t begin, int64_t end) {
    std::fill(y + begin * op.depth, y + end * op.depth, T{0});
    for (int64_t i = begin; i < end; ++i)
      if (indices[i] >= 0 && indices[i] < op.depth) y[i * op.depth + indices[i]] = T{1};
  });
}

void one_hot(const op::OneHot& op, const KernelCall& call) {
  if (op.dtype == DType::f32)
    one_hot_rows<float>(op, call);
  else
    one_hot_rows<int32_t>(op, call);
}

bool takes_one_hot(const op::OneHot& op, InputTypes, OutputTypes) {
  return op.dtype == DType::f32 || op.dtype == DType::i32;
}

template <typename From, typename To, typename Convert>
void cast_elements(const KernelCall& call, const Convert& convert) {
  const auto* x = call.inputs[0].as<const From>();
  auto* y = call.outputs[0].as<To>();
  for_ranges(call, call.outputs[0].elements(), kElementBlock, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = convert(x[i]);
  });
}

/// Truncates toward zero; what does not fit becomes the nearest that does, and NaN 0.
int32_t integer_from(float x) {
  if (!(x == x)) return 0;
  if (x >= 2147483648.0f) return INT32_MAX;
  return x <= -2147483648.0f ? INT32_MIN : static_cast<int32_t>(x);
}

/// The casts that training asks for.
void cast(const op::Cast& op, const KernelCall& call) {
  const DType from = call.inputs[0].dtype;
  const auto to_float = [](auto x) { return static_cast<float>(x); };
  const auto to_bool = [](auto x) { return static_cast<uint8_t>(x != 0 ? 1 : 0); };
  if (from == op.to) return copy_bytes(call, call.inputs[0].data, call.outputs[0].data, call.outputs[0].bytes());
  if (op.to == DType::f32) {
    if (from == DType::i32)
      cast_elements<int32_t, float>(call, to_float);
    else
      cast_elements<uint8_t, float>(call, to_float);
  } else if (op.to == DType::boolean) {
    if (from == DType::f32)
      cast_elements<float, uint8_t>(call, to_bool);
    else if (from == DType::i32)
      cast_elements<int32_t, uint8_t>(call, to_bool);
    else
      cast_elements<uint8_t, uint8_t>(call, to_bool);
  } else if (from == DType::f32) {
    cast_elements<float, int32_t>(call, integer_from);
  } else {
    cast_elements<uint8_t, int32_t>(call, [](uint8_t x) { return int32_t{x}; });
  }
}

bool takes_cast(const op::Cast& op, InputTypes in, OutputTypes) {
  const DType from = in[0].dtype;
  const bool byte = from == DType::u8 || from == DType::boolean;
  const bool known = byte || from == DType::f32 || from == DType::i32;
  if (op.to == DType::f32 || op.to == DType::boolean) return known;
  return op.to == DType::i32 && known;
}

}  // namespace

void add_move(KernelTable& table) {
  table.add<op::Reshape>({.run = run_typed<op::Reshape, reshape>, .in_place = true});
  table.add<op::Copy>({.run = run_typed<op::Copy, copy>});
  table.add<op::Transpose>({.run = run_typed<op::Transpose, move<op::Transpose>>});
  table.add<op::BroadcastTo>({.run = run_typed<op::BroadcastTo, move<op::BroadcastTo>>});
  table.add<op::Concat>({.run = run_typed<op::Concat, move<op::Concat>>});
  table.add<op::Slice>({.run = run_typed<op::Slice, move<op::Slice>>});
  table.add<op::Unslice>({.run = run_typed<op::Unslice, unslice>});
  table.add<op::Pad>({.run = run_typed<op::Pad, pad>, .accepts = accepts_typed<op::Pad, takes_pad>});
  table.add<op::Gather>({.run = run_typed<op::Gather, gather>});
  table.add<op::ScatterAdd>(
      {.run = run_typed<op::ScatterAdd, scatter_add>, .accepts = accepts_typed<op::ScatterAdd, takes_scatter>});
  table.add<op::OneHot>({.run = run_typed<op::OneHot, one_hot>, .accepts = accepts_typed<op::OneHot, takes_one_hot>});
  table.add<op::Cast>(
      {.run = run_typed<op::Cast, cast>, .accepts = accepts_typed<op::Cast, takes_cast>, .in_place = true});
}

}  // namespace trainyard::cpu
