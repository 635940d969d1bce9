#include "engine/io/safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

#include "engine/io/file.h"
#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

std::vector<uint8_t> file_with(const std::string& header, size_t data_bytes) {
  std::vector<uint8_t> bytes(8 + header.size() + data_bytes);
  const uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

Diagnostic refusal(const std::string& header, size_t data_bytes) {
  return thrown_by([&] { read_safetensors(file_with(header, data_bytes), "x.safetensors"); });
}

TEST(Safetensors, ComesBackAsItWasWritten) {
  SafetensorsFile file;
  file.metadata = {{"format", "trainyard"}, {"quote", "a \"b\" \n \xc3\xa9"}};
  file.add("bytes", Tensor::of<uint8_t>({3}, {1, 2, 255}));
  file.add("kernel", Tensor::of<float>({2, 2}, {1.5f, -2.0f, 0.0f, 3e-40f}));
  file.add("step", Tensor::of<int64_t>({}, {-7}));
  file.add("empty", Tensor(DType::f64, {0, 4}));
  file.add("half", Tensor::of<float>({2}, {1, 2}).cast(DType::f16));
  file.add("brain", Tensor::of<float>({1}, {3}).cast(DType::bf16));
  file.add("index", Tensor::of<int32_t>({1}, {-1}));
  file.add("flag", Tensor::of<uint8_t>({2}, {0, 1}).cast(DType::boolean));

  const std::vector<uint8_t> bytes = write_safetensors(file);
  const SafetensorsFile back = read_safetensors(bytes, "x");
  EXPECT_EQ(back.metadata, file.metadata);
  ASSERT_EQ(back.tensors.size(), file.tensors.size());
  for (size_t i = 0; i < file.tensors.size(); ++i) {
    const auto& [name, tensor] = file.tensors[i];
    EXPECT_EQ(back.tensors[i].first, name);
    EXPECT_EQ(back.tensors[i].second.dtype(), tensor.dtype()) << name;
    EXPECT_EQ(back.tensors[i].second.shape(), tensor.shape()) << name;
    EXPECT_EQ(std::memcmp(back.tensors[i].second.data(), tensor.data(), tensor.bytes()), 0) << name;
  }
  EXPECT_EQ(write_safetensors(back), bytes);
}

TEST(Safetensors, HoldsTheBytesThatTheFormatPrescribes) {
  SafetensorsFile file;
  file.add("a", Tensor::of<uint8_t>({1}, {9}));
  file.add("b", Tensor::of<int32_t>({1}, {1}));
  const std::string header =
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},"b":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}})";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  std::vector<uint8_t> expected = file_with(padded, 5);
  expected[expected.size() - 5] = 1;
  expected.back() = 9;
  EXPECT_EQ(write_safetensors(file), expected);
  EXPECT_EQ((expected.size() - 5) % 8, 0u);
}

TEST(Safetensors, HoldsMetadataAlone) {
  SafetensorsFile file;
  file.metadata["a"] = "b";
  EXPECT_EQ(read_safetensors(write_safetensors(file), "x").metadata.at("a"), "b");
  EXPECT_TRUE(read_safetensors(write_safetensors({}), "x").tensors.empty());
}

TEST(Safetensors, FindsATensorByName) {
  SafetensorsFile file;
  file.add("a", Tensor::of<float>({1}, {4}));
  ASSERT_NE(file.find("a"), nullptr);
  EXPECT_EQ(file.find("a")->span<float>()[0], 4);
  EXPECT_EQ(file.find("b"), nullptr);
}

TEST(Safetensors, RefusesAFileCutShort) {
  SafetensorsFile file;
  file.add("weights", Tensor::of<float>({2}, {1, 2}));
  std::vector<uint8_t> bytes = write_safetensors(file);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::span<const uint8_t> part(bytes.data(), size);
    EXPECT_THROW(read_safetensors(part, "x"), UserError) << size << " of " << bytes.size();
  }
  bytes.push_back(0);
  const Diagnostic surplus = thrown_by([&] { read_safetensors(bytes, "x"); });
  EXPECT_EQ(surplus.code, "safetensors.gap");
}

