#include "engine/data/registry.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/data/idx.h"
#include "engine/io/file.h"
#include "tests/data/pictures.h"
#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

std::vector<uint8_t> grey(int value) {
  return png_of(5, 5, 1, [value](int, int, int) { return value; });
}

/// Two training and one test file pair of IDX.
void write_idx_files(const ScratchFolder& folder) {
  write_file(folder.file("train-images-idx3-ubyte"), write_idx(Tensor(DType::u8, {4, 3, 3})));
  write_file(folder.file("train-labels-idx1-ubyte"), write_idx(Tensor::of<uint8_t>({4}, {0, 1, 0, 1})));
  write_file(folder.file("t10k-images-idx3-ubyte"), write_idx(Tensor(DType::u8, {1, 3, 3})));
  write_file(folder.file("t10k-labels-idx1-ubyte"), write_idx(Tensor::of<uint8_t>({1}, {1})));
}

TEST(Registry, ListsTheBuiltInSets) {
  std::vector<std::string> names;
  for (const BuiltinDataset& builtin : builtin_datasets()) names.emplace_back(builtin.name);
  EXPECT_EQ(names, (std::vector<std::string>{"iris", "digits", "mnist"}));
}

TEST(Registry, LoadsABuiltInSetByName) {
  EXPECT_EQ(load_dataset("iris").name, "iris");
  std::string told;
  DatasetOptions options;
  options.train_samples = 30;
  options.test_samples = 5;
  options.report = [&](const std::string& message) { told = message; };
  EXPECT_EQ(load_dataset("digits", options).train_count(), 30);
  EXPECT_EQ(told, "drawing 35 digits");
}

TEST(Registry, LoadsATable) {
  const ScratchFolder scratch;
  write_file(scratch.file("flowers.csv"), bytes_of("a,kind\n1,x\n2,y\n3,x\n4,y\n"));
  const Dataset dataset = load_dataset(scratch.file("flowers.csv"));
  EXPECT_EQ(dataset.name, "flowers");
  EXPECT_EQ(dataset.test_count(), 2);
  EXPECT_EQ(dataset.source, scratch.file("flowers.csv"));
  EXPECT_EQ(load_dataset(scratch.path()).classes(), 2);  // the folder holds nothing else
}

TEST(Registry, LoadsIdxFilesOfAFolder) {
  const ScratchFolder scratch;
  write_idx_files(scratch);
  const Dataset dataset = load_dataset(scratch.path());
  EXPECT_EQ(dataset.train_count(), 4);
  EXPECT_EQ(dataset.test_count(), 1);
  EXPECT_EQ(dataset.sample_shape(), Shape({3, 3, 1}));
}

TEST(Registry, NamesTheIdxFileThatIsMissing) {
  const ScratchFolder scratch;
  write_idx_files(scratch);
  std::filesystem::remove(scratch.file("t10k-labels-idx1-ubyte"));
  EXPECT_NE(thrown_by([&] { load_dataset(scratch.path()); }).text().find("no test labels"), std::string::npos);
  std::filesystem::remove(scratch.file("t10k-images-idx3-ubyte"));
  EXPECT_EQ(load_dataset(scratch.path()).test_count(), 0);
  write_file(scratch.file("more-images-idx3-ubyte"), write_idx(Tensor(DType::u8, {4, 3, 3})));
  EXPECT_EQ(thrown_by([&] { load_dataset(scratch.path()); }).code, "data.idx_twice");
}

