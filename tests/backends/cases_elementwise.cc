#include <tuple>

#include "tests/backends/op_cases.h"

namespace trainyard::testing {
namespace {

using op::BinaryKind;
using op::UnaryKind;

bool needs_positive(UnaryKind kind) {
  return kind == UnaryKind::log || kind == UnaryKind::log1p || kind == UnaryKind::sqrt || kind == UnaryKind::rsqrt ||
         kind == UnaryKind::reciprocal;
}

void add_unary(std::vector<OpCase>& cases, UnaryKind kind) {
  const std::string name = "Unary_" + std::string(op::name_of(kind)) + "_";
  if (kind == UnaryKind::logical_not) {
    for (const Shape& shape : {Shape{1}, Shape{5, 7}, Shape{1031}})
      cases.push_back({name + shape_text(shape), op::Unary{kind}, {boolean(shape)}, {Values::integers}});
    return;
  }
  const Values values = needs_positive(kind) ? Values::positive : Values::spread;
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{7, 13}, Shape{3, 1027}, Shape{64, 1024}})
    cases.push_back({name + shape_text(shape), op::Unary{kind}, {f32(shape)}, {values}, 0, true});
  if (!needs_positive(kind) && kind != UnaryKind::sin && kind != UnaryKind::cos)
    cases.push_back({name + "extreme", op::Unary{kind}, {f32({77})}, {Values::extreme}, 0, true, false});
}

/// Pairs of shapes that broadcast in different ways.
struct Pair {
  Shape a, b;
};

std::vector<Pair> broadcast_pairs() {
  return {{{5, 7}, {5, 7}},    {{4, 9}, {9}},          {{4, 9}, {4, 1}},
          {{4, 9}, {}},        {{}, {4, 9}},           {{1}, {1}},
          {{5, 1}, {1, 6}},    {{2, 3, 4}, {3, 1}},    {{9}, {4, 9}},
          {{3, 1}, {2, 3, 5}}, {{2, 3, 5, 4}, {5, 1}}, {{2, 1, 1, 7}, {3, 7}},
          {{33, 129}, {129}},  {{64, 512}, {64, 512}}, {{64, 300}, {}}};
}

Values second_operand(BinaryKind kind) {
  return kind == BinaryKind::div || kind == BinaryKind::mod ? Values::positive : Values::spread;
}

void add_binary(std::vector<OpCase>& cases, BinaryKind kind) {
  const std::string name = "Binary_" + std::string(op::name_of(kind)) + "_";
  const bool logic = kind == BinaryKind::logical_and || kind == BinaryKind::logical_or;
  const Values a_values = logic ? Values::integers : kind == BinaryKind::pow ? Values::positive : Values::spread;
  const Values b_values = logic ? Values::integers : second_operand(kind);
  for (const auto& [a, b] : broadcast_pairs()) {
    const DType dtype = logic ? DType::boolean : DType::f32;
    cases.push_back({name + shape_text(a) + "_" + shape_text(b),
                     op::Binary{kind},
                     {{dtype, a}, {dtype, b}},
                     {a_values, b_values},
                     0,
                     true,
                     // one divisor of many would jump somewhere
                     kind != BinaryKind::mod || a.elements() < 1000});
  }
}

bool works_on_integers(BinaryKind kind) { return kind != BinaryKind::div && kind < BinaryKind::logical_and; }

void add_integer_binary(std::vector<OpCase>& cases, BinaryKind kind) {
  const std::string name = "Binary_" + std::string(op::name_of(kind)) + "_";
  for (const DType dtype : {DType::i32, DType::i64}) {
    const ValueType whole{dtype, {6, 11}};
    const ValueType row{dtype, {11}};
    cases.push_back(
        {name + std::string(name_of(dtype)), op::Binary{kind}, {whole, row}, {Values::integers, Values::integers}});
  }
  if (is_predicate(kind) || kind == BinaryKind::add)
    cases.push_back({name + "uint8", op::Binary{kind}, {u8({5, 7}), u8({5, 7})}, {Values::integers, Values::integers}});
  // equal operands: comparisons turn over there, maximum and minimum have ties
  cases.push_back(
      {name + "ties", op::Binary{kind}, {f32({8, 9}), f32({8, 9})}, {Values::few, Values::few}, 0, true, false});
}

