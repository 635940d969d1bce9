#include "tests/backends/op_cases.h"

namespace trainyard::testing {
namespace {

using op::ReduceKind;

struct ReduceShape {
  Shape x;
  std::vector<int> axes;
};

std::vector<ReduceShape> reduce_shapes() {
  return {{{7}, {0}},
          {{1}, {0}},
          {{5, 6}, {0}},
          {{5, 6}, {1}},
          {{5, 6}, {0, 1}},
          {{4, 3, 5}, {1}},
          {{4, 3, 5}, {0, 2}},
          {{2, 4, 3, 5}, {1, 2}},
          {{2, 4, 3, 5}, {0, 1, 2}},
          {{3, 4}, {}},
          {{33, 130}, {0}},
          {{33, 130}, {1}}};
}

void add_reduce(std::vector<OpCase>& cases, ReduceKind kind) {
  const bool picks = kind == ReduceKind::max || kind == ReduceKind::min;
  const std::string name = "Reduce_" + std::string(op::name_of(kind)) + "_";
  for (const auto& [x, axes] : reduce_shapes()) {
    std::string where = shape_text(x) + "_over";
    for (const int axis : axes) where += "_" + std::to_string(axis);
    // products of many factors of [0.5, 2] stay small enough only for the small shapes
    if (kind == ReduceKind::prod && x.elements() > 1000) continue;
    for (const bool keepdims : {false, true})
      cases.push_back({name + where + (keepdims ? "_kept" : ""),
                       op::Reduce{kind, axes, keepdims},
                       {f32(x)},
                       {picks                      ? Values::distinct
                        : kind == ReduceKind::prod ? Values::positive
                                                   : Values::spread}});
  }
  if (kind != ReduceKind::mean)
    cases.push_back({name + "int32", op::Reduce{kind, {1}, false}, {i32({4, 6})}, {Values::integers}});
  if (picks) {
    cases.push_back({name + "bool", op::Reduce{kind, {1}, false}, {boolean({9, 3})}, {Values::integers}});
    cases.push_back({.name = name + "ties",
                     .op = op::Reduce{kind, {0}, false},
                     .inputs = {f32({9, 8})},
                     .values = {Values::few},
                     .differentiable = false});
  }
}

void add_long_sums(std::vector<OpCase>& cases) {
  for (const ReduceKind kind : {ReduceKind::sum, ReduceKind::mean})
    for (const auto& [x, axes] : {ReduceShape{{100003}, {0}}, ReduceShape{{20000, 3}, {0}},
                                  ReduceShape{{3, 20000}, {1}}, ReduceShape{{64, 14, 14, 6}, {0, 1, 2}}})
      cases.push_back({"Reduce_" + std::string(op::name_of(kind)) + "_long_" + shape_text(x) + "_over_" +
                           std::to_string(axes.size()),
                       op::Reduce{kind, axes, false},
                       {f32(x)},
                       {Values::positive}});
}

void add_softmax(std::vector<OpCase>& cases, bool log) {
  const std::string suffix = log ? "_log_" : "_";
  for (const Shape& shape : {Shape{1}, Shape{3, 1}, Shape{5, 10}, Shape{2, 3, 7}, Shape{4, 1000}, Shape{130, 33}}) {
    const ValueType type = f32(shape);
    cases.push_back({"Softmax" + suffix + shape_text(shape), op::Softmax{log}, {type}, {Values::spread}});
    cases.push_back({"SoftmaxGrad" + suffix + shape_text(shape),
                     op::SoftmaxGrad{log},
                     {type, type},
                     {Values::positive, Values::spread}});
  }
  cases.push_back({.name = "Softmax" + suffix + "extreme",
                   .op = op::Softmax{log},
                   .inputs = {f32({11, 7})},
                   .values = {Values::extreme},
                   .differentiable = false});
}

void add_standardize(std::vector<OpCase>& cases) {
  // Few and many columns, on their own and behind others; rows that are one statistic each; more rows than one piece; one row alone.
  for (const auto& [x, axes] : std::vector<ReduceShape>{{{7}, {0}},
                                                        {{1, 5}, {0}},
                                                        {{5, 6}, {0}},
                                                        {{33, 130}, {0}},
                                                        {{2, 3, 5, 8}, {0, 1, 2}},
                                                        {{4, 3, 16}, {0, 1}},
                                                        {{3, 5, 7}, {1}},
                                                        {{2, 6, 70}, {1}},
                                                        {{9, 21}, {1}},
                                                        {{3, 21}, {1}},
                                                        {{10, 4, 3, 5}, {1, 2, 3}},
                                                        {{4100, 3}, {0}},
                                                        {{20, 14, 14, 8}, {0, 1, 2}},
                                                        {{300, 80}, {0}},
                                                        {{30000}, {0}},
                                                        {{70, 90, 2}, {1}}}) {
    const std::string where =
        shape_text(x) + "_over_" + std::to_string(axes.front()) + "_to_" + std::to_string(axes.back());
    Shape rest;
    for (int axis = 0; axis < x.rank(); ++axis)
      if (axis < axes.front() || axis > axes.back()) rest.push_back(x[axis]);
    cases.push_back({"Standardize_" + where, op::Standardize{axes, 0.01}, {f32(x)}, {Values::spread}});
    cases.push_back({"StandardizeGrad_" + where,
                     op::StandardizeGrad{axes, 0.01},
                     {f32(x), f32(rest), f32(x)},
                     {Values::spread, Values::positive, Values::spread}});
  }
}

}  // namespace

void add_reduction_cases(std::vector<OpCase>& cases) {
  for (int k = 0; !op::name_of(static_cast<ReduceKind>(k)).empty(); ++k) add_reduce(cases, static_cast<ReduceKind>(k));
  // zeros among the factors: none, one and several
  cases.push_back({"Reduce_prod_zeros", op::Reduce{ReduceKind::prod, {1}, false}, {f32({40, 3})}, {Values::few}});
  add_long_sums(cases);
  for (const Shape& shape : {Shape{1}, Shape{6, 1}, Shape{5, 10}, Shape{2, 3, 37}, Shape{64, 100}})
    cases.push_back({"ArgMax_" + shape_text(shape), op::ArgMax{}, {f32(shape)}, {Values::distinct}});
  cases.push_back({"ArgMax_int32", op::ArgMax{}, {i32({7, 30})}, {Values::integers}});
  cases.push_back({.name = "ArgMax_ties",
                   .op = op::ArgMax{},
                   .inputs = {f32({16, 37})},
                   .values = {Values::few},
                   .differentiable = false});
  add_softmax(cases, false);
  add_softmax(cases, true);
  add_standardize(cases);
}

}  // namespace trainyard::testing
