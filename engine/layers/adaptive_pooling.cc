// keras.layers: AdaptiveAveragePooling1D..3D, AdaptiveMaxPooling1D..3D
#include "engine/layers/data_format.h"
#include "engine/layers/layer_declaration.h"
#include "engine/layers/layer_families.h"

namespace trainyard {
namespace {

/// What output i of `count` sees of `size` elements: [begin, end). Neighbours may share an element.
struct Span {
  int64_t begin = 0, end = 0;
  int64_t size() const { return end - begin; }
};
Span adaptive_span(int64_t i, int64_t count, int64_t size) {
  return {i * size / count, ((i + 1) * size + count - 1) / count};
}

/// Means of the spans along the middle dimension, as one product with a matrix of 1 / size of the span.
/// x: [a, size, b]  y: [a, count, b]
Value average_spans(Value x, int64_t count) {
  const int64_t size = x.shape()[1];
  Tensor weights(DType::f64, {count, size});
  for (int64_t i = 0; i < count; ++i) {
    const Span span = adaptive_span(i, count, size);
    for (int64_t j = span.begin; j < span.end; ++j)
      weights.span<double>()[static_cast<size_t>(i * size + j)] = 1.0 / static_cast<double>(span.size());
  }
  const Value matrix = x.graph().constant(weights.cast(x.dtype()));
  return matmul(broadcast_to(reshape(matrix, {1, count, size}), {x.shape()[0], count, size}), x);
}

/// Maxima of the spans along the first dimension. Spans are made equally long by seeing their last element again.
/// x: [size, ..]  y: [count, ..]
Value largest_of_spans(Value x, int64_t count) {
  const int64_t size = x.shape()[0];
  int64_t longest = 0;
  for (int64_t i = 0; i < count; ++i) longest = std::max(longest, adaptive_span(i, count, size).size());
  Tensor rows(DType::i32, {count, longest});
  for (int64_t i = 0; i < count; ++i) {
    const Span span = adaptive_span(i, count, size);
    for (int64_t j = 0; j < longest; ++j)
      rows.span<int32_t>()[static_cast<size_t>(i * longest + j)] =
          static_cast<int32_t>(std::min(span.begin + j, span.end - 1));
  }
  return reduce(op::ReduceKind::max, gather(x, x.graph().constant(std::move(rows))), {1});
}

/// One dimension after the other: a maximum of maxima, a mean of means over spans of one size.
template <op::PoolKind Kind>
Value adaptive_axis(Value x, int axis, int64_t count) {
  const int64_t before = x.shape().elements_in(0, axis);
  const int64_t behind = x.shape().elements_in(axis + 1, x.rank());
  Shape result = x.shape();
  result[axis] = count;
  const Value flat = reshape(x, {before, x.shape()[axis], behind});
  if constexpr (Kind == op::PoolKind::average) return reshape(average_spans(flat, count), result);
  return reshape(transpose(largest_of_spans(transpose(flat, {1, 0, 2}), count), {1, 0, 2}), result);
}

/// Divides the input into output_size parts that are as equal as they can be. x: [n, d1.., c]  y: [n, e1.., c]
template <size_t N, op::PoolKind Kind>
struct AdaptivePooling final : LayerOf<AdaptivePooling<N, Kind>> {
  IntTuple<N> output_size{};
  DataFormat data_format = DataFormat::channels_last;

  static const ClassInfo& declaration() {
    static const ClassInfo kInfo = [] {
      using T = AdaptivePooling;
      constexpr bool kMax = Kind == op::PoolKind::max;
      auto declaration = layer_declaration<T>(
          std::string(kMax ? "AdaptiveMaxPooling" : "AdaptiveAveragePooling") + std::to_string(N) + "D", "pooling",
          kMax ? "The largest number of each part, for as many parts as are asked for."
               : "The mean of each part, for as many parts as are asked for.");
      declaration.arg("output_size", &T::output_size, "How many parts: the size of the output.", kRequiredPositive)
          .arg("data_format", &T::data_format, kDataFormatDoc, kDataFormatOptions)
          .summary({"output_size"});
      return declaration.build();
    }();
    return kInfo;
  }
  bool works_by_sample() const override { return true; }
  void build(BuildContext& context) const override {
    if (!context.expect_rank(static_cast<int>(N) + 2)) return;
    Shape y = to_channels_last(context.shape(), data_format);
    for (size_t i = 0; i < N; ++i) y[static_cast<int>(i) + 1] = output_size[i];
    context.add_output(from_channels_last(y, data_format));
  }
  void call(CallContext& context) const override {
    const Value x = to_channels_last(context.input(), data_format);
    context.add_output(from_channels_last(pooled(x), data_format));
  }

 private:
  Value pooled(Value x) const {
    op::PoolGeometry even{Kind, {}, {}, std::vector<int64_t>(N, 0), std::vector<int64_t>(N, 0)};
    bool divides = true;
    for (size_t i = 0; i < N; ++i) {
      const int64_t size = x.shape()[static_cast<int>(i) + 1];
      divides = divides && size % output_size[i] == 0;
      even.window.push_back(size / output_size[i]);
    }
    even.strides = even.window;
    if (divides) return pool(x, even);
    for (size_t i = 0; i < N; ++i) x = adaptive_axis<Kind>(x, static_cast<int>(i) + 1, output_size[i]);
    return x;
  }
};

}  // namespace

LayerClasses adaptive_pooling_layers() {
  using op::PoolKind;
  return {&AdaptivePooling<1, PoolKind::average>::declaration(), &AdaptivePooling<2, PoolKind::average>::declaration(),
          &AdaptivePooling<3, PoolKind::average>::declaration(), &AdaptivePooling<1, PoolKind::max>::declaration(),
          &AdaptivePooling<2, PoolKind::max>::declaration(),     &AdaptivePooling<3, PoolKind::max>::declaration()};
}

}  // namespace trainyard
