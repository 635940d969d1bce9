// Products, convolutions and pooling of many drawn sizes, so that every tail of a tile is met, against the oracle; and the
// bits at any number of threads. The draws are seeded and printed with a failure.
#include <gtest/gtest.h>

#include "engine/backends/cpu/cpu_backend.h"
#include "engine/core/philox.h"
#include "tests/backends/agreement.h"
#include "tests/backends/run_case.h"

namespace trainyard::testing {
namespace {

/// Whole numbers from a seeded stream.
class Draw {
 public:
  explicit Draw(uint32_t stream) : words_{.seed = 2026, .stream = stream} {}
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(words_.below(next_++, static_cast<uint32_t>(high - low + 1)));
  }
  bool coin() { return between(0, 1) == 1; }

 private:
  Philox words_;
  uint64_t next_ = 0;
};

Tensor drawn_tensor(Draw& draw, const Shape& shape) {
  Tensor tensor(DType::f32, shape);
  for (float& value : tensor.span<float>()) value = static_cast<float>(draw.between(-1000, 1000)) * 1e-3F;
  return tensor;
}

op::Epilogue drawn_epilogue(Draw& draw) {
  return {.bias = draw.coin(), .activation = static_cast<op::Epilogue::Activation>(draw.between(0, 3))};
}

/// Half of the rows: those from the first, or from the middle.
Tensor half_of(const Tensor& whole, bool second) {
  Tensor half(DType::f32, whole.shape().drop_front().with_front(whole.shape()[0] / 2));
  const auto values = whole.span<float>();
  const size_t count = half.span<float>().size();
  std::copy_n(values.begin() + (second ? count : 0), count, half.span<float>().begin());
  return half;
}

std::string text_of(const std::vector<Tensor>& inputs) {
  std::string text;
  for (const Tensor& input : inputs) text += input.shape().text() + " ";
  return text;
}

class CpuShapes : public ::testing::TestWithParam<std::string_view> {
 protected:
  void expect_agreement(const Op& op, const std::vector<Tensor>& inputs) {
    expect_result(op, inputs, run_on_ref(op, inputs).front());
  }

  void expect_result(const Op& op, const std::vector<Tensor>& inputs, const Tensor& expected) {
    const auto actual = run_op(*backend_, op, inputs);
    ASSERT_TRUE(actual.has_value()) << "no kernel for " << display_name(op);
    EXPECT_EQ(disagreement(actual->front(), expected, false), "") << display_name(op) << " " << text_of(inputs);
    const auto threaded = run_op(*backend_, op, inputs, {.threads = 3, .misaligned = true});
    EXPECT_EQ(disagreement(threaded->front(), actual->front(), false, true), "")
        << "with three threads: " << display_name(op) << " " << text_of(inputs);
  }

  std::unique_ptr<Backend> backend_ = make_cpu_backend(GetParam());
};

TEST_P(CpuShapes, ProductsOfAnySize) {
  Draw draw(1);
  for (int round = 0; round < 120; ++round) {
    const int64_t m = draw.between(1, round % 4 == 0 ? 150 : 40);
    const int64_t n = draw.between(1, round % 4 == 1 ? 150 : 70);
    const int64_t k = draw.between(1, round % 4 == 2 ? 1100 : 50);
    op::MatMul op{draw.coin(), draw.coin(), drawn_epilogue(draw)};
    // a long sum's rounding error is large beside the saturated values of tanh
    if (k > 64) op.epilogue.activation = op::Epilogue::Activation::relu;
    std::vector<Tensor> inputs{drawn_tensor(draw, op.transpose_a ? Shape{k, m} : Shape{m, k}),
                               drawn_tensor(draw, op.transpose_b ? Shape{n, k} : Shape{k, n})};
    if (op.epilogue.bias) inputs.push_back(drawn_tensor(draw, {n}));
    expect_agreement(op, inputs);
  }
}

TEST_P(CpuShapes, LargeProductsInSeveralPieces) {
  Draw draw(2);
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{300, 270, 600}, {14, 1030, 300}, {700, 10, 64}}) {
    for (const bool transpose : {false, true})
      expect_agreement(op::MatMul{transpose, !transpose}, {drawn_tensor(draw, transpose ? Shape{k, m} : Shape{m, k}),
                                                           drawn_tensor(draw, transpose ? Shape{k, n} : Shape{n, k})});
  }
}

