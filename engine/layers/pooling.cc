#include "engine/layers/pooling.h"

namespace trainyard::layers {
namespace {

constexpr bool is_max(op::PoolKind kind) { return kind == op::PoolKind::max; }

}  // namespace

template <size_t N, op::PoolKind Kind>
const ClassInfo& Pooling<N, Kind>::declaration() {
  static const ClassInfo kInfo = [] {
    const std::string n = std::to_string(N) + "D";
    auto declaration =
        layer_declaration<Pooling>((is_max(Kind) ? "MaxPooling" : "AveragePooling") + n, "pooling",
                                   is_max(Kind) ? "Keeps the largest number of each window: makes it smaller."
                                                : "Keeps the mean of each window: makes it smaller.");
    declaration.aliases({(is_max(Kind) ? "MaxPool" : "AvgPool") + n})
        .arg("pool_size", &Pooling::pool_size, "Size of the window.", {.min = 1, .required = !is_max(Kind)})
        .arg("strides", &Pooling::strides, "How far the window moves at a time; None for its size.", kPositive)
        .arg("padding", &Pooling::padding, "valid: only whole windows. same: part windows at the edges too.")
        .arg("data_format", &Pooling::data_format, kDataFormatDoc, kDataFormatOptions)
        .settle([](Pooling& layer) {
          if (!layer.strides) layer.strides = layer.pool_size;
        })
        .summary({"pool_size"});
    return declaration.build();
  }();
  return kInfo;
}

template <size_t N, op::PoolKind Kind>
Window Pooling<N, Kind>::window() const {
  const IntTuple<N> step = strides.value_or(pool_size);
  return {{pool_size.begin(), pool_size.end()},
          {step.begin(), step.end()},
          std::vector<int64_t>(N, 1),
          static_cast<CausalPadding>(padding)};
}

template <size_t N, op::PoolKind Kind>
void Pooling<N, Kind>::build(BuildContext& context) const {
  if (!context.expect_rank(static_cast<int>(N) + 2)) return;
  const Shape x = to_channels_last(context.shape(), data_format);
  Shape y;
  if (window_output_shape(context, window(), x, x.back(), "pool_size", y))
    context.add_output(from_channels_last(y, data_format));
}

template <size_t N, op::PoolKind Kind>
void Pooling<N, Kind>::call(CallContext& context) const {
  const Value x = to_channels_last(context.input(), data_format);
  const Window window = this->window();
  const WindowPadding padding = window_padding(window, x.shape());
  const Value y = pool(x, {Kind, window.size, window.strides, padding.low, padding.high});
  context.add_output(from_channels_last(y, data_format));
}

template <size_t N, op::PoolKind Kind>
const ClassInfo& GlobalPooling<N, Kind>::declaration() {
  static const ClassInfo kInfo = [] {
    const std::string n = std::to_string(N) + "D";
    auto declaration = layer_declaration<GlobalPooling>(
        (is_max(Kind) ? "GlobalMaxPooling" : "GlobalAveragePooling") + n, "pooling",
        is_max(Kind) ? "The largest number of each channel." : "The mean of each channel.");
    declaration.aliases({(is_max(Kind) ? "GlobalMaxPool" : "GlobalAvgPool") + n})
        .arg("data_format", &GlobalPooling::data_format, kDataFormatDoc, kDataFormatOptions)
        .arg("keepdims", &GlobalPooling::keepdims, "Keep the dimensions that were pooled, as 1.");
    return declaration.build();
  }();
  return kInfo;
}

template <size_t N, op::PoolKind Kind>
void GlobalPooling<N, Kind>::build(BuildContext& context) const {
  if (!context.expect_rank(static_cast<int>(N) + 2)) return;
  const Shape x = to_channels_last(context.shape(), data_format);
  if (!keepdims) return context.add_output(Shape{x.front(), x.back()});
  Shape y{x.front()};
  for (size_t i = 0; i < N; ++i) y.push_back(1);
  y.push_back(x.back());
  context.add_output(from_channels_last(y, data_format));
}

template <size_t N, op::PoolKind Kind>
void GlobalPooling<N, Kind>::call(CallContext& context) const {
  const Value x = to_channels_last(context.input(), data_format);
  std::vector<int> axes;
  for (size_t i = 0; i < N; ++i) axes.push_back(static_cast<int>(i) + 1);
  Value y;
  if (const Value mask = context.mask(); mask && N == 1 && !is_max(Kind)) {
    const Value weight = reshape(cast(mask, x.dtype()), {x.shape()[0], x.shape()[1], 1});  // mask: [n, d]
    y = sum(x * weight, axes, keepdims) / sum(weight, axes, keepdims);
  } else {
    y = reduce(is_max(Kind) ? op::ReduceKind::max : op::ReduceKind::mean, x, axes, keepdims);
  }
  context.add_output(keepdims ? from_channels_last(y, data_format) : y);
  context.set_output_mask(0, {});
}

template struct Pooling<1, op::PoolKind::max>;
template struct Pooling<2, op::PoolKind::max>;
template struct Pooling<3, op::PoolKind::max>;
template struct Pooling<1, op::PoolKind::average>;
template struct Pooling<2, op::PoolKind::average>;
template struct Pooling<3, op::PoolKind::average>;
template struct GlobalPooling<1, op::PoolKind::max>;
template struct GlobalPooling<2, op::PoolKind::max>;
template struct GlobalPooling<3, op::PoolKind::max>;
template struct GlobalPooling<1, op::PoolKind::average>;
template struct GlobalPooling<2, op::PoolKind::average>;
template struct GlobalPooling<3, op::PoolKind::average>;

}  // namespace trainyard::layers
