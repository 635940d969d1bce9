#include "engine/core/dtype.h"

#include <gtest/gtest.h>

namespace trainyard {
namespace {

TEST(DType, GoesByKerassNames) {
  for (const DType dtype :
       {DType::f32, DType::f64, DType::f16, DType::bf16, DType::i32, DType::i64, DType::u8, DType::boolean})
    EXPECT_EQ(dtype_from_name(name_of(dtype)), dtype);
  EXPECT_EQ(name_of(DType::bf16), "bfloat16");
  EXPECT_FALSE(dtype_from_name("float8").has_value());
}

TEST(DType, KnowsItsSizeAndKind) {
  EXPECT_EQ(size_of(DType::f64), 8u);
  EXPECT_EQ(size_of(DType::f16), 2u);
  EXPECT_EQ(size_of(DType::boolean), 1u);
  EXPECT_TRUE(is_floating(DType::bf16));
  EXPECT_FALSE(is_floating(DType::u8));
}

}  // namespace
}  // namespace trainyard
