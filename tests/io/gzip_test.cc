#include "engine/io/gzip.h"

#include <gtest/gtest.h>

#include "engine/io/file.h"
#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

using Bytes = std::vector<uint8_t>;

// What gzip -9n makes of "hello hello hello hello\n".
const Bytes kHello{0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9,
                   0x57, 0xc8, 0x40, 0x27, 0xb9, 0x00, 0x00, 0x88, 0x59, 0x0b, 0x18, 0x00, 0x00, 0x00};
const Bytes kUnpacked = bytes_of("hello hello hello hello\n");

std::string refusal(const Bytes& bytes) {
  return thrown_by([&] { gunzip(bytes, "x.gz"); }).code;
}

TEST(Gzip, Unpacks) { EXPECT_EQ(gunzip(kHello, "x"), kUnpacked); }

TEST(Gzip, UnpacksAnEmptyFile) {
  const Bytes empty{0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03,
                    0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
  EXPECT_TRUE(gunzip(empty, "x").empty());
}

TEST(Gzip, SkipsEveryOptionalHeaderField) {
  Bytes bytes{0x1f, 0x8b, 0x08, 0x1e, 0, 0,   0,   0,   0x02, 0x03, 0x03, 0x00, 'a', 'b',  'c',    // FEXTRA of 3 bytes
              'n',  'a',  'm',  'e',  0, 'c', 'o', 'm', 'm',  'e',  'n',  't',  0,   0xf5, 0x07};  // name, comment, CRC
  bytes.insert(bytes.end(), kHello.begin() + 10, kHello.end());
  EXPECT_EQ(gunzip(bytes, "x"), kUnpacked);
}

TEST(Gzip, RefusesAFileCutShortAnywhere) {
  for (size_t size = 0; size < kHello.size(); ++size)
    EXPECT_EQ(refusal(Bytes(kHello.begin(), kHello.begin() + static_cast<long>(size))), "gzip.damaged") << size;
}

TEST(Gzip, NoticesAFlippedBit) {
  for (size_t byte = 10; byte < kHello.size(); ++byte) {
    Bytes bytes = kHello;
    bytes[byte] ^= 0x10;
    EXPECT_THROW(gunzip(bytes, "x"), UserError) << byte;
  }
}

TEST(Gzip, RefusesSeveralMembersAndSaysSo) {
  Bytes twice = kHello;
  twice.insert(twice.end(), kHello.begin(), kHello.end());
  const Bytes empty{0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 0x03, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  Bytes then_empty = kHello;
  then_empty.insert(then_empty.end(), empty.begin(), empty.end());
  EXPECT_EQ(refusal(then_empty), "gzip.damaged");
  // Two alike: the first alone fits size and checksum of the second.
  const Diagnostic diagnostic = thrown_by([&] { gunzip(twice, "x"); });
  EXPECT_NE(diagnostic.fix().find("members"), std::string::npos);
}

TEST(Gzip, HoldsTheSizeAgainstTheLimitFirst) {
  EXPECT_EQ(thrown_by([&] { gunzip(kHello, "x", 23); }).code, "gzip.too_large");
  EXPECT_EQ(gunzip(kHello, "x", 24), kUnpacked);
  Bytes lying = kHello;
  lying[lying.size() - 1] = 0x3f;  // claims a GiB
  EXPECT_EQ(refusal(lying), "gzip.damaged");
}

TEST(Gzip, RefusesOtherMethodsAndReservedFlags) {
  Bytes bytes = kHello;
  bytes[2] = 7;
  EXPECT_EQ(refusal(bytes), "gzip.damaged");
  bytes = kHello;
  bytes[3] = 0x80;
  EXPECT_EQ(refusal(bytes), "gzip.damaged");
}

TEST(Gzip, ComputesThePublishedCheckValueOfCrc32) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xCBF43926u);
  EXPECT_EQ(crc32({}), 0u);
  EXPECT_EQ(crc32(bytes_of("a")), 0xE8B7BE43u);
  EXPECT_EQ(crc32(bytes_of("The quick brown fox jumps over the lazy dog")), 0x414FA339u);
  EXPECT_EQ(gzip_checksum(kHello), crc32(kUnpacked));
}

/// Values by Python's zlib.
TEST(Gzip, ComputesTheCheckValueOfMoreThanItTakesAtATime) {
  EXPECT_EQ(crc32(Bytes(1'000'000, 'a')), 0xDC25BFBCu);
  Bytes bytes(65536 + 13);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i % 251);
  EXPECT_EQ(crc32(bytes), 0x82B416CEu);
}

TEST(Gzip, UnpacksTheMnistTestImages) {
  const std::string path = shared_path("mnist/t10k-images-idx3-ubyte.gz");
  if (!is_file(path)) GTEST_SKIP() << path << " is not there";
  EXPECT_EQ(gunzip(read_file(path), path).size(), 16u + 10000 * 28 * 28);
}

}  // namespace
}  // namespace trainyard