TEST(Registry, LoadsPicturesFromAFolderForEachClass) {
  const ScratchFolder scratch;
  for (const char* label : {"cat", "dog"}) {
    make_folders(scratch.file(label));
    for (int i = 0; i < 5; ++i)
      write_file(scratch.file(std::string(label) + "/" + std::to_string(i) + ".png"), grey(label[0] == 'c' ? 10 : 90));
  }
  DatasetOptions options;
  options.height = 4;
  options.width = 3;
  const Dataset dataset = load_dataset(scratch.path(), options);
  EXPECT_EQ(dataset.labels, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(dataset.sample_shape(), Shape({4, 3, 1}));
  EXPECT_EQ(dataset.train_count(), 8);
  EXPECT_EQ(class_counts(dataset.y_test, 2), (std::vector<int64_t>{1, 1}));
  for (size_t i = 0; i < 8; ++i)
    EXPECT_EQ(dataset.x_train.span<uint8_t>()[i * 12], dataset.y_train.span<int32_t>()[i] == 0 ? 10 : 90);
}

TEST(Registry, MixesWhatMayBeSortedByClassUnlessToldToKeepItsOrder) {
  const std::vector<uint8_t> picture = grey(7);
  std::vector<NamedBytes> pets;
  for (const char* label : {"cat/", "dog/"})
    for (int i = 0; i < 20; ++i) pets.push_back({label + std::to_string(i) + ".png", picture});
  const auto labels = [&](bool shuffle) {
    DatasetOptions options;
    options.shuffle = shuffle;
    options.test_split = 0;
    const Dataset dataset = dataset_from_files("pets", pets, options);
    EXPECT_EQ(dataset.mixed, shuffle);
    const auto y = dataset.y_train.span<int32_t>();
    return std::vector<int32_t>(y.begin(), y.end());
  };
  const std::vector<int32_t> kept = labels(false);
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
  const std::vector<int32_t> mixed = labels(true);
  EXPECT_EQ(std::count(mixed.begin(), mixed.end(), 1), 20);
  EXPECT_NE(std::count(mixed.end() - 8, mixed.end(), 1), 8);
  EXPECT_TRUE(load_dataset("iris").mixed);
  DatasetOptions few;
  few.train_samples = 10;
  few.test_samples = 0;
  EXPECT_FALSE(load_dataset("digits", few).mixed);
}

TEST(Registry, KeepsATestFolderForTheTest) {
  const std::vector<uint8_t> picture = grey(7);
  const std::vector<NamedBytes> files{
      {"train/a/1.png", picture}, {"train/b/2.png", picture}, {"test/a/3.png", picture}};
  const Dataset dataset = dataset_from_files("pets", files, {});
  EXPECT_EQ(dataset.train_count(), 2);
  EXPECT_EQ(dataset.test_count(), 1);
  EXPECT_EQ(dataset.classes(), 2);
}

TEST(Registry, NamesThePictureThatIsDamaged) {
  const std::vector<uint8_t> good = grey(7);
  const std::vector<uint8_t> bad = bytes_of("no picture");
  const std::vector<NamedBytes> files{{"a/1.png", good}, {"a/2.png", bad}, {"b/3.png", good}};
  EXPECT_EQ(thrown_by([&] { dataset_from_files("pets", files, {}); }).path, "a/2.png");
  EXPECT_EQ(thrown_by([&] { dataset_from_files("pets", {{"1.png", good}}, {}); }).code, "data.picture_class");
}

TEST(Registry, RefusesANameThatIsNoText) {
  const std::vector<uint8_t> picture = grey(7);
  EXPECT_EQ(thrown_by([&] {
              dataset_from_files("pets", {{"\xff/1.png", picture}}, {});
            }).text(),
            "?/1.png: has a name that is not UTF-8 (rename it)");
}

TEST(Registry, SaysWhatItWantsWhenItGetsSomethingElse) {
  const ScratchFolder scratch;
  EXPECT_EQ(thrown_by([&] { load_dataset(scratch.path()); }).code, "data.files");
  const std::vector<uint8_t> table = bytes_of("a,b\n1,2\n");
  EXPECT_EQ(thrown_by([&] { dataset_from_files("x", {{"a.csv", table}, {"b.csv", table}}, {}); }).code, "data.files");
  EXPECT_EQ(thrown_by([] { load_dataset("mnits"); }).text(),
            "mnits: is neither a built-in data set nor a file or folder (built-in: iris, digits, mnist)");
}

}  // namespace
}  // namespace trainyard
