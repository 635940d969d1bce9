#include "engine/layers/data_format.h"

#include <numeric>

namespace trainyard {
namespace {

bool moves(int rank, DataFormat format) { return format == DataFormat::channels_first && rank >= 3; }

/// [0, 2, .., rank - 1, 1]
std::vector<int> channels_to_end(int rank) {
  std::vector<int> order(static_cast<size_t>(rank));
  std::iota(order.begin(), order.end(), 1);
  order.front() = 0;
  order.back() = 1;
  for (int i = 1; i + 1 < rank; ++i) order[static_cast<size_t>(i)] = i + 1;
  return order;
}

/// [0, rank - 1, 1, .., rank - 2]
std::vector<int> channels_to_front(int rank) {
  std::vector<int> order(static_cast<size_t>(rank));
  order[1] = rank - 1;
  for (int i = 2; i < rank; ++i) order[static_cast<size_t>(i)] = i - 1;
  return order;
}

Shape permuted(const Shape& shape, const std::vector<int>& order) {
  Shape result;
  for (const int axis : order) result.push_back(shape[axis]);
  return result;
}

}  // namespace

Shape to_channels_last(const Shape& shape, DataFormat format) {
  return moves(shape.rank(), format) ? permuted(shape, channels_to_end(shape.rank())) : shape;
}

Shape from_channels_last(const Shape& shape, DataFormat format) {
  return moves(shape.rank(), format) ? permuted(shape, channels_to_front(shape.rank())) : shape;
}

Value to_channels_last(Value x, DataFormat format) {
  return moves(x.rank(), format) ? transpose(x, channels_to_end(x.rank())) : x;
}

Value from_channels_last(Value x, DataFormat format) {
  return moves(x.rank(), format) ? transpose(x, channels_to_front(x.rank())) : x;
}

}  // namespace trainyard
