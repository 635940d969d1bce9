#include "tests/backends/op_cases.h"

namespace trainyard::testing {

void add_source_cases(std::vector<OpCase>& cases) {
  for (const DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8, DType::boolean})
    cases.push_back({"Fill_" + std::string(name_of(dtype)), op::Fill{dtype, {5, 7}, 1}, {}, {}});
  cases.push_back({"Fill_fraction", op::Fill{DType::f32, {1031}, -0.3}, {}, {}});
  cases.push_back({"Fill_scalar", op::Fill{DType::f32, {}, 2.5}, {}, {}});
  for (int k = 0; !op::name_of(static_cast<op::RandomKind>(k)).empty(); ++k) {
    const auto kind = static_cast<op::RandomKind>(k);
    const std::string name = "Random_" + std::string(op::name_of(kind)) + "_";
    for (const Shape& shape : {Shape{}, Shape{1}, Shape{7, 3}, Shape{33, 130}})
      cases.push_back({name + shape_text(shape),
                       op::Random{.kind = kind, .shape = shape, .stream = 5, .a = 0.25, .b = 1.5},
                       {},
                       {}});
    cases.push_back(
        {name + "seeded", op::Random{.kind = kind, .shape = {19}, .stream = 2, .seed = 99, .a = 0.5}, {}, {}});
  }
}

}  // namespace trainyard::testing