void add_select(std::vector<OpCase>& cases) {
  struct Shapes {
    Shape condition, a, b;
  };
  for (const auto& [c, a, b] :
       {Shapes{{5, 7}, {5, 7}, {5, 7}}, Shapes{{5, 1}, {5, 7}, {}}, Shapes{{7}, {}, {5, 7}}, Shapes{{1}, {1}, {1}},
        Shapes{{5, 7}, {}, {}}, Shapes{{33, 129}, {33, 129}, {129}}, Shapes{{2, 1, 4}, {3, 1}, {2, 3, 4}}})
    cases.push_back({"Select_" + shape_text(c) + "_" + shape_text(a) + "_" + shape_text(b),
                     op::Select{},
                     {boolean(c), f32(a), f32(b)},
                     {Values::integers, Values::spread, Values::spread}});
  for (const DType dtype : {DType::i32, DType::i64, DType::u8, DType::boolean})
    cases.push_back({"Select_" + std::string(name_of(dtype)),
                     op::Select{},
                     {boolean({4, 5}), {dtype, {4, 5}}, {dtype, {5}}},
                     {Values::integers, Values::integers, Values::integers}});
}

void add_cast(std::vector<OpCase>& cases) {
  constexpr DType kAll[] = {DType::f32, DType::f64, DType::f16, DType::bf16,
                            DType::i32, DType::i64, DType::u8,  DType::boolean};
  for (const DType from : kAll)
    for (const DType to : kAll)
      cases.push_back({"Cast_" + std::string(name_of(from)) + "_" + std::string(name_of(to)),
                       op::Cast{to},
                       {{from, {3, 37}}},
                       {is_floating(from) ? (to == DType::u8 ? Values::positive : Values::spread) : Values::integers},
                       0,
                       true,
                       // finite differences need all of float64's digits
                       from == DType::f32 && (to == DType::f32 || to == DType::f64)});
  cases.push_back({"Cast_pixels", op::Cast{DType::f32}, {u8({4, 28, 28, 1})}, {Values::integers}});
}

