#include "tests/backends/op_cases.h"

namespace trainyard::testing {
namespace {

using Activation = op::Epilogue::Activation;

struct ProductShape {
  std::string name;
  Shape a, b;  // not transposed
};

Shape transposed(Shape shape) {
  std::swap(shape[shape.rank() - 2], shape[shape.rank() - 1]);
  return shape;
}

void add_matmul(std::vector<OpCase>& cases, const ProductShape& shape, bool transpose_a, bool transpose_b) {
  cases.push_back({"MatMul_" + shape.name + (transpose_a ? "_t" : "_n") + (transpose_b ? "t" : "n"),
                   op::MatMul{transpose_a, transpose_b, {}},
                   {f32(transpose_a ? transposed(shape.a) : shape.a), f32(transpose_b ? transposed(shape.b) : shape.b)},
                   {Values::spread, Values::spread}});
}

void add_matmuls(std::vector<OpCase>& cases) {
  const std::vector<ProductShape> shapes{{"1x1x1", {1, 1}, {1, 1}},
                                         {"1x17x1", {1, 17}, {17, 1}},
                                         {"5x1x7", {5, 1}, {1, 7}},
                                         {"3x4x5", {3, 4}, {4, 5}},
                                         {"1x33x65", {1, 33}, {33, 65}},
                                         {"37x19x1", {37, 19}, {19, 1}},
                                         {"8x16x8", {8, 16}, {16, 8}},
                                         {"65x67x69", {65, 67}, {67, 69}},
                                         {"32x400x120", {32, 400}, {400, 120}},
                                         {"130x300x10", {130, 300}, {300, 10}},
                                         {"batch", {3, 5, 7}, {3, 7, 4}},
                                         {"batch2", {2, 3, 6, 9}, {2, 3, 9, 17}}};
  for (const ProductShape& shape : shapes)
    for (const bool transpose_a : {false, true})
      for (const bool transpose_b : {false, true}) add_matmul(cases, shape, transpose_a, transpose_b);
  // beyond what kernels hold in their caches at once
  for (const ProductShape& shape :
       {ProductShape{"75x530x290", {75, 530}, {530, 290}}, ProductShape{"1x1500x1100", {1, 1500}, {1500, 1100}}}) {
    for (const auto& [transpose_a, transpose_b] : {std::pair{false, false}, {true, false}, {false, true}}) {
      add_matmul(cases, shape, transpose_a, transpose_b);
      cases.back().differentiable = false;
    }
  }
  for (const bool transpose_b : {false, true}) {
    add_matmul(cases, {"shared", {2, 5, 7}, {7, 3}}, false, transpose_b);
    add_matmul(cases, {"shared4", {2, 3, 4, 9}, {9, 17}}, false, transpose_b);
  }
}

const std::pair<std::string, op::Epilogue> kEpilogues[] = {
    {"bias", {.bias = true}},
    {"relu", {.activation = Activation::relu}},
    {"bias_relu", {.bias = true, .activation = Activation::relu}},
    {"bias_sigmoid", {.bias = true, .activation = Activation::sigmoid}},
    {"bias_tanh", {.bias = true, .activation = Activation::tanh}}};

void add_matmul_epilogues(std::vector<OpCase>& cases) {
  for (const auto& [name, epilogue] : kEpilogues) {
    for (const auto& [m, k, n] : {std::array<int64_t, 3>{3, 5, 7}, {33, 20, 66}}) {
      OpCase op_case{"MatMul_" + std::to_string(m) + "_" + name,
                     op::MatMul{false, false, epilogue},
                     {f32({m, k}), f32({k, n})},
                     {Values::spread, Values::spread}};
      if (epilogue.bias) {
        op_case.inputs.push_back(f32({n}));
        op_case.values.push_back(Values::spread);
      }
      op_case.differentiable = false;
      cases.push_back(std::move(op_case));
    }
  }
}

struct ConvShape {
  std::string name;
  Shape x, w;
  op::ConvGeometry geometry;
};

std::vector<ConvShape> conv_shapes() {
  return {{"1d", {2, 9, 3}, {3, 3, 4}, {{1}, {1}, {0}, {0}}},
          {"1d_causal_dilated", {2, 9, 3}, {2, 3, 5}, {{1}, {2}, {2}, {0}}},
          {"1d_stride", {1, 10, 1}, {3, 1, 1}, {{3}, {1}, {1}, {1}}},
          {"2d", {2, 6, 7, 3}, {3, 3, 3, 5}, {{1, 1}, {1, 1}, {0, 0}, {0, 0}}},
          {"2d_same", {2, 5, 6, 2}, {3, 3, 2, 4}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}}},
          {"2d_same_stride", {2, 7, 6, 2}, {3, 3, 2, 3}, {{2, 2}, {1, 1}, {1, 0}, {1, 1}}},
          {"2d_uneven", {1, 8, 9, 2}, {5, 2, 2, 3}, {{3, 2}, {1, 1}, {2, 0}, {1, 1}}},
          {"2d_dilated", {2, 9, 8, 3}, {2, 3, 3, 4}, {{1, 1}, {2, 3}, {0, 1}, {1, 0}}},
          {"2d_dilated_stride", {1, 9, 9, 2}, {3, 3, 2, 2}, {{2, 2}, {2, 2}, {1, 1}, {1, 1}}},
          {"2d_pointwise", {2, 5, 5, 7}, {1, 1, 7, 9}, {{1, 1}, {1, 1}, {0, 0}, {0, 0}}},
          {"2d_pointwise_stride", {2, 5, 6, 4}, {1, 1, 4, 3}, {{2, 2}, {1, 1}, {0, 0}, {0, 0}}},
          {"2d_one_pixel", {1, 1, 1, 1}, {1, 1, 1, 1}, {{1, 1}, {1, 1}, {0, 0}, {0, 0}}},
          {"2d_window_is_image", {3, 4, 4, 3}, {4, 4, 3, 6}, {{1, 1}, {1, 1}, {0, 0}, {0, 0}}},
          {"2d_gaps", {1, 9, 9, 2}, {2, 2, 2, 3}, {{4, 4}, {1, 1}, {0, 0}, {0, 0}}},
          {"2d_groups", {2, 5, 6, 4}, {3, 3, 2, 6}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}, 2}},
          {"2d_groups_stride", {1, 7, 7, 9}, {3, 3, 3, 6}, {{2, 2}, {1, 1}, {0, 1}, {1, 0}, 3}},
          {"2d_depthwise", {2, 6, 6, 5}, {3, 3, 1, 5}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}, 5}},
          {"2d_depthwise_multiplied", {1, 6, 6, 3}, {3, 3, 1, 6}, {{2, 2}, {1, 1}, {0, 0}, {1, 1}, 3}},
          {"2d_lenet_first", {3, 28, 28, 1}, {5, 5, 1, 6}, {{1, 1}, {1, 1}, {2, 2}, {2, 2}}},
          {"2d_lenet_second", {3, 14, 14, 6}, {5, 5, 6, 16}, {{1, 1}, {1, 1}, {0, 0}, {0, 0}}},
          {"2d_deep", {1, 6, 6, 130}, {3, 3, 130, 35}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}}},
          {"2d_many", {37, 6, 5, 4}, {3, 2, 4, 9}, {{1, 1}, {1, 1}, {1, 0}, {1, 1}}},
          {"2d_large", {1, 64, 70, 3}, {3, 3, 3, 8}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}}},
          {"2d_large_stride", {2, 33, 47, 5}, {7, 7, 5, 11}, {{2, 2}, {1, 1}, {3, 3}, {3, 3}}},
          {"2d_wide", {2, 10, 10, 32}, {3, 3, 32, 64}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}}},
          {"3d", {1, 4, 5, 4, 2}, {2, 3, 2, 2, 3}, {{1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0}}},
          {"3d_stride", {2, 5, 4, 5, 2}, {3, 3, 3, 2, 2}, {{2, 2, 2}, {1, 1, 1}, {1, 0, 1}, {1, 1, 1}}},
          {"3d_groups_dilated", {1, 5, 5, 5, 4}, {2, 2, 2, 2, 4}, {{1, 2, 1}, {2, 1, 2}, {1, 0, 0}, {0, 1, 0}, 2}}};
}

