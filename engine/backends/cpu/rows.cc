// Softmax, reductions, argmax, standardizing: everything over rows of the last dimension, or columns of the first.
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
struct Reduction : op::Span {
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
int64_t chunk_rows(const op::Span& r) {
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

/// Partial results [chunks, columns], each on lines of its own, to the first of them.
void combine(const SimdTable& simd, ReduceKind kind, float* partials, int64_t chunks, int64_t columns) {
  const BinaryLoops& loops = simd.binary[static_cast<int>(kind == ReduceKind::max    ? op::BinaryKind::max
                                                          : kind == ReduceKind::min  ? op::BinaryKind::min
                                                          : kind == ReduceKind::prod ? op::BinaryKind::mul
                                                                                     : op::BinaryKind::add)];
  const int64_t stride = round_to_line(columns);
  for (int64_t chunk = 1; chunk < chunks; ++chunk) loops.both(partials, partials + chunk * stride, partials, columns);
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
    for (int64_t o = 0; o < r.outer; ++o) {
      combine(simd, op.kind, partials + o * chunks * stride, chunks, r.columns);
      std::copy_n(partials + o * chunks * stride, r.columns, y + o * r.columns);
    }
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

// ---------------------------------------------------------------- standardizing

/// Rows that are one statistic each, and enough of them to share.
bool by_rows(const op::Span& span) { return span.columns == 1 && span.outer >= 8; }

/// [outer, rows, columns] in pieces of some rows, and the sums that are made of them.
class Spans {
 public:
  Spans(const op::Span& span, void* workspace)
      : span_(span),
        rows_(chunk_rows(span)),
        chunks_(divide_up(span.rows, rows_)),
        stride_(round_to_line(span.columns)),
        memory_(static_cast<float*>(workspace)) {}

  /// Partial sums, and three vectors for each of outer.
  int64_t floats() const { return span_.outer * (chunks_ + 3) * stride_; }
  /// Vector number `which` of outer number o.
  float* vector(int which, int64_t o) const { return memory_ + (span_.outer * (chunks_ + which) + o) * stride_; }

  /// run(o, position, rows) for each piece.
  template <typename Run>
  void for_pieces(const KernelCall& call, const Run& run) const {
    for_ranges(call, span_.outer * chunks_, std::max<int64_t>(1, 8192 / (rows_ * span_.columns)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t index = begin; index < end; ++index) {
                   const int64_t o = index / chunks_;
                   const int64_t row = index % chunks_ * rows_;
                   run(o, (o * span_.rows + row) * span_.columns, std::min(rows_, span_.rows - row));
                 }
               });
  }

  /// sum(o, position, rows, to) adds up a piece; to(o): where the means of all pieces go.
  template <typename Sum, typename To>
  void means(const SimdTable& simd, const KernelCall& call, const Sum& sum, const To& to) const {
    for_pieces(call, [&](int64_t o, int64_t position, int64_t rows) {
      const int64_t chunk = (position / span_.columns - o * span_.rows) / rows_;
      sum(o, position, rows, memory_ + (o * chunks_ + chunk) * stride_);
    });
    const auto count = static_cast<float>(span_.rows);
    for (int64_t o = 0; o < span_.outer; ++o) {
      float* partials = memory_ + o * chunks_ * stride_;
      combine(simd, ReduceKind::sum, partials, chunks_, span_.columns);
      simd.binary[static_cast<int>(op::BinaryKind::div)].number_b(partials, &count, to(o), span_.columns);
    }
  }

 private:
  op::Span span_;
  int64_t rows_, chunks_, stride_;
  float* memory_;
};

template <typename T>
size_t standardize_workspace(const SimdTable&, const T& op, InputTypes in, OutputTypes, int) {
  const op::Span span = op::span_of(op.axes, in[0].shape);
  return by_rows(span) ? 0 : static_cast<size_t>(Spans(span, nullptr).floats()) * sizeof(float);
}

void factors_of(const float* variance, double epsilon, float* factors, int64_t n) {
  for (int64_t i = 0; i < n; ++i) factors[i] = 1.0F / std::sqrt(variance[i] + static_cast<float>(epsilon));
}

void standardize(const SimdTable& simd, const op::Standardize& op, const KernelCall& call) {
  const op::Span span = op::span_of(op.axes, call.inputs[0].shape);
  const auto* x = call.inputs[0].as<const float>();
  auto* y = call.outputs[0].as<float>();
  auto* mean = call.outputs[1].as<float>();
  auto* variance = call.outputs[2].as<float>();
  const int64_t columns = span.columns;
  if (by_rows(span))
    return for_ranges(call, span.outer, divide_up(4096, span.rows), [&](int64_t begin, int64_t end) {
      simd.standardize_rows(x + begin * span.rows, y + begin * span.rows, mean + begin, variance + begin, end - begin,
                            span.rows, static_cast<float>(op.epsilon));
    });
  const Spans spans(span, call.workspace);
  spans.means(
      simd, call,
      [&](int64_t, int64_t position, int64_t rows, float* to) {
        simd.reduce_columns(static_cast<int>(ReduceKind::sum), x + position, to, rows, columns);
      },
      [&](int64_t o) { return mean + o * columns; });
  spans.means(
      simd, call,
      [&](int64_t o, int64_t position, int64_t rows, float* to) {
        simd.column_squares(x + position, mean + o * columns, to, rows, columns);
      },
      [&](int64_t o) { return variance + o * columns; });
  for (int64_t o = 0; o < span.outer; ++o) factors_of(variance + o * columns, op.epsilon, spans.vector(0, o), columns);
  spans.for_pieces(call, [&](int64_t o, int64_t position, int64_t rows) {
    simd.standardize_columns(x + position, mean + o * columns, spans.vector(0, o), y + position, rows, columns);
  });
}

void standardize_grad(const SimdTable& simd, const op::StandardizeGrad& op, const KernelCall& call) {
  const op::Span span = op::span_of(op.axes, call.inputs[0].shape);
  const auto* y = call.inputs[0].as<const float>();
  const auto* variance = call.inputs[1].as<const float>();
  const auto* dy = call.inputs[2].as<const float>();
  auto* dx = call.outputs[0].as<float>();
  const int64_t columns = span.columns;
  if (by_rows(span))
    return for_ranges(call, span.outer, divide_up(4096, span.rows), [&](int64_t begin, int64_t end) {
      const int64_t at = begin * span.rows;
      simd.standardize_rows_grad(y + at, variance + begin, dy + at, dx + at, end - begin, span.rows,
                                 static_cast<float>(op.epsilon));
    });
  const Spans spans(span, call.workspace);
  spans.means(
      simd, call,
      [&](int64_t, int64_t position, int64_t rows, float* to) {
        simd.reduce_columns(static_cast<int>(ReduceKind::sum), dy + position, to, rows, columns);
      },
      [&](int64_t o) { return spans.vector(1, o); });
  spans.means(
      simd, call,
      [&](int64_t, int64_t position, int64_t rows, float* to) {
        simd.column_products(y + position, dy + position, to, rows, columns);
      },
      [&](int64_t o) { return spans.vector(2, o); });
  for (int64_t o = 0; o < span.outer; ++o) factors_of(variance + o * columns, op.epsilon, spans.vector(0, o), columns);
  spans.for_pieces(call, [&](int64_t o, int64_t position, int64_t rows) {
    simd.standardize_columns_grad(y + position, dy + position, spans.vector(1, o), spans.vector(2, o),
                                  spans.vector(0, o), dx + position, rows, columns);
  });
}

template <typename T>
bool takes_span(const T&, InputTypes in, OutputTypes) {
  return has_elements(in);
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
  table.add<op::Standardize>({.run = kernel_for<op::Standardize, standardize>(isa),
                              .accepts = accepts_typed<op::Standardize, takes_span<op::Standardize>>,
                              .workspace = workspace_for<op::Standardize, standardize_workspace<op::Standardize>>(isa),
                              .in_place = true});
  table.add<op::StandardizeGrad>(
      {.run = kernel_for<op::StandardizeGrad, standardize_grad>(isa),
       .accepts = accepts_typed<op::StandardizeGrad, takes_span<op::StandardizeGrad>>,
       .workspace = workspace_for<op::StandardizeGrad, standardize_workspace<op::StandardizeGrad>>(isa),
       .in_place = true});
  table.add<op::ArgMax>({.run = run_typed<op::ArgMax, arg_max>, .accepts = accepts_typed<op::ArgMax, takes_arg_max>});
}

}  // namespace trainyard::cpu
