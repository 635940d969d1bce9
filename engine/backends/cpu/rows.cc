// Softmax, reductions, argmax: everything over rows of the last dimension, or columns of the first.
#include <cmath>

#include "engine/backends/cpu/kernels.h"
#include "engine/backends/cpu/strided.h"

namespace trainyard::cpu {
namespace {

using op::ReduceKind;

void softmax(const SimdTable& simd, const op::Softmax& op, const KernelCall& call) {
  const int64_t columns = call.inputs[0].shape.back();
  const auto* x = call.inputs[0].as<const float>();
  auto* y = call.outputs[0].as<float>();
  for_ranges(call, call.inputs[0].elements() / columns, divide_up(4096, columns), [&](int64_t begin, int64_t end) {
    simd.softmax(x + begin * columns, y + begin * columns, end - begin, columns, op.log);
  });
}

void softmax_grad(const SimdTable& simd, const op::SoftmaxGrad& op, const KernelCall& call) {
  const int64_t columns = call.inputs[0].shape.back();
  const auto* y = call.inputs[0].as<const float>();
  const auto* dy = call.inputs[1].as<const float>();
  auto* dx = call.outputs[0].as<float>();
  for_ranges(call, call.inputs[0].elements() / columns, divide_up(4096, columns), [&](int64_t begin, int64_t end) {
    const int64_t at = begin * columns;
    simd.softmax_grad(y + at, dy + at, dx + at, end - begin, columns, op.log);
  });
}

bool has_elements(InputTypes in) { return in[0].dtype == DType::f32 && in[0].shape.elements() > 0; }
bool takes_softmax(const op::Softmax&, InputTypes in, OutputTypes) { return has_elements(in); }
bool takes_softmax_grad(const op::SoftmaxGrad&, InputTypes in, OutputTypes) { return has_elements(in); }

/// A reduction of x: [outer, rows, columns] over `rows`; what reduced axes side by side, or all of them, come to.
struct Reduction {
  int64_t outer = 1, rows = 1, columns = 1;
  bool regular = true;
};

Reduction reduction_of(const op::Reduce& op, const Shape& x) {
  Reduction result;
  int state = 0;  // 0 before, 1 among, 2 behind the reduced axes
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool reduced = op.axes.empty() || std::find(op.axes.begin(), op.axes.end(), axis) != op.axes.end();
    if (x[axis] == 1) continue;
    if (reduced && state == 0) state = 1;
    if (!reduced && state == 1) state = 2;
    if (reduced && state == 2) result.regular = false;
    (state == 0 ? result.outer : state == 1 ? result.rows : result.columns) *= x[axis];
  }
  return result;
}

/// Rows of one partial result, by shape alone.
int64_t chunk_rows(const Reduction& r) {
  if (r.outer >= 64) return r.rows;
  const int64_t chunks = std::clamp<int64_t>(r.rows * r.columns / 8192, 1, 64);
  return divide_up(r.rows, chunks);
}

size_t reduce_workspace(const SimdTable&, const op::Reduce& op, InputTypes in, OutputTypes, int) {
  const Reduction r = reduction_of(op, in[0].shape);
  const int64_t chunks = divide_up(r.rows, chunk_rows(r));
  return chunks == 1 ? 0 : static_cast<size_t>(r.outer * chunks * round_to_line(r.columns)) * sizeof(float);
}

void reduce_piece(const SimdTable& simd, const op::Reduce& op, const float* x, float* y, int64_t rows,
                  int64_t columns) {
  if (columns == 1)
    simd.reduce_rows(static_cast<int>(op.kind), x, y, 1, rows);
  else
    simd.reduce_columns(static_cast<int>(op.kind), x, y, rows, columns);
}

/// Partial results [chunks, columns], each on lines of its own, to one.
void combine(const SimdTable& simd, const op::Reduce& op, float* partials, float* y, int64_t chunks, int64_t columns) {
  const BinaryLoops& loops = simd.binary[static_cast<int>(op.kind == ReduceKind::max    ? op::BinaryKind::max
                                                          : op.kind == ReduceKind::min  ? op::BinaryKind::min
                                                          : op.kind == ReduceKind::prod ? op::BinaryKind::mul
                                                                                        : op::BinaryKind::add)];
  const int64_t stride = round_to_line(columns);
  for (int64_t chunk = 1; chunk < chunks; ++chunk) loops.both(partials, partials + chunk * stride, partials, columns);
  std::copy_n(partials, columns, y);
}

void reduce(const SimdTable& simd, const op::Reduce& op, const KernelCall& call) {
  const Reduction r = reduction_of(op, call.inputs[0].shape);
  const auto* x = call.inputs[0].as<const float>();
  auto* y = call.outputs[0].as<float>();
  const int64_t rows = chunk_rows(r);
  const int64_t chunks = divide_up(r.rows, rows);
  auto* partials = static_cast<float*>(call.workspace);
  const int64_t stride = round_to_line(r.columns);
  const auto piece = [&](int64_t index) {
    const int64_t begin = index % chunks * rows;
    const float* from = x + (index / chunks * r.rows + begin) * r.columns;
    float* to = chunks == 1 ? y + index * r.columns : partials + index * stride;
    reduce_piece(simd, op, from, to, std::min(rows, r.rows - begin), r.columns);
  };
  for_ranges(call, r.outer * chunks, std::max<int64_t>(1, 8192 / (rows * r.columns)), [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) piece(index);
  });
  if (chunks > 1)
    for (int64_t o = 0; o < r.outer; ++o)
      combine(simd, op, partials + o * chunks * stride, y + o * r.columns, chunks, r.columns);
  if (op.kind == ReduceKind::mean) {
    const auto count = static_cast<float>(r.rows);
    simd.binary[static_cast<int>(op::BinaryKind::div)].number_b(y, &count, y, r.outer * r.columns);
  }
}

