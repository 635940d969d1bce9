// Lookup tables and hashes.
#include "tests/backends/op_cases.h"

namespace trainyard::testing {

void add_lookup_cases(std::vector<OpCase>& cases) {
  for (const int64_t keys : {1, 2, 9, 1000})
    for (const DType dtype : {DType::f32, DType::i32, DType::i64})
      cases.push_back({.name = "SearchSorted_" + std::string(name_of(dtype)) + "_" + std::to_string(keys),
                       .op = op::SearchSorted{},
                       .inputs = {{dtype, {7, 3}}, {dtype, {keys}}},
                       .values = {dtype == DType::f32 ? Values::spread : Values::integers, Values::rising},
                       .differentiable = false});
  for (const bool salted : {false, true})
    for (const DType dtype : {DType::i32, DType::i64})
      cases.push_back({.name = std::string("HashBucket_") + (salted ? "salted_" : "") + std::string(name_of(dtype)),
                       .op = op::HashBucket{.buckets = 7, .salted = salted, .key0 = 133, .key1 = 137},
                       .inputs = {{dtype, {5, 4}}},
                       .values = {Values::integers}});
  for (const bool binary : {false, true})
    for (const DType dtype : {DType::f32, DType::i32})
      cases.push_back({.name = std::string("BinCount_") + (binary ? "binary_" : "") + std::string(name_of(dtype)),
                       .op = op::BinCount{6, binary, dtype},
                       .inputs = {i32({4, 9})},
                       .values = {Values::strays},
                       .index_limit = 6});
  for (const bool falling : {false, true})
    for (const DType dtype : {DType::f32, DType::i32})
      cases.push_back({.name = std::string("SortPlaces_") + (falling ? "falling_" : "") + std::string(name_of(dtype)),
                       .op = op::SortPlaces{falling},
                       .inputs = {{dtype, {3, 2, 17}}},
                       .values = {dtype == DType::f32 ? Values::spread : Values::integers},
                       .differentiable = false});
  cases.push_back({.name = "HashCross",
                   .op = op::HashCross{5},
                   .inputs = {i32({11}), {DType::i64, {11}}, i32({11})},
                   .values = {Values::integers, Values::integers, Values::integers}});
}

}  // namespace trainyard::testing
