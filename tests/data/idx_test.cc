#include "engine/data/idx.h"

#include <gtest/gtest.h>

#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

using Bytes = std::vector<uint8_t>;

Diagnostic refusal(const Bytes& bytes) {
  return thrown_by([&] { read_idx(bytes, "x.idx"); });
}

TEST(Idx, ReadsEveryType) {
  EXPECT_EQ(read_idx(Bytes{0, 0, 0x08, 1, 0, 0, 0, 2, 7, 255}, "").span<uint8_t>()[1], 255);
  EXPECT_EQ(read_idx(Bytes{0, 0, 0x09, 1, 0, 0, 0, 2, 7, 255}, "").span<int32_t>()[1], -1);
  EXPECT_EQ(read_idx(Bytes{0, 0, 0x0b, 1, 0, 0, 0, 1, 0xff, 0xfe}, "").span<int32_t>()[0], -2);
  EXPECT_EQ(read_idx(Bytes{0, 0, 0x0c, 1, 0, 0, 0, 1, 0, 1, 0, 2}, "").span<int32_t>()[0], 65538);
  EXPECT_EQ(read_idx(Bytes{0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0}, "").span<float>()[0], 1.5f);
  EXPECT_EQ(read_idx(Bytes{0, 0, 0x0e, 1, 0, 0, 0, 1, 0xbf, 0xf0, 0, 0, 0, 0, 0, 0}, "").span<double>()[0], -1.0);
}

TEST(Idx, ReadsShapesRowByRow) {
  const Tensor tensor = read_idx(Bytes{0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}, "");
  EXPECT_EQ(tensor.shape(), Shape({1, 2, 3}));
  EXPECT_EQ(tensor.span<uint8_t>()[5], 6);
}

TEST(Idx, ComesBackAsItWasWritten) {
  const Tensor tensor = Tensor::of<double>({2, 2}, {1, -2.5, 1e300, 0});
  const Tensor back = read_idx(write_idx(tensor), "");
  EXPECT_EQ(back.shape(), tensor.shape());
  EXPECT_EQ(std::memcmp(back.data(), tensor.data(), tensor.bytes()), 0);
  EXPECT_EQ(read_idx(write_idx(Tensor::of<int32_t>({1}, {-5})), "").span<int32_t>()[0], -5);
}

TEST(Idx, ReadsGzip) {
  // gzip -9n of {0, 0, 8, 1, 0, 0, 0, 2, 5, 6}
  const Bytes packed{0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x63, 0x60, 0xe0, 0x60, 0x64,
                     0x60, 0x60, 0x60, 0x62, 0x65, 0x03, 0x00, 0x69, 0xfd, 0x88, 0x01, 0x0a, 0x00, 0x00, 0x00};
  EXPECT_EQ(read_idx(packed, "").span<uint8_t>()[1], 6);
}

TEST(Idx, RefusesAFileCutShortOrTooLong) {
  const Bytes whole{0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2};
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(read_idx(std::span(whole.data(), size), "x"), UserError) << size;
  Bytes longer = whole;
  longer.push_back(3);
  EXPECT_EQ(refusal(longer).code, "idx.longer");
  EXPECT_EQ(refusal(longer).path, "x.idx");
}

TEST(Idx, RefusesWhatIsNone) {
  EXPECT_EQ(refusal(bytes_of("hello world")).code, "idx.magic");
  EXPECT_EQ(refusal({0, 0, 7, 1, 0, 0, 0, 0}).code, "idx.dtype");
  EXPECT_EQ(refusal({0, 0, 8, 0}).code, "idx.rank");
  EXPECT_EQ(refusal({0, 0, 8, 9}).code, "idx.rank");
  EXPECT_EQ(refusal({0, 0, 8, 2, 255, 0, 0, 0, 0, 0, 0, 0}).code, "idx.empty_dimension");
}

TEST(Idx, RefusesSizesBeyondAnyMemory) {
  Bytes bytes{0, 0, 0x0e, 8};
  bytes.resize(4 + 32, 0xff);
  EXPECT_EQ(refusal(bytes).code, "idx.size");
}

TEST(IdxDataset, AddsAChannelAndNamesTheClasses) {
  const Tensor x = Tensor(DType::u8, {3, 4, 5});
  const Tensor y = Tensor::of<uint8_t>({3}, {0, 2, 1});
  const Dataset dataset = dataset_from_idx("mine", x, y, {}, {});
  EXPECT_EQ(dataset.sample_shape(), Shape({4, 5, 1}));
  EXPECT_EQ(dataset.labels, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(dataset.y_train.dtype(), DType::i32);
  EXPECT_DOUBLE_EQ(dataset.scale, 1.0 / 255);
  EXPECT_EQ(dataset.test_count(), 0);
  EXPECT_EQ(dataset.x_test.shape(), Shape({0, 4, 5, 1}));
}

TEST(IdxDataset, RefusesTensorsThatDoNotFit) {
  const Tensor x = Tensor(DType::u8, {3, 4, 5});
  const Tensor y = Tensor::of<uint8_t>({3}, {0, 2, 1});
  const auto code = [](const auto& action) { return thrown_by(action).code; };
  EXPECT_EQ(code([&] { dataset_from_idx("m", x, Tensor(DType::u8, {2}), {}, {}); }), "data.count_mismatch");
  EXPECT_EQ(code([&] { dataset_from_idx("m", Tensor(DType::u8, {3}), y, {}, {}); }), "data.images_rank");
  EXPECT_EQ(code([&] { dataset_from_idx("m", x, Tensor(DType::f32, {3}), {}, {}); }), "data.labels_rank");
  EXPECT_EQ(code([&] { dataset_from_idx("m", x, Tensor::of<int32_t>({3}, {0, -1, 0}), {}, {}); }), "data.label_range");
  EXPECT_EQ(code([&] {
              dataset_from_idx("m", x, Tensor::of<int32_t>({3}, {0, 1'000'000, 0}), {}, {});
            }),
            "data.too_many_classes");
  EXPECT_EQ(code([&] {
              dataset_from_idx("m", x, y, Tensor(DType::u8, {1, 5, 5}), Tensor(DType::u8, {1}));
            }),
            "data.shape_mismatch");
  EXPECT_EQ(code([&] {
              dataset_from_idx("m", Tensor(DType::u8, {0, 4, 5}), Tensor(DType::u8, {0}), {}, {});
            }),
            "data.no_samples");
}

}  // namespace
}  // namespace trainyard
