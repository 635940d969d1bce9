#include "engine/data/csv_dataset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

using Names = std::vector<std::string>;

Dataset load(const std::string& text,
             const CsvDatasetOptions& options = {.target = "", .usual_target = "", .test_split = 0}) {
  const std::vector<uint8_t> bytes = bytes_of(text);
  return dataset_from_csv("t", read_csv(bytes, "t.csv"), "t.csv", options);
}
Diagnostic refusal(const std::string& text, const std::string& target = "") {
  return thrown_by([&] { load(text, {.target = target, .usual_target = "", .test_split = 0}); });
}

/// Column `feature` before it was standardised.
std::vector<double> column(const Dataset& dataset, size_t feature) {
  std::vector<double> values;
  for (size_t row = 0; row < static_cast<size_t>(dataset.train_count()); ++row)
    values.push_back(std::round(1e4 * (dataset.x_train.span<float>()[row * dataset.features.size() + feature] *
                                           dataset.standardization.deviation[feature] +
                                       dataset.standardization.mean[feature])) /
                     1e4);
  return values;
}

TEST(CsvDataset, TakesTheLastColumnForTheTarget) {
  const Dataset dataset = load("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n");
  EXPECT_EQ(dataset.features, (Names{"a", "b"}));
  EXPECT_EQ(dataset.target, "kind");
  EXPECT_EQ(dataset.labels, (Names{"x", "y"}));
  EXPECT_EQ(dataset.task, Task::classification);
  EXPECT_EQ(column(dataset, 1), (std::vector<double>{2, 4, 6}));
  EXPECT_TRUE(dataset.notes.items().empty());
}

TEST(CsvDataset, TakesAnotherColumnWhenAsked) {
  const Dataset dataset = load("kind,a\nx,2\ny,4\n", {.target = "kind", .usual_target = "", .test_split = 0});
  EXPECT_EQ(dataset.features, Names{"a"});
  EXPECT_EQ(dataset.target, "kind");
  const Diagnostic unknown = refusal("kind,a\nx,2\ny,4\n", "colour");
  EXPECT_EQ(unknown.text(), "t.csv: has no column 'colour' (its columns: kind, a)");
}

TEST(CsvDataset, SortsClassesByName) {
  const Dataset dataset = load("a,kind\n1,zebra\n2,ant\n3,zebra\n4,mole\n");
  EXPECT_EQ(dataset.labels, (Names{"ant", "mole", "zebra"}));
  EXPECT_EQ(dataset.y_train.span<int32_t>()[0], 2);
  EXPECT_EQ(dataset.y_train.span<int32_t>()[1], 0);
}

