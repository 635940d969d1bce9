#include "tests/backends/op_cases.h"

namespace trainyard::testing {
namespace {

struct PoolShape {
  std::string name;
  Shape x;
  std::vector<int64_t> window, strides, pad_low, pad_high;
};

std::vector<PoolShape> pool_shapes() {
  return {{"1d", {2, 9, 3}, {2}, {2}, {0}, {0}},
          {"1d_same", {2, 8, 3}, {3}, {2}, {0}, {1}},
          {"1d_overlapping", {1, 7, 1}, {4}, {1}, {1}, {2}},
          {"2d", {2, 6, 8, 3}, {2, 2}, {2, 2}, {0, 0}, {0, 0}},
          {"2d_rest", {2, 7, 5, 3}, {2, 2}, {2, 2}, {0, 0}, {0, 0}},
          {"2d_same", {2, 5, 6, 4}, {3, 3}, {2, 2}, {1, 0}, {1, 1}},
          {"2d_overlapping", {1, 6, 6, 5}, {2, 3}, {1, 1}, {0, 0}, {0, 0}},
          {"2d_gaps", {1, 9, 9, 2}, {2, 2}, {4, 3}, {0, 0}, {0, 0}},
          {"2d_one", {2, 3, 3, 2}, {1, 1}, {1, 1}, {0, 0}, {0, 0}},
          {"2d_global", {3, 4, 5, 7}, {4, 5}, {1, 1}, {0, 0}, {0, 0}},
          {"2d_channels", {2, 4, 4, 67}, {2, 2}, {2, 2}, {0, 0}, {0, 0}},
          {"2d_lenet", {4, 28, 28, 6}, {2, 2}, {2, 2}, {0, 0}, {0, 0}},
          {"3d", {1, 4, 6, 4, 2}, {2, 2, 2}, {2, 2, 2}, {0, 0, 0}, {0, 0, 0}},
          {"3d_same", {2, 3, 5, 4, 2}, {3, 3, 3}, {2, 2, 2}, {1, 1, 0}, {1, 1, 1}}};
}

}  // namespace

void add_window_cases(std::vector<OpCase>& cases) {
  for (const PoolShape& shape : pool_shapes()) {
    for (const op::PoolKind kind : {op::PoolKind::max, op::PoolKind::average}) {
      const op::PoolGeometry geometry{kind, shape.window, shape.strides, shape.pad_low, shape.pad_high};
      const std::string name = std::string(op::name_of(kind)) + "_" + shape.name;
      const op::Pool pool{geometry};
      const ValueType x = f32(shape.x);
      const ValueType y = pool.infer(Types{x}).front();
      const op::PoolGrad grad{geometry, shape.x};
      cases.push_back({"Pool_" + name, pool, {x}, {Values::distinct}});
      if (kind == op::PoolKind::average) {
        cases.push_back({"PoolGrad_" + name, grad, {y}, {Values::spread}});
        continue;
      }
      cases.push_back({.name = "PoolGrad_" + name,
                       .op = grad,
                       .inputs = {x, y, y},
                       .values = {Values::distinct, Values::spread, Values::spread},
                       .without_gradient = {2}});
      // equal elements: the first in the window gets everything
      cases.push_back({.name = "PoolGrad_ties_" + name,
                       .op = grad,
                       .inputs = {x, y, y},
                       .values = {Values::few, Values::spread, Values::spread},
                       .differentiable = false});
    }
  }
}

}  // namespace trainyard::testing
