#include "engine/layers/image_functions.h"

#include <numeric>

namespace trainyard {
namespace {

/// 0, 1, .. along one axis of a constant with these dimensions.
Value counting(Graph& graph, const Shape& shape, DType dtype) {
  std::vector<double> numbers(static_cast<size_t>(shape.elements()));
  std::iota(numbers.begin(), numbers.end(), 0.0);
  return graph.constant(Tensor::of<double>(shape, numbers).cast(dtype));
}

Value remainder(Value x, double divisor) { return binary(op::BinaryKind::mod, x, divisor); }

}  // namespace

Value rescale(Value x, const ValueRange& from, const ValueRange& to) {
  if (from.low == to.low && from.high == to.high) return x;
  const Value share = (x - from.low) / from.width();
  return share * to.width() + to.low;
}

Value channel(Value x, int64_t i) {
  Shape sizes = x.shape();
  sizes[3] = 1;
  return slice(x, {0, 0, 0, i}, sizes.dims());
}

Value grayscale(Value x) {
  if (x.shape()[3] == 1) return x;
  return 0.2989 * channel(x, 0) + 0.587 * channel(x, 1) + 0.114 * channel(x, 2);
}

/// A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978, doi:10.1145/800248.807361.
HsvPlanes hsv_from_rgb(Value x) {
  const double smallest = x.dtype() == DType::f64 ? 2.220446049250313e-16 : 1.1920929e-07;
  x = select(less(abs(x), smallest), 0.0, x);
  const Value r = channel(x, 0);
  const Value g = channel(x, 1);
  const Value b = channel(x, 2);
  const Value value = maximum(maximum(r, g), b);
  const Value range = value - minimum(minimum(r, g), b);
  const Value saturation = select(greater(value, 0.0), range / select(greater(value, 0.0), value, 1.0), 0.0);
  const Value sixth = 1.0 / (6.0 * select(greater(range, 0.0), range, 1.0));
  Value hue = select(equal(value, g), sixth * (b - r) + 2.0 / 6.0, sixth * (r - g) + 4.0 / 6.0);
  hue = select(equal(value, r), sixth * (g - b), hue);
  hue = select(greater(range, 0.0), hue, 0.0);
  return {select(less(hue, 0.0), hue + 1.0, hue), saturation, value};
}

Value rgb_from_hsv(const HsvPlanes& planes) {
  const Value turn = remainder(planes.hue, 1.0) * 6.0;
  const Value white = 1.0 - planes.saturation;
  const auto mixed = [&](Value share) { return planes.value * (white + planes.saturation * clip(share, 0, 1)); };
  return concat({mixed(abs(turn - 3.0) - 1.0), mixed(2.0 - abs(turn - 2.0)), mixed(2.0 - abs(turn - 4.0))}, 3);
}

PixelGrid pixel_grid(Graph& graph, int64_t height, int64_t width, DType dtype) {
  return {counting(graph, {1, height, 1, 1}, dtype), counting(graph, {1, 1, width, 1}, dtype)};
}

Value affine_coordinates(const AffineMap& map, int64_t height, int64_t width) {
  const PixelGrid grid = pixel_grid(map.a0.graph(), height, width, map.a0.dtype());
  const Value rows = (map.b0 * grid.columns + map.b2) + map.b1 * grid.rows;
  const Value columns = (map.a0 * grid.columns + map.a2) + map.a1 * grid.rows;
  const Shape each = broadcast_shapes(rows.shape(), columns.shape());  // one of them may be alike for all pictures
  const auto spread = [&](Value x) { return x.shape() == each ? x : broadcast_to(x, each); };
  return concat({spread(rows), spread(columns)}, 3);
}

Value affine_transform(Value x, const AffineMap& map, const op::SampleRule& rule) {
  return image_sample(x, affine_coordinates(map, x.shape()[1], x.shape()[2]), rule);
}

Value filter_channels(Value x, Value taps) {
  const int64_t channels = x.shape()[3];
  const int64_t height = taps.shape()[0];
  const int64_t width = taps.shape()[1];
  const Value w = broadcast_to(reshape(taps, {height, width, 1, 1}), {height, width, 1, channels});
  return conv(x, w,
              {.strides = {1, 1},
               .dilation = {1, 1},
               .pad_low = {height / 2, width / 2},
               .pad_high = {height / 2, width / 2},
               .groups = channels});
}

Value cumulative_sum(Value x) {
  const int64_t count = x.shape()[1];
  Tensor sums(DType::f64, {count, count});
  const auto flags = sums.span<double>();
  for (int64_t i = 0; i < count; ++i)
    for (int64_t j = i; j < count; ++j) flags[static_cast<size_t>(i * count + j)] = 1;
  return matmul(x, x.graph().constant(sums.cast(x.dtype())));
}

Value count_numbers(Value numbers, int64_t count, DType dtype) {
  const Value ones = fill(numbers.graph(), dtype, numbers.shape(), 1);
  return numbers.graph().add_one(op::ScatterAdd{count}, {numbers, ones});
}

Value equalize(Value x, int64_t bins) {
  const int64_t channels = x.shape()[3];
  const auto last = static_cast<double>(bins - 1);
  // bins of all channels are numbered through
  const Value first = counting(x.graph(), {channels}, x.dtype()) * static_cast<double>(bins);
  const auto numbered = [&](Value at) {
    return cast(unary(op::UnaryKind::floor, clip(at, 0, last)) + first, DType::i32);
  };
  const Value counts = reshape(count_numbers(numbered(x * last / 255.0), channels * bins, x.dtype()), {channels, bins});
  const Value sums = cumulative_sum(counts);
  const Value least = reduce(op::ReduceKind::min, select(greater(sums, 0.0), sums, 1e30), {1}, true);
  const Value rest = slice(sums, {0, bins - 1}, {channels, 1}) - least;
  const Value table = clip(unary(op::UnaryKind::round, (sums - least) * 255.0 / maximum(rest, 1.0)), 0, 255);
  const Value spread = gather(reshape(table, {channels * bins}), numbered(x / 255.0 * last));
  const Value used = sum(cast(greater(counts, 0.0), x.dtype()), {1});
  return select(less_equal(used, 1.0), x, spread);
}

}  // namespace trainyard