bool takes_reduce(const op::Reduce& op, InputTypes in, OutputTypes) {
  return has_elements(in) && reduction_of(op, in[0].shape).regular;
}

// x: [rows, n]  y: [rows]; the first NaN beats all, as in ref
void arg_max(const op::ArgMax&, const KernelCall& call) {
  const int64_t n = call.inputs[0].shape.back();
  const auto* x = call.inputs[0].as<const float>();
  auto* y = call.outputs[0].as<int32_t>();
  for_ranges(call, call.outputs[0].elements(), divide_up(4096, n), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float* values = x + row * n;
      int64_t best = 0;
      for (int64_t i = 1; i < n; ++i)
        if (values[i] > values[best] || (std::isnan(values[i]) && !std::isnan(values[best]))) best = i;
      y[row] = static_cast<int32_t>(best);
    }
  });
}

bool takes_arg_max(const op::ArgMax&, InputTypes in, OutputTypes) { return has_elements(in); }

}  // namespace

void add_rows(KernelTable& table, int isa) {
  table.add<op::Softmax>({.run = kernel_for<op::Softmax, softmax>(isa),
                          .accepts = accepts_typed<op::Softmax, takes_softmax>,
                          .in_place = true});
  table.add<op::SoftmaxGrad>({.run = kernel_for<op::SoftmaxGrad, softmax_grad>(isa),
                              .accepts = accepts_typed<op::SoftmaxGrad, takes_softmax_grad>,
                              .in_place = true});
  table.add<op::Reduce>({.run = kernel_for<op::Reduce, reduce>(isa),
                         .accepts = accepts_typed<op::Reduce, takes_reduce>,
                         .workspace = workspace_for<op::Reduce, reduce_workspace>(isa)});
  table.add<op::ArgMax>({.run = run_typed<op::ArgMax, arg_max>, .accepts = accepts_typed<op::ArgMax, takes_arg_max>});
}

}  // namespace trainyard::cpu