/// Products whose operands are packed whole: one slab of k or several, every transposition, everything at the end.
TEST_P(CpuShapes, ProductsOfPackedOperands) {
  using Activation = op::Epilogue::Activation;
  Draw draw(12);
  int round = 0;
  for (const auto& [m, n, k] : {std::array<int64_t, 3>{128, 128, 128}, {129, 131, 260}, {170, 145, 1500}}) {
    for (const Activation activation : {Activation::none, Activation::relu, Activation::sigmoid, Activation::tanh}) {
      // a long sum's rounding error is large beside saturated values
      if (k > 128 && activation >= Activation::sigmoid) continue;
      op::MatMul op{(round & 1) != 0, (round & 2) != 0, {.bias = (round & 4) == 0, .activation = activation}};
      ++round;
      std::vector<Tensor> inputs{drawn_tensor(draw, op.transpose_a ? Shape{k, m} : Shape{m, k}),
                                 drawn_tensor(draw, op.transpose_b ? Shape{n, k} : Shape{k, n})};
      if (op.epilogue.bias) inputs.push_back(drawn_tensor(draw, {n}));
      expect_agreement(op, inputs);
    }
  }
}

/// More of k than one slab takes. The oracle would take minutes under a sanitizer, so the truth are two products of one slab each,
/// which the tests above hold against it.
TEST_P(CpuShapes, ProductsOfSeveralSlabs) {
  Draw draw(13);
  const Tensor a = drawn_tensor(draw, {17000, 128});
  const Tensor b = drawn_tensor(draw, {17000, 130});
  const op::MatMul half{true, false};
  const Tensor expected = run_op(*backend_, half, {half_of(a, false), half_of(b, false)})->front();
  const Tensor rest = run_op(*backend_, half, {half_of(a, true), half_of(b, true)})->front();
  for (size_t i = 0; i < rest.span<float>().size(); ++i)
    expected.span<float>()[i] = std::max(0.0F, expected.span<float>()[i] + rest.span<float>()[i]);
  expect_result(op::MatMul{true, false, {.activation = op::Epilogue::Activation::relu}}, {a, b}, expected);
}

/// A convolution with any geometry and its two gradients.
TEST_P(CpuShapes, ConvolutionsOfAnyGeometry) {
  Draw draw(3);
  for (int round = 0; round < 90; ++round) {
    const auto rank = static_cast<int>(round % 10 == 0 ? 3 : round % 10 == 1 ? 1 : 2);
    op::Conv op{{}, drawn_epilogue(draw)};
    op::ConvGeometry& g = op.geometry;
    g.groups = draw.between(0, 3) == 0 ? draw.between(2, 4) : 1;
    Shape x{draw.between(1, 5)};
    Shape w;
    for (int axis = 0; axis < rank; ++axis) {
      const int64_t kernel = draw.between(1, 4);
      g.dilation.push_back(draw.between(0, 3) == 0 ? 2 : 1);
      g.strides.push_back(draw.between(1, 3));
      g.pad_low.push_back(draw.between(0, 2));
      g.pad_high.push_back(draw.between(0, 2));
      w.push_back(kernel);
      x.push_back((kernel - 1) * g.dilation.back() + draw.between(1, rank == 3 ? 5 : 14));
    }
    const int64_t channels = draw.between(1, round % 5 == 0 ? 40 : 7);
    const int64_t filters = draw.between(1, round % 5 == 1 ? 40 : 9);
    x.push_back(channels * g.groups);
    w.push_back(channels);
    w.push_back(filters * g.groups);
    std::vector<Tensor> inputs{drawn_tensor(draw, x), drawn_tensor(draw, w)};
    if (op.epilogue.bias) inputs.push_back(drawn_tensor(draw, {w.back()}));
    expect_agreement(op, inputs);
    const Tensor dy = drawn_tensor(draw, infer_types(op, types_of(inputs)).front().shape);
    expect_agreement(op::ConvInputGrad{g, x}, {dy, inputs[1]});
    expect_agreement(op::ConvFilterGrad{g, w}, {inputs[0], dy});
  }
}

