// The oracle itself: against float64, against numbers worked out by hand, and where definitions have corners.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/backends/agreement.h"
#include "tests/backends/run_case.h"

namespace trainyard::testing {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> floats(const Tensor& tensor) {
  const auto span = tensor.span<float>();
  return {span.begin(), span.end()};
}

Tensor unary_of(op::UnaryKind kind, const std::vector<float>& x) {
  return run_on_ref(op::Unary{kind}, {Tensor::of<float>({static_cast<int64_t>(x.size())}, x)}).front();
}

Tensor binary_of(op::BinaryKind kind, const std::vector<float>& a, const std::vector<float>& b) {
  return run_on_ref(op::Binary{kind}, {Tensor::of<float>({static_cast<int64_t>(a.size())}, a),
                                       Tensor::of<float>({static_cast<int64_t>(b.size())}, b)})
      .front();
}

TEST(Ref, HasAKernelForEveryCaseInBothWidths) {
  for (const OpCase& op_case : op_cases()) {
    for (const OpCase& sized : {op_case, widened(op_case)}) {
      const Types out = infer_types(sized.op, sized.inputs);
      EXPECT_NE(ref_backend().kernels().find(sized.op, sized.inputs, out), nullptr) << op_case.name;
    }
  }
}

TEST(Ref, Float32AgreesWithFloat64) {
  for (const OpCase& op_case : op_cases()) {
    SCOPED_TRACE(op_case.name);
    const OpCase wide = widened(op_case);
    const auto narrow_outputs = run_on_ref(op_case.op, make_inputs(op_case));
    const auto wide_outputs = run_on_ref(wide.op, make_inputs(wide));
    for (size_t i = 0; i < narrow_outputs.size(); ++i)
      EXPECT_EQ(disagreement(narrow_outputs[i], wide_outputs[i].cast(narrow_outputs[i].dtype()), op_case.by_element),
                "");
  }
}

TEST(Ref, RefusesArithmeticInSixteenBits) {
  const Types half{{DType::f16, {3}}, {DType::f16, {3}}};
  EXPECT_EQ(ref_backend().kernels().find(op::Binary{op::BinaryKind::add}, half, Types{half[0]}), nullptr);
}

TEST(Ref, KeepsNanThroughReluMaximumAndMinimum) {
  EXPECT_TRUE(std::isnan(floats(unary_of(op::UnaryKind::relu, {kNan}))[0]));
  for (const auto kind : {op::BinaryKind::max, op::BinaryKind::min}) {
    EXPECT_TRUE(std::isnan(floats(binary_of(kind, {kNan}, {1}))[0]));
    EXPECT_TRUE(std::isnan(floats(binary_of(kind, {1}, {kNan}))[0]));
  }
}

TEST(Ref, RoundsHalvesToEven) {
  EXPECT_EQ(floats(unary_of(op::UnaryKind::round, {0.5F, 1.5F, 2.5F, -0.5F, -1.5F})),
            (std::vector<float>{0, 2, 2, -0.0F, -2}));
}

TEST(Ref, SaturatesWithoutOverflow) {
  EXPECT_EQ(floats(unary_of(op::UnaryKind::sigmoid, {-1000, 1000})), (std::vector<float>{0, 1}));
  EXPECT_EQ(floats(unary_of(op::UnaryKind::softplus, {-1000, 1000})), (std::vector<float>{0, 1000}));
  EXPECT_EQ(floats(unary_of(op::UnaryKind::exp, {1000, -1000})), (std::vector<float>{kInfinity, 0}));
}

TEST(Ref, ModuloHasTheSignOfTheDivisor) {
  EXPECT_EQ(floats(binary_of(op::BinaryKind::mod, {7, -7, 7, -7, 6}, {3, 3, -3, -3, 3})),
            (std::vector<float>{1, 2, -2, -1, 0}));
}

TEST(Ref, CastTruncatesAndStaysInRange) {
  const Tensor x = Tensor::of<float>({6}, {2.9F, -2.9F, 1e20F, -1e20F, kNan, 300});
  const Tensor as_int = run_on_ref(op::Cast{DType::i32}, {x}).front();
  EXPECT_EQ(std::vector<int32_t>(as_int.span<int32_t>().begin(), as_int.span<int32_t>().end()),
            (std::vector<int32_t>{2, -2, INT32_MAX, INT32_MIN, 0, 300}));
  EXPECT_EQ(run_on_ref(op::Cast{DType::u8}, {x}).front().span<uint8_t>()[5], 255);
}

TEST(Ref, MultipliesMatricesAsOnPaper) {
  const Tensor a = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor b = Tensor::of<float>({3, 2}, {7, 8, 9, 10, 11, 12});
  EXPECT_EQ(floats(run_on_ref(op::MatMul{}, {a, b}).front()), (std::vector<float>{58, 64, 139, 154}));
}

TEST(Ref, ConvolvesAsCrossCorrelationWithPaddingBefore) {
  // x: [1, 4, 1], padded to 0 1 2 3 4; w: [2, 1, 1]
  const Tensor x = Tensor::of<float>({1, 4, 1}, {1, 2, 3, 4});
  const Tensor w = Tensor::of<float>({2, 1, 1}, {10, 1});
  const op::ConvGeometry geometry{{1}, {1}, {1}, {0}};
  EXPECT_EQ(floats(run_on_ref(op::Conv{geometry, {}}, {x, w}).front()), (std::vector<float>{1, 12, 23, 34}));
}

TEST(Ref, ConvolvesWithStrideAndDilation) {
  // taps two apart, windows three apart: 0 2 | 3 5 | 6 8
  const Tensor x = Tensor::of<float>({1, 9, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Tensor w = Tensor::of<float>({2, 1, 1}, {10, 1});
  const op::ConvGeometry geometry{{3}, {2}, {0}, {0}};
  EXPECT_EQ(floats(run_on_ref(op::Conv{geometry, {}}, {x, w}).front()), (std::vector<float>{13, 46, 79}));
}

TEST(Ref, ConvolvesPicturesRowByRow) {
  // x: [1, 2, 3, 2] counts up, w: [2, 2, 2, 1] picks tap (0, 1) of channel 0 and tap (1, 0) of channel 1
  const Tensor x = Tensor::of<float>({1, 2, 3, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  const Tensor w = Tensor::of<float>({2, 2, 2, 1}, {0, 0, 1, 0, 0, 100, 0, 0});
  const op::ConvGeometry geometry{{1, 1}, {1, 1}, {0, 0}, {0, 0}};
  EXPECT_EQ(floats(run_on_ref(op::Conv{geometry, {}}, {x, w}).front()), (std::vector<float>{702, 904}));
}

TEST(Ref, ConvolvesEachGroupOnItsOwnChannels) {
  // two channels, two groups: filter 0 sees channel 0, filter 1 channel 1
  const Tensor x = Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4});
  const Tensor w = Tensor::of<float>({1, 1, 2}, {10, 100});
  const op::ConvGeometry geometry{{1}, {1}, {0}, {0}, 2};
  EXPECT_EQ(floats(run_on_ref(op::Conv{geometry, {}}, {x, w}).front()), (std::vector<float>{10, 200, 30, 400}));
}

TEST(Ref, AveragesOnlyWhatIsNotPadding) {
  const Tensor x = Tensor::of<float>({1, 3, 1}, {1, 2, 6});
  const op::PoolGeometry geometry{op::PoolKind::average, {2}, {2}, {0}, {1}};
  EXPECT_EQ(floats(run_on_ref(op::Pool{geometry}, {x}).front()), (std::vector<float>{1.5F, 6}));
  const Tensor dy = Tensor::of<float>({1, 2, 1}, {1, 1});
  EXPECT_EQ(floats(run_on_ref(op::PoolGrad{geometry, {1, 3, 1}}, {dy}).front()), (std::vector<float>{0.5F, 0.5F, 1}));
}

TEST(Ref, GivesTheGradientOfAMaximumToTheFirstWinner) {
  const Tensor x = Tensor::of<float>({1, 4, 1}, {5, 5, 3, 5});
  const op::PoolGeometry geometry{op::PoolKind::max, {3}, {1}, {0}, {0}};
  const Tensor y = run_on_ref(op::Pool{geometry}, {x}).front();
  const Tensor dy = Tensor::of<float>({1, 2, 1}, {1, 10});
  EXPECT_EQ(floats(run_on_ref(op::PoolGrad{geometry, {1, 4, 1}}, {x, y, dy}).front()),
            (std::vector<float>{1, 10, 0, 0}));
}

TEST(Ref, GathersZerosFromOutside) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const Tensor indices = Tensor::of<int32_t>({4}, {1, -1, 2, 0});
  EXPECT_EQ(floats(run_on_ref(op::Gather{}, {x, indices}).front()), (std::vector<float>{3, 4, 0, 0, 0, 0, 1, 2}));
}

TEST(Ref, ArgMaxTakesTheFirstOfEquals) {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 4, 4, kNan, 9, 9});
  const Tensor y = run_on_ref(op::ArgMax{}, {x}).front();
  EXPECT_EQ(y.span<int32_t>()[0], 1);
  EXPECT_EQ(y.span<int32_t>()[1], 0);  // NaN counts as largest
}