void add_fused(std::vector<OpCase>& cases) {
  using Code = op::Instruction::Code;
  // registers: 0 a, 1 b, 2 row, 3 scalar; relu(a * b + row) and its product with the scalar
  const std::vector<op::Instruction> affine{{.code = Code::binary, .binary = BinaryKind::mul, .a = 0, .b = 1},
                                            {.code = Code::binary, .binary = BinaryKind::add, .a = 4, .b = 2},
                                            {.code = Code::unary, .unary = UnaryKind::relu, .a = 5},
                                            {.code = Code::binary, .binary = BinaryKind::mul, .a = 6, .b = 3}};
  for (const Shape& shape : {Shape{1, 1}, Shape{6, 17}, Shape{33, 129}, Shape{2, 5, 40}})
    cases.push_back({"Fused_affine_" + shape_text(shape),
                     op::Fused{shape, DType::f32, affine, {7, 6}},
                     {f32(shape), f32(shape), f32({shape.back()}), f32({})},
                     {Values::spread, Values::spread, Values::spread, Values::spread},
                     0,
                     true,
                     false});
  // Rows: short ones, of lengths with and without a common multiple in a block, longer than a block; more elements than a share.
  const std::vector<op::Instruction> rows{{.code = Code::binary, .binary = BinaryKind::mul, .a = 0, .b = 1},
                                          {.code = Code::binary, .binary = BinaryKind::add, .a = 3, .b = 2}};
  for (const auto& [shape, row, other] : {std::tuple<Shape, Shape, Shape>{{3000, 6}, {6}, {6}},
                                          {{700, 4, 6}, {4, 6}, {6}},
                                          {{90, 7, 60}, {7, 60}, {60}},
                                          {{90, 30, 11}, {30, 11}, {11}},
                                          {{9, 1000, 2}, {1000, 2}, {2}},
                                          {{40, 600}, {600}, {600}}})
    cases.push_back({"Fused_rows_" + shape_text(shape),
                     op::Fused{shape, DType::f32, rows, {4, 3}},
                     {f32(shape), f32(row), f32(other)},
                     {Values::spread, Values::spread, Values::spread},
                     0,
                     true,
                     false});
  // a predicate in a register: where(a > b, exp(a), -b)
  const std::vector<op::Instruction> chosen{{.code = Code::binary, .binary = BinaryKind::greater, .a = 0, .b = 1},
                                            {.code = Code::unary, .unary = UnaryKind::exp, .a = 0},
                                            {.code = Code::unary, .unary = UnaryKind::neg, .a = 1},
                                            {.code = Code::select, .a = 2, .b = 3, .c = 4}};
  for (const Shape& shape : {Shape{5}, Shape{4, 31}, Shape{70, 100}})
    cases.push_back({"Fused_select_" + shape_text(shape),
                     op::Fused{shape, DType::f32, chosen, {5}},
                     {f32(shape), f32(shape)},
                     {Values::spread, Values::spread},
                     0,
                     true,
                     false});
}

/// Every kind in a program of one instruction.
void add_fused_kinds(std::vector<OpCase>& cases) {
  using Code = op::Instruction::Code;
  for (int k = 0; !op::name_of(static_cast<UnaryKind>(k)).empty(); ++k) {
    const auto kind = static_cast<UnaryKind>(k);
    const Values values = needs_positive(kind) ? Values::positive : Values::spread;
    cases.push_back({"Fused_unary_" + std::string(op::name_of(kind)),
                     op::Fused{{3, 21}, DType::f32, {{.code = Code::unary, .unary = kind, .a = 0}}, {1}},
                     {f32({3, 21})},
                     {kind == UnaryKind::logical_not ? Values::few : values},
                     0,
                     true,
                     false});
  }
  for (int k = 0; !op::name_of(static_cast<BinaryKind>(k)).empty(); ++k) {
    const auto kind = static_cast<BinaryKind>(k);
    cases.push_back({"Fused_binary_" + std::string(op::name_of(kind)),
                     op::Fused{{3, 21}, DType::f32, {{.code = Code::binary, .binary = kind, .a = 0, .b = 1}}, {2}},
                     {f32({3, 21}), f32({3, 21})},
                     {kind == BinaryKind::pow ? Values::positive : Values::spread, second_operand(kind)},
                     0,
                     true,
                     false});
  }
}

}  // namespace

void add_elementwise_cases(std::vector<OpCase>& cases) {
  for (int k = 0; !op::name_of(static_cast<UnaryKind>(k)).empty(); ++k) add_unary(cases, static_cast<UnaryKind>(k));
  for (const UnaryKind kind : {UnaryKind::neg, UnaryKind::abs, UnaryKind::sign, UnaryKind::square, UnaryKind::relu})
    cases.push_back(
        {"Unary_" + std::string(op::name_of(kind)) + "_int32", op::Unary{kind}, {i32({5, 9})}, {Values::integers}});
  for (int k = 0; !op::name_of(static_cast<BinaryKind>(k)).empty(); ++k) {
    const auto kind = static_cast<BinaryKind>(k);
    add_binary(cases, kind);
    if (works_on_integers(kind)) add_integer_binary(cases, kind);
  }
  add_select(cases);
  add_cast(cases);
  add_fused(cases);
  add_fused_kinds(cases);
}

}  // namespace trainyard::testing