TEST(CsvDataset, MakesAFeatureOfEveryWord) {
  const Dataset dataset = load("colour,size,kind\nred,1,x\nblue,2,y\nred,3,x\n");
  EXPECT_EQ(dataset.features, (Names{"colour=blue", "colour=red", "size"}));
  EXPECT_EQ(column(dataset, 0), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(column(dataset, 1), (std::vector<double>{1, 0, 1}));
}

TEST(CsvDataset, ClassifiesFewWholeNumbersAndSaysSo) {
  const Dataset dataset = load("a,grade\n1,10\n2,9\n3,10\n4,9\n5,-3\n6,10\n");
  EXPECT_EQ(dataset.task, Task::classification);
  EXPECT_EQ(dataset.labels, (Names{"-3", "9", "10"}));
  EXPECT_EQ(dataset.y_train.span<int32_t>()[0], 2);
  EXPECT_EQ(dataset.notes.items().at(0).code, "csv.classified");
}

TEST(CsvDataset, RegressesFractionsAndManyNumbersAndSaysSo) {
  const Dataset fractions = load("a,price\n1,1.5\n2,1\n3,1\n4,1\n");
  EXPECT_EQ(fractions.task, Task::regression);
  EXPECT_EQ(fractions.y_train.shape(), Shape({4, 1}));
  EXPECT_FLOAT_EQ(fractions.y_train.span<float>()[0], 1.5f);
  EXPECT_EQ(fractions.notes.items().at(0).code, "csv.regressed_fractions");
  EXPECT_TRUE(fractions.labels.empty());

  std::string text = "a,n\n";
  for (int i = 0; i < 100; ++i) text += "1," + std::to_string(i % 40) + "\n";
  EXPECT_EQ(load(text).notes.items().at(0).code, "csv.regressed_many");
  EXPECT_EQ(load("a,n\n1,1\n2,2\n3,3\n").task, Task::regression);  // nearly every row another
}

TEST(CsvDataset, NamesLineAndColumnOfAMissingValue) {
  for (const char* missing : {"", "NA", "NaN", "?", "null"}) {
    const Diagnostic diagnostic = refusal("a,b,kind\n1,2,x\n3," + std::string(missing) + ",y\n");
    EXPECT_EQ(diagnostic.code, "csv.missing_value");
    EXPECT_EQ(diagnostic.path, "t.csv:3");
    EXPECT_NE(diagnostic.message().find("'b'"), std::string::npos);
  }
  EXPECT_EQ(refusal("a,kind\n1,x\n2,\n").path, "t.csv:3");  // the target too
}

TEST(CsvDataset, NamesAWordAmongNumbers) {
  const Diagnostic diagnostic = refusal("a,kind\n1,x\n2,y\noops,x\n4,y\n");
  EXPECT_EQ(diagnostic.text(), "t.csv:4: column 'a' holds numbers, but 'oops' is none");
  EXPECT_EQ(refusal("a,kind\n1,x\n2,y\n1e39,x\n").code, "csv.not_a_number");  // no float32
}

TEST(CsvDataset, KeepsAColumnOfManyWordsAsTextOnly) {
  std::string text = "name,a,kind\n";
  for (int i = 0; i < 150; ++i) text += "name" + std::to_string(i) + ",1" + (i % 2 == 0 ? ",x\n" : ",y\n");
  const Dataset dataset = load(text);
  EXPECT_EQ(dataset.features, std::vector<std::string>{"a"});
  EXPECT_EQ(dataset.text_columns, std::vector<std::string>{"name"});
  ASSERT_EQ(dataset.text_train.values.size(), static_cast<size_t>(dataset.train_count()));
  EXPECT_EQ(dataset.text_train.values.front().substr(0, 4), "name");
  ASSERT_FALSE(dataset.notes.items().empty());
  EXPECT_EQ(dataset.notes.items().front().code, "csv.text");
}

TEST(CsvDataset, NeedsAFeature) { EXPECT_EQ(refusal("kind\nx\ny\n").code, "csv.one_column"); }

TEST(CsvDataset, KeepsAShareOfEachClassForTheTest) {
  std::string text = "a,kind\n";
  for (int i = 0; i < 50; ++i) text += std::to_string(i) + (i % 5 == 0 ? ",rare\n" : ",common\n");
  const Dataset dataset = load(text, {.target = "", .usual_target = "", .seed = 4, .test_split = 0.2});
  EXPECT_EQ(class_counts(dataset.y_test, 2), (std::vector<int64_t>{8, 2}));
  EXPECT_EQ(dataset.train_count(), 40);
}

/// Sixty rows, sorted by their class: a is 0 .. 59.
std::string sorted_table() {
  std::string text = "a,name,kind\n";
  for (int i = 0; i < 60; ++i) text += std::to_string(i) + ",n" + std::to_string(i) + (i < 30 ? ",first\n" : ",last\n");
  return text;
}

TEST(CsvDataset, KeepsTheRowsInTheirOrderUnlessAskedToMixThem) {
  const Dataset kept = load(sorted_table());
  EXPECT_FALSE(kept.mixed);
  for (size_t row = 0; row < 60; ++row) EXPECT_EQ(column(kept, 0)[row], static_cast<double>(row));

  const auto mix = [](uint64_t seed) {
    return load(sorted_table(), {.target = "", .usual_target = "", .seed = seed, .test_split = 0, .shuffle = true});
  };
  const Dataset mixed = mix(3);
  EXPECT_TRUE(mixed.mixed);
  std::vector<double> a = column(mixed, 0);
  const auto labels = mixed.y_train.span<int32_t>();
  for (size_t row = 0; row < 60; ++row) {
    EXPECT_EQ(labels[row], a[row] < 30 ? 0 : 1) << "rows stay whole";
    EXPECT_EQ(mixed.text_train.values[row], "n" + std::to_string(static_cast<int>(a[row])));
  }
  EXPECT_EQ(std::set<int32_t>(labels.begin() + 48, labels.end()).size(), 2U) << "the last fifth has both classes";
  EXPECT_EQ(column(mix(3), 0), a);
  EXPECT_NE(column(mix(4), 0), a);
  std::sort(a.begin(), a.end());
  EXPECT_EQ(a, column(kept, 0)) << "every row once";
}

TEST(CsvDataset, MixesTheTrainingRowsOnly) {
  const CsvDatasetOptions kept{.target = "", .usual_target = "", .seed = 3};
  CsvDatasetOptions mixed = kept;
  mixed.shuffle = true;
  EXPECT_EQ(load(sorted_table(), mixed).text_test.values, load(sorted_table(), kept).text_test.values);
}

}  // namespace
}  // namespace trainyard
