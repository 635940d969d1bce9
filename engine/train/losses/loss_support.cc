#include <algorithm>
#include <numeric>

#include "engine/train/losses/loss_functions.h"

namespace trainyard {

Value squeeze_last(Value x) { return reshape(x, x.shape().slice(0, x.rank() - 1)); }

Value expand_last(Value x) {
  Shape shape = x.shape();
  shape.push_back(1);
  return reshape(x, std::move(shape));
}

bool stretch_to_each_other(const Shape& a, const Shape& b) {
  for (int back = 1; back <= std::min(a.rank(), b.rank()); ++back) {
    const int64_t x = a[a.rank() - back];
    const int64_t y = b[b.rank() - back];
    if (x != y && x != 1 && y != 1) return false;
  }
  return true;
}

std::pair<Value, Value> squeeze_or_expand(Value a, Value b) {
  const bool a_longer = a.rank() == b.rank() + 1;
  const bool b_longer = b.rank() == a.rank() + 1;
  if (a_longer && a.shape().back() == 1)
    return b.rank() == 1 ? std::pair(a, expand_last(b)) : std::pair(squeeze_last(a), b);
  if (b_longer && b.shape().back() == 1)
    return a.rank() == 1 ? std::pair(expand_last(a), b) : std::pair(a, squeeze_last(b));
  return {a, b};
}

Value divide_no_nan(Value a, Value b) {
  const Value zero = equal(b, 0.0);
  return select(zero, 0.0, a / select(zero, 1.0, b));
}

Value move_last(Value x, int axis) {
  std::vector<int> order(static_cast<size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  order.erase(order.begin() + axis);
  order.push_back(axis);
  return transpose(x, order);
}

Value l2_normalize(Value x, int axis) {
  // Keras takes min(rsqrt(sum), 1 / epsilon); the same number, with a finite gradient at 0.
  return x * rsqrt(maximum(sum(square(x), {axis}, true), kEpsilon * kEpsilon));
}

}  // namespace trainyard