TEST(Ref, SumsLongRowsWithoutLosingDigits) {
  const Tensor x = Tensor::of<float>({1000000}, std::vector<float>(1000000, 0.1F));
  const float sum = floats(run_on_ref(op::Reduce{op::ReduceKind::sum, {0}, false}, {x}).front())[0];
  EXPECT_FLOAT_EQ(sum, 1e6F * 0.1F);
}

TEST(Ref, AFusedProgramGivesTheBitsOfItsOps) {
  using Code = op::Instruction::Code;
  const OpCase affine = *std::find_if(op_cases().begin(), op_cases().end(),
                                      [](const OpCase& c) { return c.name == "Fused_affine_33x129"; });
  const auto inputs = make_inputs(affine);
  Tensor value = run_on_ref(op::Binary{op::BinaryKind::mul}, {inputs[0], inputs[1]}).front();
  value = run_on_ref(op::Binary{op::BinaryKind::add}, {value, inputs[2]}).front();
  value = run_on_ref(op::Unary{op::UnaryKind::relu}, {value}).front();
  const auto fused = run_on_ref(affine.op, inputs);
  EXPECT_EQ(floats(fused[1]), floats(value));
  value = run_on_ref(op::Binary{op::BinaryKind::mul}, {value, inputs[3]}).front();
  EXPECT_EQ(floats(fused[0]), floats(value));
  EXPECT_EQ(std::get<op::Fused>(affine.op).program[0].code, Code::binary);
}

}  // namespace
}  // namespace trainyard::testing
