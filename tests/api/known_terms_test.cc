// Tables beside the one that a model learned, through the requests of a page.
#include "engine/api/known_terms.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "engine/api/session_factory.h"
#include "engine/api/workbench.h"
#include "tests/train/training_fixture.h"

namespace trainyard::testing {
namespace {

/// Classes a, b and c lie at 0, 10 and 20 of x.
const char* const kThree = "x,colour,k\n0,red,a\n10,blue,b\n20,red,c\n0.5,blue,a\n10.5,red,b\n20.5,blue,c\n";
/// One class, columns in another order, a word that the training had not and another that it lacks.
const char* const kOne = "k,colour,x\nc,red,20.3\nc,green,20.5\nc,red,21\n";

Json table_request(double test_fraction = 0) {
  return {{"kind", "csv"}, {"name", "table.csv"}, {"label", "k"}, {"test_fraction", test_fraction}};
}

std::vector<NamedBytes> file(const std::string& text) {
  static std::vector<std::vector<uint8_t>> kept;
  kept.emplace_back(text.begin(), text.end());
  return {{"table.csv", kept.back()}};
}

class KnownTerms : public ::testing::Test {
 protected:
  static Json model() {
    return sequential({3}, {keras_layer("Dense", {{"name", "k"}, {"units", 3}, {"activation", "softmax"}})});
  }
  static void fit(Workbench& workbench, int epochs) {
    workbench.begin_fit({{"epochs", epochs},
                         {"batch_size", 3},
                         {"optimizer", {{"class_name", "Adam"}, {"config", {{"learning_rate", 0.1}}}}},
                         {"loss", "sparse_categorical_crossentropy"},
                         {"metrics", {"accuracy"}}});
    while (workbench.train_for(1)["more"].get<bool>()) continue;
  }
  void SetUp() override {
    trained_.load_data(table_request(), file(kThree));
    trained_.load_model({{"model", model()}, {"seed", 1}});
    fit(trained_, 200);
    ASSERT_EQ(trained_.evaluate({{"split", "train"}})["logs"]["accuracy"], 1.0);
    saved_ = trained_.save();
  }
  static void expect_all_read(Workbench& workbench) {
    const Json measured = workbench.evaluate({{"split", "train"}});
    EXPECT_EQ(measured["confusion"], Json::parse("[[0,0,0],[0,0,0],[0,0,3]]"));
    EXPECT_EQ(measured["logs"]["accuracy"], 1.0);
  }

  Workbench trained_{make_device({.backend = "cpu", .threads = 1})};
  Workbench other_{make_device({.backend = "cpu", .threads = 1})};
  std::vector<uint8_t> saved_;
};

TEST_F(KnownTerms, AreThoseOfTheTrainingBefore) {
  const Json info = trained_.load_data(table_request(), file(kOne));
  EXPECT_EQ(info["labels"], Json::parse(R"(["a","b","c"])"));
  EXPECT_EQ(info["features"], Json::parse(R"(["x","colour=blue","colour=red"])"));
  expect_all_read(trained_);
  EXPECT_EQ(trained_.save(), saved_);
}

TEST_F(KnownTerms, AreThoseOfAFileOpenedBeforeOrAfterTheData) {
  const Json alone = other_.load_data(table_request(), file(kOne));
  EXPECT_EQ(alone["labels"], Json::parse(R"(["c"])"));
  const Json opened = other_.open(saved_);
  EXPECT_EQ(opened["data"]["labels"], Json::parse(R"(["a","b","c"])"));
  expect_all_read(other_);

  Workbench third(make_device({.backend = "cpu", .threads = 1}));
  EXPECT_TRUE(third.open(saved_)["data"].is_null());
  EXPECT_EQ(third.load_data(table_request(), file(kOne))["labels"].size(), 3U);
  expect_all_read(third);
}

TEST_F(KnownTerms, AreLeftWhereDataAreOfAnotherKind) {
  other_.open(saved_);
  const Json more = other_.load_data(table_request(), file("x,colour,k\n0,red,a\n1,blue,d\n2,red,d\n"));
  EXPECT_EQ(more["labels"], Json::parse(R"(["a","d"])"));
  EXPECT_EQ(mistake_of([&] { other_.evaluate({{"split", "train"}}); }), "data.unknown_class");
  const Json wider = other_.load_data(table_request(), file("x,y,colour,k\n0,1,red,a\n1,1,blue,a\n2,2,red,c\n"));
  EXPECT_EQ(wider["features"].size(), 4U);
  EXPECT_EQ(mistake_of([&] { other_.evaluate({{"split", "train"}}); }), "data.further_column");
  other_.load_data(table_request(), file("x,y,k\n0,1,a\n1,1,b\n2,2,c\n"));
  EXPECT_EQ(mistake_of([&] { other_.evaluate({{"split", "train"}}); }), "predict.no_column");
}

TEST_F(KnownTerms, AreForgottenWithTheWeights) {
  other_.open(saved_);
  other_.load_data(table_request(), file("x,colour,k\n0,red,a\n1,blue,d\n2,red,d\n"));
  fit(other_, 1);
  EXPECT_EQ(other_.evaluate({{"split", "train"}})["samples"], 3);
  other_.load_model({{"model", model()}, {"seed", 2}, {"fresh", true}});
  EXPECT_EQ(other_.load_data(table_request(), file(kOne))["labels"], Json::parse(R"(["c"])"));
  EXPECT_EQ(other_.evaluate({{"split", "train"}})["samples"], 3);
}

}  // namespace
}  // namespace trainyard::testing
