#include "engine/core/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

namespace trainyard {
namespace {

bool is_nan_half(uint32_t half) { return (half & 0x7c00u) == 0x7c00u && (half & 0x3ffu) != 0; }
bool is_nan_bfloat(uint32_t bits) { return (bits & 0x7f80u) == 0x7f80u && (bits & 0x7fu) != 0; }

/// What the bits of a binary16 mean, from the definition.
double half_by_definition(uint32_t half) {
  const double sign = (half & 0x8000u) != 0 ? -1 : 1;
  const int exponent = static_cast<int>((half >> 10) & 0x1fu);
  const double mantissa = half & 0x3ffu;
  if (exponent == 0x1f) return sign * std::numeric_limits<double>::infinity();
  return exponent == 0 ? sign * std::ldexp(mantissa, -24) : sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST(Half, MeansWhatItsDefinitionSays) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    const float value = float_from_half(static_cast<uint16_t>(half));
    if (is_nan_half(half))
      EXPECT_TRUE(std::isnan(value)) << half;
    else
      EXPECT_EQ(std::bit_cast<uint32_t>(value), std::bit_cast<uint32_t>(static_cast<float>(half_by_definition(half))))
          << half;
  }
}

TEST(Half, ComesBackFromFloat) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    const uint16_t back = half_from_float(float_from_half(static_cast<uint16_t>(half)));
    if (is_nan_half(half))
      EXPECT_TRUE(is_nan_half(back)) << half;
    else
      EXPECT_EQ(back, half);
  }
}

// Between each two neighbours: just below the middle, the middle (to even), just above it.
TEST(Half, RoundsToNearestEven) {
  for (uint32_t half = 0; half < 0x7bff; ++half) {
    const double low = half_by_definition(half);
    const double high = half_by_definition(half + 1);
    const auto middle = static_cast<float>((low + high) / 2);  // exact: a float has 13 bits more
    const uint32_t even = (half & 1) == 0 ? half : half + 1;
    ASSERT_EQ(half_from_float(middle), even) << half;
    ASSERT_EQ(half_from_float(-middle), even | 0x8000u) << half;
    ASSERT_EQ(half_from_float(std::nextafter(middle, 0.0f)), half) << half;
    ASSERT_EQ(half_from_float(std::nextafter(middle, 1e9f)), half + 1) << half;
  }
}

TEST(Half, OverflowsToInfinityFromHalfwayOn) {
  EXPECT_EQ(half_from_float(65504), 0x7bff);
  EXPECT_EQ(half_from_float(std::nextafter(65520.0f, 0.0f)), 0x7bff);
  EXPECT_EQ(half_from_float(65520), 0x7c00);
  EXPECT_EQ(half_from_float(-1e30f), 0xfc00);
  EXPECT_EQ(half_from_float(std::numeric_limits<float>::infinity()), 0x7c00);
}

TEST(Bfloat, ComesBackFromFloat) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const uint16_t back = bfloat_from_float(float_from_bfloat(static_cast<uint16_t>(bits)));
    if (is_nan_bfloat(bits))
      EXPECT_TRUE(is_nan_bfloat(back)) << bits;
    else
      EXPECT_EQ(back, bits);
  }
}

TEST(Bfloat, RoundsToNearestEven) {
  for (uint32_t bits = 0; bits < 0x7f80; ++bits) {
    const uint32_t middle = bits << 16 | 0x8000u;
    const uint32_t even = (bits & 1) == 0 ? bits : bits + 1;
    ASSERT_EQ(bfloat_from_float(std::bit_cast<float>(middle)), even) << bits;
    ASSERT_EQ(bfloat_from_float(std::bit_cast<float>(middle - 1)), bits) << bits;
    ASSERT_EQ(bfloat_from_float(std::bit_cast<float>(middle + 1)), bits + 1) << bits;
  }
}

TEST(Bfloat, KeepsANanWhosePayloadLiesLow) {
  EXPECT_TRUE(is_nan_bfloat(bfloat_from_float(std::bit_cast<float>(0x7f800001u))));
  EXPECT_TRUE(is_nan_half(half_from_float(std::bit_cast<float>(0x7f800001u))));
}

}  // namespace
}  // namespace trainyard
