#include "engine/data/dataset.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/data/iris.h"
#include "engine/data/table.h"
#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

Dataset small() {
  Dataset dataset;
  dataset.name = "small";
  dataset.x_train = Tensor::of<float>({3, 1}, {1, 2, 3});
  dataset.y_train = Tensor::of<int32_t>({3}, {0, 1, 1});
  dataset.x_test = Tensor(DType::f32, {0, 1});
  dataset.y_test = Tensor(DType::i32, {0});
  dataset.labels = {"a", "b"};
  return dataset;
}

TEST(Dataset, PassesItsCheckWhenWhole) { EXPECT_NO_THROW(check_dataset(small())); }

TEST(Dataset, NamesTheRowThatIsWrong) {
  Dataset dataset = small();
  dataset.y_train = Tensor::of<int32_t>({3}, {0, 1, 2});
  Diagnostic diagnostic = thrown_by([&] { check_dataset(dataset); });
  EXPECT_EQ(diagnostic.text(), "small.train: label 2 of row 2 is not one of the 2 classes (labels count from 0)");

  dataset = small();
  dataset.x_train = Tensor::of<float>({3, 1}, {1, std::nanf(""), 3});
  diagnostic = thrown_by([&] { check_dataset(dataset); });
  EXPECT_EQ(diagnostic.code, "data.not_finite");
  EXPECT_NE(diagnostic.text().find("row 1"), std::string::npos);
}

TEST(Dataset, CountsItsClasses) {
  EXPECT_EQ(class_counts(small().y_train, 2), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(class_counts(small().y_train, 3), (std::vector<int64_t>{1, 2, 0}));
}

TEST(Dataset, DescribesItself) {
  const Json info = dataset_info(iris());
  EXPECT_EQ(info["name"], "iris");
  EXPECT_EQ(info["task"], "classification");
  EXPECT_EQ(info["train"], 120);
  EXPECT_EQ(info["test"], 30);
  EXPECT_EQ(info["shape"], Json::array({4}));
  EXPECT_EQ(info["dtype"], "float32");
  EXPECT_EQ(info["labels"][2]["name"], "virginica");
  EXPECT_EQ(info["labels"][2]["train"], 40);
  EXPECT_EQ(info["features"][0]["name"], "sepal_length");
  EXPECT_EQ(info["notes"].size(), 0u);
}

TEST(Table, IsStandardisedByItsTrainingRows) {
  Dataset dataset = small();
  dataset.x_train = Tensor::of<float>({3, 2}, {1, 5, 2, 5, 3, 5});
  dataset.x_test = Tensor::of<float>({1, 2}, {4, 6});
  standardize(dataset);
  EXPECT_DOUBLE_EQ(dataset.standardization.mean[0], 2);
  EXPECT_DOUBLE_EQ(dataset.standardization.deviation[0], std::sqrt(2.0 / 3));
  EXPECT_DOUBLE_EQ(dataset.standardization.deviation[1], 1);  // never changes
  EXPECT_FLOAT_EQ(dataset.x_train.span<float>()[0], static_cast<float>(-1 / std::sqrt(2.0 / 3)));
  EXPECT_FLOAT_EQ(dataset.x_train.span<float>()[1], 0);
  EXPECT_FLOAT_EQ(dataset.x_test.span<float>()[0], static_cast<float>(2 / std::sqrt(2.0 / 3)));
  EXPECT_FLOAT_EQ(dataset.x_test.span<float>()[1], 1);
}

}  // namespace
}  // namespace trainyard
