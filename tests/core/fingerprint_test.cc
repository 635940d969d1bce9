#include "engine/core/fingerprint.h"

#include <gtest/gtest.h>

namespace trainyard {
namespace {

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

// Published: Guava's FarmHashFingerprint64Test, TensorFlow's fingerprint_test, BigQuery's page on FARM_FINGERPRINT.
TEST(FarmFingerprint, GivesThePublishedValuesAtEveryLength) {
  EXPECT_EQ(farm_fingerprint64(""), 0x9ae16a3b2f90404fU);
  EXPECT_EQ(farm_fingerprint64("test"), 8581389452482819506U);
  EXPECT_EQ(farm_fingerprint64("Hello"), 15404698994557526151U);
  EXPECT_EQ(farm_fingerprint64("World"), 18308117990299812472U);
  EXPECT_EQ(static_cast<int64_t>(farm_fingerprint64("1footrue")), -1541654101129638711);
  EXPECT_EQ(static_cast<int64_t>(farm_fingerprint64("2applefalse")), 2794438866806483259);
  EXPECT_EQ(static_cast<int64_t>(farm_fingerprint64(repeated("test", 8))), -4196240717365766262);
  EXPECT_EQ(static_cast<int64_t>(farm_fingerprint64(repeated("test", 64))), 3500507768004279527);
}

TEST(FarmFingerprint, ReadsEveryByteAtEveryLength) {
  for (size_t length = 1; length <= 200; ++length) {
    const std::string text = repeated("x", static_cast<int>(length));
    for (size_t i = 0; i < length; ++i) {
      std::string other = text;
      other[i] = 'y';
      ASSERT_NE(farm_fingerprint64(text), farm_fingerprint64(other)) << length << " " << i;
    }
  }
}

// The vector of the paper's appendix: key and message of rising bytes.
TEST(SipHash, GivesThePapersVector) {
  std::string message;
  for (char c = 0; c < 15; ++c) message += c;
  EXPECT_EQ(sip_hash64(message, {0x0706050403020100, 0x0f0e0d0c0b0a0908}), 0xa129ca6149be45e5);
}

// The example in Keras's documentation of HashedCrossing.
TEST(CombinedFingerprints, GiveTensorFlowsCrosses) {
  const auto bucket = [](const char* text, uint64_t number) {
    return combine_fingerprints(combine_fingerprints(kCrossHashKey, farm_fingerprint64(text)), number) % 5;
  };
  EXPECT_EQ(bucket("A", 101), 1U);
  EXPECT_EQ(bucket("B", 101), 4U);
  EXPECT_EQ(bucket("B", 102), 1U);
  EXPECT_EQ(bucket("A", 102), 3U);
}

}  // namespace
}  // namespace trainyard
