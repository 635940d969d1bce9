#include "engine/io/json_reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/core/keras_object.h"
#include "tests/io/fixtures.h"

namespace trainyard {
namespace {

std::string complaint(const std::string& text, const JsonLimits& limits = {}) {
  return thrown_by([&] { read_json(text, "model.json", limits); }).text();
}

TEST(JsonReader, KeepsValuesAndTheOrderOfKeys) {
  const std::string text = R"({"z":[1,-2,3.5,true,null,"\u00e9"],"a":{"b":{}},"m":[[],[{}]]})";
  EXPECT_EQ(read_json(text, "").dump(), R"({"z":[1,-2,3.5,true,null,"é"],"a":{"b":{}},"m":[[],[{}]]})");
}

TEST(JsonReader, ReadsAScalarAndBytes) {
  EXPECT_EQ(read_json(" 7\n", "").get<int>(), 7);
  EXPECT_EQ(read_json(std::span<const uint8_t>(bytes_of("[7]")), "")[0].get<int>(), 7);
}

TEST(JsonReader, NamesLineAndColumnOfAMistake) {
  EXPECT_NE(complaint("{\n  \"a\": 1,\n  \"b\" 2\n}").find("line 3, column 7"), std::string::npos);
  EXPECT_NE(complaint("[1,]").find("line 1, column 4"), std::string::npos);
  EXPECT_NE(complaint("").find("line 1, column 1"), std::string::npos);
  EXPECT_EQ(complaint("[1,]").rfind("model.json: is not valid JSON", 0), 0u);
}

TEST(JsonReader, RefusesWhatIsNotJson) {
  for (const char* text :
       {"{", "[1 2]", "nul", "{'a':1}", "[NaN]", "1 2", "\"\x01\"", "\"\xff\"", "[1e999]", "// a\n1"})
    EXPECT_EQ(thrown_by([&] { read_json(text, ""); }).code, "json.syntax") << text;
}

TEST(JsonReader, ReadsPythonsInfinitiesOnlyWhereTold) {
  const JsonLimits python{.python = true};
  const std::string text = R"({"a":[Infinity,-Infinity,NaN,1.5],"Infinity":"NaN, \"-Infinity, ","b":-Infinity})";
  const Json value = read_json(text, "", python);
  EXPECT_EQ(any_number(value["a"][0]), std::numeric_limits<double>::infinity());
  EXPECT_EQ(any_number(value["a"][1]), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(any_number(value["a"][2])));
  EXPECT_EQ(any_number(value["b"]), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(value["Infinity"], "NaN, \"-Infinity, ");
  EXPECT_EQ(python_json_text(value), text) << "it is written as it was";
  EXPECT_EQ(read_json(value.dump(), ""), value) << "what stands for them is strict JSON";
  EXPECT_EQ(any_number(read_json("-Infinity", "", python)), -std::numeric_limits<double>::infinity());
  EXPECT_THROW(read_json(text, ""), UserError);
}

TEST(JsonReader, TakesNoMoreOfPythonsInfinitiesThanAnybodyNeeds) {
  std::string text = "[NaN";
  for (int i = 1; i < 65536; ++i) text += ",Infinity";
  EXPECT_EQ(read_json(text + "]", "", {.python = true}).size(), 65536u);
  EXPECT_EQ(thrown_by([&] { read_json(text + ",NaN]", "", {.python = true}); }).code, "json.syntax");
}

TEST(JsonReader, TakesNothingElseForPythonsInfinities) {
  for (const char* text : {"[-NaN]", "[+Infinity]", "[infinity]", "[Infinityx]", "[1Infinity]", "[--Infinity]",
                           "[1-Infinity]", "{NaN:1}", "[InfinityNaN]", "[1.Infinity]"})
    EXPECT_EQ(thrown_by([&] { read_json(text, "", {.python = true}); }).code, "json.syntax") << text;
}

TEST(JsonReader, QuotesOnlyPrintableText) {
  const std::string text = complaint("[\"\xff\xfe\"]");
  for (const char c : text) EXPECT_TRUE(c >= ' ' && c <= '~');
}

TEST(JsonReader, RefusesADuplicateKeyInOneObjectOnly) {
  EXPECT_EQ(thrown_by([&] { read_json(R"({"a":1,"b":2,"a":3})", ""); }).code, "json.duplicate_key");
  EXPECT_EQ(read_json(R"([{"a":1},{"a":{"a":2}}])", "").size(), 2u);
}

TEST(JsonReader, StopsAtTheDepthLimit) {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(read_json(nested(128), "").size(), 1u);
  EXPECT_EQ(thrown_by([&] { read_json(nested(129), ""); }).code, "json.too_deep");
  EXPECT_EQ(thrown_by([&] { read_json(std::string(1'000'000, '['), ""); }).code, "json.too_deep");
}

TEST(JsonReader, StopsAtTheSizeLimit) {
  EXPECT_EQ(thrown_by([&] { read_json("[1,2,3]", "", {.bytes = 6}); }).code, "json.too_large");
  EXPECT_EQ(read_json("[1,2,3]", "", {.bytes = 7}).size(), 3u);
}

TEST(JsonReader, ReadsManyKeysInLinearTime) {
  std::string text = "{";
  for (int i = 0; i < 200'000; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  EXPECT_EQ(read_json(text + "}", "").size(), 200'000u);
}

}  // namespace
}  // namespace trainyard
