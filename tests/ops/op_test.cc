// What ops say of themselves: that the table of cases leaves none out, types, refusals, names, costs.
#include "engine/ops/op.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/backends/op_cases.h"

namespace trainyard::testing {
namespace {

std::set<std::string> names_of_cases() {
  std::set<std::string> names;
  for (const OpCase& op_case : op_cases()) names.insert(display_name(op_case.op));
  return names;
}

template <typename Kind>
void expect_every_kind(const std::string& op) {
  const auto names = names_of_cases();
  for (int k = 0; !op::name_of(static_cast<Kind>(k)).empty(); ++k)
    EXPECT_TRUE(names.contains(op + "." + std::string(op::name_of(static_cast<Kind>(k))))) << op << " kind " << k;
}

template <size_t... I>
std::vector<std::string> all_op_names(std::index_sequence<I...>) {
  return {std::string(std::variant_alternative_t<I, Op>::kName)...};
}

TEST(OpCases, LeaveNoOpOut) {
  std::set<size_t> seen;
  for (const OpCase& op_case : op_cases()) seen.insert(op_case.op.index());
  const auto names = all_op_names(std::make_index_sequence<kOpCount>());
  for (size_t i = 0; i < kOpCount; ++i) EXPECT_TRUE(seen.contains(i)) << names[i] << " has no case";
}

TEST(OpCases, LeaveNoKindOut) {
  expect_every_kind<op::UnaryKind>("Unary");
  expect_every_kind<op::BinaryKind>("Binary");
  expect_every_kind<op::ReduceKind>("Reduce");
  expect_every_kind<op::PoolKind>("Pool");
  expect_every_kind<op::PoolKind>("PoolGrad");
  expect_every_kind<op::RandomKind>("Random");
  expect_every_kind<op::SampleFill>("ImageSample");
  expect_every_kind<op::SampleFill>("ImageSampleGrad");
}

TEST(OpCases, HaveACostThatCountsTheirOperands) {
  for (const OpCase& op_case : op_cases()) {
    const Types out = infer_types(op_case.op, op_case.inputs);
    const Cost cost = cost_of(op_case.op, op_case.inputs, out);
    EXPECT_GE(cost.macs, 0) << op_case.name;
    EXPECT_GE(cost.flops, 0) << op_case.name;
    if (op_case.op.index() == op_index<op::Reshape>())
      EXPECT_EQ(cost.bytes, 0) << op_case.name;
    else
      EXPECT_GE(cost.bytes, static_cast<int64_t>(out[0].bytes())) << op_case.name;
  }
}

TEST(Cost, OfAProductIsItsMultiplications) {
  const Types in{f32({3, 5}), f32({5, 7}), f32({7})};
  const op::MatMul matmul{false, false, {.bias = true, .activation = op::Epilogue::Activation::relu}};
  const Cost cost = matmul.cost(in, matmul.infer(in));
  EXPECT_EQ(cost.macs, 3 * 5 * 7);
  EXPECT_EQ(cost.flops, 2 * 3 * 7);
  EXPECT_EQ(cost.bytes, 4 * (15 + 35 + 7 + 21));
}

TEST(Cost, OfAConvolutionAndItsGradientsIsTheSame) {
  const op::ConvGeometry geometry{{2, 1}, {1, 1}, {1, 0}, {0, 1}, 2};
  const ValueType x = f32({2, 8, 8, 4});
  const ValueType w = f32({3, 3, 2, 6});
  const op::Conv conv{geometry, {}};
  const ValueType y = conv.infer(Types{x, w})[0];
  const int64_t macs = y.shape.elements() * 3 * 3 * 2;
  EXPECT_EQ(conv.cost(Types{x, w}, Types{y}).macs, macs);
  EXPECT_EQ((op::ConvInputGrad{geometry, x.shape}.cost(Types{y, w}, Types{x}).macs), macs);
  EXPECT_EQ((op::ConvFilterGrad{geometry, w.shape}.cost(Types{x, y}, Types{w}).macs), macs);
}

TEST(Names, SayTheOpAndItsKind) {
  EXPECT_EQ(display_name(op::Unary{op::UnaryKind::tanh}), "Unary.tanh");
  EXPECT_EQ(display_name(op::Binary{op::BinaryKind::relu_grad}), "Binary.relu_grad");
  EXPECT_EQ(display_name(op::Pool{{.kind = op::PoolKind::average}}), "Pool.average");
  EXPECT_EQ(display_name(op::Softmax{true}), "Softmax.log");
  EXPECT_EQ(display_name(op::Cast{DType::i32}), "Cast.int32");
  EXPECT_EQ(display_name(op::MatMul{}), "MatMul");
}

TEST(Broadcasting, AlignsAtTheLastDimension) {
  EXPECT_EQ(broadcast_shapes({2, 1, 4}, {3, 1}), (Shape{2, 3, 4}));
  EXPECT_EQ(broadcast_shapes({}, {5}), (Shape{5}));
  EXPECT_EQ(broadcast_shapes({1}, {1, 1}), (Shape{1, 1}));
  EXPECT_EQ(broadcast_shapes({3, 1}, {0}), (Shape{3, 0}));
  EXPECT_THROW(broadcast_shapes({2}, {3}), InternalError);
}

void expect_refusal(const Op& op, const Types& in, const std::string& what) {
  EXPECT_THROW(infer_types(op, in), InternalError) << what;
}

TEST(Inference, RefusesOperandsThatDoNotFit) {
  expect_refusal(op::Unary{op::UnaryKind::exp}, {i32({2})}, "exp of integers");
  expect_refusal(op::Unary{op::UnaryKind::exp}, {}, "no operand");
  expect_refusal(op::Unary{op::UnaryKind::logical_not}, {f32({2})}, "logic on floats");
  expect_refusal(op::Binary{op::BinaryKind::add}, {f32({2}), i32({2})}, "mixed dtypes");
  expect_refusal(op::Binary{op::BinaryKind::add}, {f32({2}), f32({3})}, "shapes that clash");
  expect_refusal(op::Binary{op::BinaryKind::add}, {boolean({2}), boolean({2})}, "sums of booleans");
  expect_refusal(op::Binary{op::BinaryKind::div}, {i32({2}), i32({2})}, "division of integers");
  expect_refusal(op::Select{}, {f32({2}), f32({2}), f32({2})}, "a condition that is not boolean");
  expect_refusal(op::Select{}, {boolean({2}), f32({2}), i32({2})}, "branches of two dtypes");
  expect_refusal(op::Fused{{2, 3}, DType::f32, {{.code = op::Instruction::Code::unary, .a = 1}}, {1}}, {f32({2, 3})},
                 "a register read before it is written");
  expect_refusal(op::Fused{{2, 3}, DType::f32, {}, {0}}, {f32({2})}, "a column operand");
}

TEST(Inference, RefusesProductsThatDoNotFit) {
  expect_refusal(op::MatMul{}, {f32({2, 3}), f32({4, 5})}, "inner dimensions");
  expect_refusal(op::MatMul{true, false, {}}, {f32({2, 3, 4}), f32({3, 5})}, "transposed batch against one matrix");
  expect_refusal(op::MatMul{}, {f32({2, 3, 4}), f32({3, 4, 5})}, "different batches");
  expect_refusal(op::MatMul{}, {i32({2, 3}), i32({3, 4})}, "products of integers");
  expect_refusal(op::MatMul{false, false, {.bias = true}}, {f32({2, 3}), f32({3, 4})}, "a bias that is not there");
  expect_refusal(op::MatMul{false, false, {.bias = true}}, {f32({2, 3}), f32({3, 4}), f32({3})}, "a bias too short");
  const op::ConvGeometry geometry{{1}, {1}, {0}, {0}};
  expect_refusal(op::Conv{geometry, {}}, {f32({1, 4, 3}), f32({2, 2, 5})}, "channels");
  expect_refusal(op::Conv{geometry, {}}, {f32({1, 4, 3}), f32({5, 3, 5})}, "a window that does not fit");
  expect_refusal(op::Conv{geometry, {}}, {f32({1, 4, 4, 3}), f32({2, 2, 3, 5})}, "another rank");
  expect_refusal(op::Conv{{{1}, {1}, {0}, {0}, 2}, {}}, {f32({1, 4, 4}), f32({2, 2, 5})}, "filters not in groups");
  expect_refusal(op::ConvInputGrad{geometry, {1, 4, 3}}, {f32({1, 2, 5}), f32({2, 3, 5})}, "dy of another size");
  expect_refusal(op::ConvFilterGrad{geometry, {2, 3, 5}}, {f32({1, 4, 3}), f32({1, 2, 5})}, "dy of another size");
}

TEST(Inference, RefusesWindowsAndAxesThatDoNotFit) {
  const op::PoolGeometry padded{op::PoolKind::max, {2}, {2}, {2}, {0}};
  expect_refusal(op::Pool{padded}, {f32({1, 4, 1})}, "a window of padding alone");
  expect_refusal(op::Pool{{op::PoolKind::max, {5}, {1}, {0}, {0}}}, {f32({1, 4, 1})}, "a window too large");
  expect_refusal(op::Reduce{op::ReduceKind::sum, {1, 0}, false}, {f32({2, 3})}, "axes out of order");
  expect_refusal(op::Reduce{op::ReduceKind::sum, {2}, false}, {f32({2, 3})}, "no such axis");
  expect_refusal(op::Reduce{op::ReduceKind::mean, {0}, false}, {i32({2})}, "a mean of integers");
  expect_refusal(op::Reduce{op::ReduceKind::max, {0}, false}, {f32({0})}, "the largest of nothing");
  expect_refusal(op::Softmax{}, {f32({})}, "softmax of a scalar");
  expect_refusal(op::ArgMax{}, {f32({})}, "argmax of a scalar");
}

TEST(Inference, RefusesLayoutsThatDoNotFit) {
  expect_refusal(op::Reshape{{5}}, {f32({2, 3})}, "another number of elements");
  expect_refusal(op::Transpose{{0, 0}}, {f32({2, 3})}, "an axis twice");
  expect_refusal(op::BroadcastTo{{2}}, {f32({3})}, "a shape it does not broadcast to");
  expect_refusal(op::Concat{0}, {f32({2, 3}), f32({2, 4})}, "sizes off the axis");
  expect_refusal(op::Concat{0}, {}, "nothing");
  expect_refusal(op::Slice{{1}, {3}, {1}}, {f32({3})}, "a slice over the end");
  expect_refusal(op::Slice{{0}, {2}, {0}}, {f32({3})}, "a step of zero");
  expect_refusal(op::Unslice{{3}, {1}, {2}}, {f32({2})}, "a slice over the end");
  expect_refusal(op::Pad{{-1}, {0}, 0}, {f32({3})}, "negative padding");
  expect_refusal(op::Gather{}, {f32({3}), f32({2})}, "indices that are floats");
  expect_refusal(op::ScatterAdd{3}, {i32({2}), f32({3, 1})}, "rows without an index");
  expect_refusal(op::OneHot{0, DType::f32}, {i32({2})}, "no depth");
  expect_refusal(op::Random{.kind = op::RandomKind::normal, .dtype = DType::i32}, {}, "random integers");
}

}  // namespace
}  // namespace trainyard::testing
