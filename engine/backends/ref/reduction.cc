#include <algorithm>
#include <cmath>

#include "engine/backends/ref/dispatch.h"
#include "engine/backends/ref/kernels.h"
#include "engine/backends/ref/scalar.h"
#include "engine/backends/ref/walk.h"

namespace trainyard::ref {
namespace {

/// One reduced element from those that `walk` visits, in row-major order. Floats are summed in double, integers wrap.
template <typename T>
T reduced(op::ReduceKind kind, const T* x, Walk<1> walk) {
  using Wide = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;
  Wide sum{0};
  Wide product{1};
  int64_t count = 0;
  T extreme{};
  for (; walk.more(); walk.next()) {
    const T value = x[walk.offset(0)];
    switch (kind) {
      case op::ReduceKind::sum:
      case op::ReduceKind::mean: sum += static_cast<Wide>(value); break;
      case op::ReduceKind::prod: product *= static_cast<Wide>(value); break;
      case op::ReduceKind::max: extreme = count == 0 ? value : larger(value, extreme); break;
      case op::ReduceKind::min: extreme = count == 0 ? value : smaller(value, extreme); break;
    }
    ++count;
  }
  switch (kind) {
    case op::ReduceKind::sum: return static_cast<T>(sum);
    case op::ReduceKind::mean: return static_cast<T>(sum / static_cast<Wide>(count));
    case op::ReduceKind::prod: return static_cast<T>(product);
    case op::ReduceKind::max:
    case op::ReduceKind::min: return extreme;
  }
  return T{};
}

void reduce(const op::Reduce& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  std::array<bool, kMaxAxes> is_reduced{};
  is_reduced.fill(op.axes.empty());
  for (const int axis : op.axes) is_reduced[static_cast<size_t>(axis)] = true;
  std::array<bool, kMaxAxes> is_kept{};
  std::transform(is_reduced.begin(), is_reduced.end(), is_kept.begin(), [](bool flag) { return !flag; });
  const std::array<Strides, 1> strides{row_major(x.shape)};
  with_number(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    T* to = y.as<T>();
    for (Walk<1> kept(x.shape, strides, is_kept); kept.more(); kept.next())
      *to++ = reduced(op.kind, x.as<T>() + kept.offset(0), Walk<1>(x.shape, strides, is_reduced));
  });
}

/// Whether a later element takes the place of the best so far; the first NaN beats all.
template <typename T>
bool beats(T candidate, T best) {
  if constexpr (std::is_floating_point_v<T>)
    return candidate > best || (std::isnan(candidate) && !std::isnan(best));
  else
    return candidate > best;
}

// x: [rows, n]  y: [rows]
void arg_max(const op::ArgMax&, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const int64_t n = x.shape.back();
  with_number(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t row = 0; row < y.elements(); ++row) {
      const T* values = x.as<T>() + row * n;
      int64_t best = 0;
      for (int64_t i = 1; i < n; ++i)
        if (beats(values[i], values[best])) best = i;
      y.as<int32_t>()[row] = static_cast<int32_t>(best);
    }
  });
}

/// x, y: [n]; they may be the same memory.
template <typename T>
void softmax_row(bool log, const T* x, T* y, int64_t n) {
  double largest = static_cast<double>(x[0]);
  for (int64_t i = 1; i < n; ++i) largest = larger(static_cast<double>(x[i]), largest);
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += std::exp(static_cast<double>(x[i]) - largest);
  const double log_sum = std::log(sum);
  for (int64_t i = 0; i < n; ++i) {
    const double shifted = static_cast<double>(x[i]) - largest;
    y[i] = static_cast<T>(log ? shifted - log_sum : std::exp(shifted) / sum);
  }
}

/// softmax: dx = y (dy - sum(y dy));  log softmax: dx = dy - exp(y) sum(dy).  y, dy, dx: [n]; dx may be either of them.
template <typename T>
void softmax_grad_row(bool log, const T* y, const T* dy, T* dx, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += static_cast<double>(dy[i]) * (log ? 1.0 : static_cast<double>(y[i]));
  for (int64_t i = 0; i < n; ++i) {
    const auto y_i = static_cast<double>(y[i]);
    const auto dy_i = static_cast<double>(dy[i]);
    dx[i] = static_cast<T>(log ? dy_i - std::exp(y_i) * sum : y_i * (dy_i - sum));
  }
}

