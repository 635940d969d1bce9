#include "tests/backends/op_cases.h"

namespace trainyard::testing {
namespace {

/// Dtypes of each width that data comes in.
constexpr DType kMoved[] = {DType::f32, DType::f64, DType::f16, DType::i32, DType::u8, DType::boolean};

Values values_for(DType dtype) { return is_floating(dtype) ? Values::spread : Values::integers; }

void add_reshape_and_copy(std::vector<OpCase>& cases) {
  for (const DType dtype : kMoved) {
    const std::string name(name_of(dtype));
    cases.push_back({"Reshape_" + name, op::Reshape{{4, 15}}, {{dtype, {3, 5, 4}}}, {values_for(dtype)}});
    cases.push_back({"Copy_" + name, op::Copy{}, {{dtype, {3, 35}}}, {values_for(dtype)}});
  }
  cases.push_back({"Reshape_to_scalar", op::Reshape{{}}, {f32({1, 1})}, {Values::spread}});
}

void add_transpose(std::vector<OpCase>& cases) {
  struct Case {
    Shape shape;
    std::vector<int> permutation;
  };
  for (const auto& [shape, permutation] :
       {Case{{5, 7}, {1, 0}}, Case{{1, 9}, {1, 0}}, Case{{65, 130}, {1, 0}}, Case{{2, 3, 5}, {0, 2, 1}},
        Case{{2, 3, 5}, {2, 0, 1}}, Case{{2, 5, 6, 3}, {0, 3, 1, 2}}, Case{{2, 3, 5, 6}, {0, 2, 3, 1}},
        Case{{3, 8, 8, 17}, {0, 3, 1, 2}}, Case{{2, 3, 2, 4, 3}, {4, 2, 0, 3, 1}}, Case{{4, 3}, {0, 1}}}) {
    std::string name = "Transpose_" + shape_text(shape) + "_by_";
    for (const int axis : permutation) name += std::to_string(axis);
    cases.push_back({name, op::Transpose{permutation}, {f32(shape)}, {Values::spread}});
  }
  for (const DType dtype : kMoved)
    cases.push_back({"Transpose_" + std::string(name_of(dtype)),
                     op::Transpose{{2, 0, 1}},
                     {{dtype, {4, 5, 6}}},
                     {values_for(dtype)}});
}

void add_broadcast(std::vector<OpCase>& cases) {
  struct Case {
    Shape from, to;
  };
  for (const auto& [from, to] : {Case{{}, {3, 4}}, Case{{1}, {7}}, Case{{4}, {3, 4}}, Case{{3, 1}, {3, 5}},
                                 Case{{2, 1, 4, 1}, {2, 3, 4, 5}}, Case{{3, 4}, {3, 4}}, Case{{130}, {33, 130}}})
    cases.push_back({"BroadcastTo_" + shape_text(from) + "_to_" + shape_text(to),
                     op::BroadcastTo{to},
                     {f32(from)},
                     {Values::spread}});
  for (const DType dtype : kMoved)
    cases.push_back({"BroadcastTo_" + std::string(name_of(dtype)),
                     op::BroadcastTo{{4, 3, 5}},
                     {{dtype, {3, 1}}},
                     {values_for(dtype)}});
}

void add_concat(std::vector<OpCase>& cases) {
  cases.push_back({"Concat_one", op::Concat{0}, {f32({3, 4})}, {Values::spread}});
  cases.push_back({"Concat_rows", op::Concat{0}, {f32({3, 4}), f32({1, 4})}, {Values::spread, Values::spread}});
  cases.push_back({"Concat_channels",
                   op::Concat{3},
                   {f32({2, 3, 4, 5}), f32({2, 3, 4, 1}), f32({2, 3, 4, 16})},
                   {Values::spread, Values::spread, Values::spread}});
  cases.push_back({"Concat_middle", op::Concat{1}, {f32({2, 3, 7}), f32({2, 5, 7})}, {Values::spread, Values::spread}});
  for (const DType dtype : kMoved)
    cases.push_back({"Concat_" + std::string(name_of(dtype)),
                     op::Concat{1},
                     {{dtype, {3, 4}}, {dtype, {3, 2}}},
                     {values_for(dtype), values_for(dtype)}});
}

void add_slices(std::vector<OpCase>& cases) {
  struct Case {
    Shape whole;
    std::vector<int64_t> start, sizes, step;
  };
  for (const auto& [whole, start, sizes, step] :
       {Case{{9}, {2}, {5}, {1}}, Case{{9}, {1}, {4}, {2}}, Case{{5, 7}, {1, 0}, {3, 7}, {1, 1}},
        Case{{5, 7}, {0, 2}, {5, 3}, {1, 2}}, Case{{2, 9, 8, 3}, {0, 1, 0, 1}, {2, 3, 2, 2}, {1, 3, 7, 1}},
        Case{{4, 4}, {3, 3}, {1, 1}, {1, 1}}, Case{{33, 130}, {1, 1}, {31, 128}, {1, 1}}}) {
    std::string name = shape_text(whole) + "_from";
    for (size_t i = 0; i < start.size(); ++i) name += "_" + std::to_string(start[i]) + "by" + std::to_string(step[i]);
    cases.push_back({"Slice_" + name, op::Slice{start, sizes, step}, {f32(whole)}, {Values::spread}});
    cases.push_back({"Unslice_" + name, op::Unslice{whole, start, step}, {f32(Shape(sizes))}, {Values::spread}});
  }
  for (const DType dtype : kMoved) {
    const std::string name(name_of(dtype));
    cases.push_back({"Slice_" + name, op::Slice{{1, 0}, {2, 3}, {1, 2}}, {{dtype, {4, 5}}}, {values_for(dtype)}});
    cases.push_back({"Unslice_" + name, op::Unslice{{4, 5}, {1, 0}, {1, 2}}, {{dtype, {2, 3}}}, {values_for(dtype)}});
  }
}

void add_pad(std::vector<OpCase>& cases) {
  cases.push_back({"Pad_vector", op::Pad{{2}, {3}, 0}, {f32({5})}, {Values::spread}});
  cases.push_back({"Pad_image", op::Pad{{0, 1, 2, 0}, {0, 2, 0, 0}, 0}, {f32({2, 4, 5, 3})}, {Values::spread}});
  cases.push_back({"Pad_all_axes", op::Pad{{1, 0, 2}, {0, 3, 1}, 1.5}, {f32({2, 3, 4})}, {Values::spread}});
  cases.push_back({"Pad_nothing", op::Pad{{0, 0}, {0, 0}, 9}, {f32({3, 4})}, {Values::spread}});
  for (const DType dtype : {DType::f64, DType::i32, DType::u8, DType::boolean})
    cases.push_back(
        {"Pad_" + std::string(name_of(dtype)), op::Pad{{1, 0}, {0, 2}, 1}, {{dtype, {3, 4}}}, {values_for(dtype)}});
}

void add_gathers(std::vector<OpCase>& cases) {
  for (const auto& [rows, indices] : {std::pair<Shape, Shape>{{5, 7}, {4}},
                                      {{10}, {6}},
                                      {{1, 3}, {2}},
                                      {{6, 4}, {3, 2}},
                                      {{9, 2, 3, 2}, {5}},
                                      {{5, 3}, {}},
                                      {{50, 33}, {200}}}) {
    const std::string name = shape_text(rows) + "_at_" + shape_text(indices);
    const int64_t limit = rows.front();
    cases.push_back({.name = "Gather_" + name,
                     .op = op::Gather{},
                     .inputs = {f32(rows), i32(indices)},
                     .values = {Values::spread, Values::indices},
                     .index_limit = limit});
    Shape dy = indices;
    for (const int64_t dim : rows.drop_front()) dy.push_back(dim);
    cases.push_back({.name = "ScatterAdd_" + name,
                     .op = op::ScatterAdd{limit},
                     .inputs = {i32(indices), f32(dy)},
                     .values = {Values::indices, Values::spread},
                     .index_limit = limit});
  }
  for (const DType dtype : kMoved)
    cases.push_back({.name = "Gather_" + std::string(name_of(dtype)),
                     .op = op::Gather{},
                     .inputs = {{dtype, {10, 28, 3}}, i32({7})},
                     .values = {values_for(dtype), Values::strays},
                     .index_limit = 10});
  cases.push_back({.name = "ScatterAdd_strays",
                   .op = op::ScatterAdd{4},
                   .inputs = {i32({30}), f32({30, 5})},
                   .values = {Values::strays, Values::spread},
                   .index_limit = 4});
  cases.push_back({.name = "ScatterAdd_int32",
                   .op = op::ScatterAdd{4},
                   .inputs = {i32({30}), i32({30, 5})},
                   .values = {Values::indices, Values::integers},
                   .index_limit = 4});
  for (const DType dtype : {DType::f32, DType::i32, DType::u8, DType::boolean})
    cases.push_back({.name = "OneHot_" + std::string(name_of(dtype)),
                     .op = op::OneHot{10, dtype},
                     .inputs = {i32({4, 9})},
                     .values = {Values::strays},
                     .index_limit = 10});
  cases.push_back({.name = "OneHot_of_one",
                   .op = op::OneHot{1, DType::f32},
                   .inputs = {i32({})},
                   .values = {Values::indices},
                   .index_limit = 1});
}

}  // namespace

void add_layout_cases(std::vector<OpCase>& cases) {
  add_reshape_and_copy(cases);
  add_transpose(cases);
  add_broadcast(cases);
  add_concat(cases);
  add_slices(cases);
  add_pad(cases);
  add_gathers(cases);
}

}  // namespace trainyard::testing
