#include "engine/train/pattern.h"

#include <gtest/gtest.h>

namespace trainyard {
namespace {

bool matches(const std::string& pattern, const std::string& text) {
  const std::optional<Pattern> compiled = Pattern::compile(pattern);
  EXPECT_TRUE(compiled) << pattern;
  return compiled && compiled->matches(text);
}

TEST(Pattern, MatchesAllOfATextOrAPartOfIt) {
  EXPECT_TRUE(matches("dense_[0-9]+/kernel", "dense_12/kernel"));
  EXPECT_FALSE(matches("dense_[0-9]+", "dense_12/kernel"));
  EXPECT_TRUE(matches(R"(hidden/.*|out\w*/bias)", "output/bias"));
  EXPECT_TRUE(matches(R"([[:alpha:]]+_\d{2})", "Dense_12"));
  EXPECT_FALSE(matches(R"([[:lower:]]+)", "Dense"));
  EXPECT_TRUE(matches(R"(\S+\s[^\d]\b.?)", "a b"));
  EXPECT_TRUE(matches(R"((a|b)\1)", "bb"));
  EXPECT_TRUE(Pattern::compile("se_1")->occurs_in("dense_1/kernel"));
  EXPECT_FALSE(Pattern::compile("^se_1")->occurs_in("dense_1/kernel"));
}

TEST(Pattern, IgnoresCaseWhereAsked) {
  EXPECT_FALSE(Pattern::compile("embedding")->occurs_in("Token_Embedding/table"));
  EXPECT_TRUE(Pattern::compile("embedding", true)->occurs_in("Token_Embedding/table"));
  EXPECT_TRUE(Pattern::compile("[a-c]+[[:upper:]]", true)->matches("AbCd"));
}

TEST(Pattern, IsNoneWhereTheTextIsNoExpression) {
  for (const std::string text : {"(", "[a", "*", "a{2", "[[:nothing:]]", R"(\)"})
    EXPECT_FALSE(Pattern::compile(text)) << text;
}

}  // namespace
}  // namespace trainyard