void add_convolutions(std::vector<OpCase>& cases) {
  for (const ConvShape& shape : conv_shapes()) {
    const op::Conv conv{shape.geometry, {}};
    const Types operands{f32(shape.x), f32(shape.w)};
    const ValueType y = conv.infer(operands).front();
    cases.push_back({"Conv_" + shape.name, conv, operands, {Values::spread, Values::spread}});
    cases.push_back({"ConvInputGrad_" + shape.name,
                     op::ConvInputGrad{shape.geometry, shape.x},
                     {y, operands[1]},
                     {Values::spread, Values::spread}});
    cases.push_back({"ConvFilterGrad_" + shape.name,
                     op::ConvFilterGrad{shape.geometry, shape.w},
                     {operands[0], y},
                     {Values::spread, Values::spread}});
  }
}

void add_conv_epilogues(std::vector<OpCase>& cases) {
  const op::ConvGeometry geometry{{1, 1}, {1, 1}, {1, 1}, {1, 1}};
  for (const auto& [name, epilogue] : kEpilogues) {
    for (const int64_t filters : {5, 18}) {
      OpCase op_case{"Conv_" + std::to_string(filters) + "_" + name,
                     op::Conv{geometry, epilogue},
                     {f32({2, 6, 7, 3}), f32({3, 3, 3, filters})},
                     {Values::spread, Values::spread}};
      if (epilogue.bias) {
        op_case.inputs.push_back(f32({filters}));
        op_case.values.push_back(Values::spread);
      }
      op_case.differentiable = false;
      cases.push_back(std::move(op_case));
    }
  }
}

}  // namespace

void add_linear_cases(std::vector<OpCase>& cases) {
  add_matmuls(cases);
  add_matmul_epilogues(cases);
  add_convolutions(cases);
  add_conv_epilogues(cases);
}

}  // namespace trainyard::testing
