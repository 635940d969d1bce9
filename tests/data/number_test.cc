#include "engine/data/number.h"

#include <gtest/gtest.h>

namespace trainyard {
namespace {

TEST(Number, IsReadWhole) {
  EXPECT_EQ(parse_number("12"), 12);
  EXPECT_EQ(parse_number("-1.5e3"), -1500);
  EXPECT_EQ(parse_number("+.5"), 0.5);
  EXPECT_EQ(parse_number("7."), 7);
}

TEST(Number, IsNothingElse) {
  for (const char* text : {"", " 1", "1 ", "1,5", "0x10", "inf", "nan", "1e999", "--1", "1-1", "e5", ".", "1e", "abc"})
    EXPECT_FALSE(parse_number(text).has_value()) << text;
  EXPECT_FALSE(parse_number(std::string(100, '1')).has_value());
}

}  // namespace
}  // namespace trainyard