TEST(Safetensors, RefusesAHugeHeaderWithoutReadingIt) {
  std::vector<uint8_t> bytes(16, 0xff);
  const Diagnostic diagnostic = thrown_by([&] { read_safetensors(bytes, "big.safetensors"); });
  EXPECT_EQ(diagnostic.code, "safetensors.header_too_large");
  EXPECT_EQ(diagnostic.path, "big.safetensors");
}

TEST(Safetensors, NamesTheTensorThatIsWrong) {
  const struct {
    const char* header;
    size_t data;
    const char* code;
  } cases[] = {
      {R"({"w":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}})", 1, "safetensors.dtype"},
      {R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "safetensors.size_mismatch"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 3, "safetensors.offsets"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "safetensors.offsets"},
      {R"({"w":{"dtype":"F32","shape":[4611686018427387904,8],"data_offsets":[0,0]}})", 0,
       "safetensors.shape_overflow"},
      {R"({"w":{"dtype":"U8","shape":[0,9223372036854775807,2],"data_offsets":[0,0]}})", 0,
       "safetensors.shape_overflow"},
      {R"({"w":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "safetensors.entry"},
      {R"({"w":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", 4, "safetensors.entry"},
      {R"({"w":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, "safetensors.entry"},
      {R"({"w":{"dtype":"F32","shape":[1]}})", 4, "safetensors.entry"},
      {R"({"w":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", 4, "safetensors.entry"},
      {R"({"w":[]})", 0, "safetensors.entry"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"w":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
       3, "safetensors.overlap"},
  };
  for (const auto& c : cases) {
    const Diagnostic diagnostic = refusal(c.header, c.data);
    EXPECT_EQ(diagnostic.code, c.code) << c.header;
    EXPECT_NE(diagnostic.message().find("'w'"), std::string::npos) << diagnostic.message();
  }
}

TEST(Safetensors, RefusesDataThatNobodyOwns) {
  EXPECT_EQ(refusal(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2).code, "safetensors.gap");
  EXPECT_EQ(refusal(R"({"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 2).code, "safetensors.gap");
  EXPECT_EQ(refusal("{}", 1).code, "safetensors.gap");
}

TEST(Safetensors, RefusesAHeaderThatIsNoTable) {
  EXPECT_EQ(refusal("[]", 0).code, "safetensors.header");
  EXPECT_EQ(refusal(R"({"__metadata__":[]})", 0).code, "safetensors.header");
  EXPECT_EQ(refusal(R"({"__metadata__":{"a":1}})", 0).code, "safetensors.header");
  EXPECT_EQ(refusal("{", 0).code, "json.syntax");
  EXPECT_EQ(refusal(R"({"w":{},"w":{}})", 0).code, "json.duplicate_key");
}

TEST(Safetensors, RefusesABoolThatIsNeitherTrueNorFalse) {
  std::vector<uint8_t> bytes = file_with(R"({"w":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}})", 1);
  bytes.back() = 2;
  EXPECT_EQ(thrown_by([&] { read_safetensors(bytes, "x"); }).code, "safetensors.entry");
}

TEST(Safetensors, RefusesToWriteANameTwice) {
  SafetensorsFile file;
  file.add("a", Tensor(DType::f32, {1}));
  file.add("a", Tensor(DType::f32, {1}));
  EXPECT_THROW(write_safetensors(file), InternalError);
}

TEST(Safetensors, GoesThroughAFile) {
  const ScratchFolder scratch;
  SafetensorsFile file;
  file.add("a", Tensor::of<float>({2}, {1, 2}));
  save_safetensors(scratch.file("m.safetensors"), file);
  EXPECT_EQ(load_safetensors(scratch.file("m.safetensors")).find("a")->span<float>()[1], 2);
  EXPECT_EQ(folder_entries(scratch.path()), std::vector<std::string>{"m.safetensors"});
}

TEST(Safetensors, ReadsAFileThatTheReferenceImplementationWrote) {
  const std::string path = shared_path("golden/layer.Activation.elu.safetensors");
  if (!is_file(path)) GTEST_SKIP() << path << " is not there";
  const SafetensorsFile file = load_safetensors(path);
  EXPECT_TRUE(file.metadata.count("config"));
  EXPECT_NE(file.find("input.0"), nullptr);
  EXPECT_NE(file.find("output.0"), nullptr);
}

}  // namespace
}  // namespace trainyard