TEST_P(CpuShapes, DepthwiseConvolutionsOfAnyWidth) {
  Draw draw(6);
  for (const int64_t channels : {2, 3, 4, 7, 8, 16, 19, 33}) {
    const int64_t stride = draw.between(1, 2);
    const int64_t dilation = stride == 1 ? draw.between(1, 2) : 1;
    const int64_t pad = draw.between(0, 2);
    const op::ConvGeometry g{{stride, stride}, {dilation, dilation}, {pad, pad}, {pad, draw.between(0, 1)}, channels};
    const Tensor x = drawn_tensor(draw, {draw.between(1, 20), 9, 8, channels});
    const Tensor w = drawn_tensor(draw, {3, 2, 1, channels});
    op::Conv op{g, drawn_epilogue(draw)};
    std::vector<Tensor> inputs{x, w};
    if (op.epilogue.bias) inputs.push_back(drawn_tensor(draw, {channels}));
    expect_agreement(op, inputs);
    const Tensor dy = drawn_tensor(draw, infer_types(op, types_of(inputs)).front().shape);
    expect_agreement(op::ConvInputGrad{g, x.shape()}, {dy, w});
    expect_agreement(op::ConvFilterGrad{g, w.shape()}, {x, dy});
  }
}

TEST_P(CpuShapes, PicturesLargerThanABandOfConvolution) {
  Draw draw(4);
  const op::ConvGeometry g{{1, 1}, {1, 1}, {1, 1}, {1, 1}, 1};
  const Tensor x = drawn_tensor(draw, {2, 90, 70, 24});
  const Tensor w = drawn_tensor(draw, {3, 3, 24, 5});
  expect_agreement(op::Conv{g}, {x, w});
  const Tensor dy = drawn_tensor(draw, {2, 90, 70, 5});
  expect_agreement(op::ConvInputGrad{g, x.shape()}, {dy, w});
  expect_agreement(op::ConvFilterGrad{g, w.shape()}, {x, dy});
}

TEST_P(CpuShapes, PoolingOfAnyGeometry) {
  Draw draw(5);
  for (int round = 0; round < 90; ++round) {
    op::PoolGeometry g;
    g.kind = draw.coin() ? op::PoolKind::max : op::PoolKind::average;
    Shape x{draw.between(1, 4)};
    for (int axis = 0; axis < 2; ++axis) {
      g.window.push_back(draw.between(1, 4));
      g.strides.push_back(round % 2 == 0 ? g.window.back() : draw.between(1, 4));
      g.pad_low.push_back(round % 3 == 0 ? draw.between(0, g.window.back() - 1) : 0);
      g.pad_high.push_back(round % 3 == 0 ? draw.between(0, g.window.back() - 1) : 0);
      x.push_back(g.window.back() + draw.between(0, 9));
    }
    x.push_back(draw.between(1, 40));
    const Tensor input = drawn_tensor(draw, x);
    expect_agreement(op::Pool{g}, {input});
    const Tensor y = run_on_ref(op::Pool{g}, {input}).front();
    const Tensor dy = drawn_tensor(draw, y.shape());
    if (g.kind == op::PoolKind::max)
      expect_agreement(op::PoolGrad{g, x}, {input, y, dy});
    else
      expect_agreement(op::PoolGrad{g, x}, {dy});
  }
}

INSTANTIATE_TEST_SUITE_P(InstructionSets, CpuShapes, ::testing::ValuesIn(cpu_instruction_sets()),
                         [](const auto& set) { return std::string(set.param); });

}  // namespace
}  // namespace trainyard::testing