void softmax(const op::Softmax& op, const KernelCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const int64_t n = x.shape.back();
  with_float(x.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t i = 0; i < y.elements(); i += n) softmax_row(op.log, x.as<T>() + i, y.as<T>() + i, n);
  });
}

void softmax_grad(const op::SoftmaxGrad& op, const KernelCall& call) {
  const TensorView& y = call.inputs[0];
  const TensorView& dy = call.inputs[1];
  const TensorView& dx = call.outputs[0];
  const int64_t n = y.shape.back();
  with_float(y.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    for (int64_t i = 0; i < dx.elements(); i += n)
      softmax_grad_row(op.log, y.as<T>() + i, dy.as<T>() + i, dx.as<T>() + i, n);
  });
}

/// visit(first, number of the statistic): the elements of a statistic begin at `first`, `columns` apart.
template <typename Visit>
void for_spans(const op::Span& span, const Visit& visit) {
  for (int64_t o = 0; o < span.outer; ++o)
    for (int64_t column = 0; column < span.columns; ++column)
      visit(o * span.rows * span.columns + column, o * span.columns + column);
}

// x, y: [outer, rows, columns]  mean, variance: [outer, columns]; y may be x
void standardize(const op::Standardize& op, const KernelCall& call) {
  const TensorView& in = call.inputs[0];
  const op::Span span = op::span_of(op.axes, in.shape);
  const auto count = static_cast<double>(span.rows);
  with_float(in.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* x = in.as<T>();
    T* y = call.outputs[0].as<T>();
    for_spans(span, [&](int64_t first, int64_t statistic) {
      double mean = 0;
      double variance = 0;
      for (int64_t row = 0; row < span.rows; ++row) mean += static_cast<double>(x[first + row * span.columns]);
      mean /= count;
      for (int64_t row = 0; row < span.rows; ++row) {
        const double off = static_cast<double>(x[first + row * span.columns]) - mean;
        variance += off * off;
      }
      variance /= count;
      const double factor = 1 / std::sqrt(variance + op.epsilon);
      for (int64_t i = first; i < first + span.rows * span.columns; i += span.columns)
        y[i] = static_cast<T>((static_cast<double>(x[i]) - mean) * factor);
      call.outputs[1].as<T>()[statistic] = static_cast<T>(mean);
      call.outputs[2].as<T>()[statistic] = static_cast<T>(variance);
    });
  });
}

// y, dy, dx: [outer, rows, columns]  variance: [outer, columns]; dx may be y or dy
void standardize_grad(const op::StandardizeGrad& op, const KernelCall& call) {
  const TensorView& in = call.inputs[0];
  const op::Span span = op::span_of(op.axes, in.shape);
  const auto count = static_cast<double>(span.rows);
  with_float(in.dtype, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* y = in.as<T>();
    const T* variance = call.inputs[1].as<T>();
    const T* dy = call.inputs[2].as<T>();
    T* dx = call.outputs[0].as<T>();
    for_spans(span, [&](int64_t first, int64_t statistic) {
      double sum = 0;
      double product = 0;
      for (int64_t i = first; i < first + span.rows * span.columns; i += span.columns) {
        sum += static_cast<double>(dy[i]);
        product += static_cast<double>(dy[i]) * static_cast<double>(y[i]);
      }
      const double factor = 1 / std::sqrt(static_cast<double>(variance[statistic]) + op.epsilon);
      for (int64_t i = first; i < first + span.rows * span.columns; i += span.columns)
        dx[i] = static_cast<T>(
            (static_cast<double>(dy[i]) - sum / count - static_cast<double>(y[i]) * (product / count)) * factor);
    });
  });
}

}  // namespace

void add_reduction(KernelTable& table) {
  table.add<op::Reduce>({.run = run_typed<op::Reduce, reduce>, .accepts = full_width});
  table.add<op::ArgMax>({.run = run_typed<op::ArgMax, arg_max>, .accepts = full_width});
  table.add<op::Softmax>({.run = run_typed<op::Softmax, softmax>, .accepts = full_width, .in_place = true});
  table.add<op::SoftmaxGrad>(
      {.run = run_typed<op::SoftmaxGrad, softmax_grad>, .accepts = full_width, .in_place = true});
  table.add<op::Standardize>({.run = run_typed<op::Standardize, standardize>, .accepts = full_width, .in_place = true});
  table.add<op::StandardizeGrad>(
      {.run = run_typed<op::StandardizeGrad, standardize_grad>, .accepts = full_width, .in_place = true});
}

}  // namespace trainyard::ref
